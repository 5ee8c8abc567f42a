#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The workloads of many processes: what is sent comes, once; who dies is told of; nothing is
# left behind.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"
[ -e /proc/$$/task/$$/children ] || skip_all "needs /proc/PID/task/PID/children"
many=pipe,fifo,unix-dgram,unix-seqpacket,posix-mq,sysv-mq,shm-mring
many=$many,mmap-file+posix-sem,sysv-shm+sysv-sem,posix-shm+futex

# all FILTER: every result fulfils it, and there are some
all() {
	jq -e "(.results | length > 0) and all(.results[]; $1)" "$tmp/json" >"$tmp/jq" 2>&1
}

run bench -t $many -w fanin,fanout -s 8,1000 -n 1000 -r 1 -p same --payload verify \
	--json "$tmp/json"
[ "$rc" -eq 0 ] && all '.status == "ok" and .messages == 1000 and .sender_fairness == null and
	if .workload == "fanin" then .producers == 4 and .consumers == 1 and
		.receiver_fairness == null
	else .producers == 1 and .consumers == 4 and
		.receiver_fairness >= 0.25 and .receiver_fairness <= 1 end'
ok $? "4 senders, 4 receivers: each message comes, once, verified"
run bench -t $many -w mesh --senders 3 --receivers 2,5 -s 64 -n 1000 -r 1 -p free \
	--payload verify --json "$tmp/json"
[ "$rc" -eq 0 ] && all '.status == "ok" and .messages == 1000 and .producers == 3' &&
	[ "$(jq -c '[.results[].consumers] | unique' "$tmp/json")" = "[2,5]" ]
ok $? "3 senders with 2 and with 5 receivers, unpinned"
run bench -t pipe,unix-dgram,sysv-mq -w fanin --senders 64 -s 64 -n 1000 -r 1 -p same \
	--json "$tmp/json"
[ "$rc" -eq 0 ] && all '.status == "ok" and .producers == 64 and .messages == 1000'
ok $? "64 senders, of whom some have a message less than others"
run bench -t pipe,posix-mq -w mesh --senders 2 --receivers 2 -s 64 -d 0.05 -r 2 -p same \
	--json "$tmp/json"
[ "$rc" -eq 0 ] && all '.status == "ok" and .messages_per_s > 0 and .p50_ns == null and
	.sender_fairness >= 0.5 and .sender_fairness <= 1 and .ledger.cpu_ns != null'
ok $? "by time: a rate and fairness, and no times of messages"
run bench -t pipe,unix-seqpacket,posix-mq -w mesh --senders 2 --receivers 2 -s 64 -n 1000 \
	-r 1 -p same --wait poll --json "$tmp/json"
[ "$rc" -eq 0 ] && all '.status == "ok" and .messages == 1000'
ok $? "many that wait in epoll"

each=pipe,fifo,unix-stream,unix-dgram,unix-seqpacket,tcp,posix-mq,sysv-mq
run bench -t $each -w broadcast --receivers 1,5 -s 8,1000 -n 1000 -r 1 -p same \
	--payload verify --json "$tmp/json"
[ "$rc" -eq 0 ] && all '.status == "ok" and .messages == 1000 and .producers == 1 and
	.lost_messages == null and .ledger.copies_declared == 2 * .consumers and
	if .consumers == 1 then .receiver_fairness == null else .receiver_fairness == 1 end' &&
	[ "$(jq -c '[.results[].consumers] | unique' "$tmp/json")" = "[1,5]" ]
ok $? "a broadcast: each of 5 receivers gets all, verified"
# 8 messages go into the ring with room to spare; of so many more the slower ones lose some
run bench -t shm-bring -w broadcast -s 1000 -n 8 -r 1 --warmup 0.000000001 -p same \
	--payload verify --json "$tmp/json"
[ "$rc" -eq 0 ] && all '.status == "ok" and .messages == 8 and .lost_messages == 0 and
	.ledger.copies_declared == 4'
ok $? "a ring: what it holds comes to all"
run bench -t shm-bring -w broadcast -s 8 -n 1000000 -r 1 -p same --depth 4K --payload verify \
	--json "$tmp/json"
