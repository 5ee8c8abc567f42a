#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What is in a report, with the files of a machine that is made up, and what is not.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

sys=$tmp/machine
put() {
	mkdir -p "$sys$(dirname "$1")"
	printf '%b' "$2" >"$sys$1"
}

put /proc/version 'Linux version 7.7.7 (somebody)\n'
put /etc/os-release 'NAME=x\nPRETTY_NAME="Made Up 1"\n'
put /sys/module/ipcchan/version '1.0\n'
put /sys/module/ipcchan/taint 'OE\n'
put /sys/module/ipcchan/parameters/spin_ns '0\n'
put /sys/module/ipcchan/parameters/user_max_bytes '123456\n'
put /sys/kernel/debug/ipcchan/channels 'id 1 \033[2J\nid 2\n'
put /sys/kernel/debug/ipcchan/more/state 'deep\n'
ln -s /etc/passwd "$sys/sys/kernel/debug/ipcchan/link"
mkfifo "$sys/sys/kernel/debug/ipcchan/fifo"
escape=$(printf '\033[2J')
put "/sys/kernel/debug/ipcchan/more/$escape" 'x\n'
put "/sys/module/ipcchan/parameters/$escape" '1\n'
yes | head -c 300000 >"$sys/sys/kernel/debug/ipcchan/more/long"
export IPCCHAN_SYSROOT="$sys"

# line TEXT NAME: there is such a line
line() {
	grep -qxF -e "$1" "$tmp/out"
	ok $? "$2"
}

timeout 60 "$IPCCHAN" report >"$tmp/out" 2>"$tmp/err" </dev/null
rc=$? out='' err=$(cat "$tmp/err")
[ "$rc" -eq 0 ] && [ -z "$err" ]
ok $? "report: 0, and nothing on stderr"
line "kernel       Linux version 7.7.7 (somebody)" "the kernel"
line 'PRETTY_NAME="Made Up 1"' "the distribution"
line "version      1.0" "the version of the module"
line "user_max_bytes 123456" "a parameter of the module"
grep -q '^FAIL  device  ' "$tmp/out"
ok $? "what the doctor says"
line "-- /sys/kernel/debug/ipcchan/more/state" "debugfs: a file of a folder"
line deep "debugfs: what it says"
line 'id 1 \x1b[2J' "debugfs: nothing that a terminal obeys"
! grep -q "$escape" "$tmp/out" &&
	grep -qxF -e '-- /sys/kernel/debug/ipcchan/more/\x1b[2J' "$tmp/out"
ok $? "names of files: likewise"
line "missing: the end of a file of debugfs" "debugfs: what was cut off is told"
! grep -q root: "$tmp/out"
ok $? "debugfs: no file that a link leads to"
line "missing: kernel log" "the end tells what is missing"
line "missing: channels" "and of netlink"
rm -r "$sys/sys/module" "$sys/sys/kernel"
run report
[ "$rc" -eq 0 ]
ok $? "report without the module: 0"
line "missing: parameters of the module" "and without it the end says so"

run report -o "$tmp/report"
[ "$rc" -eq 0 ] && [ -z "$out$err" ] && grep -q '^== end ==$' "$tmp/report" &&
	[ "$(stat -c %a "$tmp/report")" = 600 ]
ok $? "report -o: to a file that only its owner can read"
echo keep >"$tmp/report"
run report -o "$tmp/report"
refused 2 "is there already" "report -o: not over a file"
[ "$(cat "$tmp/report")" = keep ]
ok $? "which stays as it was"
ln -s "$tmp/nothing" "$tmp/link"
run report -o "$tmp/link"
[ "$rc" -eq 2 ] && [ ! -e "$tmp/nothing" ]
ok $? "report -o: nor through a link"
run report -o "$tmp/no/such"
refused 2 "cannot write to $tmp/no/such: No such file" "report -o: a folder that is not there"
"$IPCCHAN" report >/dev/full 2>"$tmp/err"
rc=$? out='' err=$(cat "$tmp/err")
refused 2 "cannot write to the standard output" "report to a full device"

done_testing
