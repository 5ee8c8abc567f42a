#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each example in C prints what the comment at its top says.
dir=$(cd "$(dirname "$0")" && pwd)/examples
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
tab=$(printf '\t')
n=0
failed=0

echo "TAP version 13"
for source in "$dir"/*.c; do
	name=$(basename "$source" .c)
	n=$((n + 1))
	sed -n "/^ \* Prints:/,/^ \*\//s/^ \*$tab//p" "$source" >"$tmp/said"
	timeout 60 "$dir/$name" >"$tmp/out" 2>&1
	status=$?
	if [ "$status" -eq 0 ] && [ -s "$tmp/said" ] && cmp -s "$tmp/said" "$tmp/out"; then
		echo "ok $n - $name"
		continue
	fi
	failed=$((failed + 1))
	echo "not ok $n - $name"
	sed "s/^/#   status $status: /" "$tmp/out"
done
echo "1..$n"
[ "$n" -eq 5 ] && [ "$failed" -eq 0 ]
