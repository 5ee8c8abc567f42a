#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# guest.sh PREFIX ARGUMENT...: in the guest of a debug kernel, the fuzzer with these
# arguments, and then what the checkers have to say; recorded for run-ktap.awk. /out is the
# host's folder.
prefix=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
debug=/sys/kernel/debug
kind=$(uname -r)
kind=${kind##*-}

# Calls that are to fail do so also where they may sleep, and without a word.
for name in failslab fail_page_alloc fail_usercopy; do
	[ -d "$debug/$name" ] || continue
	echo 0 >"$debug/$name/verbose"
	[ ! -e "$debug/$name/ignore-gfp-wait" ] || echo N >"$debug/$name/ignore-gfp-wait"
	[ ! -e "$debug/$name/min-order" ] || echo 0 >"$debug/$name/min-order"
done

# What users may have is little enough to be reached.
parameters=/sys/module/ipcchan/parameters
echo 12 >$parameters/user_channels
echo 3000 >$parameters/user_msgs
echo 3000000 >$parameters/user_bytes
echo 300000 >$parameters/user_buffers
echo 20 >$parameters/user_fds
echo 6 >$parameters/user_ears
(cd /sys/module/ipcchan/sections && grep . .text*) >/out/sections

# begin NAME COUNT, result NUMBER STATUS TEXT
begin() {
	echo "## begin $prefix$1"
	echo "1..$2"
}

result() {
	[ "$2" -eq 0 ] && echo "ok $1 - $3" && return
	echo "not ok $1 - $3"
}

if [ "$kind" = kcsan ]; then
	begin races 1
	"$here/debug-races.sh"
	result 1 $? "KCSAN watches the module"
	printf '\n## end %sraces ?\n' "$prefix"
	echo 300 >/sys/module/kcsan/parameters/udelay_task
fi

echo "## begin ${prefix}run"
"$here/fuzz" "$@"
printf '\n## end %srun %d\n' "$prefix" $?

begin end "$([ "$kind" = kasan ] && echo 3 || echo 1)"
rmmod ipcchan
result 1 $? "the module can be unloaded"
if [ "$kind" = kasan ]; then
	"$here/debug-leaks.sh"
	result 2 $? "nothing has leaked"
	grep -Eq '^ *debug_locks: *1$' /proc/lockdep_stats
	result 3 $? "lockdep is on"
fi
printf '\n## end %send ?\n' "$prefix"
