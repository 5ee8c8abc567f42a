#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# In the guest: the points of lab 10
# Functions are called through point.
# shellcheck disable=SC2317
# shellcheck source=Documentation/labs/points.sh
. "$(dirname "$0")/points.sh"

# finds SECONDS COMMAND...: it makes the kernel complain of the module as it was at first
finds() {
	insmod original_lab10.ko || return
	mark "original"
	complains KASAN "$@"
	found=$?
	unload original_lab10
	mark "$(basename "$PWD")"
	[ "$found" -eq 0 ] || echo "the kernel has nothing to complain of"
	return "$found"
}

# taken TEXT: a script is, and reads as TEXT
taken() {
	printf 'LAB\nT\005firstT\006secondD\000T\004lastE\000' >/dev/lab10 &&
		same "$(cat /dev/lab10)" "$1"
}

# stands SECONDS COMMAND...: the kernel does not complain of what COMMAND does
stands() {
	mark "$(basename "$PWD")"
	! complains KASAN "$@"
}

# lost: texts that are in no list any more
lost() {
	for bad in 'LAB\nT\0001xT\0001yX\0000' 'LAB\nT\0001xD\0001' 'LAB\nT\0001xE\0001'; do
		printf %b "$bad" 2>/dev/null >/dev/lab10 && echo "a bad script is taken" && return 1
	done
	printf 'LAB\n' >/dev/lab10 &&
		same "$(cat /sys/module/lab10/parameters/texts) texts" "0 texts"
}

# Also allocations that may sleep fail when they are told to, and without a trace in the log.
echo N >/sys/kernel/debug/failslab/ignore-gfp-wait
for kind in failslab fail_page_alloc fail_usercopy; do
	echo 0 >"/sys/kernel/debug/$kind/verbose"
done

point "the fuzzer finds a fault of the original" finds 5 ./fuzz 5
point "fail.sh finds one" finds 60 ./fail.sh
point "the module can be loaded" insmod lab10.ko
point "a script is taken" taken firstlast
point "the module stands scripts that nobody thought of" stands 4 ./check-fuzz 4
point "and allocations that fail" stands 10 ./check-fail
point "it tells of them, and goes on afterwards" ./check-fail
point "bad scripts leave nothing behind" lost
point "the module can be unloaded" unload lab10
points_end
