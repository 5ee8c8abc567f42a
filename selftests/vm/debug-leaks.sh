#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# In the guest: prints what kmemleak finds. Exits with 1 if that is anything, or
# if it cannot look. The kernel's log tells of it, too.
leaks=/sys/kernel/debug/kmemleak

# It reports what is older than 5 s and has not changed since the scan before.
for _ in 1 2; do
	sleep 6
	echo scan >"$leaks" || exit 1
done
found=$(cat "$leaks") || exit 1
echo "$found"
[ -z "$found" ]
