#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The benchmark's transports over shared memory, eventfd, futex and signals.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"
[ -e /proc/$$/task/$$/children ] || skip_all "needs /proc/PID/task/PID/children"
sysv=/proc/sysvipc
[ -e "$sysv/sem" ] || skip_all "needs System V IPC"

bounded=
for memory in mmap-file posix-shm sysv-shm; do
	for sync in posix-sem sysv-sem futex; do
		bounded=$bounded$memory+$sync,
	done
done
bounded=${bounded%,}

# all FILTER: of each of the results
all() {
	[ "$rc" -eq 0 ] && jq -e "[.results[] | $1] | (length > 0) and all" "$tmp/json" >/dev/null
}

run bench -t "$bounded,eventfd,futex" -s 1,7,8,9,64,1000,64K -n 200 -r 1 -p same \
	--payload verify --json "$tmp/json"
all '.status == "ok"'
ok $? "every size, verified"
[ "$(jq '[.results[].transport] | unique | length' "$tmp/json")" -eq 11 ]
ok $? "each memory with each semaphore"
jq -e '[.results[] | .depth_bytes == (if .size_bytes == 1 and
	(.transport | endswith("sysv-sem")) then 32767 else
	(([65536, 4 * .size_bytes] | max) / .size_bytes | floor) * .size_bytes end)] | all' \
	"$tmp/json" >/dev/null
ok $? "as deep as asked for, or as a System V semaphore can count"
run bench -t "$bounded,eventfd,futex" -s 4M -n 20 -r 1 -p free --payload verify --json "$tmp/json"
all '.status == "ok"'
ok $? "large messages"
run bench -t posix-shm+futex,posix-shm -n 10
refused 1 "no 'posix-shm'" "no half of a name"

run bench -t "$bounded,eventfd,futex,signal" --wait block,poll,spin,adaptive -s 8 -n 300 -r 1 \
	-p free --payload verify --json "$tmp/json"
jq -e '[.results[] | select(.status | test("CPU") | not) | (.status == "ok") ==
	(.wait != "poll" or .transport == "eventfd" or .transport == "signal")] |
	(length > 20) and all' "$tmp/json" >/dev/null
ok $? "what has a descriptor waits in each way, and all else in each but poll"

run bench -t signal -s 1,4,7,8,9 -n 20000 -r 1 -p same --payload verify --json "$tmp/json"
all '(.status == "ok") == (.size_bytes <= 8)'
ok $? "a signal carries 8 bytes, and no more"
# limit SIGNALS: may be queued by the user
limit() {
	(ulimit -i "$1" && "$IPCCHAN" bench -t signal -w stream -s 8 -n 2000 -r 1 -p same \
		--payload verify --json "$tmp/json" >"$tmp/out" 2>&1)
	rc=$?
	out=$(cat "$tmp/out")
	err=
}
limit 256
all '.status == "ok" and .depth_bytes == 256'
ok $? "no more signals are under way than a part of what may be queued"
limit 7
[ "$rc" -eq 2 ] && has "$out" "refused: a user may queue less than 8 signals: raise"
ok $? "too few for that are refused, with what to raise"
TMPDIR=$tmp/none run bench -t mmap-file+futex -s 64 -n 10 -r 1
[ "$rc" -eq 2 ] && has "$out" "refused: a file in $tmp/none: No such file or directory"
ok $? "a folder for files that is not there is told"

# left: how many semaphore sets and segments there are, and the names of memory and files
left() {
	grep -c -v key "$sysv/sem"
	grep -c -v key "$sysv/shm"
	ls /dev/shm
	ls "$tmp/files"
}

# start TRANSPORT SECONDS: in the background, as $tool, until it has two sides: $pids
start() {
	TMPDIR=$tmp/files "$IPCCHAN" bench -t "$1" -w pingpong -s 8 -p same -d "$2" -r 1 \
		>"$tmp/out" 2>"$tmp/err" &
	tool=$!
	pids=()
	case $1 in
	*+sysv-sem) want=3 ;;
	*) want=2 ;;
	esac
	for _ in {1..1000}; do
		read -r -a pids <"/proc/$tool/task/$tool/children"
		[ "${#pids[@]}" -lt "$want" ] || break
		sleep 0.01
	done 2>/dev/null
	# before them, whoever keeps a set of semaphores
	[ "${#pids[@]}" -eq "$want" ] || pids=(none none)
	pids=("${pids[@]: -2}")
	sleep 0.2
}

mkdir "$tmp/files"
before=$(left)
for transport in ${bounded//,/ } eventfd futex signal; do
	start "$transport" 20
	case $transport in
	sysv-shm+* | *+sysv-sem) [ "$(left)" != "$before" ] ;;
	*) [ "$(left)" = "$before" ] ;;
	esac
	during=$?
	kill -KILL "$tool"
	wait "$tool" 2>/dev/null
	for _ in {1..50}; do
		[ "$(left)" = "$before" ] && break
		sleep 0.1
	done
	[ "$during" -eq 0 ] && [ "$(left)" = "$before" ]
	ok $? "$transport, the tool killed: nothing is left"
	start "$transport" 2
	kill -KILL "${pids[RANDOM % 2]}"
	wait "$tool"
	rc=$?
	out=$(cat "$tmp/out")
	[ "$rc" -eq 2 ] && has "$out" "peer died: signal 9" && [ "$(left)" = "$before" ]
	ok $? "$transport, a side killed: a row, no hang, and nothing is left"
done
done_testing
