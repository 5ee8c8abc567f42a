#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The benchmark over channels, and over binder where there is one.
# shellcheck source=selftests/ipcchan/cli_util.sh
. "$(dirname "$0")/cli_util.sh"

# measured TRANSPORT WORKLOAD: every message of it was compared and was right
measured() {
	ic bench -t "$1" -w "$2" -s 1,64,1000 -p same -n 300 -r 2 --payload verify
	if [ "$1" = binder ] && has "$out" "no /dev/binder"; then
		skip "$1 $2: verified" "no binder"
		return
	fi
	[ "$rc" -eq 0 ] && ! has "$out" refused
	ok $? "$1 $2: verified"
}

begin
for transport in ipcchan-copy ipcchan-batch ipcchan-loan ipcchan-loan-copy \
	ipcchan-loan-revoke binder; do
	measured $transport pingpong
	measured $transport stream
done
measured ipcchan-call pingpong
for wait in block poll; do
	ic bench -t ipcchan-copy,ipcchan-copy-sync -w broadcast --receivers 1,4 -s 64,1000 \
		-p same -n 1000 -r 1 --payload verify --wait $wait
	[ "$rc" -eq 0 ] && ! has "$out" refused
	ok $? "broadcast, $wait: each receiver gets all, verified"
done
ic bench -t ipcchan-batch -w broadcast -s 64,1000 -p same -n 1000 -r 1 --payload verify
[ "$rc" -eq 0 ] && ! has "$out" refused
ok $? "broadcast, many messages a call, likewise"
ic bench -t ipcchan-copy,ipcchan-call -s 1 -p same -n 100 -r 1 --depth 2M
has "$out" "ipcchan-copy, messages of 1 bytes: 1048576 bytes deep, not 2097152" &&
	has "$out" "ipcchan-call, messages of 1 bytes: 1048576 bytes deep, not 2097152"
ok $? "a channel that holds fewer messages than were asked for is told"
ic bench -t posix-mq -w stream -s 1 -p same -n 100 -r 1 --depth 2M
has "$out" "posix-mq, messages of 1 bytes: 65536 bytes deep, not 2097152"
ok $? "a POSIX queue is as deep as root may have it"
ic ladder -d 0.01 -r 1 --json "$tmp/ladder"
[ "$rc" -eq 0 ] && [ -s "$tmp/ladder" ]
ok $? "the ladder is measured"
# A rung with a figure says what it removes.
for rung in copy batch call ring; do
	printf '%s\n' "$out" | grep -Eq "^$rung +[0-9]+\.[0-9] .*[a-z]+.*\$"
	ok $? "it has a figure for $rung"
done
printf '%s\n' "$out" | grep -Eq "^call +[0-9]+\.[0-9] +[+-][0-9.]+, [0-9.]+ x batch "
ok $? "and what a rung is worth"
done_testing
