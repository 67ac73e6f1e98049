#!/bin/sh
# Pins the newest packages that pyproject.toml allows, with hashes and for every platform, in files that name no
# download address: requirements.lock for running, requirements-dev.lock, which agrees with it, for the rest.
set -eu

cd "$(dirname -- "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet uv

compile() {
    "$work/venv/bin/uv" pip compile --quiet --upgrade --universal --generate-hashes \
        --no-emit-index-url --no-header --no-annotate "$@"
}
compile --extra build pyproject.toml --output-file "$work/requirements.lock"
compile --extra build --extra dev --constraint "$work/requirements.lock" pyproject.toml \
    --output-file "$work/requirements-dev.lock"
mv "$work/requirements.lock" "$work/requirements-dev.lock" .
