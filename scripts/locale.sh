#!/bin/sh
# Brings locale/*/LC_MESSAGES/messages.po up to date with the texts in src, templates and the script of updates;
# with --check it changes nothing and fails where they are not.
set -eu

cd "$(dirname -- "$0")/.."
bin=${PYBABEL:-.venv/bin/pybabel}
pot=$(mktemp)
trap 'rm -f "$pot"' EXIT

"$bin" -q extract --mapping-file=babel.cfg --keyword=N_ --add-location=file --sort-by-file \
    --project=otrs-web --copyright-holder="the otrs-web authors" --output-file="$pot" src templates scripts/update_app.py
"$bin" -q update --input-file="$pot" --output-dir=locale --no-fuzzy-matching --no-wrap --ignore-obsolete --ignore-pot-creation-date "$@"
