#!/bin/sh
# Sees to it that the tests of the alert rules have promtool. It is taken out of Debian's package instead of
# installing that, since the package would start a Prometheus for the whole machine.
set -eu

cd "$(dirname -- "$0")/.."
. scripts/apt.sh

promtool=.venv/bin/promtool
if [ -x "$promtool" ] || command -v promtool >/dev/null 2>&1; then
    exit 0
fi
command -v apt-get >/dev/null 2>&1 || {
    echo "the tests of the alert rules need: promtool, a part of Prometheus. Put it on the PATH." >&2
    exit 1
}
echo "Fetching, since the tests of the alert rules need it: promtool …"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt fetches as a user of its own

fetch() {
    (cd "$work" && apt-get download prometheus)
}
update() {
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    apt_get update
}
# A new machine has no package lists, or old ones.
{ fetch || { update && fetch; }; } >"$work/log" 2>&1 || {
    tail -n 30 "$work/log" >&2
    exit 1
}
dpkg-deb --fsys-tarfile "$work"/prometheus_*.deb | tar -x -C "$work" ./usr/bin/promtool
mv "$work/usr/bin/promtool" "$promtool"
