#!/bin/sh
# Turns a folder into a machine and begins its life: mounts what it needs of this one, read-only, and starts systemd.
# Called by machine.py in namespaces of its own for mounts, processes, cgroups and names: nothing of what is done here
# reaches the machine that the tests run on, and all of it is gone with the first process.
#
#   machine.sh ROOT [FROM TO]…    (TO is FROM of this machine, to be read)
set -eu

root=$1
shift
cd "$root"
mount --make-rprivate /
mount --bind . . && cd "$root"

while [ $# -gt 0 ]; do
    if [ -d "$1" ]; then mkdir -p "./$2"; else mkdir -p "./${2%/*}" && : >"./$2"; fi
    mount --rbind "$1" "./$2" && mount -o remount,bind,ro "./$2"
    shift 2
done

# What the kernel has for all machines together is not to be changed from here.
mount -t proc -o nosuid,nodev,noexec proc proc
mount --bind proc/sys proc/sys && mount -o remount,bind,ro proc/sys
[ ! -e proc/sysrq-trigger ] || mount --bind /dev/null proc/sysrq-trigger
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 sys/fs/cgroup

mount -t tmpfs -o mode=755,nosuid tmpfs dev
for device in null zero full random urandom tty; do
    : >"dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/shm dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs run
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs tmp

hostname desk
pivot_root . old
umount -l /old

less=-sys_module,-sys_time,-sys_boot,-sys_rawio,-syslog,-mknod,-audit_control,-audit_write,-audit_read
exec env -i container=otrs-web-tests PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \
    SYSTEMD_UNIT_PATH=/etc/systemd/system SYSTEMD_GENERATOR_PATH=/none SYSTEMD_LOG_TARGET=console \
    setpriv "--bounding-set=$less" /lib/systemd/systemd --system
