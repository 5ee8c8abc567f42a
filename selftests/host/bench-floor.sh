#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a report has beside the cases: the grade of the machine, the floor of each placement, and
# where the time of a message goes.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"

# holds FILTER NAME: the JSON results fulfil FILTER
holds() {
	jq -e "$1" "$tmp/json" >"$tmp/jq" 2>&1
	ok $? "$2"
}

run bench --quick -t pipe,unix-seqpacket,posix-mq,shm-futex -w pingpong -s 64,8K -n 200 -r 1 \
	--json "$tmp/json"
[ "$rc" -eq 0 ] && [ -z "$err" ]
ok $? "a first look"
report=$out

holds '.environment | (.grade | test("^[ABCDF]$")) and (.grade_reasons | type == "array") and
	all(.grade_reasons[]; type == "string" and contains(": ")) and
	(.grade == "A") == (.grade_reasons == [])' "the grade, each reason with what to do"
holds '.environment | has("steal_percent", "other_programs_percent", "swapped_pages",
	"real_time_tasks", "other_tasks_before", "frequency_boost", "idle_exit_us",
	"transparent_hugepages", "isolated_cpus")' "what it is made from"
holds '.environment.steal_percent | type == "number" and . >= 0 and . <= 100' \
	"the time that was stolen is known"
head=$(printf '%s\n' "$report" | sed '/^pingpong/,$d')
grade=$(jq -r .environment.grade "$tmp/json")
has "$head" "Environment: grade " && has "$report" "Environment, while it ran: grade $grade"
ok $? "the table tells it, before and after"

# Something else runs on the CPU that is measured on
cpu=$(jq '[.results[] | select(.placement == "same")][0].cpus[0]' "$tmp/json")
taskset -c "$cpu" sh -c 'while :; do :; done' &
busy=$!
run bench -t pipe -w pingpong -s 64 -p same -d 0.3 -r 2 --json "$tmp/busy"
kill "$busy"
wait "$busy" 2>/dev/null
jq -e '.environment | .other_programs_percent >= 20 and .grade >= "D" and
	(.grade_reasons | any(contains("other programs")))' "$tmp/busy" >/dev/null
ok $? "another program that has the CPU is seen, and is a D"

# shellcheck disable=SC2016 # of jq
holds '[.floor[].placement] as $of | ([.results[].placement] | unique) - $of == []' \
	"each placement has its floor, or a reason"
holds '.floor[] | select(.placement == "same") | .round_trip_ns == null and
	.round_trip_ns_range == null and (.status | contains("context switches"))' \
	"none on one CPU"
if jq -e '.environment | .cpus > 1 and .times_valid' "$tmp/json" >/dev/null; then
	holds '[.floor[] | select(.placement != "same")] | length > 0 and all(
		.status == "ok" and .round_trip_ns > 5 and .round_trip_ns < 20000 and
		.round_trip_ns_range[0] <= .round_trip_ns and
		.round_trip_ns <= .round_trip_ns_range[1] and
		(.measured_before | IN("smt", "cache", "between", "far")) and
		(.measured_after | IN("smt", "cache", "between", "far")))' \
		"a round trip of a bare line, and what that measures the CPUs as"
	[ "$(printf '%s\n' "$report" | grep -c '^floor  *spin .* measured as ')" -eq 2 ]
	ok $? "a row in each table"
else
	skip "a round trip of a bare line" "there are no two CPUs"
	skip "a row in each table" "there are no two CPUs"
fi

# What else runs on the CPU of both may be in the way of each repetition of a wake-up
split='[.decomposition[] | select(.status == "ok")] |'
names='["system_call", "copy", "queue", "wake_up", "switch", "payload", "residual"]'
holds '[.decomposition[].status] - ["ok", "the receiver ran before the call that woke it was over"]
	== []' "all were measured, or could not be told apart"
holds "$split [.[].transport] | unique == [\"pipe\", \"posix-mq\", \"unix-seqpacket\"]" \
	"each transport that tells its stages"
holds "$split all([.stages[].name] == $names and .repetitions > 0 and .repetitions <= 3)" \
	"all stages, some times"
holds "$split all(([.stages[].ns] | add) - .one_way_ns | . < 0.01 and . > -0.01)" \
	"they add up to one way"
holds "$split all(.[].stages[]; .ns_range[0] <= .ns and .ns <= .ns_range[1])" "with their spread"
holds "$split all(.[].stages[] | select(.name == \"system_call\"); .ns > 0)" "a call takes time"
[ "$(printf '%s\n' "$report" | grep -c '^where the time of a message goes')" -eq 2 ]
ok $? "a table for each size"

# copies_grow: with the size, of each of them
copies_grow() {
	run bench --quick -t pipe,unix-seqpacket,posix-mq -w pingpong -s 64,8K -n 200 -r 1 \
		--json "$tmp/copy"
	jq -e "$split group_by([.transport, .placement]) |
		map(select(length == 2) | sort_by(.size_bytes) |
			map(.stages[] | select(.name == \"copy\") | .ns)) |
		length > 0 and all(.[1] > .[0])" "$tmp/copy" >"$tmp/jq" 2>&1
}

# The difference of two times on a CPU that others have, too, may be of these: once in a while
copies_grow || copies_grow || copies_grow
ok $? "to copy more takes longer"

run bench -t shm-futex -w pingpong -s 64 -p same -n 10 -r 1 --json "$tmp/json"
holds '.decomposition == []' "none of what does not pass through two calls"
done_testing
