#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fetches the rings of others that "make bench-rings" compares with: the packages of the
# section [bench-rings] of the file "packages", unpacked into the cache. They are not
# installed: only their headers are used, and DPDK would bring 220 packages and systemd.
# The file "versions" beside them tells which they are.
set -eu -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

usage() {
	cat <<EOF
Usage: peers.sh [--cached]
Prints the folder that the packages are in, and fetches them if they are not there;
with --cached it ends with status 1 then.
EOF
}

# package NAME: the one that holds the files, where NAME is empty and depends on it
package() {
	local of

	of=$(apt-cache show --no-all-versions "$1" 2>/dev/null | awk -v base="${1%-dev}" '
		$1 == "Depends:" && index($2, base) == 1 && sub(/-dev,?$/, "-dev", $2) {
			print $2
			exit
		}')
	echo "${of:-$1}"
}

# fetch NAME FOLDER
fetch() {
	local name

	name=$(package "$1")
	# As root, apt drops to the user _apt, who cannot enter the cache.
	# shellcheck disable=SC2016 # of dpkg-deb
	(cd "$2" && apt-get -q -o APT::Sandbox::User=root download "$name") >&2 &&
		dpkg -x "$2/$name"_*.deb "$2/root" &&
		dpkg-deb -W --showformat '${Package} ${Version}\n' "$2/$name"_*.deb \
			>>"$2/root/versions"
}

# fetch_all FOLDER
fetch_all() {
	local name

	for name in "${wanted[@]}"; do
		fetch "$name" "$1" || return 1
	done
}

case ${1-} in
'' | --cached) ;;
-h | --help)
	usage
	exit 0
	;;
*)
	usage >&2
	exit 1
	;;
esac

mapfile -t wanted < <(awk '/^\[/ { in_it = $0 == "[bench-rings]"; next } NF && in_it' \
	"$VM_DIR/packages")
release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
dest=$CACHE/peers/${release:-unknown}-$(md5sum <<<"${wanted[*]}" | cut -c 1-8)-versions
if [ -e "$dest" ]; then
	echo "$dest"
	exit 0
fi
[ "${1-}" != --cached ] || exit 1

mkdir -p "$CACHE/peers"
tmp=$(mktemp -d "$CACHE/peers/tmp.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
say "fetching the rings to compare with: ${wanted[*]}"
if ! fetch_all "$tmp"; then
	apt_get update >&2 || true
	fetch_all "$tmp" || die 2 "cannot fetch ${wanted[*]}; check the network and /etc/apt"
fi
chmod 755 "$tmp/root"
mv -T "$tmp/root" "$dest" 2>/dev/null || [ -e "$dest" ]
echo "$dest"
