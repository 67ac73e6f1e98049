#!/bin/sh
# Sees to it that the tests can start an nginx of their own: Debian's package is installed where none is there and
# this user may do so. The server that the package would start, on port 80, is not needed.
set -eu

cd "$(dirname -- "$0")"
. ./apt.sh

have() {
    command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ]
}

policy=/usr/sbin/policy-rc.d
ours=
# without this the package starts a server for the whole machine
no_server() {
    [ ! -e "$policy" ] || return 0
    ours=yes
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" && $as_root chmod 755 "$policy"
}

clean_up() {
    [ -z "$ours" ] || $as_root rm -f "$policy"
}

have || {
    trap clean_up EXIT
    trap 'exit 1' HUP INT TERM
    APT_BEFORE=no_server install_for "the tests of the nginx site" nginx openssl
    # nor at the next start of the machine
    [ ! -d /run/systemd/system ] || $as_root systemctl disable --quiet nginx
}
