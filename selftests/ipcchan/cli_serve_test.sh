#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The command ipcchan serve: the commands that it runs, and its end.
# shellcheck source=selftests/ipcchan/cli_util.sh
. "$(dirname "$0")/cli_util.sh"

test_jobs() {
	c=$prefix.jobs
	ic create "$c" --kind rpc
	# the first waits for what the second does
	mkfifo "$tmp/fifo"
	serve --count 2 --jobs 2 sh -c "read -r x; if [ \$x = wait ]; then read -r y <$tmp/fifo; else y=two; echo one >$tmp/fifo; fi; echo \$y"
	timeout 60 "$IPCCHAN" call "$c" wait >"$tmp/first" &
	first=$!
	ic call "$c" go
	[ "$rc" -eq 0 ] && [ "$out" = two ] && wait $first && [ "$(cat "$tmp/first")" = one ]
	ok $? "serve --jobs 2: two at a time"
	served "" "serve --jobs: ends when both are done"
	serve --count 20 --jobs 5 cat
	i=0
	while [ $i -lt 20 ]; do
		timeout 60 "$IPCCHAN" call "$c" "number $i" >"$tmp/reply.$i" &
		i=$((i + 1))
	done
	served "" "serve --jobs 5: twenty clients"
	wait
	i=0 bad=0
	while [ $i -lt 20 ]; do
		[ "$(cat "$tmp/reply.$i")" = "number $i" ] || bad=1
		i=$((i + 1))
	done
	ok $bad "serve --jobs 5: each has its own reply"
	ic delete "$c"
}

test_end() {
	c=$prefix.end
	ic serve "$c" --create --timeout 0.3 --hangup cat
	quiet "serve --timeout: ends by itself"
	ic show "$c" --json
	has "$out" '"kind":"rpc"' && has "$out" '"options":["hangup"]'
	ok $? "serve --create: makes an rpc channel"
	ic serve "$c" --timeout 0.3 --count 1 cat
	refused "ended after 0 of 1 requests" "serve --timeout --count: too few"
	ic delete "$c"
	ic create "$c" --kind rpc
	for sig in INT TERM; do
		rm -f "$tmp/started"
		"$IPCCHAN" serve "$c" -v sh -c "echo >$tmp/started; sleep 1; cat" \
			>"$tmp/serve.out" 2>"$tmp/serve.err" </dev/null &
		server=$!
		{
			while [ ! -e "$tmp/started" ]; do
				sleep 0.1
			done
			kill -s $sig $server
		} &
		ic call "$c" text
		[ "$rc" -eq 0 ] && [ "$out" = text ]
		ok $? "serve: SIG$sig waits for the command"
		served "served 1 messages" "serve: ended by SIG$sig, in order"
	done
	# the command's own signals are as they were
	serve --count 1 sh -c 'yes | head -n 1'
	ic call "$c" x
	[ "$out" = y ]
	ok $? "serve: SIGPIPE is not ignored in the command"
	served "" "serve: ends"
	ic delete "$c"
}

