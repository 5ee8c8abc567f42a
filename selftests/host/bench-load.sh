#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Messages one way and open loops: whose time is counted, from when, and up to what rate.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"
cli=$root/user/cli
# shellcheck disable=SC2046 # a list
"${CC:-cc}" -std=gnu11 -O1 -D_GNU_SOURCE -I"$root/include/uapi" -I"$root/user/lib" \
	-I"$cli" -o "$tmp/bench" "$tap_dir/bench_load_test.c" $(bench_sources) \
	-ljansson -lhwloc -luring -lm -pthread || exit 1
IPCCHAN=$tmp/bench

# The points of the program itself, counted on here
run
while read -r word rest; do
	case $word in
	ok) ok 0 "${rest#* - }" ;;
	not) ok 1 "${rest#* - }" ;;
	esac
done <<points
$out
points
[ "$rc" -eq 0 ]
ok $? "all of the schedule and of the knee"

# A warm-up of 32 messages; what is measured begins after them.
load() {
	run bench -w openloop -s 64 -p same -r 1 --warmup 0.000000001 --json "$tmp/json" "$@"
}

# holds FILTER NAME: the JSON results fulfil FILTER
holds() {
	[ "$rc" -eq 0 ] && jq -e "$1" "$tmp/json" >"$tmp/jq" 2>&1
	ok $? "$2"
}

# 1000 of 10000 messages fall due while the sender stalls, and wait 25 ms in the mean
FAULT_AT=1032
export FAULT_AT
load -t stall --rate 20000 --arrivals fixed -n 10000
holds '.results[0] | .messages == 10000 and .max_ns >= 50000000 and .p99_ns >= 44000000' \
	"a stall is in the times of all that fell due meanwhile"
holds '.results[0] | .late_sends_share >= 0.099 and .mean_ns >= 2450000' \
	"they are as many as the rate says"
load -t stall --rate 20000 --arrivals poisson -n 10000
holds '.results[0] | .late_sends_share >= 0.08 and .p99_ns >= 40000000' \
	"likewise when they come at random"

# No more than 1000 a second can be received
load -t slow --rate 100,5000 --arrivals fixed -n 200
holds '.results | map(.offered_per_s) == [100, 5000] and map(.reached) == [true, false]' \
	"a rate beyond what it can carry is told not to have been reached"
holds '.results | .[0].achieved_per_s >= 98 and .[0].achieved_per_s <= 100 and
	.[1].achieved_per_s <= 1000' "and what was achieved instead"
holds '.results | map(.knee) == [true, false] and map(.arrivals) == ["fixed", "fixed"]' \
	"the knee is before"
printf '%s\n' "$out" | grep -Eq '^ +- +100 .* yes .*<- knee$' &&
	printf '%s\n' "$out" | grep -Eq '^ +- +5,000 .* NO '
ok $? "the table says so"
load -t slow --rate sweep -n 40
holds '.results | map(.offered_percent) == [10, 25, 50, 70, 80, 90, 95, 100, 110] and
	all(.capacity_per_s > 0 and .capacity_per_s <= 1000 and
	(.offered_per_s / .capacity_per_s * 100 - .offered_percent | fabs < 0.01))' \
	"a sweep is of parts of what it can carry"

FAULT_AT=500
load -t lose --rate 5000 -n 1000
[ "$rc" -eq 2 ] && has "$out" "corrupt: message 501 of side 0 came where message 500"
ok $? "a lost message"

run bench -t slow,pipe -w oneway,pingpong -s 64 -p same -r 1 -n 250 --json "$tmp/json"
holds '.results[] | select(.workload == "oneway" and .transport == "slow") |
	.p50_ns > 0 and .p50_ns < 1000000' "one way lasts until the message is read, not longer"
holds '.results[] | select(.workload == "oneway" and .transport == "pipe") |
	.ledger.voluntary_switches >= 1.9 and .samples == 250 and .messages_per_s == null' \
	"its receiver sleeps when it comes, and its sender when it has gone"
holds '[.results[] | select(.workload != "openloop") | .offered_per_s, .arrivals, .knee,
	.achieved_per_s, .reached, .late_sends_share] | unique == [null]' \
	"only an open loop has a rate"

load -t slow --rate 100,200 --arrivals fixed -n 20
[ "$rc" -eq 0 ] && jq -e 'all(.results[]; .p50_ns == null)' "$tmp/json" >/dev/null &&
	has "$out" "none of the rates that were reached has a p50 that tells it"
ok $? "rates that were reached by too few messages are not said to be missed"

for option in '--rate 0' '--rate fast' '--rate 1000000001' '--rate 5,' '--arrivals late'; do
	# shellcheck disable=SC2086 # an option and its argument
	run bench $option
	refused 1 "${option%% *}" "$option"
done
done_testing
