#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The benchmark finds out transports that lose, repeat or change a message, hang
# or die; all the rest is measured nevertheless.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"
cli=$root/user/cli
# shellcheck disable=SC2046 # a list
"${CC:-cc}" -std=gnu11 -O1 -D_GNU_SOURCE -I"$root/include/uapi" -I"$root/user/lib" \
	-I"$cli" -Wl,--wrap=stages_measure -o "$tmp/bench" "$tap_dir/bench_fault_test.c" $(bench_sources) \
	-ljansson -lhwloc -luring -lm -pthread || exit 1
IPCCHAN=$tmp/bench

# A warm-up of 32 messages, then 1000: the last of all has number 1031
FAULT_AT=500
export FAULT_AT
fault() {
	run bench -t "$1",pipe -w "$2" -s 64 -p same -n 1000 -r 1 --warmup 0.000000001 \
		--timeout 1 --payload "${3:-write+read}"
}

# found TEXT NAME: the row says so, the status too, and the pipe was measured
found() {
	[ "$rc" -eq 2 ] && has "$out" "$1" &&
		printf '%s\n' "$out" | grep -q '^pipe .* 1\.00$'
	ok $? "$2"
}

fault lose stream
found "corrupt: message 501 of side 0 came where message 500" "a lost message, stream"
printf '%s\n' "$out" | sed -n '/the ledger of/,$p' | grep -q '^lose .* - .*corrupt: message 501'
ok $? "the ledger says why there is none"
fault repeat stream
found "corrupt: message 500 of side 0 came where message 501" "a repeated message, stream"
fault repeat pingpong
found "corrupt: message 500 of side 0 came where message 501" "a repeated message, pingpong"
fault flip stream
found "corrupt: message 500 differs at byte 63" "a changed message, stream"
fault flip pingpong
found "corrupt: message 500 differs at byte 63" "a changed message, pingpong"
fault swap stream verify
found "corrupt: message 500 differs at byte 8" "a change that the sum cannot tell"
fault mix stream
found "corrupt: message 500 differs at byte 0" "halves of two others"
fault short stream
found "corrupt: message 0 has 63 bytes, not 64" "a message that is too short"
fault lose pingpong
found "timeout: not done after 1 s" "a lost message, pingpong"
fault hang stream
found "timeout: not done after 1 s" "a sender that hangs"
fault die stream
found "peer died: signal 9" "a sender that dies"
fault die pingpong
found "peer died: signal 9" "a sender that dies, pingpong"
fault end stream
found "peer ended: exit status 99" "a sender that ends the program"
fault unset stream
found "timeout: not set up after 1 s" "one that is never set up"
"$IPCCHAN" bench -t unset -w stream -r 1 >/dev/null &
sleep 0.3
kill -TERM $!
wait $! 2>/dev/null
[ $? -eq 143 ]
ok $? "a signal ends it, too"
fault error stream
found "send: Input/output error" "a sender that fails"
fault unkillable stream
if has "$out" "send: Operation not permitted"; then
	skip "a side that SIGKILL does not end" "no process may be traced here"
else
	found "stuck in the kernel" "a side that SIGKILL does not end"
fi

FAULT_AT=1031
fault lose stream
found "corrupt: only 999 of 1000 messages came" "the last message lost"
fault repeat stream
found "corrupt: message 1031 of side 0 came where message 1032" "the last message repeated"

# Of many, the message with this number of each sender; 4 have 250 each
FAULT_AT=100
# either TEXT TEXT NAME: as found; who has sent the end of the warm-up is one message behind
either() {
	if has "$out" "$1"; then found "$1" "$3"; else found "$2" "$3"; fi
}
fault lose fanin
either "where its message 100 was due" "where its message 99 was due" \
	"a lost message, of many senders"
fault repeat fanin
either "message 100 of sender" "message 99 of sender" "a repeated message, of many senders"
fault flip mesh
found "differs at byte 63" "a changed message, of many"
fault tear fanin
found "differs at byte 32" "messages of two senders mixed"
fault die mesh
found "peer died: signal 9, sender" "a sender that dies, of many"
fault hang mesh
found "timeout: not done after 1 s" "a sender that hangs, of many"
# One in the warm-up and the ends of that, one behind all
fault lose fanout
found "corrupt: 1001 messages of sender 0 came, of the 1002 sent" "a lost message, of many receivers"
fault repeat fanout
has "$out" "corrupt: 1003 messages of sender 0 came, of the 1002 sent" ||
	has "$out" "corrupt: message 96 of sender 0 came behind its message 96"
