#!/bin/sh
# Sees to it that the tests and the benchmark can start a PostgreSQL of their own: Debian's package is installed
# where none is there and this user may do so. The server that the package would start is not needed.
set -eu

have() {
    for folder in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
        [ ! -x "$folder/initdb" ] || return 0
    done
    command -v initdb >/dev/null 2>&1
}
have && exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "The tests need PostgreSQL 15 or newer. Install it as root: apt install postgresql" >&2
    exit 1
fi
command -v apt-get >/dev/null 2>&1 || {
    echo "The tests need PostgreSQL 15 or newer. Install it with this system's package manager." >&2
    exit 1
}

echo "Installing for the tests: postgresql …"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
    # without this the package makes and starts a server for the whole machine
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        $as_root mkdir -p /etc/postgresql-common
        echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.conf
    fi
    $as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get -o DPkg::Lock::Timeout=120 \
        -o Dpkg::Options::=--force-confold install --yes --no-install-recommends postgresql
}
# A new machine has no package lists, or old ones; a busy one may hold apt's lock for a while.
for attempt in 1 2 3; do
    if { $as_root apt-get -o DPkg::Lock::Timeout=120 update && install && have; } >"$log" 2>&1 </dev/null; then
        exit 0
    fi
    sleep $((attempt * 5))
done
tail -n 30 "$log" >&2
exit 1