[ "$rc" -eq 0 ] && all '.status == "ok" and .lost_messages > 0 and
	.messages + .lost_messages == 1000000' && has "$out" "a receiver lost"
ok $? "and who is slow is told how much is lost"

run bench -t shm-mring -w fanin -s 48 -n 100 -r 1 -p same --json "$tmp/json"
[ "$rc" -eq 0 ] && all '.depth_bytes == 98304' &&
	has "$out" "shm-mring, messages of 48 bytes: 98304 bytes deep, not 65536"
ok $? "how deep it really is is told of many, too"

# refusal STATUS OPTION...: it is the only row's
refusal() {
	run bench -n 100 -r 1 -p same --json "$tmp/json" "${@:2}"
	[ "$rc" -eq 2 ] && all ".status | startswith(\"refused: $1\")"
	ok $? "refused: $1"
}
refusal "it is for one sender" -t shm-futex -w fanin
refusal "it is for one receiver" -t tcp -w fanout
refusal "several would mix it" -t pipe -w fanin -s 8K
refusal "several would mix it" -t fifo -w fanout -s 5000
refusal "it does not give each message to each" -t shm-futex -w broadcast
refusal "it has no workload of one way" -t shm-bring -w fanout
refusal "a message does not hold who sent it" -t posix-mq -w fanin -s 4
refusal "there are more processes that spin" -t unix-dgram -w fanin -s 64 --wait spin \
	-p free --senders 1000
refusal "a ring has at most 64" -t shm-mring -w fanin --senders 64

out=$(
	ulimit -n 60
	"$IPCCHAN" bench -t pipe -w fanin --senders 64 -s 64 -n 100 -r 1 -p same
)
has "$out" "no process: Too many open files; raise ulimit -n"
ok $? "more processes than the limit of open files allows"
out=$(
	ulimit -n 60
	"$IPCCHAN" bench -t pipe,tcp,sysv-mq -w broadcast --receivers 64 -s 64 -n 100 -r 1 -p same
)
[ "$(printf '%s\n' "$out" | grep -c 'refused: .*: Too many open files; raise ulimit -n$')" -eq 3 ]
ok $? "more links than it allows"

# start N OPTION...: the benchmark in the background, as $tool, its $pids when there are N
start() {
	local n=$1 i

	TMPDIR=$tmp/names "$IPCCHAN" bench -s 64 -p same -r 1 "${@:2}" >"$tmp/out" 2>"$tmp/err" &
	tool=$!
	for ((i = 0; i < 1000; i++)); do
		read -r -a pids <"/proc/$tool/task/$tool/children"
		[ "${#pids[@]}" -ne "$n" ] || return
		sleep 0.01
	done 2>/dev/null
}

mkdir "$tmp/names"
for name in pipe fifo unix-dgram shm-mring; do
	start 5 -t $name -w fanin -d 10
	sleep 0.1
	kill -KILL "${pids[2]}"
	wait "$tool"
	rc=$?
	out=$(cat "$tmp/out")
	[ "$rc" -eq 2 ] && has "$out" "peer died: signal 9, sender 2" && [ -z "$(ls "$tmp/names")" ]
	ok $? "a sender of 4 on a $name killed: a row, and no hang"
done

start 5 -t tcp -w broadcast -d 10
sleep 0.1
kill -KILL "${pids[2]}"
wait "$tool"
rc=$?
out=$(cat "$tmp/out")
[ "$rc" -eq 2 ] && has "$out" "peer died: signal 9, receiver 1"
ok $? "a receiver of a broadcast killed: a row, and no hang"

start 6 -t fifo -w mesh --senders 3 --receivers 3 -d 20
sleep 0.1
kill -STOP "${pids[1]}"
kill -KILL "$tool"
wait "$tool" 2>/dev/null
for ((i = 0; i < 200; i++)); do
	# one whose new parent does not wait for it stays as a zombie
	left=0
	for pid in "${pids[@]}"; do
		! grep -qs '^State:.[^Z]' "/proc/$pid/status" || left=1
	done
	[ "$left" -ne 0 ] || break
	sleep 0.01
done
[ "$left" -eq 0 ] && [ "${#pids[@]}" -eq 6 ] && [ -z "$(ls "$tmp/names")" ]
ok $? "the tool killed: no process and no name survives"
done_testing
