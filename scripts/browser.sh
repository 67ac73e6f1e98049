#!/bin/sh
# Sees to it that the browser tests have a Chromium, letters for Chinese, and what the program that drives the
# browser is linked with: installed from Debian's packages where they are missing and this user may do so.
set -eu

cd "$(dirname -- "$0")/.."
missing=
driver=$(.venv/bin/python -c 'import pathlib, playwright as p; print(pathlib.Path(p.__file__).parent)')
"$driver/driver/node" --version >/dev/null 2>&1 || missing="libatomic1 "
command -v chromium >/dev/null 2>&1 || missing="${missing}chromium "
if ! command -v fc-list >/dev/null 2>&1 || [ -z "$(fc-list :lang=zh family)" ]; then
    missing="${missing}fontconfig fonts-noto-cjk "
fi
missing=${missing% }
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "The browser tests need: $missing. Install them as root: apt install $missing" >&2
    exit 1
fi
command -v apt-get >/dev/null 2>&1 || {
    echo "The browser tests need: $missing. Install them with this system's package manager." >&2
    exit 1
}

echo "Installing for the browser tests: $missing …"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing
}
# A new machine has no package lists, or old ones; a busy one may hold apt's lock for a while.
for attempt in 1 2 3; do
    if { $as_root apt-get -o DPkg::Lock::Timeout=120 update && install; } >"$log" 2>&1 </dev/null; then
        exit 0
    fi
    sleep $((attempt * 5))
done
tail -n 30 "$log" >&2
exit 1
