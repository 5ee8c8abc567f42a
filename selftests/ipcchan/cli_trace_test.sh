#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The command ipcchan: the life of messages, as the kernel's events tell it.
# shellcheck source=selftests/ipcchan/cli_util.sh
. "$(dirname "$0")/cli_util.sh"

tracing=/sys/kernel/tracing

# trace ARGUMENT...: in the background, as $tracer, its output in trace.out; it has begun
trace() {
	rm -f "$tmp/trace.out"
	"$IPCCHAN" trace --duration 60 "$@" >"$tmp/trace.out" 2>"$tmp/trace.err" </dev/null &
	tracer=$!
	tries=200
	until grep -q 'begin_ns\|nanoseconds' "$tmp/trace.out" 2>/dev/null || [ $tries -eq 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
}

# traced: until it has ended; sets rc, out, err, and lives, the messages
traced() {
	wait "$tracer"
	rc=$? out=$(cat "$tmp/trace.out") err=$(cat "$tmp/trace.err")
	lives=$(printf '%s\n' "$out" | grep '"type":"message"')
}

# values KEY: of all messages, the first in each; a line each
values() {
	printf '%s\n' "$lives" | sed -n "s/^[^{]*{.*\"$1\":\"\{0,1\}\([^,}\"]*\).*/\1/p"
}

# sound: of each message, all times are in order, and the stages add up to the whole
sound() {
	printf '%s\n' "$lives" | awk '
		function value(key) {
			if (!match($0, "\"" key "\":[0-9]+"))
				return -1
			return substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) + 0
		}
		{
			n = split("call waits_for_room sent woken runs received returned", name, " ")
			last = 0
			for (i = 1; i <= n; i++) {
				at = value(name[i] "_ns")
				if (at >= 0 && at < last)
					bad = 1
				if (at >= 0)
					last = at
			}
			sum = 0
			rest = substr($0, index($0, "\"stages\""))
			while (match(rest, "\"ns\":[-0-9]+")) {
				sum += substr(rest, RSTART + 5, RLENGTH - 5)
				rest = substr(rest, RSTART + RLENGTH)
			}
			if (sum != value("total_ns") || value("sent_ns") < 0)
				bad = 1
		}
		END { exit bad || !NR }'
}

# no_instance: there is none of a trace
no_instance() {
	! find $tracing/instances -name 'ipcchan-trace-*' | grep -q .
}

