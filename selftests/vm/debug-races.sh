#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# debug-races.sh [MODULE]: in the guest, has KCSAN report races, those with the module on
# both sides. Again after the module was loaded anew, for functions are known by their addresses.
module=${1:-ipcchan}
kcsan=/sys/kernel/debug/kcsan

echo whitelist >"$kcsan" || exit 1
awk -v owner="[$module]" '$2 ~ /[tT]/ && $4 == owner { print $3 }' /proc/kallsyms >/tmp/functions
[ -s /tmp/functions ] || exit 1
while read -r name; do
	echo "!$module:$name" >"$kcsan" || exit 1
done </tmp/functions
echo on >"$kcsan"
grep -q '^enabled: 1' "$kcsan"
