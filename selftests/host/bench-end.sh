#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The benchmark ended from outside: Ctrl-C, a killed child, the tool killed.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"
[ -e /proc/$$/task/$$/children ] || skip_all "needs /proc/PID/task/PID/children"

# start OPTION...: the benchmark in the background, as $tool
start() {
	"$IPCCHAN" bench -s 64 -p same "$@" >"$tmp/out" 2>"$tmp/err" &
	tool=$!
}

# children: of the tool, when there are two, within 10 seconds
children() {
	local i pids

	for ((i = 0; i < 1000; i++)); do
		read -r -a pids <"/proc/$tool/task/$tool/children"
		if [ "${#pids[@]}" -eq 2 ]; then
			echo "${pids[@]}"
			return
		fi
		sleep 0.01
	done 2>/dev/null
	return 1
}

finish() {
	wait "$tool"
	rc=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
}

# Job control gives a background job SIGINT as a terminal would
set -m
start -t pipe,shm-futex -d 0.1 -r 500 --json "$tmp/json"
children >/dev/null
sleep 1
kill -INT "$tool"
finish
[ "$rc" -eq 130 ] && jq -e '.partial and ([.results[] | .runs] | add) > 0 and
	([.results[] | select(.runs > 0) | .status] | unique == ["ok"])' "$tmp/json" >/dev/null
ok $? "SIGINT: valid results, marked partial"
[ "$(echo "$tmp"/json*)" = "$tmp/json" ]
ok $? "no other file is left"

echo old >"$tmp/json"
start -t pipe -w pingpong -d 60 -r 1 --json "$tmp/json"
children >/dev/null
kill -TERM "$tool"
finish
[ "$rc" -eq 143 ] && jq -e '.partial and .results[0].runs == 0 and
	.results[0].p50_ns == null' "$tmp/json" >/dev/null
ok $? "SIGTERM in the first run: nothing is claimed"

start -t pipe -w pingpong -p same,cache -d 60 -r 1 --json "$tmp/json"
children >/dev/null
sleep 0.3
kill -INT "$tool"
finish
[ "$rc" -eq 130 ] && jq -e '.floor | length == 2 and all(.status != "ok")' "$tmp/json" >/dev/null
ok $? "no floor that was not probed afterwards is said to be one"
start -t pipe,unix-seqpacket,posix-mq -w pingpong -s 1,8,64,256,512,1K,2K,4K -p same,cache \
	-n 10 -r 1 --warmup 0.001 --json "$tmp/json"
children >/dev/null
sleep 1
kill -INT "$tool"
finish
[ "$rc" -eq 130 ] && jq -e '.partial and all(.decomposition[];
	if .repetitions > 0 then .status | IN("ok", "ended early")
	else .status | IN("not run", "ended early") end)' "$tmp/json" >/dev/null
ok $? "no stage that was not reached has another reason"

# Of a FIFO the other side is told by the kernel, of a pipe by the tool
for name in pipe fifo; do
	for which in 0 1; do
		start -t $name -w pingpong -d 2 -r 1
		read -r -a pids < <(children)
		sleep 0.2
		kill -KILL "${pids[which]}"
		finish
		[ "$rc" -eq 2 ] && has "$out" "peer died: signal 9"
		ok $? "side $which of a $name killed: a row, and no hang"
	done
done

mkdir "$tmp/names"
TMPDIR=$tmp/names start -t fifo -w pingpong -d 20 -r 1
read -r -a pids < <(children)
sleep 0.2
ls -l "/proc/${pids[0]}/fd" "/proc/${pids[1]}/fd" >"$tmp/fds"
[ "$(grep -c "$tmp/names/ipcchan-bench-.*/fifo (deleted)" "$tmp/fds")" -ge 4 ] &&
	[ -z "$(ls -A "$tmp/names")" ]
ok $? "both sides have FIFOs open by their names, which are gone"
{
	kill -KILL "$tool"
	wait "$tool"
} 2>/dev/null

# Before the sides have opened them: each try ends the tool as its first child is there
for ((i = 0; i < 10; i++)); do
	TMPDIR=$tmp/names start -t fifo -w pingpong -d 20 -r 1
	for ((tries = 0; tries < 100000; tries++)); do
		read -r first <"/proc/$tool/task/$tool/children"
		[ -z "$first" ] || break
	done
	kill -KILL "$tool"
	wait "$tool"
done 2>/dev/null
[ -z "$(ls -A "$tmp/names")" ]
ok $? "the tool killed before they have: no name is left"

start -t pipe -w pingpong -d 20 -r 1
read -r -a pids < <(children)
sleep 0.2
kill -STOP "${pids[0]}"
kill -KILL "$tool"
wait "$tool" 2>/dev/null
for ((i = 0; i < 200; i++)); do
	[ -e "/proc/${pids[0]}" ] || [ -e "/proc/${pids[1]}" ] || break
	# one whose new parent does not wait for it stays as a zombie
	grep -qs '^State:.[^Z]' "/proc/${pids[0]}/status" "/proc/${pids[1]}/status" || break
	sleep 0.01
done
[ "$i" -lt 200 ]
ok $? "the tool killed: no child survives"

start -t pipe -w pingpong -d 20 -r 1 --timeout 1
read -r -a pids < <(children)
kill -STOP "${pids[1]}"
finish
[ "$rc" -eq 2 ] && has "$out" "timeout: not done after 1 s"
ok $? "a side that stops: a row after the time limit"
done_testing
