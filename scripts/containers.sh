#!/bin/sh
# Sees to it that the tests of the image and of compose.yaml find what they are put together from: Debian's packages
# are installed where something is missing and this user may do so.
set -eu

cd "$(dirname -- "$0")"
. ./apt.sh

missing=
command -v curl >/dev/null 2>&1 || missing="${missing}curl "
command -v ip >/dev/null 2>&1 || [ -x /sbin/ip ] || missing="${missing}iproute2 "
# several words on purpose
# shellcheck disable=SC2086
[ -z "$missing" ] || install_for "the tests of containers" $missing
