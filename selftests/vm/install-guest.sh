#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# install-guest.sh NUMBER VERSION: in the guest, where /out is the machine that ipcchan was
# installed on: what its boot does, and who may use the device. Prints results, from the
# NUMBER on.
n=$1 version=$2 failed=0
parameters=/sys/module/ipcchan/parameters

# point STATUS NAME
point() {
	result=ok
	if [ "$1" -ne 0 ]; then
		result="not ok"
		failed=1
	fi
	echo "$result $n - $(uname -r): $2"
	n=$((n + 1))
}

# there COMMAND...: on that machine
there() {
	chroot /out /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		SYSTEMD_IGNORE_CHROOT=1 "$@"
}

# member COMMAND...: as a user who is not root, in the group
member() {
	there setpriv --reuid=1000 --regid=1000 --groups="$group" "$@"
}

for name in dev proc sys; do
	mount -o bind "/$name" "/out/$name"
done
mount -t tmpfs tmpfs /out/run
mount -t tmpfs -o mode=1777 tmpfs /out/tmp

there /usr/lib/systemd/systemd-modules-load
[ "$(there stat -c '%U %G %a' /dev/ipcchan)" = "root root 600" ]
point $? "the device is root's until udev has seen it"
there rmmod ipcchan

there /usr/lib/systemd/systemd-udevd --daemon
there /usr/lib/systemd/systemd-modules-load
there udevadm settle --timeout=30

[ "$(cat /sys/module/ipcchan/version)" = "$version" ] &&
	there modinfo -F filename ipcchan | grep -q '/updates/dkms/'
point $? "the module that DKMS built is loaded at boot"

[ "$(there stat -c '%U %G %a' /dev/ipcchan)" = "root ipcchan 660" ]
point $? "udev gives the device to the group"

sed -n 's/^#\{0,1\}options ipcchan \(.*\)=\(.*\)/\1 \2/p' /out/etc/modprobe.d/ipcchan.conf |
	while read -r name value; do
		[ "$(cat "$parameters/$name")" = "$value" ] || echo "$name is not $value"
	done >/tmp/differ
[ "$(cat "$parameters/user_channels")" = 7 ] && [ ! -s /tmp/differ ]
point $? "parameters are what modprobe.d says, and the others what it says of defaults"

group=$(there getent group ipcchan | cut -d : -f 3)
member ipcchan create letters && member ipcchan send letters hello &&
	[ "$(member ipcchan recv letters --count 1)" = hello ]
point $? "a member of the group needs no root"

# other COMMAND...: as a user who is not
other() {
	there setpriv --reuid=1001 --regid=1001 --clear-groups "$@" 2>&1
}

said=$(other ipcchan send letters hello)
[ $? -eq 2 ] && echo "$said" | grep -q 'permission denied on /dev/ipcchan' &&
	! other ipcchan create others >/dev/null && ! other ipcchan list | grep -q letters &&
	other ipcchan doctor | grep -q 'usermod -aG ipcchan '
point $? "who is not in it is refused, and told how to get in"

# As with Secure Boot, by a key that nobody has enrolled
there rmmod ipcchan
echo 1 >/sys/module/module/parameters/sig_enforce
! said=$(there modprobe ipcchan 2>&1) && echo "$said" | grep -q 'Key was rejected by service' &&
	there ipcchan doctor | grep -q 'unsigned modules are refused: module.sig_enforce is set'
point $? "a kernel that wants a key it knows refuses the module, and doctor tells"
[ "$failed" -eq 0 ]
