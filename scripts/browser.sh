#!/bin/sh
# Sees to it that the browser tests have a Chromium, letters for Chinese, and what the program that drives the
# browser is linked with: installed from Debian's packages where they are missing and this user may do so.
set -eu

cd "$(dirname -- "$0")/.."
. scripts/apt.sh
missing=
driver=$(.venv/bin/python -c 'import pathlib, playwright as p; print(pathlib.Path(p.__file__).parent)')
"$driver/driver/node" --version >/dev/null 2>&1 || missing="libatomic1 "
command -v chromium >/dev/null 2>&1 || missing="${missing}chromium "
if ! command -v fc-list >/dev/null 2>&1 || [ -z "$(fc-list :lang=zh family)" ]; then
    missing="${missing}fontconfig fonts-noto-cjk "
fi
# several words on purpose
# shellcheck disable=SC2086
[ -z "$missing" ] || install_for "the browser tests" $missing
