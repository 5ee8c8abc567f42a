#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# bench-rings measures every ring there is, and checks what they carry.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"
[ "$(nproc)" -gt 1 ] || skip_all "needs two CPUs"

# The rings of others only where they have been fetched: this takes no network.
peers=$("$root/selftests/vm/peers.sh" --cached)
O=$root/build/bench-rings-test
make -s -C "$root/user/cli/bench/rings" O="$O" LIB_O="$root/build/user/lib" PEERS="$peers" \
	>"$tmp/log" 2>&1
ok $? "it builds"
IPCCHAN=$O/ipcchan-bench-rings

# holds FILTER NAME: the JSON results fulfil FILTER
holds() {
	jq -e "$1" "$tmp/json" >"$tmp/jq" 2>&1
	ok $? "$2"
}

run --quick --json "$tmp/json"
[ "$rc" -eq 0 ] && [ -z "$err" ]
ok $? "all rings, verified"
holds '.schema == "ipcchan-bench/1" and .partial == false' "schema"
# What a CPU does not have is told in its row.
holds '[.results[] | select(.transport | test("clwb|clflushopt|cldemote|nt$") | not) | .status]
	| unique == ["ok"]' "all are ok"
holds '[.results[] | select(.status != "ok") | .status | startswith("refused: this CPU has no ")]
	| all' "what is refused says what the CPU lacks"
holds '[.results[] | select(.status == "ok") | .placement] - ["smt", "cache", "far", "between"]
	== []' "every row is at a placement"
holds '[.results[] | select(.status == "ok") | .probe_ns | .[0] > 0 and .[0] <= .[1]] | all' \
	"as its probes tell"
holds '[.results[] | select(.status == "ok") | .runs == 1 and .messages > 0 and .messages_per_s > 0
	and (.producers > 1 or .run_p50_ns[0] == .run_p50_ns[1] and .run_p50_ns[1] > 0) and .runs_discarded >= 0] | all' \
	"every row has its figures"

# kind NAME ROW...: it has these rows and no others, as workload, size, burst, depth in KiB,
# and of several the producers and consumers
kind() {
	name=$1
	shift
	printf '%s\n' "$@" | sort >"$tmp/want"
	jq -r --arg name "$name" '.results[] | select(.transport == $name)
		| "\(.workload) \(.size_bytes) \(.messages_per_call) \(.depth_bytes / 1024)"
		+ if .producers > 1 then " \(.producers) \(.consumers)" else "" end' \
		"$tmp/json" | sort >"$tmp/got"
	cmp -s "$tmp/want" "$tmp/got"
	ok $? "rows of $name"
}

trips() {
	printf 'pingpong %s 1 64\n' "$@"
}

single='stream 8 1 64
stream 64 1 64
stream 64 1 4096
stream 4096 1 64'
bursts='stream 8 32 64
stream 64 32 64
stream 64 32 4096'
several='stream 64 1 64 2 1
stream 64 1 64 2 2'
floors='stream 64 1 64
stream 64 1 4096
stream 4096 1 64
stream 64 32 64
stream 64 32 4096'
kind ipcchan-byte "$(trips 8 56 64)" "$single" "$bursts"
kind ipcchan-byte-plain "$(trips 8 56 64)" "$single" "$bursts"
kind ipcchan-slots "$(trips 8 56 64)" "$(printf '%s\n' "$single" | grep -v ' 4096 1 ')" "$bursts"
kind ipcchan-mring "$(trips 8 56 64)" "$single" "$bursts" "$several"
kind ipcchan-bring "$(trips 8 56 64)"
kind floor-cas "$(trips 8)"
kind floor-flags "$(trips 8)"
kind floor-lines "$(trips 56 64)"
for name in stream clwb clflushopt cldemote nt; do
	kind "floor-$name" "$floors"
