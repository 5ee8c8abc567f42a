#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Finds the guest kernel: the Debian kernel image that matches the installed
# headers, unpacked into a cache and never installed.
set -eu -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

usage() {
	cat <<EOF
Usage: kernel.sh release | image [RELEASE] | prepare FOLDER RELEASE
  release          print the kernel release that the module is built for: \$KREL,
                   or the one that the installed headers belong to
  image [RELEASE]  fetch that release's kernel if it is not in the cache, and
                   print its folder, which holds boot/ and lib/modules/
  prepare FOLDER RELEASE
                   make ready what was unpacked there: the modules can be looked
                   up and the image is in boot/, also uncompressed
EOF
}

# $KREL, or the headers that linux-headers-<arch> depends on; other flavours
# (cloud, rt) may be installed too.
release() {
	local arch deps

	if [ -n "${KREL-}" ]; then
		if [[ $KREL == */* ]] || [ ! -e "/lib/modules/$KREL/build/Makefile" ]; then
			die 2 "there are no kernel headers for KREL=$KREL;" \
				"install the package linux-headers-$KREL, or leave KREL away"
		fi
		echo "$KREL"
		return
	fi
	arch=$(dpkg --print-architecture)
	deps=$(dpkg-query -W -f '${Depends}' "linux-headers-$arch" 2>/dev/null) || true
	if [[ $deps =~ linux-headers-([^ ,]+) ]]; then
		echo "${BASH_REMATCH[1]}"
		return
	fi
	die 2 "linux-headers-$arch is not installed; run selftests/vm/setup.sh first"
}

# Newest headers there are, when the archive has no longer the image of ours.
upgrade_headers() {
	say "the archive no longer has this kernel; upgrading the kernel headers"
	apt_get update >&2
	apt_get install --no-install-recommends \
		"linux-headers-$(dpkg --print-architecture)" >&2
}

# download RELEASE FOLDER: leaves FOLDER/*.deb
download() {
	local rel=$1 dir=$2 version pkg=linux-image-$1

	version=$(dpkg-query -W -f '${Version}' "linux-headers-$rel" 2>/dev/null) || true
	# As root, apt drops to the user _apt, who cannot enter the cache.
	(cd "$dir" && apt-get -q -o APT::Sandbox::User=root download \
		"$pkg${version:+=$version}") >&2
}

# unbox IMAGE OUTPUT: the uncompressed kernel in a bzImage. QEMU enters it
# through its PVH note, which spares an emulated guest the decompression.
unbox() {
	local image=$1 out=$2 spec offset notes

	for spec in 'xz:\xfd7zXZ\x00' 'zstd:\x28\xb5\x2f\xfd' 'gzip:\x1f\x8b\x08'; do
		while read -r offset; do
			# What follows the payload makes the tool end with an error.
			tail -c "+$((offset + 1))" "$image" |
				"${spec%%:*}" -dcq >"$out" 2>/dev/null || true
			notes=$(LC_ALL=C readelf -n "$out" 2>/dev/null) || true
			[[ $notes != *'(0x00000012)'* ]] || return 0
		done < <(LC_ALL=C grep -aboP "${spec#*:}" "$image" | LC_ALL=C cut -d : -f 1)
	done
	rm -f "$out"
	return 1
}

# prepare FOLDER RELEASE
prepare() {
	local dir=$1 rel=$2

	# Since Debian 13 the modules are under usr/lib, later the image, too.
	[ -e "$dir/lib" ] || ln -s usr/lib "$dir/lib"
	if [ ! -e "$dir/boot/vmlinuz-$rel" ]; then
		mkdir -p "$dir/boot"
		ln "$dir/lib/modules/$rel/vmlinuz" "$dir/boot/vmlinuz-$rel" || return 1
	fi
	/sbin/depmod -b "$dir" "$rel" || return 1
	[[ $rel == *-amd64 ]] || return 0
	unbox "$dir/boot/vmlinuz-$rel" "$dir/boot/vmlinux-$rel" ||
		say "cannot uncompress this kernel beforehand; booting takes longer"
}

# image RELEASE
image() {
	local rel=$1 dest=$CACHE/kernels/$1 tmp

	if [ -e "$dest/boot/vmlinuz-$rel" ]; then
		echo "$dest"
		return
	fi
	mkdir -p "$CACHE/kernels"
	tmp=$(mktemp -d "$CACHE/kernels/tmp.XXXXXX") || return 1
	# shellcheck disable=SC2064  # tmp is local
	trap "rm -rf '$tmp'" EXIT
	say "fetching the stock kernel $rel"
	download "$rel" "$tmp" && dpkg -x "$tmp"/*.deb "$tmp/root" || return 1
	rm "$tmp"/*.deb
	prepare "$tmp/root" "$rel" || return 1
	chmod 755 "$tmp/root"
	mv -T "$tmp/root" "$dest" 2>/dev/null || [ -e "$dest/boot/vmlinuz-$rel" ]
	rm -rf "$tmp"
	trap - EXIT
	echo "$dest"
}

case ${1-} in
-h | --help)
	usage
	;;
release)
	release
	;;
image)
	rel=${2:-$(release)}
	(image "$rel") && exit 0
	[ -z "${2-}" ] || die 2 "cannot fetch the kernel $rel from Debian's archive"
	apt_get update >&2
	(image "$rel") && exit 0
	[ -z "${KREL-}" ] || die 2 "cannot fetch the kernel KREL=$rel from Debian's archive"
	upgrade_headers
	image "$(release)" || die 2 "cannot fetch the kernel $(release) from Debian's archive"
	;;
prepare)
	[ $# -eq 3 ] || { usage >&2 && exit 1; }
	prepare "$2" "$3"
	;;
*)
	usage >&2
	exit 1
	;;
esac
