#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The benchmark measures every transport that needs no module.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"
host=pipe,unix-seqpacket,shm-futex,shm-spin
others=fifo,unix-stream,unix-dgram,tcp,eventfd,futex,mmap-file+posix-sem,sysv-shm+sysv-sem
others=$others,posix-shm+futex

# holds FILTER NAME: the JSON results fulfil FILTER
holds() {
	jq -e "$1" "$tmp/json" >"$tmp/jq" 2>&1
	ok $? "$2"
}

# rows of shm-spin on one CPU are refused, all others are to be measured
measured='.results[] | select(.wait != "spin" or .placement != "same")'

run bench -t "$others" -s 1,9,1000,64K -n 300 -r 1 -p same --payload verify --json "$tmp/json"
[ "$rc" -eq 0 ] && [ -z "$err" ] &&
	jq -e '[.results[].status] | unique == ["ok"]' "$tmp/json" >"$tmp/jq"
ok $? "one transport of each kind carries messages, verified"
run bench -t "$host" -s 1,7,8,9,64,1000,64K -n 300 -r 2 --payload verify --json "$tmp/json"
[ "$rc" -eq 0 ] && [ -z "$err" ]
ok $? "some of them carry every size, verified"
if [ "$(jq .environment.cpus "$tmp/json")" -gt 1 ]; then
	holds "[$measured | .status] | unique == [\"ok\"]" "all are ok"
else
	holds "[$measured | select(.wait != \"spin\") | .status] | unique == [\"ok\"]" \
		"all that block are ok"
fi
holds "[$measured | select(.status == \"ok\") | .messages] | unique == [600]" \
	"all messages of all runs are counted"
holds '.schema == "ipcchan-bench/1" and .partial == false' "schema"
holds '[.results[] | has("transport", "workload", "size_bytes", "placement", "wait",
	"messages", "p50_ns", "p99_ns", "messages_per_s", "bytes_per_s", "status",
	"min_ns", "max_ns", "mean_ns", "runs", "batch", "messages_per_call",
	"depth_bytes", "cpus", "payload")] | all' "every result has every field"
holds '[.environment | has("kernel", "arch", "command_line", "cpu_model", "cpus",
	"hypervisor", "times_valid", "mitigations", "governor", "clocksource",
	"clock", "clock_cost_ns", "clock_quantum_ns")] | all' "the environment is described"
holds '.environment.clock == "monotonic_raw" or .environment.clock == "instructions"' \
	"the clock is named"
holds '[.results[] | .p99_ns] | unique == [null]' "no p99 of 600 messages"
holds '[.results[] | select(.status == "ok") | .messages_per_s > 0] | all' "all have a rate"
holds '[.results[] | select(.status == "ok" and .max_ns != null) | .min_ns <= .mean_ns
	and .mean_ns <= .max_ns and .min_ns >= 0] | (length > 0) and all' \
	"min, mean and max are in order"
holds '[.results[] | select(.workload == "stream" and .max_ns != null)
	| .batch >= (.depth_bytes / .size_bytes | floor)] | (length > 0) and all' \
	"times of a stream are of whole queues"
holds '[.results[] | select(.size_bytes == 1 and .workload == "stream") | .batch, .max_ns,
	.min_ns, .p50_ns] | unique | map(select(. == null or . > 1024)) == [null]' \
	"none of a queue that is longer than a block"
holds '[.results[] | select(.status == "ok" and .workload == "pingpong" and .p50_ns != null)
	| .min_ns <= .p50_ns and .p50_ns <= .max_ns] | (length > 0) and all' "so is the median"
holds '[.results[] | select(.status == "ok") | .bytes_per_s / .messages_per_s / .size_bytes
	| . > 0.99 and . < 1.01] | all' "bytes are messages times size"
holds '[.results[] | select(.status == "ok") | .depth_bytes >= .size_bytes] | all' \
	"the depth is known"
holds '[.results[] | select(.placement == "same") | .cpus[0] == .cpus[1]] | all' \
	"same is one CPU"

run bench -t pipe -w pingpong -s 64 -p same -n 2500 -r 4 --json "$tmp/json"
holds '.results[0] | .messages == 10000 and .p99_ns != null and .p99_ns >= .p50_ns' \
	"a p99 of 10000 messages"

