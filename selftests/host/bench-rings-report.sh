#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the report of bench-rings makes of figures that are given here.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"

# results: the report, in $out, of the rows on stdin
results() {
	out=$(jq -s '{ parameters: { runs: 10 },
		environment: { times_valid: true }, results: . }' |
		jq -r -f "$root/user/cli/bench/rings/report.jq" 2>&1)
	rc=$?
}

# row TRANSPORT LEAST LOW MEDIAN HIGH MOST [FILTER]: a stream of 64 bytes, in M/s, whose
# median block is as its median; changed by FILTER
row() {
	jq -n --arg transport "$1" "{ transport: \$transport, workload: \"stream\",
		size_bytes: 64, messages_per_call: 1, depth_bytes: 65536, placement: \"cache\",
		cpus: [0, 1], status: \"ok\", runs: 10, runs_discarded: 0, probe_ns: [100, 110],
		messages_per_s: $4e6, messages_per_s_range: [$2e6, $6e6],
		messages_per_s_ci95: [$3e6, $5e6], run_p50_ns: [1, 1000 / $4, 2],
		run_p50_ns_ci95: [1, 2] } | ${7:-.}"
}

# told PATTERN NAME: there is such a line
told() {
	printf '%s\n' "$out" | grep -Eq "$1"
	ok $? "$2"
}

target="64 B, one at a time, variable size"
{
	row ipcchan-byte 290 295 300 305 310
	row ipcchan-byte-plain 390 395 400 405 410
	row boost-spsc 88 89 90 91 92
} >"$tmp/clear"
results <"$tmp/clear"
told "$target +300 M/s \(ipcchan-byte\)" "judged by the mode that one gets, not by the best"
told "at least 250 M/s +met, takes 0\.83 of that time" "clearly above a bound"
told "3 times as fast as boost-spsc +met, takes 0\.90 of that time" "and above a peer"
told "two producers and one consumer, 64 B +not measured here: no run" "what has no row"
! printf '%s\n' "$out" | grep -q "fewer than\|stalled"
ok $? "nothing to warn of"

{
	row ipcchan-byte 200 240 260 280 310
	row boost-spsc 80 82 95 98 99
} >"$tmp/near"
results <"$tmp/near"
told "at least 250 M/s +indistinguishable, takes 0\.96" "a bound within the interval"
told "3 times as fast as boost-spsc +indistinguishable, takes 1\.10" "intervals that overlap"

{
	row ipcchan-byte 100 110 120 130 140
	row boost-spsc 88 89 90 91 92
} >"$tmp/below"
results <"$tmp/below"
told "at least 250 M/s +missed, takes 2\.08 times as long" "clearly below a bound"

row ipcchan-byte 290 295 300 305 310 '.runs = 3 | .messages_per_s_ci95 = null' >"$tmp/few"
results <"$tmp/few"
told "at least 250 M/s +too few runs to tell" "too few runs"
told "^Mind: 1 rows have fewer than 10 runs, the least 3" "they are told"

# Half of the blocks are fast, all of it is not
row ipcchan-byte 9 10 11 12 13 '.run_p50_ns = [3, 3.3, 3.5]' >"$tmp/stall"
results <"$tmp/stall"
told "^ipcchan-byte .* 11\.0 " "the table has the rate of all messages"
told "^  ipcchan-byte .* 11\.0 \[9\.00-13\.0\] .* 303!" "beside it the median block, marked"
told "at least 250 M/s +missed" "the rate is judged"
told "^!: a stream that stalled" "a stall is told"

{
	row boost-spsc 88 89 90 91 92
	row ipcchan-byte 1 1 1 1 1 '.status = "refused: no memory" | .runs = 0
		| .messages_per_s = null | .run_p50_ns = null | .messages_per_s_ci95 = null
		| .placement = "between"'
} >"$tmp/none"
results <"$tmp/none"
told "$target +not measured here: refused: no memory" "why a ring of ours has no figure"

# Two placements
{
	cat "$tmp/clear"
	row ipcchan-byte 29 29.5 31 32 33 '.placement = "far"'
	row boost-spsc 8 9 9.5 10 11 '.placement = "far"'
	row ipcchan-byte 9 9 9 9 9 '.placement = "smt" | .runs = 1'
} >"$tmp/two"
results <"$tmp/two"
told "^Targets, at placement .cache." "a placement with half of the runs"
told "at least 30 M/s +indistinguishable, takes 0\.97 of that time" "and the other"
told "^1 runs were at placement .smt." "one with few runs is only named"
done_testing
