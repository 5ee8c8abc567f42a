#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Makes an archive of a root file system with Python and the kernel's own reader of netlink
# specs, YNL, from the newest kernel source that Debian has for the suite, keeps it in the
# cache, and prints its path. In it /ynl is what the kernel source has in tools/net/ynl, and
# /Documentation/netlink its schemas. It is unpacked, not installed.
set -eu -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

MIRROR=${MIRROR:-http://deb.debian.org}
# The suite of the kernel 7.3 in the file "kernels", and what YNL is in there.
SUITE=trixie
FROM=trixie-backports
SOURCE=linux-source-7.3
PACKAGES=(base-files dash python3-minimal python3-yaml python3-jsonschema)
MEMBERS=('*/tools/net/ynl/*' '*/Documentation/netlink/*')

if [ $# -ne 0 ]; then
	echo "Usage: ynl.sh"
	echo "Prints the path of an archive of a root file system with Python and YNL."
	[ "$1" = --help ] && exit 0
	exit 1
fi

# unpack FOLDER: the packages
unpack() {
	run_as_root mmdebstrap --mode=root --variant=extract --architectures=amd64 \
		--include="$(IFS=, && echo "${PACKAGES[*]},$SOURCE/$FROM")" \
		--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr "$SUITE" "$1" \
		"deb $MIRROR/debian $SUITE main" "deb $MIRROR/debian $FROM main" \
		"deb $MIRROR/debian-security $SUITE-security main"
}

# finish FOLDER: leaves what the guest needs in FOLDER.tar
finish() {
	local root=$1 tree=$1/usr/src/tree libs=usr/lib/x86_64-linux-gnu

	mkdir "$tree"
	LC_ALL=C tar -x -f "$root/usr/src/$SOURCE.tar.xz" -C "$tree" --strip-components=1 \
		--wildcards "${MEMBERS[@]}"
	mkdir "$root/Documentation"
	mv "$tree/tools/net/ynl" "$root/ynl"
	mv "$tree/Documentation/netlink" "$root/Documentation/netlink"
	(cd "$root" && rm -rf "$libs"/{perl*,gconv,lib{bfd,opcodes,db,crypto,sqlite}*} &&
		tar -c -f "$root.tar" --owner=0 --group=0 bin lib lib64 usr/lib64 \
			usr/bin/{dash,sh,python3*} usr/lib/python3* "$libs" ynl Documentation)
}

command -v mmdebstrap >/dev/null || die 2 "mmdebstrap is missing; run selftests/vm/setup.sh kernels"
kept=$CACHE/ynl/$({ declare -f unpack finish &&
	echo "$SUITE $FROM $SOURCE ${PACKAGES[*]} ${MEMBERS[*]}"; } | sha256sum | cut -c 1-8).tar
if [ ! -f "$kept" ]; then
	say "fetching Python and YNL, some minutes"
	mkdir -p "$CACHE/ynl"
	tmp=$(mktemp -d "$CACHE/ynl/tmp.XXXXXX")
	trap 'run_as_root rm -rf "$tmp"' EXIT
	unpack "$tmp/root" >"$tmp/log" 2>&1 || {
		tail -n 30 "$tmp/log" >&2
		die 2 "cannot unpack Python and YNL"
	}
	run_as_root chown -R "$(id -u):$(id -g)" "$tmp/root"
	finish "$tmp/root"
	mv "$tmp/root.tar" "$kept"
fi
echo "$kept"
