#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# deb.sh FOLDER: makes the Debian packages there, of a copy of the tree. Of what there is, only
# packages of the same names go.
set -eu -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(realpath -m "$1")

# What this make was told is not for that of the copy.
unset BUILD MAKEFLAGS MAKELEVEL MFLAGS
export LC_ALL=C
version=$(make -s -C "$root/user/dist" version)
date=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null ||
	stat -c %Y "$root/kmod/main.c")}
mkdir -p "$out"
work=$(mktemp -d "$out/tmp.XXXXXX")
trap 'rm -rf "$work"' EXIT
tree=$work/ipcchan-$version
mkdir "$tree"
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
rm -f "$out"/{lib,python3-,}ipcchan*_*.{deb,changes,buildinfo}
mv "$work"/*.{deb,changes,buildinfo} "$out"
echo "the packages are in $out"
