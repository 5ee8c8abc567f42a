#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is documented is documented whole, by the kernel's kernel-doc; and what must
# be is: the module's functions that are not static, those that the library exports.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/../vm/common.sh"
cd "$ROOT" || exit 1

failed=0
tool=$BUILD/kselftest/scripts/kernel-doc
# Newer ones want to be asked for what -v alone meant.
strict=(-v)
! grep -q -- '-Wall' "$tool" || strict+=(-Wall)
list=$(selftests/files.sh 'kmod/*.[ch]' 'include/*.h' 'user/lib/*.h') || exit 1
mapfile -t documented <<<"$list"
found=$(perl "$tool" -none "${strict[@]}" "${documented[@]}" 2>&1 | grep -v ': info: ')
if [ -n "$found" ]; then
	echo "$found"
	failed=1
fi

list=$(selftests/files.sh 'kmod/*.c') || exit 1
mapfile -t sources <<<"$list"
awk -f selftests/lint/kernel-doc.awk "${sources[@]}" || failed=1

list=$(selftests/files.sh 'user/lib/*.h' | grep -v /internal.h) || exit 1
mapfile -t headers <<<"$list"
names=$(sed -n 's/^\t\(ipcchan_.*\);$/\1/p' user/lib/libipcchan.map)
for name in ${names:?}; do
	grep -q "^ \* $name() - " "${headers[@]}" && continue
	echo "$name() is exported, and has no kernel-doc in ${headers[*]}"
	failed=1
done
for header in "${headers[@]}"; do
	# Not -q, which ends before sed has written all: that would be its failure.
	sed '/^#/q' "$header" | grep -w 'threads\?' >/dev/null && continue
	echo "$header does not open with what threads may do"
	failed=1
done
exit "$failed"
