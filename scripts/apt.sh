# For scripts of this folder: `install_for WHAT PACKAGE …` installs Debian's packages where this user may do so, and
# otherwise says that WHAT needs them. APT_BEFORE may name a command to run first, as root.

install_for() {
    what=$1
    shift
    if [ "$(id -u)" -eq 0 ]; then
        as_root=
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo"
    else
        echo "$what need: $*. Install them as root: apt install $*" >&2
        return 1
    fi
    command -v apt-get >/dev/null 2>&1 || {
        echo "$what need: $*. Install them with this system's package manager." >&2
        return 1
    }
    echo "Installing, since $what need it: $* …"
    log=$(mktemp)
    # A new machine has no package lists, or old ones; a busy one may hold apt's lock for a while.
    for attempt in 1 2 3; do
        if { apt_get update && ${APT_BEFORE:-true} && apt_get install "$@"; } >"$log" 2>&1 </dev/null; then
            rm -f "$log"
            return 0
        fi
        sleep $((attempt * 5))
    done
    tail -n 30 "$log" >&2
    rm -f "$log"
    return 1
}

apt_get() {
    $as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get -o DPkg::Lock::Timeout=120 \
        -o Dpkg::Options::=--force-confold --yes --no-install-recommends "$@"
}
