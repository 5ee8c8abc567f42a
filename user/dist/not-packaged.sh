#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# not-packaged.sh FILE...: fails if one of these files, which may be patterns, is of a package
set -eu
command -v dpkg-query >/dev/null || exit 0

# By its own path, too: /lib may lead to /usr/lib, and dpkg knows one of them.
for file; do
	shift
	set -- "$@" "$file" "$(realpath -m "$(dirname "$file")")/${file##*/}"
done
owned=$(LC_ALL=C dpkg-query -S "$@" 2>/dev/null | grep -v '^diversion by ' | sort -u) || true
[ -n "$owned" ] || exit 0
{
	echo "These belong to packages, and apt installs and removes them:"
	echo "$owned" | sed 's/^/  /'
	echo 'Say other places, with prefix= and the like, or remove the packages: "apt purge".'
} >&2
exit 2
