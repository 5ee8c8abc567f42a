#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# deb.sh FOLDER: makes the Debian packages there, in a copy of the tree beside them
set -eu -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(realpath -m "$1")

# What this make was told is not for that of the copy.
unset BUILD MAKEFLAGS MAKELEVEL MFLAGS
export LC_ALL=C
version=$(make -s -C "$root/user/dist" version)
date=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null ||
	stat -c %Y "$root/kmod/main.c")}
rm -rf "$out"/{lib,}ipcchan[-0-9_]*
tree=$out/ipcchan-$version
mkdir -p "$tree"
cd "$root"
selftests/files.sh | tar -c --no-recursion -T - | tar -x -C "$tree"
cd "$tree"
cp -r user/dist/debian debian
sed "s/@VERSION@/$version/" user/dist/dkms.conf.in >debian/ipcchan-dkms.dkms
sed -e "s/@VERSION@/$version/" -e "s/@DATE@/$(date -u -R -d "@$date")/" \
	debian/changelog.in >debian/changelog
rm debian/changelog.in
# Debug symbols would be packages of their own.
options="noautodbgsym parallel=$(nproc) ${DEB_BUILD_OPTIONS-}"
DEB_BUILD_OPTIONS=$options dpkg-buildpackage --build=binary --no-sign
echo "the packages are in $out"
