#!/bin/sh
# Sees to it that the tests and the benchmark can start a PostgreSQL of their own: Debian's package is installed
# where none is there and this user may do so. The server that the package would start is not needed.
set -eu

cd "$(dirname -- "$0")"
. ./apt.sh

have() {
    for folder in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
        [ ! -x "$folder/initdb" ] || return 0
    done
    command -v initdb >/dev/null 2>&1
}

# without this the package makes and starts a server for the whole machine
no_server() {
    [ ! -e /etc/postgresql-common/createcluster.conf ] || return 0
    $as_root mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.conf
}

have || APT_BEFORE=no_server install_for "the tests on PostgreSQL" postgresql
