#!/bin/sh
# Builds static/vendor and tests/vendor anew from npm packages of exactly these versions, so that a newer release is
# one edited line. Needs node and npm; the result is committed, so that neither running nor testing needs them.
set -eu

HTMX=4.0.1
PICO=2.1.1
ECHARTS=6.1.0
AXE=4.14.1
ESBUILD=0.28.2

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
    "htmx.org@$HTMX" "@picocss/pico@$PICO" "echarts@$ECHARTS" "axe-core@$AXE" "esbuild@$ESBUILD"

out="$root/static/vendor"
rm -rf "$out" && mkdir -p "$out"

cp node_modules/htmx.org/dist/htmx.min.js "$out/htmx.js"
cp node_modules/htmx.org/LICENSE "$out/htmx.LICENSE"

# In a cascade layer of its own, every rule of ours wins whatever its specificity.
{
    echo '@layer pico {'
    sed 's/^@charset "UTF-8";//' node_modules/@picocss/pico/css/pico.min.css
    echo '}'
} >"$out/pico.css"
cp node_modules/@picocss/pico/LICENSE.md "$out/pico.LICENSE"

cp "$root/scripts/vendor/echarts.js" entry.js
node_modules/.bin/esbuild entry.js --bundle --minify --format=esm --target=es2022 --charset=utf8 \
    --legal-comments=none --log-level=warning --outfile="$out/echarts.js"
cat node_modules/echarts/LICENSE node_modules/echarts/NOTICE >"$out/echarts.LICENSE"
cp node_modules/zrender/LICENSE "$out/zrender.LICENSE"

cat >"$out/README.md" <<EOF
Code of others that the pages load, built by \`make vendor\` (scripts/vendor.sh); do not edit.

| file | package | version | licence |
|---|---|---|---|
| htmx.js | htmx.org | $HTMX | 0BSD |
| pico.css | @picocss/pico, wrapped into the cascade layer \`pico\` | $PICO | MIT |
| echarts.js | echarts with zrender, the parts named in scripts/vendor/echarts.js | $ECHARTS | Apache-2.0, zrender BSD-3-Clause |
EOF

out="$root/tests/vendor"
rm -rf "$out" && mkdir -p "$out"
cp node_modules/axe-core/axe.min.js "$out/axe.min.js"
cp node_modules/axe-core/LICENSE "$out/axe.LICENSE"
cat >"$out/README.md" <<EOF
Code of others that only the tests use, built by \`make vendor\` (scripts/vendor.sh); do not edit.

| file | package | version | licence |
|---|---|---|---|
| axe.min.js | axe-core | $AXE | MPL-2.0 |
EOF
