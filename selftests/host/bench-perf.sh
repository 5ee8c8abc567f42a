#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The pipe of the benchmark beside that of perf bench sched pipe: both between two processes, on one
# CPU, in turn.  Within 10 %; it fails only where the interval of their ratio leaves no doubt,
# nor the fastest of each, which something else that runs has hindered least.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"
TRIPS=5000
PAIRS=20

"$IPCCHAN" bench -t pipe -w pingpong -s 4 -p same -n 10 -r 1 --json "$tmp/json" >"$tmp/out" 2>&1 ||
	exit 1
cpu=$(jq '.results[0].cpus[0]' "$tmp/json")
perf_pipe() {
	taskset -c "$cpu" perf bench sched pipe -l "$TRIPS" 2>/dev/null |
		sed -n 's/^ *\([0-9.]*\) usecs\/op$/\1/p'
}
[ -n "$(perf_pipe)" ] || skip_all "needs perf bench sched pipe, of linux-perf"

# perf sends an int, writes and reads none of its bytes; an operation is a round trip
: >"$tmp/pairs"
for _ in $(seq $PAIRS); do
	run bench -t pipe -w pingpong -s 4 -p same -n "$TRIPS" -r 1 --payload notify \
		--warmup 0.001 --json "$tmp/json"
	ours=$(jq '.results[0].messages_per_s' "$tmp/json")
	theirs=$(perf_pipe)
	echo "$ours $theirs" >>"$tmp/pairs"
done
# The median of the ratios lies between the sixth and the fifteenth of twenty: 96 %
told=$(jq -rs 'def middle: sort | (.[length / 2 - 1] + .[length / 2]) / 2;
	[_nwise(2) | [1e9 / .[0], .[1] * 1000]] | (map(.[0] / .[1]) | sort) as $ratio |
	(map(.[0]) | min) as $ours | (map(.[1]) | min) as $theirs |
	"\(map(.[0]) | middle | round) ns a round trip, perf \(map(.[1]) | middle | round): ratio " +
	"\($ratio | middle * 1000 | round / 1000) [\([$ratio[5], $ratio[-6]]
		| map(. * 1000 | round / 1000) | join("-"))], the fastest of each " +
	"\($ours | round) and \($theirs | round)",
	if ($ratio[5] > 1.1 and $ours / $theirs > 1.1) or
		($ratio[-6] < 0.9 and $ours / $theirs < 0.9) then "bad" else empty end' "$tmp/pairs")
case $told in
'' | *bad*) false ;;
esac
ok $? "a pipe as perf has it: $told"
done_testing