run bench -t pipe -w pingpong -s 64 -p same -n 200 -r 6 --json "$tmp/json"
holds '.results[0] | (.per_run | length) == 6 and all(.per_run[];
	.messages_per_s > 0 and .p50_ns > 0 and .p99_ns == null and .p999_ns == null)' \
	"each run has its figures, and only those that its samples tell"
holds '[.results[0].per_run[].round] == [range(6)]' "and its round"
holds '.results[0] | .run_p50_ns_ci95 == ([.per_run[].p50_ns] | [min, max])
	and .run_p50_ns_ci95 == [.run_p50_ns[0, 2]] and .p99_ns_ci95 == null' \
	"an interval of six of them"
run bench -t pipe -w pingpong -s 64 -p same -n 200 -r 5 --json "$tmp/json"
has "$out" "5 runs of a case tell no interval and no verdict: that takes 6" &&
	jq -e '.results[0].run_p50_ns_ci95 == null' "$tmp/json" >/dev/null
ok $? "none of five, and it is told"

run bench --thorough -t pipe -w pingpong -n 1 -r 1 --warmup 0.000001 --json "$tmp/json"
holds '([.results[].size_bytes] | unique | length) == 8 and
	([.results[].placement] | unique | contains(["free", "same"]))' \
	"--thorough: more sizes and placements"
run bench --thorough -t pipe -w pingpong -s 64 -p same -n 1 --warmup 0.000001 --json "$tmp/json"
holds '[.results[].runs] == [30]' "and more runs"

run bench -t pipe -w stream -s 1K -p same -n 8000 -r 2 --json "$tmp/json"
holds '.results[0] | .batch == 64 and .p50_ns > 0' "a median of blocks of a queue"
has "$out" "message at the receiver, means of blocks of 64 messages"
ok $? "the table says so"
run bench -t pipe -w stream -s 1 -p same -n 4000 -r 1
printf '%s\n' "$out" | grep -Eq '^pipe +block +same [0-9,]+ +- +- +- '
ok $? "the table tells no time of a part of a queue"

for name in unix-stream unix-dgram unix-seqpacket; do
	run bench -t $name -w stream -s 64 -p same -n 10 -r 1 --json "$tmp/json"
	depth=$(jq '.results[0].depth_bytes' "$tmp/json")
	if [ "$(id -u)" -eq 0 ] || [ "$(cat /proc/sys/net/core/wmem_max)" -ge 1000000 ]; then
		[ "$depth" -eq 65536 ]
	else
		[ "$depth" -eq 65536 ] ||
			has "$out" "$name, messages of 64 bytes: $depth bytes deep, not 65536"
	fi
	ok $? "a socket holds as many messages as the others: $name"
done
run bench -t pipe -w stream -s 100K -p same -n 10 -r 1
has "$out" "pipe, messages of 102400 bytes: 524288 bytes deep, not 409600"
ok $? "a queue of another depth than that asked for is told"

run bench -t shm-futex,pipe,nope -n 10 --json "$tmp/none"
[ "$rc" -eq 1 ] && [ ! -e "$tmp/none" ]
ok $? "no file for a command line that is wrong"

run bench -t pipe -s 64 -n 10 -r 1 -p same --json -
printf '%s\n' "$out" | jq -e '.results | length == 2' >/dev/null && has "$err" "round trip"
ok $? "--json -: results on stdout, the table on stderr"

echo old >"$tmp/json"
ln "$tmp/json" "$tmp/second"
run bench -t pipe -s 64 -n 10 -r 1 -p same --json "$tmp/json"
[ "$(cat "$tmp/second")" = old ] && jq -e .schema "$tmp/json" >/dev/null
ok $? "an old file is replaced by a new one, as a whole"

ln -s "$tmp/json" "$tmp/link"
echo old >"$tmp/json"
run bench -t pipe -s 64 -n 10 -r 1 -p same --json "$tmp/link"
[ -L "$tmp/link" ] && jq -e .schema "$tmp/json" >/dev/null
ok $? "a link is written through, and stays"

