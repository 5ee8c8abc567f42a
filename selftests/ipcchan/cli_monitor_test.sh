#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The verb monitor.

# shellcheck source=selftests/ipcchan/cli_util.sh
. "$(dirname "$0")/cli_util.sh"

# watch OPTION...: in the background as $job; returns once it listens
watch() {
	: >"$tmp/events"
	"$IPCCHAN" monitor "$@" >"$tmp/events" 2>"$tmp/monitor.err" &
	job=$!
	until_waiting "$job"
}

# told LINES: so many lines have come, within 20 s; sets out
told() {
	tries=100
	while [ "$(wc -l <"$tmp/events")" -lt "$1" ] && [ $tries -gt 0 ]; do
		sleep 0.2
		tries=$((tries - 1))
	done
	out=$(cat "$tmp/events") err=$(cat "$tmp/monitor.err")
	[ "$(wc -l <"$tmp/events")" -ge "$1" ]
}

# ended STATUS: the monitor ends so, with nothing on its standard error
ended() {
	wait "$job"
	rc=$? out=$(cat "$tmp/events") err=$(cat "$tmp/monitor.err")
	[ "$rc" -eq "$1" ] && [ -z "$err" ]
}

test_events() {
	c=$prefix.events
	watch --channel "$prefix.*"
	ic create "$c" --max-msgs 1
	ic set "$c" --mode 0660
	ic send "$c" one
	ic send "$c" --nonblock two
	ic recv "$c" --count 1
	ic delete "$c"
	told 8
	for event in "created" "attached" "detached" "changed" "full" "drained" "deleted"; do
		grep -qE "^[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6} $event +id=[0-9]+ $c( |\$)" "$tmp/events"
		ok $? "an event of its own line: $event"
	done
	grep -qE " full .* queued=1$" "$tmp/events"
	ok $? "full: with how many are queued"
	grep -qE " created .* pid=[0-9]+( \(.*\))? user=root" "$tmp/events"
	ok $? "created: with who did it"
	kill -INT "$job"
	ended 0
	ok $? "SIGINT ends it well"
}

test_filter() {
	c=$prefix.filter
	watch --event full,deleted --channel "$c" --json --count 2
	ic create "$prefix.other"
	ic create "$c" --max-msgs 1
	ic delete "$prefix.other"
	ic send "$c" one
	ic send "$c" --nonblock two
	ic delete "$c"
	ended 0
	ok $? "--count ends it"
	[ "$(wc -l <"$tmp/events")" -eq 2 ] &&
		[ "$(grep -c "^{\"event\":\"\(full\|deleted\)\",.*\"channel\":\"$c\".*}\$" \
			"$tmp/events")" -eq 2 ] && has "$out" '"queued_msgs":1'
	ok $? "--event, --channel and --json: these alone, an object a line"
}

test_died() {
	c=$prefix.died
	ic create "$c"
	watch --event peer-died -j
	"$IPCCHAN" recv "$c" &
	receiver=$!
	until "$IPCCHAN" show "$c" --json | grep -q '"endpoints":1,'; do sleep 0.1; done
	kill -KILL "$receiver"
	wait "$receiver" 2>/dev/null
	told 1
	has "$out" '"event":"peer-died"' && has "$out" "\"pid\":$receiver" &&
		has "$out" '"role":"recv"'
	ok $? "a receiver that was killed"
	kill "$job"
	ended 0
	ok $? "SIGTERM ends it well"
	ic delete "$c"
}

# The kernel gives its socket no more room than this.
test_lost() {
	c=$prefix.lost
	room=/proc/sys/net/core/rmem_max
	before=$(cat $room)
	echo 8192 >$room
	watch --json
	echo "$before" >$room
	kill -STOP "$job"
	for i in 1 2 3 4 5 6 7 8 9 10; do
		ic create "$c.$i"
		ic delete "$c.$i"
	done
	kill -CONT "$job"
	told 2
	while ! has "$(cat "$tmp/events")" '"event":"lost"' && [ $tries -gt 0 ]; do
		sleep 0.2
		tries=$((tries - 1))
	done
	ic create "$c"
	ic delete "$c"
	tries=100
	until grep -q "\"deleted\".*\"$c\"" "$tmp/events" || [ $tries -eq 0 ]; do
		sleep 0.2
		tries=$((tries - 1))
	done
	kill "$job"
	ended 0 && grep -q '^{"event":"lost","time_ns":[0-9]*,"time":"[-0-9T:.+]*"}$' "$tmp/events"
	ok $? "a line for those that were lost"
	tail -n 1 "$tmp/events" | grep -q "\"deleted\".*\"$c\""
	ok $? "and it goes on"
}

test_reader() {
	c=$prefix.reader
	"$IPCCHAN" monitor | : &
	job=$!
	sleep 1
	wait "$job"
	rc=$? out='' err=''
	[ "$rc" -eq 0 ]
	ok $? "ends when nobody reads what it writes"
	timeout 20 "$IPCCHAN" monitor >/dev/full 2>"$tmp/monitor.err" &
	job=$!
	tries=50
	while kill -0 "$job" 2>/dev/null && [ $tries -gt 0 ]; do
		ic create "$c"
		ic delete "$c"
		tries=$((tries - 1))
	done
	wait "$job"
	rc=$? err=$(cat "$tmp/monitor.err")
	refused "cannot write to the standard output" "a full device is told"
}

# Some kernels cannot tell some of it to some only.
test_user() {
	c=$prefix.user
	ic create "$c"
	ic set "$c" --owner nobody
	ic create "$c.hidden" --mode 0600
	timeout 60 su -s /bin/sh nobody -c "exec $IPCCHAN monitor --count 1" >"$tmp/events" \
		2>"$tmp/monitor.err" </dev/null &
	job=$!
	tries=200
	while kill -0 "$job" 2>/dev/null && [ ! -s "$tmp/events" ] && [ $tries -gt 0 ]; do
		ic set "$c.hidden" --mode 0600
		ic set "$c" --mode 0600
		tries=$((tries - 1))
	done
	wait "$job"
	rc=$? out=$(cat "$tmp/events") err=$(cat "$tmp/monitor.err")
	if [ "$rc" -eq 2 ]; then
		refused "on Linux 5.18 to 6.5 events are for root" "a user is refused, and told why"
	else
		[ "$rc" -eq 0 ] && [ -z "$err" ] && has "$out" " $c "
		ok $? "a user is told of what it sees"
	fi
	ic delete "$c" "$c.hidden"
}

# The reader has it open and does not read, until the pipe is full.
test_stuck() {
	c=$prefix.stuck
	mkfifo "$tmp/stuck"
	"$IPCCHAN" monitor --json --pretty >"$tmp/stuck" 2>"$tmp/monitor.err" &
	job=$!
	exec 3<"$tmp/stuck"
	until_waiting "$job"
	tries=400
	until grep -q pipe "/proc/$job/wchan" || [ $tries -eq 0 ]; do
		ic create "$c"
		ic delete "$c"
		tries=$((tries - 1))
	done
	kill "$job"
	wait "$job"
	rc=$? out='' err=$(cat "$tmp/monitor.err")
	[ $tries -gt 0 ] && [ "$rc" -eq 0 ] && [ -z "$err" ]
	ok $? "SIGTERM ends it well, where nobody reads what it writes"
	exec 3<&-
}

begin
test_events
test_filter
test_died
test_lost
test_reader
test_user
test_stuck
done_testing
