#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What lies where, how long a file is, and who asks for the kernel's version
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1

LINES_MAX=600
# The binding is one file, so that whoever teaches with it hands out that one.
declare -A LONGER=([user/python/ipcchan.py]=1000)
list=$(selftests/files.sh) || exit 1
failed=0

complain() {
	echo "$*"
	failed=1
}

while IFS= read -r name; do
	case $name in
	Kbuild | Makefile | README.md | LICENSES | .*) ;;
	kmod | user | include | selftests | Documentation) ;;
	*) complain "$name: has no place at the root" ;;
	esac
done < <(cut -d / -f 1 <<<"$list" | sort -u)

while IFS= read -r file; do
	lines=$(wc -l <"$file") || exit 1
	max=${LONGER[$file]-$LINES_MAX}
	[ "$lines" -le "$max" ] || complain "$file: $lines lines, more than $max; cut it"
done < <(grep -v '^LICENSES/' <<<"$list")

found=$(grep '^\(kmod\|include\)/' <<<"$list" | grep -vx kmod/compat.h |
	xargs -d '\n' grep -nE 'LINUX_VERSION|KERNEL_VERSION|linux/version\.h')
[ -z "$found" ] || complain "$found: belongs into kmod/compat.h"
exit "$failed"
