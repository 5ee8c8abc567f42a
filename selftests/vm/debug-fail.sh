#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# In the guest, as KTAP: each allocation, and each copy from and to the caller, on
# the way of a first message fails once. What it leaves behind is for the checkers.
debug=/sys/kernel/debug

# Also those that may sleep, and without a trace in the log.
for name in failslab fail_page_alloc fail_usercopy; do
	echo 0 >"$debug/$name/verbose"
	[ ! -e "$debug/$name/ignore-gfp-wait" ] || echo N >"$debug/$name/ignore-gfp-wait"
done
echo 0 >"$debug/fail_page_alloc/min-order"

# trial N: sends to a channel that is not there yet; the N-th of them fails. The
# output is what is left of N: nothing when it has failed.
trial() {
	ipcchan delete default 2>/dev/null
	# shellcheck disable=SC2016  # for the inner shell
	sh -c 'echo "$1" >/proc/self/fail-nth
		echo hi >/dev/ipcchan
		status=$?
		read -r left </proc/self/fail-nth
		echo 0 >/proc/self/fail-nth
		echo "$left $status"' trial "$1" 2>/tmp/errors
	cat /tmp/errors >>/tmp/all-errors
}

: >/tmp/all-errors
n=0 refused=0 left=0
while [ "$left" = 0 ] && [ "$n" -lt 500 ]; do
	n=$((n + 1))
	# shellcheck disable=SC2046  # words
	set -- $(trial "$n")
	left=${1:-0}
	[ "${2:-1}" = 0 ] || refused=$((refused + 1))
done
echo "# $n trials, $refused refused"
sort /tmp/all-errors | uniq -c | sed 's/^/# /'

echo "TAP version 13"
echo "1..3"
# result NUMBER NAME COMMAND...: passed if COMMAND succeeds
result() {
	number=$1 name=$2
	shift 2
	if "$@"; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
	fi
}

result 1 "each of them has failed once" [ "$left" -gt 0 ]
result 2 "some calls are refused for it" [ "$refused" -ge 5 ]
ipcchan delete default 2>/dev/null
echo hi >/dev/ipcchan
result 3 "a channel works afterwards" [ "$(head -n 1 /dev/ipcchan)" = hi ]
