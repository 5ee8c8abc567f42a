#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Installs the Debian packages of the file "packages" that are missing.
set -eu -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

case ${1-} in
'' | kernels | deb | browser) ;;
-h | --help)
	echo "Usage: setup.sh [kernels | deb | browser]"
	echo "Installs what building, running and checking ipcchan needs and is missing; with"
	echo "\"kernels\" what checking it on other kernels needs beside that, with \"deb\" what"
	echo "building Debian packages needs, with \"browser\" what looking at the benchmark's"
	echo "page needs."
	exit 0
	;;
*)
	die 1 "unknown argument: $1 (see --help)"
	;;
esac

command -v dpkg-query >/dev/null ||
	die 2 "this is not Debian; install the equivalents of selftests/vm/packages by hand"

arch=$(dpkg --print-architecture)
[ "$arch" = amd64 ] || die 2 "this is Debian for $arch; building, the virtual machine and the" \
	"tests are for amd64 only"

mapfile -t wanted < <(awk -v section="[${1-}]" '/^\[/ { skip = $0 != section; next }
	NF && !skip { print }' "$VM_DIR/packages" | sed "s/@ARCH@/$arch/")

# A package that dpkg has never heard of makes dpkg-query fail; it is missing then.
installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "${wanted[@]}" 2>/dev/null |
	sed -n 's/^[ihm]i //p') || true
mapfile -t missing < <(comm -23 <(printf '%s\n' "${wanted[@]}" | LC_ALL=C sort) \
	<(printf '%s\n' "$installed" | LC_ALL=C sort))
[ "${#missing[@]}" -eq 0 ] && exit 0

say "installing these Debian packages: ${missing[*]}"
if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
	die 2 "neither root nor sudo here; as root, run: apt-get install ${missing[*]}"
fi
# On a new machine there is no index yet. One that names versions that the archive
# has dropped since makes the first try fail.
if ! apt-get -s install "${missing[@]}" >/dev/null 2>&1; then
	apt_get update || die 2 "apt-get update failed; check the network and /etc/apt"
fi
apt_get install --no-install-recommends "${missing[@]}" && exit 0
apt_get update || die 2 "apt-get update failed; check the network and /etc/apt"
apt_get install --no-install-recommends "${missing[@]}" ||
	die 2 "apt-get could not install: ${missing[*]}"
