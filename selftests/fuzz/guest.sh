#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# guest.sh PREFIX NUMBER SEED: in the guest of a debug kernel, the fuzzer for so many seconds
# with the corpus in /fuzz/programs, and with ABUSERS strangers, for so many seconds each; with
# REPLAY the programs of that file so many times. Then what the checkers have to say. Recorded
# for run-ktap.awk. With FAULT the module has that fault. /out is the host's folder.
prefix=$1
number=$2
seed=$3
here=$(cd "$(dirname "$0")" && pwd)
debug=/sys/kernel/debug
kind=$(uname -r)
kind=${kind##*-}

# To look for leaks takes half of the time: that is done for so long, and the rest goes without.
LEAK_SECONDS=60

# Calls that are to fail do so also where they may sleep, and without a word.
for name in failslab fail_page_alloc fail_usercopy; do
	[ -d "$debug/$name" ] || continue
	echo 0 >"$debug/$name/verbose"
	[ ! -e "$debug/$name/ignore-gfp-wait" ] || echo N >"$debug/$name/ignore-gfp-wait"
	[ ! -e "$debug/$name/min-order" ] || echo 0 >"$debug/$name/min-order"
done
# Leaks are looked for at the end.
[ ! -e $debug/kmemleak ] || echo scan=off >$debug/kmemleak

failed=''

# What users may have is little enough to be reached.
limit() {
	parameters=/sys/module/ipcchan/parameters
	echo 12 >$parameters/user_channels
	echo 3000 >$parameters/user_msgs
	echo 3000000 >$parameters/user_bytes
	echo 300000 >$parameters/user_buffers
	echo 20 >$parameters/user_fds
	echo 6 >$parameters/user_ears
	(cd /sys/module/ipcchan/sections && grep . .text*) >/out/sections
}

# begin NAME COUNT, result NUMBER STATUS TEXT
begin() {
	echo "## begin $prefix$1"
	echo "1..$2"
}

result() {
	[ "$2" -eq 0 ] && echo "ok $1 - $3" && return
	echo "not ok $1 - $3"
	failed=1
}

# record NAME COMMAND...: COMMAND is a test program
record() {
	name=$1
	shift
	echo "## begin $prefix$name"
	"$@"
	status=$?
	[ "$status" -eq 0 ] || failed=1
	printf '\n## end %s%s %d\n' "$prefix" "$name" "$status"
}

# finish NAME [leaks]: the module goes, and nothing of it is left
finish() {
	begin "$1" "$([ -n "$2" ] && echo 3 || echo 1)"
	rmmod ipcchan
	result 1 $? "the module can be unloaded"
	if [ -n "$2" ]; then
		"$here/debug-leaks.sh"
		result 2 $? "nothing has leaked"
		grep -Eq '^ *debug_locks: *1$' /proc/lockdep_stats
		result 3 $? "lockdep is on"
	fi
	printf '\n## end %s%s ?\n' "$prefix" "$1"
}

# What is traced is run by the first part.
tracing=/sys/kernel/tracing
echo 64 >$tracing/buffer_size_kb
echo 1 >$tracing/events/ipcchan/enable

limit
[ -z "${FAULT-}" ] || echo "$FAULT" >$parameters/fault
if [ "$kind" = kcsan ]; then
	begin races 1
	"$here/debug-races.sh"
	result 1 $? "KCSAN watches the module"
	printf '\n## end %sraces ?\n' "$prefix"
	echo 300 >/sys/module/kcsan/parameters/udelay_task
fi

leaks='' rest=0
if [ "$kind" = kasan ]; then
	leaks=leaks
	[ "$number" -le $((2 * LEAK_SECONDS)) ] || rest=$((number - LEAK_SECONDS))
fi
if [ -n "${REPLAY-}" ]; then
	rest=0
	record run "$here/fuzz" replay -n "$number" "$REPLAY"
else
	record run "$here/fuzz" run -s "$seed" -t $((number - rest)) -o /out "$here"/programs/*
fi
[ -z "${ABUSERS-}" ] || record abusers "$here/abusers.sh" "$ABUSERS" "$seed"
finish end $leaks
if [ "$rest" -gt 0 ] && [ -z "$failed" ]; then
	mv /out/blocks /out/blocks-leaks
	cp /out/corpus /tmp/corpus
	echo off >$debug/kmemleak
	insmod /vm/ipcchan.ko && limit
	record more "$here/fuzz" run -s $((seed + 1)) -t "$rest" -o /out /tmp/corpus
	finish more-end
fi
