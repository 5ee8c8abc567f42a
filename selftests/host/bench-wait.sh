#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The benchmark's ways to wait: each transport does what is asked for, or says so.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"
command -v strace >/dev/null || skip_all "needs strace"

# calls WAIT: names of the system calls that a pipe's processes wait in, while they do
calls() {
	strace -f -o "$tmp/strace" -e trace=read,epoll_wait "$IPCCHAN" bench -t pipe --wait "$1" \
		-w pingpong -s 64 -n 500 -r 1 -p "$2" --warmup 0.01 --json "$tmp/json" \
		>"$tmp/out" 2>&1
	rc=$?
	sed -n 's/^[0-9]* *\([a-z_]*\)(.* = \(-1 EAGAIN\|[0-9]*\).*/\1 \2/p' "$tmp/strace" |
		grep -e '^epoll_wait' -e 'EAGAIN$' | cut -d ' ' -f 1,3 | sort | uniq -c
}

# row WAIT FILTER: of the results
row() {
	jq -e ".results[] | select(.wait == \"$1\") | $2" "$tmp/json" >/dev/null
}

calls block same >"$tmp/calls"
[ "$rc" -eq 0 ] && [ ! -s "$tmp/calls" ] && row block '.status == "ok"'
ok $? "who blocks is in the call itself"
calls poll same >"$tmp/calls"
[ "$rc" -eq 0 ] && has "$(cat "$tmp/calls")" epoll_wait && row poll '.status == "ok"'
ok $? "who polls is in epoll_wait"
if [ "$(nproc)" -gt 1 ]; then
	calls spin free >"$tmp/calls"
	[ "$rc" -eq 0 ] && has "$(cat "$tmp/calls")" "read EAGAIN" &&
		! has "$(cat "$tmp/calls")" epoll_wait && row spin '.status == "ok"'
	ok $? "who spins is in none"
else
	skip "who spins is in none" "one CPU"
fi

# Each with payloads verified; what cannot be had is told.
fds=pipe,fifo,vmsplice,unix-stream,unix-dgram,unix-seqpacket,io-uring,tcp,udp,posix-mq
run bench -t $fds,sysv-mq,shm-futex,shm-spin \
	--wait block,poll,spin,adaptive -s 64,64K -n 300 -r 1 -p free --payload verify \
	--json "$tmp/json"
want='["adaptive","block","poll","spin"]'
waits() {
	jq -c "[.results[] | select(.transport == \"$1\" and
		(.status | (. == \"ok\" or test(\"CPU|msgsize_max|at most|io_uring\")))) | .wait] | unique" \
		"$tmp/json"
}
for name in $(echo $fds | tr , ' '); do
	[ "$(waits "$name")" = "$want" ]
	ok $? "what has a descriptor waits in each way: $name"
done
[ "$(waits sysv-mq)" = '["adaptive","block","spin"]' ]
ok $? "a System V queue cannot be polled"
[ "$(waits shm-futex)$(waits shm-spin)" = '["adaptive","block"]["spin"]' ]
ok $? "a ring that sleeps may spin before, and one that spins does nothing else"
jq -e '.results[] | select(.transport == "sysv-mq" and .wait == "poll") |
	.status == "refused: it cannot wait so"' "$tmp/json" >"$tmp/jq"
ok $? "what it cannot is a row"
strace -f -o "$tmp/strace" -e inject=io_uring_setup:error=EPERM "$IPCCHAN" bench \
	-t io-uring,pipe -w pingpong -s 64 -n 10 -r 1 -p same --json "$tmp/json" >"$tmp/out" 2>&1
jq -e '[.results[].status] | (.[0] | test("^refused: io_uring is not allowed")) and .[1] == "ok"' \
	"$tmp/json" >"$tmp/jq"
ok $? "where io_uring is not allowed its row says so"
run bench -t pipe,shm-spin,shm-futex --wait spin,block -s 64 -w pingpong -n 300 -r 1 -p free
printf '%s\n' "$out" | grep -q '^pipe  *block .* 1\.00$' &&
	printf '%s\n' "$out" | grep -q '^shm-futex  *block .* [0-9.]*[0-9]$'
ok $? "each is compared with a pipe that waits as it does"
run bench -t pipe,shm-spin -s 64 -w pingpong -n 300 -r 1 -p free
if [ "$(nproc)" -gt 1 ]; then
	printf '%s\n' "$out" | grep -q '^shm-spin  *spin .* -$'
	ok $? "and with none that waits otherwise"
else
	skip "and with none that waits otherwise" "one CPU"
fi
done_testing
