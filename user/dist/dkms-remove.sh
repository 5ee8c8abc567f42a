#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dkms-remove.sh DESTDIR FOLDER [VERSION]: removes the module's sources for DKMS that are below
# FOLDER, of whatever version. Without DESTDIR (it is empty) those of a package stay, and DKMS
# forgets the others before. Somebody's own stay, too; with VERSION, which is to be installed,
# nothing is removed if they stand in its way.
set -eu
dest=$1 folder=$1$2 new=${3:+$1$2/ipcchan-$3}

# why SOURCES: why they are not to be removed, or nothing
why() {
	if [ -e "$1/.git" ]; then
		echo "it has a repository of git"
	elif ! grep -qsx 'PACKAGE_NAME="ipcchan"' "$1/dkms.conf" ||
		! grep -qxF "PACKAGE_VERSION=\"${1##*/ipcchan-}\"" "$1/dkms.conf"; then
		echo "its dkms.conf is not of what its name says"
	elif [ -z "$dest" ] && package=$(dpkg-query -S "$1/dkms.conf" 2>/dev/null); then
		echo "it is of the package ${package%%:*}"
	fi
}

if [ -e "$new" ] && [ -n "$(why "$new")" ]; then
	echo "$new is in the way: $(why "$new"). Move it elsewhere." >&2
	exit 2
fi
for sources in "$folder"/ipcchan-*; do
	grep -qs '^PACKAGE_NAME="ipcchan"$' "$sources/dkms.conf" || continue
	reason=$(why "$sources")
	if [ -n "$reason" ]; then
		echo "$sources stays: $reason" >&2
		continue
	fi
	version=${sources##*/ipcchan-}
	if [ -z "$dest" ] && command -v dkms >/dev/null &&
		[ -n "$(dkms status "ipcchan/$version")" ]; then
		dkms remove "ipcchan/$version" --all
	fi
	echo "rm -r $sources"
	rm -r "$sources"
done