# ended NAME: the server ends by itself, within 20 s
ended() {
	tries=200
	while kill -0 $server 2>/dev/null && [ $tries -gt 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	kill -9 $server 2>/dev/null
	wait $server
	rc=$? out=$(cat "$tmp/serve.out") err=$(cat "$tmp/serve.err")
	[ "$rc" -eq 0 ]
	ok $? "$1"
}

# More commands than there are descriptors, each waits until all run.
test_many_jobs() {
	c=$prefix.many
	ic create "$c" --kind rpc
	rm -f "$tmp"/run.* "$tmp/go"
	(
		# shellcheck disable=SC3045 # busybox and dash have it
		ulimit -Sn 64
		exec "$IPCCHAN" serve "$c" --count 36 --jobs 200 --timeout 60 \
			sh -c "read -r x; echo >$tmp/run.\$x; while [ ! -e $tmp/go ]; do sleep 0.2; done; echo \$x \$(ulimit -n)" \
			>"$tmp/serve.out" 2>"$tmp/serve.err" </dev/null
	) &
	server=$!
	i=0
	while [ $i -lt 36 ]; do
		timeout 100 "$IPCCHAN" call "$c" "$i
" >"$tmp/reply.$i" 2>&1 &
		i=$((i + 1))
	done
	tries=300
	while [ "$(find "$tmp" -name 'run.*' | wc -l)" -lt 36 ] && [ $tries -gt 0 ]; do
		sleep 0.2
		tries=$((tries - 1))
	done
	echo >"$tmp/go"
	served "" "serve --jobs 200: with 64 open files allowed, and more to be had"
	wait
	i=0 bad=0
	while [ $i -lt 36 ]; do
		[ "$(cat "$tmp/reply.$i")" = "$i 64" ] || bad=1
		i=$((i + 1))
	done
	out=$(head -n 3 "$tmp"/reply.*)
	ok $bad "serve --jobs 200: 36 at once, whose limit is as it was"
	(
		# shellcheck disable=SC3045 # likewise
		ulimit -n 64
		exec timeout 20 "$IPCCHAN" serve "$c" --jobs 200 cat >"$tmp/out" 2>"$tmp/err"
	)
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
	refused "--jobs 200 needs" "serve --jobs: more than may be had"
	ic delete "$c"
}

# What a command leaves running, and signals that serve was started without.
test_inherited() {
	c=$prefix.inherited
	ic create "$c" --kind rpc
	serve --count 2 sh -c 'sleep 50 & head -c 50000 /dev/zero | tr "\\0" y'
	ic call "$c" --timeout 20 x
	[ "$rc" -eq 0 ] && [ "$(wc -c <"$tmp/out")" -eq 50000 ]
	ok $? "serve: a process that holds the output open is not waited for"
	ic call "$c" --timeout 20 x
	[ "$rc" -eq 0 ]
	ok $? "serve: nor the next time"
	ended "serve: and ends"
	(
		trap '' CHLD
		exec "$IPCCHAN" serve "$c" --count 1 cat >"$tmp/serve.out" 2>"$tmp/serve.err" </dev/null
	) &
	server=$!
	ic call "$c" --timeout 20 x
	[ "$rc" -eq 0 ] && [ "$out" = x ]
	ok $? "serve: SIGCHLD ignored by who started it"
	ended "serve: and ends"
	(
		trap '' HUP TERM
		# shellcheck disable=SC2016 # for the shell that serves
		exec "$IPCCHAN" serve "$c" --count 2 sh -c 'kill -HUP $$; kill -TERM $$; echo alive' \
			>"$tmp/serve.out" 2>"$tmp/serve.err" </dev/null
	) &
	server=$!
	ic call "$c" --timeout 20 x
	[ "$rc" -eq 0 ] && [ "$out" = alive ]
	ok $? "serve: the command's signals are as serve had them"
	kill -HUP $server
	sleep 0.2
	ic call "$c" --timeout 20 x
	[ "$rc" -eq 0 ] && [ "$out" = alive ]
	ok $? "serve: under nohup SIGHUP does not end it"
	ended "serve: and ends"
	ic delete "$c"
}

# start_group COMMAND: a server that leads a process group, and a call of it
start_group() {
	rm -f "$tmp/started"
	setsid "$IPCCHAN" serve "$c" sh -c "$1" >"$tmp/serve.out" 2>"$tmp/serve.err" </dev/null &
	server=$!
	timeout 60 "$IPCCHAN" call "$c" text >"$tmp/out" 2>"$tmp/err" &
	client=$!
	wait_file "$tmp/started"
}

end_call() {
	wait $client
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
}

# gone PID: it has ended, or nobody has reaped it
gone() {
	tries=50
	while grep -q '^State:[^Z]*$' "/proc/$1/status" 2>/dev/null && [ $tries -gt 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	[ $tries -gt 0 ]
}

test_signals() {
	c=$prefix.signals
	ic create "$c" --kind rpc
	for sig in INT TERM HUP; do
		start_group "echo >$tmp/started; sleep 1; cat"
		kill -$sig -$server
		end_call
		[ "$rc" -eq 0 ] && [ "$out" = text ]
		ok $? "serve: SIG$sig to its process group waits for the command"
		served "" "serve: ends in order"
	done
	start_group "sleep 50 & echo \$! >$tmp/child; echo \$\$ >$tmp/parent; echo >$tmp/started; wait"
	kill -TERM $server
	sleep 0.3
	kill -0 "$(cat "$tmp/parent")" && kill -0 $server
	ok $? "serve: the first signal leaves the command alone"
	kill -TERM $server
	end_call
	refused "has ended without a reply" "serve: the second signal ends it"
	served "killed" "serve: says what it did"
	gone "$(cat "$tmp/parent")" && gone "$(cat "$tmp/child")"
	ok $? "serve: the second signal kills the command and what it started"
	ic delete "$c"
}

begin
test_jobs
test_many_jobs
test_inherited
test_signals
test_end
done_testing
