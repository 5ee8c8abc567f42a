#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The Debian packages of build/deb, installed on a new machine, used there, through upgrades
# of theirs and of its kernel, and purged; prints TAP. Each kernel runs in a guest.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

WORK=$BUILD/install
POINTS_OF_GUEST=7

# point STATUS NAME: what failed is explained by the end of the log.
point() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
		return
	fi
	failed=1
	echo "not ok $n - $2"
	tail -n 40 "$log" | sed 's/^/# /'
}

# there COMMAND...: on that machine, as root; what it prints is in $log, too
there() {
	chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive "$@" 2>&1 | tee -a "$log"
}

# refuses MESSAGE COMMAND...: it fails there, for the reason that the MESSAGE tells
refuses() {
	local said

	! said=$(there "${@:2}") && grep -F "$1" <<<"$said" >/dev/null
}

apt() {
	there apt-get -q -y -o Dpkg::Use-Pty=0 --no-install-recommends "$@" >/dev/null
}

mount_kernel() {
	mount --rbind /dev "$root/dev" && mount -t proc proc "$root/proc"
}

# mount_machine LOWER: what changes there is in memory, and gone with the namespace.
mount_machine() {
	mkdir -p "$WORK/memory" "$root" &&
		mount -t tmpfs tmpfs "$WORK/memory" &&
		mkdir "$WORK/memory/upper" "$WORK/memory/work" &&
		mount -t overlay -o "lowerdir=$1,upperdir=$WORK/memory/upper,workdir=$WORK/memory/work" \
			overlay "$root" &&
		mkdir "$root/debs" "$root/src" &&
		mount --bind "$BUILD/deb" "$root/debs" &&
		mount --bind "$ROOT" "$root/src" &&
		mount_kernel &&
		apt update
}

# built RELEASE: the newest version, signed by DKMS's key
built() {
	there dkms status "ipcchan/$version" -k "$1" | grep ": installed" >/dev/null &&
		"$ROOT/selftests/signed-by.sh" "$root/lib/modules/$1/updates/dkms"/ipcchan.ko* \
			"$root/var/lib/dkms/mok.pub" >>"$log"
}

# The group is the one thing that stays.
remains() {
	find "$root" -xdev -name '*ipcchan*' -print
}

# read_below FOLDER: what is there of ours udev, modprobe and systemd read
read_below() {
	there systemd-analyze cat-config udev/rules.d | grep -x "# $1/udev/rules.d/60-ipcchan.rules" &&
		there modprobe --showconfig | grep -x "options ipcchan dev_mode=0600" &&
		there systemd-sysusers --cat-config | grep -x "# $1/sysusers.d/ipcchan.conf" &&
		there systemd-analyze cat-config modules-load.d | grep -x "# $1/modules-load.d/ipcchan.conf"
}

test_make() {
	there make -C /src/user/dist install install-load >/dev/null &&
		there getent group ipcchan >/dev/null && read_below /usr/local/lib >/dev/null
	point $? "\"make install\" makes the group, and what it has below /usr/local is read"
	there make -C /src/user/dist uninstall >/dev/null && [ -z "$(remains)" ]
	point $? "and \"make uninstall\" leaves nothing but the group"
	sed -i '/^ipcchan:/d' "$root/etc/group" "$root/etc/gshadow"
}

# listen: udev does not run; what would have been told to it, and whether the group was there
# when the rule names it, is in /tmp/told from now on.
listen() {
	mv "$root/usr/bin/udevadm" "$root/usr/bin/udevadm.real" &&
		mkdir -p "$root/run/udev" && : >"$root/run/udev/control" &&
		cat >"$root/usr/bin/udevadm" <<-'EOF' && chmod +x "$root/usr/bin/udevadm"
			#!/bin/sh
			getent group ipcchan >/dev/null && echo "$*" >>/tmp/told
		EOF
}

# told: and the real one is there again
told() {
	rm "$root/run/udev/control"
	mv "$root/usr/bin/udevadm.real" "$root/usr/bin/udevadm"
	grep -x 'control --reload' "$root/tmp/told" && grep '^trigger .*=ipcchan$' "$root/tmp/told"
}

# apart: make and apt leave each other's alone
apart() {
	refuses 'apt installs and removes them' make -C /src/user/dist install-dkms &&
		refuses ': /usr/include/ipcchan.h' make -C /src uninstall prefix=/usr &&
		refuses 'ipcchan-dkms: /etc/modprobe.d' make -C /src/user/dist install \
			modprobedir=/etc/modprobe.d &&
		refuses 'there is one by DKMS' make -C /src/user/dist install-module RELEASE=none &&
		there make -C /src/user/dist uninstall-dkms >/dev/null &&
		[ -z "$(there dpkg --verify ipcchan ipcchan-dkms libipcchan1 libipcchan-dev)" ]
}

test_packages() {
	# without that for Python, which is not on this machine
	local debs=("$BUILD"/deb/{lib,}ipcchan*.deb)

	listen && apt install "${debs[@]/#*\//\/debs\/}"
	point $? "apt installs the packages"
	told >/dev/null
	point $? "and tells udev of the rule, when there is the group"
	built "$older"
	point $? "DKMS has built the module for $older, and signed it"
	[ "$(there stat -c '%U %a' /var/lib/dkms/mok.key)" = "root 600" ]
	point $? "by a key that only root may read"
	[ "$(there ipcchan --version)" = "ipcchan $version" ] &&
		there test -e /usr/share/man/man1/ipcchan.1.gz
	point $? "the command is there, and its manual"
	apart
	point $? "\"make install\" and \"make uninstall\" leave the packages' files alone, and say so"
	cat >"$root/tmp/use.c" <<-'EOF'
		#include <ipcchan/ring.h>

		static char mem[4096] __attribute__((aligned(64)));

		int main(void)
		{
			return ipcchan_ring_format(mem, sizeof(mem), 0);
		}
	EOF
	there sh -c "cd /tmp && cc -o use use.c \$(pkg-config --cflags --libs libipcchan) && ./use &&
		ldd use" | grep '/libipcchan\.so\.1 ' >/dev/null
	point $? "a program is built with the library, and runs"
}