mkfifo "$tmp/fifo"
timeout 10 cat "$tmp/fifo" >"$tmp/piped" &
run bench -t pipe -s 64 -n 10 -r 1 -p same --json "$tmp/fifo"
wait $!
[ -p "$tmp/fifo" ] && jq -e .schema "$tmp/piped" >/dev/null
ok $? "a pipe is written to, and stays"

# twice NAME OPTION...: the same, two at the same time
twice() {
	name=$1
	shift
	"$IPCCHAN" bench "$@" --payload verify >"$tmp/one" 2>&1 &
	first=$!
	run bench "$@" --payload verify
	wait "$first"
	both=$?
	[ "$rc" -eq 0 ] && [ "$both" -eq 0 ]
	ok $? "$name"
}

twice "two at the same time" -t "$host" -s 64,16K -n 2000 -r 2
twice "likewise of each kind" -t "$others" -p same -s 64,16K -n 1000 -r 1

queues() {
	grep -c -v key /proc/sysvipc/msg
}

run bench -t posix-mq,sysv-mq -s 1,7,64,1000 -n 300 -r 2 -p same --payload verify \
	--json "$tmp/json"
[ "$rc" -eq 0 ] && jq -e '[.results[].status] | unique == ["ok"]' "$tmp/json" >/dev/null
ok $? "message queues carry small sizes, verified"
run bench -t posix-mq,sysv-mq -s 16M -n 10 -r 1 -p same
[ "$rc" -eq 2 ] && [ "$(printf '%s\n' "$out" | grep -c 'refused: .*at most .* raise')" -eq 4 ]
ok $? "what is too large for them is refused, with what to raise"

run bench -t udp,vmsplice -s 1,7,64,1000,65507 -n 3000 -r 2 -p same --payload verify \
	--json "$tmp/json"
[ "$rc" -eq 0 ] && jq -e '[.results[] | .status, .messages] | unique == [6000, "ok"]' \
	"$tmp/json" >/dev/null
ok $? "UDP loses none, and what vmsplice() lends is not written to before it is read"
backlog=$(cat /proc/sys/net/core/netdev_max_backlog 2>/dev/null || echo 1000)
jq -e "[.results[] | select(.transport == \"udp\") | .depth_bytes / .size_bytes <= $backlog / 2] |
	length == 10 and all" "$tmp/json" >/dev/null
ok $? "nor are more datagrams under way than the interface keeps"
run bench -t udp -s 65508 -n 10 -r 1 -p same
[ "$rc" -eq 2 ] && has "$out" "refused: it does not carry messages of this size"
ok $? "what does not fit into a packet is refused"

run bench -t io-uring -s 1,7,64,1000,64K -n 300 -r 2 -p same --payload verify --json "$tmp/json"
if has "$out" "io_uring"; then
	skip "io_uring carries every size, verified" "it is not to be had here"
else
	[ "$rc" -eq 0 ] && jq -e '([.results[] | .status, .messages] | unique == [600, "ok"]) and
		([.results[] | .messages_per_call] | unique == [4, 32])' "$tmp/json" >/dev/null
	ok $? "io_uring carries every size, verified, many a call"
fi

before=$(queues)
"$IPCCHAN" bench -t sysv-mq -w pingpong -s 64 -p same -d 60 -r 1 >"$tmp/one" 2>&1 &
first=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ "$(queues)" -gt "$before" ] && break
	sleep 0.2
done
[ "$(queues)" -gt "$before" ] && kill -9 "$first"
wait "$first" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do
	[ "$(queues)" -eq "$before" ] && break
	sleep 0.2
done
[ "$(queues)" -eq "$before" ]
ok $? "who is killed leaves no queue behind"

if [ -e /dev/ipcchan ]; then
	skip "without the module its rows say so" "the module is loaded"
else
	run bench -t ipcchan-copy,pipe -s 64 -n 10 -r 1 -p same --json "$tmp/json"
	[ "$rc" -eq 0 ] && jq -e '[.results[] | select(.transport == "ipcchan-copy")
		| .status | contains("not loaded")] | all' "$tmp/json" >/dev/null
	ok $? "without the module its rows say so"
fi
done_testing
