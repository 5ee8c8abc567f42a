#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dkms-try.sh VERSION [KREL]: fails if DKMS cannot build the module for that kernel, or the one
# that runs. All it leaves is the key by which DKMS signs what it builds, if there was none.
set -eu
version=$1 release=${2:-$(uname -r)}

die() {
	echo "dkms-try.sh: $*" >&2
	echo "What was installed stays as it is." >&2
	exit 2
}

command -v dkms >/dev/null || die 'there is no DKMS: "apt install dkms"'
[ -e "/lib/modules/$release/build/Makefile" ] ||
	die "the headers of the kernel $release are not here: \"apt install linux-headers-$release\"," \
		"or name another kernel by KREL="
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
trap 'exit 1' HUP INT TERM

"${MAKE:-make}" -s -C "$(dirname "$0")" dkms-sources DESTDIR="$stage" usrsrcdir=/src >/dev/null
# What this make was told is not for that of the kernel.
unset MAKEFLAGS MAKELEVEL MFLAGS
mkdir "$stage/tree"
echo "trying whether DKMS can build it for $release"
if ! dkms build "ipcchan/$version" -k "$release" --sourcetree "$stage/src" \
	--dkmstree "$stage/tree" >"$stage/log" 2>&1; then
	tail -n 20 "$stage/log" "$stage/tree/ipcchan/$version/build/make.log" >&2 || true
	die "DKMS cannot build the module for $release; see above"
fi
