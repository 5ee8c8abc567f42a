#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the benchmark's driver adds to a message, beside loops written by hand that do the same
# work: no more than 2 %, or 20 ns.  It fails only where the intervals of both medians, of
# runs that were interleaved, leave no doubt; without intervals the figures are only told.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"
cli=$root/user/cli
# the driver itself, as it was compiled into the command
built=$(dirname "$IPCCHAN")
objects=$built/../lib/libipcchan.a
for source in $(bench_sources); do
	case $source in
	"$root"/user/lib/*) continue ;;
	esac
	file=$built/${source#"$cli"/}
	objects="${file%.c}.o $objects"
done
for file in $objects; do
	[ -e "$file" ] || skip_all "needs what the command was built from: there is no $file"
done
# shellcheck disable=SC2086 # a list, of paths without blanks
"${CC:-cc}" -std=gnu11 -O2 -D_GNU_SOURCE -I"$root/include/uapi" -I"$root/user/lib" \
	-I"$cli" -o "$tmp/bench" "$tap_dir/bench_overhead_test.c" $objects \
	-ljansson -lhwloc -luring -lm -lrt -pthread || exit 1
IPCCHAN=$tmp/bench

# beside NAME: the driver's round trips of a transport, and those of the bare loop
beside() {
	figures=$(jq -r --arg name "$1" '
		def of($t): .results[] | select(.transport == $t and .status == "ok")
			| .p50_ns as $p50 | (.run_p50_ns // [$p50, $p50, $p50]) +
				(.run_p50_ns_ci95 // ["-", "-"]);
		[of($name), of("bare-" + $name)] | flatten | @tsv' "$tmp/json")
	# shellcheck disable=SC2086 # numbers
	set -- "$1" $figures
	if [ $# -ne 11 ]; then
		skip "the driver's part: $1" "it was not measured"
		return
	fi
	# least, middle, most, low, high of each
	told=$(awk -v name="$1" -v ours="$3" -v low="$5" -v high="$6" -v bare="$8" \
		-v bare_low="${10}" -v bare_high="${11}" 'BEGIN {
		bound = bare * 0.01 > 20 ? bare * 0.01 : 20
		printf "%s: %.0f [%s, %s] ns a round trip, by hand %.0f [%s, %s]: " \
			"%+.1f ns a message, %+.1f %%\n", name, ours, low, high, bare,
			bare_low, bare_high, (ours - bare) / 2, 100 * (ours - bare) / bare
		exit low != "-" && bare_high != "-" && (low - bare_high) / 2 > bound }')
	ok $? "the driver's part: $told"
}

run bench -t pipe,unix-seqpacket,posix-mq,eventfd,bare-pipe,bare-unix-seqpacket,bare-posix-mq,bare-eventfd \
	-w pingpong -s 64 -n 3000 -r 12 -p same --json "$tmp/json"
[ "$rc" -eq 0 ] && [ -z "$err" ]
ok $? "four that sleep, on one CPU; a reading of the clock takes $(jq -r \
	'.environment | "\(.clock_cost_ns) ns, its step is \(.clock_quantum_ns) ns"' "$tmp/json")"
for name in pipe unix-seqpacket posix-mq eventfd; do
	beside $name
done

run bench -t shm-spin,bare-shm-spin -w pingpong -s 64 -n 6400 -r 12 --json "$tmp/json"
if jq -e '.environment.cpus == 1' "$tmp/json" >/dev/null; then
	skip "one that spins" "there is one CPU"
else
	[ "$rc" -eq 0 ] && [ -z "$err" ]
	ok $? "one that spins, on two CPUs"
	beside shm-spin
fi
done_testing
