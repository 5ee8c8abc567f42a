#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# guest.sh PREFIX SECONDS: in the guest of a debug kernel, the fuzzer, for so long, and then
# what the checkers have to say; recorded for run-ktap.awk. /out is the host's folder.
prefix=$1
seconds=$2
here=$(cd "$(dirname "$0")" && pwd)
debug=/sys/kernel/debug

# Calls that are to fail do so also where they may sleep, and without a word.
for name in failslab fail_page_alloc fail_usercopy; do
	echo 0 >"$debug/$name/verbose"
	[ ! -e "$debug/$name/ignore-gfp-wait" ] || echo N >"$debug/$name/ignore-gfp-wait"
done
echo 0 >"$debug/fail_page_alloc/min-order"

# What users may have is little enough to be reached.
parameters=/sys/module/ipcchan/parameters
echo 12 >$parameters/user_channels
echo 3000 >$parameters/user_msgs
echo 3000000 >$parameters/user_bytes
echo 300000 >$parameters/user_buffers
echo 20 >$parameters/user_fds
echo 6 >$parameters/user_ears
(cd /sys/module/ipcchan/sections && grep . .text*) >/out/sections

echo "## begin ${prefix}run"
"$here/fuzz" run -s "${SEED:-$(date +%s)}" -t "$seconds" -o /out "$here"/corpus/*
printf '\n## end %srun %d\n' "$prefix" $?

echo "## begin ${prefix}end"
echo "1..3"
result() {
	[ "$2" -eq 0 ] && echo "ok $1 - $3" && return
	echo "not ok $1 - $3"
}
rmmod ipcchan
result 1 $? "the module can be unloaded"
"$here/debug-leaks.sh"
result 2 $? "nothing has leaked"
grep -Eq '^ *debug_locks: *1$' /proc/lockdep_stats
result 3 $? "lockdep is on"
printf '\n## end %send ?\n' "$prefix"
