#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The benchmark's command line: what is refused, and when.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

run bench --list
listed=0
for name in ipcchan-copy ipcchan-batch ipcchan-call ipcchan-map ipcchan-loan ipcchan-loan-copy \
	ipcchan-loan-revoke ipcchan-ring ipcchan-spin pipe fifo vmsplice \
	unix-stream unix-dgram unix-seqpacket io-uring tcp udp zeromq nng \
	posix-mq sysv-mq binder process-vm-readv eventfd futex signal \
	mmap-file+posix-sem mmap-file+sysv-sem mmap-file+futex \
	posix-shm+posix-sem posix-shm+sysv-sem posix-shm+futex \
	sysv-shm+posix-sem sysv-shm+sysv-sem sysv-shm+futex shm-futex shm-spin shm-mring; do
	has "$out" "$name " || listed=1
done
[ "$rc" -eq 0 ] && [ -z "$err" ] && [ "$listed" -eq 0 ]
ok $? "--list: every transport"

run bench --transports pipe,carrier-pigeon
refused 1 "no 'carrier-pigeon'" "unknown transport"
run bench --workloads pingpong,pong
refused 1 "'pong'" "unknown workload"
for option in senders receivers; do
	for list in 0 x '4,' 1025 ''; do
		run bench --workloads mesh "--$option" "$list"
		refused 1 "--$option" "$option '$list'"
	done
	run bench "--$option" 2
	refused 1 "--$option is of the workloads" "$option of no workload of many"
done
run bench --rate 1000 -w stream
refused 1 "--rate is of the workload openloop" "a rate of no open loop"
run bench --arrivals fixed
refused 1 "--arrivals is of the workload openloop" "arrivals of no open loop"
run bench --placement here
refused 1 "'here'" "unknown placement"
run bench --wait patiently
refused 1 "'patiently'" "unknown way to wait"
run bench --payload gold
refused 1 "'gold'" "unknown payload"
for sizes in 0 x '64,' 2G -1 ''; do
	run bench --sizes "$sizes"
	refused 1 "--sizes" "sizes '$sizes'"
done
run bench --messages 0
refused 1 "--messages" "no messages"
run bench --runs 0
refused 1 "--runs" "no runs"
run bench --runs 1001
refused 1 "--runs" "too many runs"
run bench --duration 0
refused 1 "--duration" "no time"
run bench --duration 9999
refused 1 "--duration" "too long"
run bench --timeout never
refused 1 "--timeout" "timeout that is no time"
run bench --depth 1
refused 1 "--depth" "depth of 1"
run bench --batch 0
refused 1 "--batch" "batches of nothing"
run bench --batch 1025
refused 1 "--batch" "batches that are too large"
run bench --messages 10 --duration 1
refused 1 "either" "both messages and duration"
run bench --quick --thorough
refused 1 "either" "both quick and thorough"
run bench pipe
refused 1 "arguments" "an argument"

run bench --json "$tmp/no/such/file"
refused 2 "nothing was measured" "results in a directory that is not there"
run bench --json "$tmp"
refused 2 "nothing was measured" "results in place of a directory"
run bench --json ''
refused 2 "nothing was measured" "results in a file without a name"

run bench --transports shm-spin --placement same --messages 10 --runs 1
[ "$rc" -eq 2 ] && has "$out" "refused: two that spin need two CPUs"
ok $? "two that spin on one CPU are refused"
run bench --transports shm-spin --placement free --messages 10 --runs 1
if [ "$(nproc)" -eq 1 ]; then
	has "$out" "refused: two that spin need two CPUs"
else
	[ "$rc" -eq 0 ]
fi
ok $? "two that spin unpinned are refused where there is one CPU only"
cpu=$(taskset -cp $$ | sed 's/.*[ ,-]//')
out=$(taskset -c "$cpu" "$IPCCHAN" bench --transports shm-spin,ipcchan-spin \
	--placement free -w stream -s 64 --messages 10 --runs 1)
rc=$?
[ "$rc" -eq 2 ] && [ "$(printf '%s\n' "$out" |
	grep -c 'refused: two that spin need two CPUs')" -eq 2 ]
ok $? "likewise where they may use one CPU only"
done_testing