# both_there CHANNEL: until a sender and a receiver, or two receivers, have it open
both_there() {
	tries=200
	until ic show "$1" --json && has "$out" '"endpoints":2' || [ $tries -eq 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
}

# A line every now and then, the first one of two bytes, each a byte longer
slowly() {
	line=
	for _ in $(seq "$1"); do
		sleep 0.2
		line=${line}x
		echo "$line"
	done
}

test_queue() {
	c=$prefix.queue
	ic create "$c"
	ic create "$c.other"
	timeout 60 "$IPCCHAN" recv "$c" --count 6 >/dev/null &
	{ wait_file "$tmp/go" && slowly 6; } | timeout 60 "$IPCCHAN" send "$c" --lines &
	both_there "$c"
	trace "$c" --json --count 6
	ic send "$c.other" "not of this channel"
	: >"$tmp/go"
	traced
	[ "$rc" -eq 0 ] && [ "$(values bytes | xargs)" = "2 3 4 5 6 7" ] && sound
	ok $? "queue: each message once, in order, its stages add up"
	printf '%s\n' "$lives" | tail -n 5 | grep -c '"name":"system_call","ns":[0-9]' |
		grep -qx 5
	ok $? "queue: the calls are timed of those who were there"
	has "$out" '"received":6,"dropped":0,"not_seen_whole":0,"lost_events":0'
	ok $? "queue: the sum"
	ic delete "$c" "$c.other"
}

test_broadcast() {
	c=$prefix.news
	ic create "$c" --kind broadcast
	trace "$c" --json --count 6
	for _ in 1 2; do
		timeout 60 "$IPCCHAN" recv "$c" --count 3 >/dev/null &
	done
	both_there "$c"
	slowly 3 | timeout 60 "$IPCCHAN" send "$c" --lines
	traced
	[ "$rc" -eq 0 ] && sound &&
		[ "$(values pid | sort | uniq -c | awk '{ print $1 }' | xargs)" = "3 3" ] &&
		[ "$(values bytes | sort | uniq -c | awk '{ print $1 }' | xargs)" = "2 2 2" ]
	ok $? "broadcast: each message once for each of two receivers"
	ic delete "$c"
}

# What sleeps in read() is woken by the message.
test_handover() {
	ic create default
	rm -f "$tmp/go"
	dd bs=100 count=5 of=/dev/null </dev/ipcchan 2>/dev/null &
	sh -c 'exec >/dev/ipcchan
		printf "\033[2Jred" >/proc/self/comm
		echo 0
		until [ -e "$0" ]; do sleep 0.1; done
		for i in 1 2 3 4; do sleep 0.2; echo $i; done' "$tmp/go" &
	both_there default
	trace default --json --count 4
	: >"$tmp/go"
	traced
	[ "$rc" -eq 0 ] && sound && [ "$(values way | sort -u)" = handed-over ]
	ok $? "handed over: all of them"
	printf '%s\n' "$lives" | tail -n 3 | grep '"woken_ns":[0-9]' |
		grep '"runs_ns":[0-9]' | grep -c '"name":"residual","ns":0}' | grep -qx 3
	ok $? "handed over: wake-up and switch are told, nothing is left"
	has "$lives" '"comm":"\\x1b[2Jred"' && ! has "$lives" "$(printf '\033')"
	ok $? "a task's name is fit for a terminal"
}

test_rpc() {
	c=$prefix.rpc
	ic create "$c" --kind rpc
	serve --count 3 cat
	trace "$c" --json --count 6
	for text in a aa aaa; do
		ic call "$c" $text
	done
	wait "$server"
	traced
	[ "$rc" -eq 0 ] && sound && [ "$(values bytes | xargs)" = "1 1 2 2 3 3" ]
	ok $? "rpc: requests and replies"
	ic delete "$c"
}

test_dropped() {
	c=$prefix.dropped
	ic create "$c" --kind broadcast --slow drop-oldest --max-msgs 1
	timeout 60 "$IPCCHAN" recv "$c" --count 2 >/dev/null &
	receiver=$!
	sleep 0.5
	kill -STOP $receiver
	trace "$c" --json --count 2
	ic send "$c" one three
	kill -CONT $receiver
	ic send "$c" five
	traced
	wait $receiver
	[ "$rc" -eq 0 ] && has "$lives" '"way":"dropped","bytes":3' && has "$out" '"dropped":1'
	ok $? "a message that nobody will have is told as such"
	ic delete "$c"
}

# Two channels of the same id, in two namespaces: messages of one are not the other's.
test_namespaces() {
	ipcchan=$IPCCHAN
	c=$prefix.same
	for i in 1 2; do
		unshare -n sleep 120 &
		eval "holder$i=$!"
		printf '%s\n' '#!/bin/sh' "exec nsenter --net=/proc/$!/ns/net $ipcchan \"\$@\"" \
			>"$tmp/in$i"
		chmod +x "$tmp/in$i"
		tries=100
		while [ "$(readlink "/proc/$!/ns/net")" = "$(readlink /proc/self/ns/net)" ] &&
			[ $tries -gt 0 ]; do
			sleep 0.1
			tries=$((tries - 1))
		done
		"$tmp/in$i" create "$c"
		"$tmp/in$i" show "$c" --json | grep -o '"id":[0-9]*' >"$tmp/id$i"
	done
	cmp -s "$tmp/id1" "$tmp/id2"
	ok $? "two channels of the same id"
	IPCCHAN=$tmp/in1
	trace "$c" --json --count 1
	"$tmp/in2" send "$c" "of the other one"
	"$tmp/in2" recv "$c" --count 1 >/dev/null
	ic send "$c" x
	ic recv "$c" --count 1
	IPCCHAN=$ipcchan
	traced
	[ "$rc" -eq 0 ] && [ "$(values bytes)" = 1 ] && has "$out" '"not_seen_whole":0,'
	ok $? "one of the same id in another namespace is not told"
	# shellcheck disable=SC2154 # set above
	kill "$holder1" "$holder2"
	wait "$holder1" "$holder2" 2>/dev/null
}

test_text() {
	c=$prefix.text
	ic create "$c"
	ic send "$c" early
	trace "$c"
	ic send "$c" x y
	ic recv "$c" --count 3
	kill -INT "$tracer"
	traced
	[ "$rc" -eq 0 ] && has "$out" "2 messages received, 0 dropped" &&
		has "$out" "1 messages were not seen whole" && no_instance
	ok $? "a summary, in which what was sent before is counted apart"
	printf '%s\n' "$out" | grep -Eq '^ +[0-9.]+ +1 ipcchan\[[0-9]+\] .* queued '
	ok $? "a line for people"
	ic delete "$c"
}

test_lost() {
	c=$prefix.lost
	ic create "$c"
	trace "$c" --json --buffer 1
	yes | head -n 3000 | timeout 60 "$IPCCHAN" send "$c" --lines --batch 100 &
	timeout 60 "$IPCCHAN" recv "$c" --count 3000 --batch 100 >/dev/null
	kill -INT "$tracer"
	traced
	[ "$rc" -eq 0 ] && has "$out" '"lost_events":' && ! has "$out" '"lost_events":0' &&
		{ [ -z "$lives" ] || sound; }
	ok $? "lost events are counted, and make no life up"
	ic delete "$c"
}

# Both rows of the benchmark's stages add up, and what tracing costs is told.
test_bench() {
	ic bench -t ipcchan-copy -w pingpong -s 64 -p same -n 300 -r 1
	[ "$rc" -eq 0 ] && printf '%s\n' "$out" | awk '
		$1 == "ipcchan-copy" && $4 ~ /^(differences|tracepoints)$/ {
			sum = 0
			for (i = 6; i < 20; i += 2)
				sum += $i
			if (sum < $5 - 7 || sum > $5 + 7)
				bad = 1
			if ($4 == "tracepoints" && /tracing: [1-9][0-9]* of it$/)
				traced = 1
			rows++
		}
		END { exit bad || !traced || rows != 2 }' && no_instance
	ok $? "bench: stages by differences and by tracepoints"
}

# At the end of test_text() it was SIGINT.
test_end() {
	c=$prefix.end
	ic create "$c"
	trace "$c" --json
	! no_instance && kill -TERM "$tracer"
	traced
	[ "$rc" -eq 0 ] && has "$out" '"type":"summary"' && no_instance
	ok $? "SIGTERM: ends in order, nothing is left"
	trace "$c"
	kill -KILL "$tracer"
	traced 2>/dev/null
	mkdir $tracing/instances/mine
	! no_instance && ic trace "$c" --duration 0.1 && [ "$rc" -eq 0 ] && no_instance &&
		rmdir $tracing/instances/mine
	ok $? "SIGKILL: the next run, here of a given time, removes what is left, and no other"
	# what is left of one that had the number of this one traces nothing
	# shellcheck disable=SC2016 # of that shell
	sh -c 'mkdir "$2/instances/ipcchan-trace-$$"
		echo 0 >"$2/instances/ipcchan-trace-$$/tracing_on"
		exec "$0" trace "$1" --json --count 1 --duration 20' \
		"$IPCCHAN" "$c" $tracing >"$tmp/trace.out" 2>"$tmp/trace.err" &
	tracer=$!
	until_waiting "$tracer"
	ic send "$c" x
	ic recv "$c" --count 1
	traced
	[ "$rc" -eq 0 ] && has "$out" '"received":1,' && no_instance
	ok $? "SIGKILL: also what is left by one of its own number"
	# shellcheck disable=SC2016 # of that shell
	sh -c 'mkdir "$2/instances/ipcchan-trace-$$"
		exec 5<"$2/instances/ipcchan-trace-$$/trace_pipe"
		exec "$0" trace "$1" --duration 1' \
		"$IPCCHAN" "$c" $tracing >"$tmp/out" 2>"$tmp/err"
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
	refused "Device or resource busy" "one of its own number that is in use is left alone"
	rmdir $tracing/instances/ipcchan-trace-*
	"$IPCCHAN" trace "$c" --duration 20 >/dev/full 2>"$tmp/err"
	rc=$? out='' err=$(cat "$tmp/err")
	refused "cannot write to the standard output" "a full device is told"
	ic delete "$c"
}

test_refusals() {
	c=$prefix.refusals
	ic trace "$c"
	refused "no channel '$c'" "no such channel"
	ic create "$c" --mode 0666
	su -s /bin/sh nobody -c "$IPCCHAN trace $c" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
	refused "no permission to trace" "not root"
	unshare -m sh -c "umount -a -t tracefs,debugfs
		exec '$IPCCHAN' trace '$c'" >"$tmp/out" 2>"$tmp/err"
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
	refused "tracefs is not mounted" "no tracefs"
	ic delete "$c"
}

begin
[ -d $tracing/events/ipcchan ] || skip_all "this kernel has no events"
find / -xdev -name libtracefs.so.1 2>/dev/null | grep -q . ||
	skip_all "no libtracefs.so.1"
test_queue
test_broadcast
test_handover
test_rpc
test_dropped
test_namespaces
test_text
test_lost
test_bench
test_end
test_refusals
done_testing
