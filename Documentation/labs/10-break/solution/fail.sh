#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Lab 10: writes a script to /dev/lab10, and has an allocation on its way fail, each of them once.
# It is for the kernel to say what is wrong then.
failslab=/sys/kernel/debug/failslab

# Also those that may sleep, and without a trace in the log
echo N >"$failslab/ignore-gfp-wait"
echo 0 >"$failslab/verbose"

# trial N: the N-th allocation fails, from the opening of the file on. Prints 0 if there were as
# many, else how many were missing.
trial() {
	# shellcheck disable=SC2016  # for the inner shell
	sh -c 'echo "$1" >/proc/self/fail-nth
		printf "LAB\nT\003oneT\003twoD\000T\005three" >/dev/lab10
		read -r left </proc/self/fail-nth
		echo 0 >/proc/self/fail-nth
		echo "$left"' trial "$1" 2>/dev/null
}

n=1
while [ "$(trial "$n")" = 0 ]; do
	n=$((n + 1))
done
echo "$((n - 1)) allocations have failed"
