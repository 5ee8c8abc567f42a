#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The machine that packages are installed on: a root file system of Debian 13 in the cache,
# with its kernel, the headers of that, a compiler, systemd and udev. In /repo are the
# packages that ipcchan's depend on and the kernel to upgrade to, that of backports, so that
# nothing has to be fetched later. Prints the folder.
set -eu -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

MIRROR=${MIRROR:-http://deb.debian.org}
SUITE=trixie
NEWER=trixie-backports
PRESENT=(dpkg-dev gcc kmod libc6-dev linux-headers-amd64 linux-image-amd64 make patch pkgconf
	systemd udev)
LATER=(dkms libhwloc15 libjansson4 libncursesw6 libnl-3-200 libnl-genl-3-200 liburing2 openssl
	"linux-headers-amd64/$NEWER" "linux-image-amd64/$NEWER" zlib1g)

# hook_initramfs ROOT: vm/run starts the kernels; none needs an initramfs of its own.
hook_initramfs() {
	local package=$1/no-initramfs

	mkdir -p "$package/DEBIAN"
	cat >"$package/DEBIAN/control" <<-'EOF'
		Package: no-initramfs
		Version: 1
		Architecture: all
		Maintainer: nobody <nobody@localhost>
		Provides: linux-initramfs-tool
		Description: what a kernel depends on, and has no use for here
	EOF
	dpkg-deb --build "$package" "$package.deb"
	chroot "$1" dpkg --install /no-initramfs.deb
	rm -r "$package" "$package.deb"
}

# hook_repo ROOT: fills /repo, from which alone apt takes packages from then on
hook_repo() {
	chroot "$1" apt-get clean
	chroot "$1" apt-get -y --no-install-recommends --download-only install "${LATER[@]}"
	mkdir "$1/repo"
	mv "$1"/var/cache/apt/archives/*.deb "$1/repo"
	chroot "$1" sh -c 'cd /repo && dpkg-scanpackages --multiversion . >Packages'
	rm -f "$1"/etc/apt/sources.list.d/*
	echo 'deb [trusted=yes] file:/repo ./' >"$1/etc/apt/sources.list"
}

# unpack FOLDER
unpack() {
	local source sources=()

	for source in "debian $SUITE" "debian-security $SUITE-security" "debian $NEWER"; do
		sources+=("deb $MIRROR/$source main")
	done
	run_as_root mmdebstrap --mode=root --variant=apt \
		--aptopt='APT::Install-Recommends "false"' \
		--include="$(IFS=, && echo "${PRESENT[*]}")" \
		--essential-hook="'$VM_DIR/install-root.sh' initramfs \"\$1\"" \
		--customize-hook="'$VM_DIR/install-root.sh' repo \"\$1\"" \
		"$SUITE" "$1" "${sources[@]}"
}

case ${1-} in
'') ;;
initramfs | repo)
	"hook_$1" "$2"
	exit
	;;
*)
	echo "Usage: install-root.sh"
	[ "$1" = --help ]
	exit
	;;
esac
root=$CACHE/roots/install-$(sha256sum <"$0" | cut -c 1-8)
if [ ! -d "$root" ]; then
	command -v mmdebstrap >/dev/null ||
		die 2 "mmdebstrap is missing; run selftests/vm/setup.sh kernels"
	say "fetching a machine to install on, about four minutes"
	mkdir -p "$CACHE/roots"
	tmp=$(mktemp -d "$CACHE/roots/tmp.XXXXXX")
	trap 'run_as_root rm -rf "$tmp"' EXIT
	if ! unpack "$tmp/root" >"$tmp/log" 2>&1; then
		tail -n 30 "$tmp/log" >&2
		die 2 "cannot make the machine to install on"
	fi
	run_as_root mv -T "$tmp/root" "$root" 2>/dev/null || [ -d "$root" ]
fi
echo "$root"
