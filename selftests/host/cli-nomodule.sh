#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every verb on a machine without the module: it says so, names the doctor,
# ends with 2 and changes nothing.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

[ ! -e /dev/ipcchan ] || skip_all "this machine has the module"

no_module() {
	run "$@"
	[ "$rc" -eq 2 ] && [ -z "$out" ] && has "$err" "module is not loaded" &&
		has "$err" 'run "ipcchan doctor"' && [ "$(wc -l <"$tmp/err")" -eq 1 ]
	ok $? "$*"
}

no_module create x
no_module create x --ring --mode 0666 --max-msgs 5 --max-msg-size 1K --max-bytes 2K
no_module list
no_module list --json --stats
no_module show x
no_module show 1 --pretty
no_module show id 1
no_module -jp show x
no_module set x --max-msgs 5 --owner 0:0 --times on
no_module stats
no_module stats x --interval 1 --json
no_module monitor
no_module -j monitor --count 1
no_module top
no_module top --batch -n 1
no_module tree
no_module tree x
no_module quota
no_module -j quota --user 0
no_module delete x
no_module delete x y z
no_module send x hello
no_module send x
no_module send x --ring --create hello
no_module recv x
no_module recv x --ring --create --count 1
no_module trace x
no_module trace 1 --json --count 1

echo keep >"$tmp/file"
no_module recv x --file "$tmp/file"
[ "$(cat "$tmp/file")" = keep ]
ok $? "recv leaves its output file alone"
run recv x --file "$tmp/new"
[ "$rc" -eq 2 ] && [ ! -e "$tmp/new" ]
ok $? "recv makes no output file"

run send x --file "$tmp/missing"
refused 2 "cannot open $tmp/missing: No such file" "send with a missing file names it"

run doctor
[ "$rc" -eq 2 ] && has "$out" "FAIL  module     not loaded" && [ -z "$err" ]
ok $? "doctor: FAIL, 2, on stdout"

done_testing
