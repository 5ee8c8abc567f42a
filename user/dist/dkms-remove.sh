#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dkms-remove.sh DESTDIR FOLDER: removes the module's sources for DKMS that are below FOLDER,
# of whatever version. Without DESTDIR (it is empty) those of a package stay, and DKMS forgets
# the others before.
set -eu

for sources in "$1$2"/ipcchan-*; do
	grep -qs '^PACKAGE_NAME="ipcchan"$' "$sources/dkms.conf" || continue
	if [ -z "$1" ]; then
		if package=$(dpkg-query -S "$sources/dkms.conf" 2>/dev/null); then
			echo "$sources stays, it is of the package ${package%%:*}" >&2
			continue
		fi
		version=${sources##*/ipcchan-}
		if command -v dkms >/dev/null && [ -n "$(dkms status "ipcchan/$version")" ]; then
			dkms remove "ipcchan/$version" --all
		fi
	fi
	echo "rm -r $sources"
	rm -r "$sources"
done