done
if [ -n "$peers" ]; then
	kind dpdk-mpmc "$(trips 8 56 64)" "$single" "$bursts" "$several"
	for name in boost-spsc boost-spsc-place dpdk-spsc dpdk-spsc-place; do
		kind "$name" "$(trips 8 56 64)" "$single" "$bursts"
	done
	kind ck-spsc "$(trips 8 56 64)" "$single"
	kind ck-spsc-place "$(trips 8 56 64)" "$single"
	kind ck-mpmc "$(trips 8 56 64)" "$single" "$several"
	holds '.environment.peers | test("^libboost[0-9.]*-dev [^ ]+, libck-dev [^ ]+, "
		+ "libdpdk-dev [^ ,]+$")' "which versions these are of"
else
	skip "rows of the rings of others" "they have not been fetched: make bench-rings"
	holds '.environment.peers == null' "there are no versions"
fi

report=$(jq -r -f "$root/user/cli/bench/rings/report.jq" "$tmp/json")
rc=$?
[ "$rc" -eq 0 ] && has "$report" "Targets, at placement" &&
	has "$report" "round trip, 64 B  " && has "$report" "ipcchan-byte" &&
	has "$report" "floor-lines"
ok $? "the report has the table and the targets"

run --quick --runs 4 -t floor-cas,floor-lines --json "$tmp/json"
[ "$rc" -eq 0 ]
ok $? "some runs of each"
# shellcheck disable=SC2016 # of jq
holds '([.results[].runs] | add) as $all | [.results | group_by(.placement)[]
	| select((map(.runs) | add) * 4 >= $all) | length == 3 and all(.runs >= 4)] | all' \
	"each has them at each placement that has a quarter of all"
run --quick --runs 1000 --limit 0.001 -t floor-cas,floor-lines --json "$tmp/json"
[ "$rc" -eq 0 ]
ok $? "no time for them"
holds '[.results | group_by(.size_bytes)[] | map(.runs) | add] == [1, 1, 1]' \
	"each has one then"
run --quick -t floor-flags,nope
refused 1 "there is no 'nope'" "a ring that is not there"
run --cpus 1,1
refused 1 "two that spin need two CPUs" "one CPU for two that spin"
run --quick --cpus 0,65000
refused 2 "may not run on CPU 65000" "a CPU that is not there"
# The ring does not fit into a file of this size, the floor does
(
	trap '' XFSZ
	ulimit -f 100
	run --quick -t ipcchan-byte,floor-cas --json "$tmp/json"
	echo "$rc" >"$tmp/rc"
)
read -r rc <"$tmp/rc"
err=$(cat "$tmp/err")
[ "$rc" -eq 2 ] && has "$err" "ipcchan-byte has no result at all"
ok $? "a ring of ours that is not measured is a failure"
holds '[.results[] | .status == "ok"] | any' "all others are measured"
IPCCHAN=taskset
run -c "$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')" "$O/ipcchan-bench-rings" --quick
refused 2 "need two CPUs, and this process may use 1; give" "one CPU: told what to do"

# The script around it, which builds nothing here
if [ -z "$peers" ]; then
	skip "run-bench-rings.sh" "the rings of others have not been fetched"
	done_testing
fi
IPCCHAN=$root/selftests/run-bench-rings.sh
BUILD=$tmp/build
MAKE=true
export BUILD MAKE
mkdir -p "$BUILD/bench-rings"
ln -s "$O/ipcchan-bench-rings" "$BUILD/bench-rings/"
run --list
[ "$rc" -eq 0 ] && has "$out" "floor-cas " && ! has "$out" "Targets"
ok $? "run-bench-rings.sh --list"
for option in "--json $tmp/own" "--json=$tmp/own" "-j $tmp/own" "-j$tmp/own"; do
	rm -f "$tmp/own"
	# shellcheck disable=SC2086 # the option and its argument
	run --quick -t floor-cas $option
	[ "$rc" -eq 0 ] && has "$out" "Targets" && [ "$(jq '.results | length' "$tmp/own")" -eq 1 ]
	ok $? "run-bench-rings.sh $option"
done
run --quick -t floor-cas --json -
[ "$rc" -eq 0 ] && [ "$(printf '%s\n' "$out" | jq '.results | length')" -eq 1 ] &&
	has "$err" "Targets"
ok $? "run-bench-rings.sh --json -: the report is on stderr"
run --quick -t nope
refused 1 "there is no 'nope'" "run-bench-rings.sh: its status is that of the measuring"
done_testing
