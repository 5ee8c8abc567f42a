#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The ladder without the module: each rung says why it has no figure.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

[ ! -e /dev/ipcchan ] || skip_all "the module is loaded"

run ladder -d 0.01 -r 1 -s 1K
[ "$rc" -eq 2 ]
ok $? "nothing could be measured"
none="refused: no /dev/ipcchan: the module is not loaded"
for rung in copy batch map loan ring; do
	printf '%s\n' "$out" | grep -q "^$rung  *$none\$"
	ok $? "$rung: told why"
done
printf '%s\n' "$out" | grep -q "^call  *round trip: $none; a message: refused: it does not"
ok $? "call, which has no stream: told why"
printf '%s\n' "$out" | grep -q "^spin  *refused: "
ok $? "spin: told why"
has "$out" "messages of 1024 bytes; ns, and beside a rung above"
ok $? "the size and the unit are told"

run ladder -d 0.01 -r 1 --json -
printf '%s\n' "$out" | jq -e '.schema == "ipcchan-bench/1" and
	([.results[].transport] | unique | index("ipcchan-call") != null)' >"$tmp/jq" 2>&1 &&
	has "$err" "it removes"
ok $? "--json -: results on stdout, the ladder on stderr"
run ladder -r 0
refused 1 "--runs" "no runs"
run ladder --json /nowhere/file
refused 2 "cannot write /nowhere/file" "a file that cannot be written: nothing is measured"
done_testing
