#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The benchmark's ledger: what is counted, and that what is not is not made up.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"

# each FILTER NAME: of the ledgers, by transport and workload
each() {
	jq -e "[.results[] | { key: \"\(.transport) \(.workload)\", value: .ledger }] |
		from_entries | $1" "$tmp/json" >"$tmp/jq" 2>&1
	ok $? "$2"
}

run bench -t pipe,shm-futex,shm-mring -s 64 -p same -n 2000 -r 2 --json "$tmp/json"
each '.["pipe pingpong"] | .voluntary_switches + .involuntary_switches | . > 1.5 and . < 2.5' \
	"two processes on one CPU take turns"
each '[.[] | .cpu_ns > 10] | all' "messages take CPU time"
each '[.[] | has("system_calls", "page_faults", "cpu_ns", "user_ns", "copies_declared", "instructions", "cycles",
	"cache_misses", "processor_nanojoules")] | all' "each ledger has every line"
has "$out" "the ledger of a round trip" && has "$out" "the ledger of a message"
ok $? "the ledgers are told"

each '[.[] | .user_ns, .system_ns] | unique == [null]' \
	"some milliseconds are too few ticks to divide CPU time"
each '.["pipe pingpong"].copies_declared == 4 and .["pipe stream"].copies_declared == 2 and
	.["shm-futex stream"].copies_declared == 0 and
	.["shm-mring stream"].copies_declared == 0' "copies, as declared"
run bench -t pipe,shm-futex -w stream -s 64 -p same -d 0.7 -r 2 --json "$tmp/json"
each '.["pipe stream"] | .user_ns > 0 and .system_ns > 0 and
	.user_ns + .system_ns <= .cpu_ns * 1.01' "a second of it divides"
each '.["shm-futex stream"].cpu_ns < .["pipe stream"].cpu_ns / 2' "a ring takes less of it than a pipe"

# Only what a case faults, not what the driver does when it first records a sample
run bench -t pipe,shm-futex -s 64 -p same -n 1000 -r 3 --warmup 0.000000001 --json "$tmp/json"
each '[.[] | .page_faults * 3000 < 8] | all' "nobody faults at its own memory"

# in_tracefs COMMAND...: with tracefs, which only this command sees
in_tracefs() {
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount -t tracefs none /sys/kernel/tracing && exec "$@"' sh "$@" \
		>"$tmp/out" 2>"$tmp/err"
}

if in_tracefs test -r /sys/kernel/tracing/events/raw_syscalls/sys_enter/id; then
	in_tracefs "$IPCCHAN" bench -t pipe,shm-futex -s 64 -p same -n 2000 -r 2 \
		--json "$tmp/json"
	if jq -e '.results[0].ledger.system_calls == null' "$tmp/json" >"$tmp/jq"; then
		skip "system calls are counted" "perf_event_open is not to be had"
	else
		each '.["pipe pingpong"].system_calls | . >= 4 and . < 4.1' \
			"a round trip through a pipe is four system calls"
		each '.["pipe stream"].system_calls | . >= 2 and . < 2.1' "a message is two"
		each '.["shm-futex stream"].system_calls < 0.5' "that through a ring is few"
		jq -e '[.results[] | .messages] | unique == [4000]' "$tmp/json" >"$tmp/jq"
		ok $? "the run that counts them is not among those that are timed"
		in_tracefs "$IPCCHAN" bench -t signal,mmap-file+futex -s 8 -p same -n 4000 -r 1 \
			--depth 4K --json "$tmp/json"
		each '.["signal pingpong"].system_calls | . >= 4 and . < 5' \
			"a signal is sent by one and taken by one, and one gives 8 back"
		each '.["mmap-file+futex stream"].system_calls < 0.5' \
			"a semaphore enters the kernel to sleep, and to wake who sleeps"
	fi
else
	skip "system calls are counted" "tracefs cannot be mounted"
fi
done_testing
