#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The verb top, as a text and on a terminal.

# shellcheck source=selftests/ipcchan/cli_util.sh
. "$(dirname "$0")/cli_util.sh"

pty_run=$(dirname "$0")/pty_run

# on_terminal OPTION...: top on a terminal, with the script on the standard input; sets rc, out
on_terminal() {
	TERM=xterm timeout 120 "$pty_run" "$IPCCHAN" top --delay 0.2 "$@" >"$tmp/out" 2>"$tmp/err"
	rc=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
}

# left STATUS NAME: it ended so, and gave back the terminal's screen
left() {
	escape=$(printf '\033')
	[ "$rc" -eq "$1" ] && [ -z "$err" ] && has "$out" "${escape}[?1049h" &&
		has "${out##*"${escape}[?1049h"}" "${escape}[?1049l"
	ok $? "$2"
}

test_batch() {
	ic create "$prefix.few"
	ic create "$prefix.many"
	ic send "$prefix.few" 1
	keep_sending "$prefix.many"
	ic top --batch -n 2 --delay 2 --channel "$prefix"
	end_sending
	[ "$rc" -eq 0 ] && [ "$(grep -c '^ipcchan top - ' "$tmp/out")" -eq 2 ] &&
		has "$out" " 2 of " && grep -q "^NAME  .* \*SENT/s  RECV/s " "$tmp/out"
	ok $? "--batch -n 2: two tables"
	sed -n 8p "$tmp/out" | grep -q "^$prefix.many  *[0-9][0-9.]*  *0  .* queue  *root\$"
	ok $? "the busiest first"
	ic top -b -n 1 -d 0.2 --sort name --channel "$prefix.*"
	sed -n 3p "$tmp/out" | grep -q "^$prefix.few  *0  *0  *0  *0  *1  *0%  "
	ok $? "--sort name: what is queued"
	ic -j top -n 1 -d 0.2 --channel "$prefix.many"
	[ "$rc" -eq 0 ] && [ "$(wc -l <"$tmp/out")" -eq 1 ] &&
		has "$out" "\"name\":\"$prefix.many\",\"kind\":\"queue\",\"queued_msgs\":" &&
		has "$out" '"sent_per_s":0.0,' && ! has "$out" "$prefix.few"
	ok $? "--json: an object a line"
	"$IPCCHAN" top >"$tmp/out" 2>"$tmp/err" &
	job=$!
	until_waiting "$job"
	sleep 1.5
	kill -INT "$job"
	wait "$job"
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
	[ "$rc" -eq 0 ] && [ -z "$err" ] && has "$out" "$prefix.many"
	ok $? "without a terminal a text, that a signal ends"
	ic delete "$prefix.few" "$prefix.many"
}

test_latency() {
	c=$prefix.times
	ic create "$c"
	ic set "$c" --times on
	ic send "$c" one two
	"$IPCCHAN" top -b -n 1 -d 2 --channel "$c" --sort p99 >"$tmp/out" &
	job=$!
	until_waiting "$job"
	"$IPCCHAN" recv "$c" --count 2 >/dev/null
	wait "$job"
	rc=$? out=$(cat "$tmp/out") err=''
	grep -qE "^$c .*% +[0-9.]+ m?s +[0-9.]+ m?s +0 " "$tmp/out"
	ok $? "how long messages were queued"
	ic delete "$c"
}

test_screen() {
	ic create "$prefix.one" --max-msgs 100000
	ic create "$prefix.two"
	on_terminal <<-EOF
		wait $prefix.two
		wait pause
		type >
		wait received
		type <<
		wait name
		type /
		wait filter
		type .one\\n
		wait filter: .one
		type p
		wait PAUSED
		size 12 60
		wait PAUSED
		type q
	EOF
	left 0 "sorted, filtered, paused, made smaller, ended with q"
	keep_sending "$prefix.one"
	on_terminal -n 2 --delay 2 </dev/null
	left 0 "-n: for so many intervals"
	printf '%s\n' "${out##*"${escape}[?1049l"}" | grep -q "^$prefix.one  *[1-9]"
	ok $? "-n: the table of the last one stays"
	on_terminal -n 1 --delay 2 </dev/null
	end_sending
	[ "$rc" -eq 0 ] && ! has "$out" "$escape" && grep -q "^$prefix.one  *[1-9]" "$tmp/out"
	ok $? "-n 1: a table of that interval, and no more"
	for signal in 1 2 3 15; do
		on_terminal <<-EOF
			wait $prefix.one
			signal $signal
		EOF
		left 0 "ended by signal $signal"
	done
	on_terminal <<-EOF
		wait $prefix.one
		size 1 1
		size 3 200
		wait pause
		type q
	EOF
	left 0 "a terminal of one character, and a wide one"
	TERM=no-such-terminal "$pty_run" "$IPCCHAN" top >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
	[ "$rc" -eq 2 ] && has "$out" "the terminal 'no-such-terminal' is not known; use --batch"
	ok $? "a terminal that nobody knows"
	ic delete "$prefix.one" "$prefix.two"
}

begin
test_batch
test_latency
test_screen
done_testing
