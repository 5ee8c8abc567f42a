#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Libraries that carry messages, as the benchmark has them where they are installed.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"

# absent NAME FILE PACKAGE: what is said where it cannot be loaded
absent() {
	mkdir -p "$tmp/empty"
	: >"$tmp/empty/$2"
	LD_LIBRARY_PATH=$tmp/empty run bench -t "$1",pipe -w pingpong -s 64 -n 10 -r 1 -p same
	[ "$rc" -eq 0 ] && has "$out" "refused: $2 is not installed (Debian: $3)"
	ok $? "$1 is refused where it is not installed"
}

# sides: the two processes of the run, once both have threads of the library
sides() {
	local i pids

	for ((i = 0; i < 1000; i++)); do
		read -r -a pids <"/proc/$tool/task/$tool/children"
		[ "${#pids[@]}" -eq 2 ] && [ -d "/proc/${pids[0]}/task" ] &&
			[ "$(find "/proc/${pids[0]}/task" "/proc/${pids[1]}/task" \
				-maxdepth 1 -mindepth 1 | wc -l)" -gt 3 ] && break
		sleep 0.01
	done 2>/dev/null
	echo "${pids[@]}"
}

# each NAME: all that is said of one that is installed
each() {
	run bench -t "$1" --wait block,poll,adaptive -s 1,33,1000,64K -n 300 -r 1 -p free \
		--payload verify --json "$tmp/json"
	jq -e '[.results[] | select(.status | test("CPU") | not) | .status] | length > 7 and
		unique == ["ok"]' "$tmp/json" >"$tmp/jq"
	ok $? "$1 carries messages of each size, waits in each way"
	jq -e '[.results[] | select(.status == "ok") | .depth_bytes >= .size_bytes and
		.ledger.system_calls == null] | all' "$tmp/json" >"$tmp/jq"
	ok $? "$1: its depth is known, the calls of its threads are not"
	"$IPCCHAN" bench -t "$1" -w stream -s 64 -p same -d 20 -r 1 >"$tmp/out" 2>&1 &
	tool=$!
	read -r -a pids < <(sides)
	sleep 0.2
	kill -KILL "${pids[0]}"
	wait "$tool"
	rc=$? out=$(cat "$tmp/out") err=
	[ "$rc" -eq 2 ] && has "$out" "peer died: signal 9" &&
		! grep -q ipcchan-bench /proc/net/unix
	ok $? "$1: a side killed is a row, and no name is left"
}

for kind in "zeromq libzmq.so.5 libzmq5" "nng libnng.so.1 libnng1"; do
	read -r name file package <<<"$kind"
	if PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -q "$file "; then
		absent "$name" "$file" "$package"
		each "$name"
	else
		run bench -t "$name" -w pingpong -s 64 -n 10 -r 1 -p same
		[ "$rc" -eq 2 ] && has "$out" "refused: $file is not installed (Debian: $package)"
		ok $? "$name is refused: it is not installed"
	fi
done
done_testing
