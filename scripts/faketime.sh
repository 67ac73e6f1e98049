#!/bin/sh
# Sees to it that the tests can set the clock of the programs that they start: Debian's libfaketime is installed where
# it is missing and this user may do so.
set -eu

cd "$(dirname -- "$0")"
. ./apt.sh

ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || install_for "the tests of a clock that is set" libfaketime