# next_release VERSION: the package of the module, of that version, in /tmp there. As a
# package of the same sources it has what changes with each release: places, scripts.
next_release() {
	local tree=$WORK/next

	dpkg-deb --raw-extract "$BUILD/deb/ipcchan-dkms_${version}_all.deb" "$tree" &&
		mv "$tree/usr/src/ipcchan-$version" "$tree/usr/src/ipcchan-$1" &&
		rm "$tree/DEBIAN/md5sums" &&
		grep -rlF "$version" "$tree/DEBIAN" "$tree/usr/src" |
		xargs sed -i "s/${version//./\\.}/$1/g" &&
		dpkg-deb --root-owner-group --build "$tree" "$root/tmp/ipcchan-dkms.deb" >>"$log"
}

test_upgrade() {
	local next=${version%.*}.$((${version##*.} + 1)) old=$version

	sed -i 's/^#\(options ipcchan user_channels=\).*/\17/' "$root/etc/modprobe.d/ipcchan.conf"
	next_release "$next" && apt install /tmp/ipcchan-dkms.deb && version=$next &&
		[ ! -e "$root/usr/src/ipcchan-$old" ] && ! there dkms status | grep -F "/$old," >/dev/null &&
		built "$older"
	point $? "a newer version takes the place of the older one"
	rm "$root/tmp/ipcchan-dkms.deb"
	grep -qx 'options ipcchan user_channels=7' "$root/etc/modprobe.d/ipcchan.conf"
	point $? "and leaves the parameters as they were changed"
}

# guest RELEASE: whose results follow
guest() {
	local out=$WORK/guest-$1.out image=$root/boot/vmlinux-$1

	umount -R "$root/proc" "$root/dev"
	"$VM_DIR/kernel.sh" prepare "$root" "$1" >>"$log" 2>&1
	[ -e "$image" ] || image=$root/boot/vmlinuz-$1
	BUILD=$WORK/vm "$VM_DIR/run" --cpus 2 --timeout 900 --no-module --out "$root" \
		--kernel "$image" --log "$WORK/kernel-$1.log" \
		--add "$VM_DIR/install-guest.sh:/install-guest.sh" \
		sh /install-guest.sh $((n + 1)) "$version" >"$out" 2>>"$log"
	status=$?
	cat "$out"
	n=$((n + POINTS_OF_GUEST))
	mount_kernel
	point "$status" "$1: the guest ran to its end and its kernel did not complain"
}

test_kernels() {
	guest "$older"
	apt install linux-image-amd64 linux-headers-amd64
	newer=$(basename "$(find "$root"/lib/modules/* -maxdepth 0 ! -name "$older")")
	built "$newer" && built "$older"
	point $? "and, when the kernel was upgraded, built it for $newer, too"
	guest "$newer"
}

test_purge() {
	apt purge ipcchan-dkms libipcchan1 libipcchan-dev ipcchan && [ -z "$(remains | tee -a "$log")" ]
	point $? "purging them leaves nothing"
}

test_make_dkms() {
	version=$released
	there make -C /src/user/dist install-dkms KREL="$newer" >/dev/null && built "$newer"
	point $? "\"make install-dkms\" has DKMS build it"
	there sh -c 'mkdir -p /tmp/broken/user && cd /src && cp -r Kbuild include kmod /tmp/broken &&
		cp -r user/dist /tmp/broken/user && echo "#error broken" >>/tmp/broken/kmod/main.c' &&
		refuses 'headers of the kernel 5.10.0 are not here' \
			make -C /src/user/dist install-dkms KREL=5.10.0 &&
		refuses 'DKMS cannot build the module' \
			make -C /tmp/broken/user/dist install-dkms KREL="$newer" &&
		built "$newer"
	point $? "and one that cannot be built takes the place of none"
	rm -r "$root/tmp/broken"
	there make -C /src/user/dist uninstall uninstall-dkms >/dev/null &&
		[ -z "$(remains | tee -a "$log")" ]
	point $? "\"make uninstall-dkms\" has it forget it"
}

# inside LOWER: in a mount namespace of its own
inside() {
	root=$WORK/root log=$WORK/log n=0 failed=0
	released=$(make -s -C "$ROOT/user/dist" version) || exit 1
	version=$released
	rm -rf "$WORK"
	mkdir -p "$WORK/vm" || exit 1
	mount_machine "$1" || die 2 "cannot mount the machine to install on; see $log"
	older=$(basename "$root"/lib/modules/*)
	echo "TAP version 13"
	test_make
	test_packages
	test_upgrade
	test_kernels
	test_purge
	test_make_dkms
	echo "1..$n"
	umount -R "$root" "$WORK/memory" && chown -R --reference="$BUILD" "$WORK"
	[ "$failed" -eq 0 ]
}

case ${1-} in
'')
	root=$("$VM_DIR/install-root.sh") || exit
	run_as_root unshare --mount env BUILD="$BUILD" \
		XDG_CACHE_HOME="$(dirname "$CACHE")" "$0" inside "$root"
	;;
inside) inside "$2" ;;
*)
	echo "Usage: install.sh"
	[ "$1" = --help ]
	;;
esac
