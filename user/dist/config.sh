#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# config.sh install FILE DESTINATION: installs a file of configuration
# config.sh remove DESTINATION...: removes such
# What was changed there since, or came from elsewhere, stays, which is told. An installed file
# ends with the checksum of its other lines: by that each version knows those of all.
set -eu

MARK='# By this checksum of the above "make install" and "make uninstall" see what was changed: '

# marked: standard input, and its checksum
marked() {
	tee "$tmp" && echo "$MARK$(sha256sum <"$tmp" | cut -d ' ' -f 1)"
}

# ours DESTINATION
ours() {
	[ -f "$1" ] && [ ! -L "$1" ] && sed '$d' "$1" | marked | cmp -s - "$1"
}

# there DESTINATION
there() {
	[ -e "$1" ] || [ -L "$1" ]
}

tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
case $1 in
install)
	if there "$3" && ! ours "$3"; then
		echo "$3 stays as it is: it was changed, or is from elsewhere. What would be there:" \
			"$2" >&2
		exit
	fi
	marked <"$2" | install -D -m 644 /dev/stdin "$3"
	;;
remove)
	shift
	for file; do
		there "$file" || continue
		if ours "$file"; then
			rm "$file"
		else
			echo "$file stays: it was changed, or is from elsewhere" >&2
		fi
	done
	;;
esac