ok $? "a repeated message, of many receivers"
# Of a broadcast each message is sent to each of 4, number 0 and then the end in the warm-up
fault lose broadcast
found "corrupt: message 25 of sender 0 came where its message 24 was due, receiver 0" \
	"a lost message, to one of those who get all"
fault repeat broadcast
found "corrupt: message 24 of sender 0 came where its message 25 was due, receiver 0" \
	"a repeated message, likewise"
fault flip broadcast
found "differs at byte 63" "a changed message, likewise"
fault die broadcast
found "peer died: signal 9, sender 0" "a sender that dies in the middle of it"
fault hang broadcast
found "timeout: not done after 1 s" "a sender that hangs there"
# the very last message but for the end, to the last receiver
FAULT_AT=4015
fault lose broadcast
found "corrupt: 1001 messages of sender 0 came to receiver 3, of the 1002 sent" \
	"the last one lost to one of those who get all"
# the end of what is measured, which a receiver finds in the next phase
FAULT_AT=1005
fault repeat fanout
found "a message that nobody sent, or the end twice" "the end repeated"

# What belongs to a time: the first of the messages measured takes 0.1 s to send
FAULT_AT=32
run bench -t late -w stream -s 64 -p same -n 1000 -r 1 --warmup 0.000000001 --json "$tmp/json"
[ "$rc" -eq 0 ] && jq -e '.results[0].messages_per_s | . > 0 and . <= 10000' "$tmp/json" >/dev/null
ok $? "the rate of a stream counts from before its first message"
run bench -t pipe -w stream -s 64 -p same -n 1 -r 1 --json "$tmp/json"
[ "$rc" -eq 0 ] && jq -e '.results[0].messages_per_s > 0' "$tmp/json" >/dev/null
ok $? "a stream of one message has a rate"

# and each release at the side that is timed 0.2 ms
run bench -t release -w pingpong -s 64 -p same -n 400 -r 1 --warmup 0.000000001 \
	--json "$tmp/json"
[ "$rc" -eq 0 ] && jq -e '.results[0].p50_ns >= 200000' "$tmp/json" >/dev/null
ok $? "a round trip lasts until its message is given back"

# A transport that is slower: the table says so, and the gate finds it.  Of what is measured
# at the same time, two files are made.
FAULT_SLOW=200
export FAULT_SLOW
run bench -t pipe,slow,even -w pingpong -s 64 -p same -d 0.02 --json "$tmp/json"
printf '%s\n' "$out" | grep -Eq '^slow .* [0-9.]+ slower$'
ok $? "a slower transport is called slower"
for name in slow even; do
	jq --arg name $name '.results |= map(select(.transport == $name) | .transport = "a")' \
		"$tmp/json" >"$tmp/$name"
done
run bench compare "$tmp/even" "$tmp/slow" --gate 5%
[ "$rc" -eq 3 ] && printf '%s\n' "$out" | grep -Eq '^a .* p50 ns .* slower$'
ok $? "and what has become slower is found by the gate"

# What is compared is compared after the answer has gone
fault hold pingpong
has "$out" "release: Device or resource busy"
ok $? "a transport that would notice"
run bench -t hold -w pingpong -s 64 -p same -n 400 -r 1 --payload verify
[ "$rc" -eq 0 ]
ok $? "with verify no answer waits for the comparison"

# The rungs of these names: batch and loan fail, call and loan have no stream
FAULT_AT=500
run ladder -d 0.05 -r 2
[ "$rc" -eq 2 ]
ok $? "the ladder: a rung that fails"
# rung PATTERN NAME: there is such a line
rung() {
	printf '%s\n' "$out" | grep -Eq "^$1"
	ok $? "$2"
}
time='+[0-9.]+'
beside="$time +[-+][0-9.]+, [0-9.]+ x"
rung "copy $time +[0-9.]+ +\\(nothing" "the first one stands beside nothing"
rung "batch +send: Input/output error$" "why a rung has no figure"
rung "call $beside copy +- +a system call and" "one beside that above which has a figure"
rung "map $beside call $beside copy +the receiver" "of each column by itself"
rung "loan +round trip: send: .*; a message: refused: it does not" "why, of both columns"

# What is measured last of all fails for want of memory
FAULT_NOMEM=1 run bench -t pipe -w pingpong -s 64 -p same -n 1000 -r 1 --json "$tmp/json"
[ "$rc" -eq 2 ] && has "$err" "no memory to find out where the time goes" &&
	jq -e '.results[0].status == "ok" and .results[0].messages == 1000' "$tmp/json" >/dev/null
ok $? "what was measured before is written"

FAULT_AT=1000000
fault lose stream
[ "$rc" -eq 0 ] && ! has "$out" corrupt
ok $? "without its fault the transport is ok"
done_testing
