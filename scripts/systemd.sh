#!/bin/sh
# Sees to it that the tests of the units in deploy/ have systemd to read and run them: Debian's package is installed
# where it is missing and this user may do so. It is not made this machine's first process.
set -eu

cd "$(dirname -- "$0")"
. ./apt.sh

command -v systemd-analyze >/dev/null 2>&1 || install_for "the tests of the systemd units" systemd
