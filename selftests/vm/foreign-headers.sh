#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# foreign-headers.sh ARCH ROOT: run by mmdebstrap, unpacks the headers of ARCH of the
# kernel that is in ROOT. Those of bookworm depend on the compiler of their own
# architecture and cannot be installed beside that of this one.
set -eu -o pipefail
arch=$1 root=$2

export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
download() {
	apt-get -q -o APT::Sandbox::User=root download "$@"
}
download "linux-headers-$(basename "$root"/lib/modules/*):$arch"
# The common headers and, of this architecture, the programs that use them
dpkg-deb -f ./*.deb Depends | grep -o 'linux-[^ ,]*' >depends
mapfile -t depends <depends
download "${depends[@]}"
for package in ./*.deb; do
	# Unlike dpkg, tar leaves /lib the link that it is.
	dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --keep-directory-symlink
done
