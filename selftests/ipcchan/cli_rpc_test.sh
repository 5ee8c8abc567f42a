#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The command ipcchan: calls and those who serve them.
# shellcheck source=selftests/ipcchan/cli_util.sh
. "$(dirname "$0")/cli_util.sh"

test_call() {
	c=$prefix.call
	ic create "$c" --kind rpc --max-msg-size 1000
	serve --count 7 -v tr a-z A-Z
	ic call "$c" 'hello there'
	[ "$rc" -eq 0 ] && [ "$out" = 'HELLO THERE' ] && [ "$(wc -c <"$tmp/out")" -eq 11 ]
	ok $? "call: the reply, nothing added"
	ic call "$c" --lines one two
	[ "$out" = "$(printf 'ONE\nTWO')" ]
	ok $? "call: each TEXT is a request"
	printf 'several\nlines' >"$tmp/file"
	ic call "$c" --file "$tmp/file"
	[ "$out" = "$(printf 'SEVERAL\nLINES')" ]
	ok $? "call: a file is a request"
	ic call "$c" --lines --file "$tmp/file" --timeout 20
	[ "$out" = "$(printf 'SEVERAL\nLINES')" ]
	ok $? "call --lines: each line is one"
	head -c 1000 /dev/zero | tr '\0' x >"$tmp/file"
	ic call "$c" --file "$tmp/file"
	tr x X <"$tmp/file" | cmp -s - "$tmp/out"
	ok $? "call: as long as the channel takes"
	served "served 7 messages" "serve --count: ends, with a summary"
	echo x >>"$tmp/file"
	ic call "$c" --file "$tmp/file"
	refused "longer than channel '$c' takes, 1000 bytes" "call: too long"
	ic call "$c" ok "$(cat "$tmp/file")"
	refused "longer than channel" "call: nothing is asked when a text is too long"
	ic call "$c" </dev/null
	refused "the standard input is empty" "call: an empty input"
	ic call "$c" --file "$tmp/none"
	refused "cannot open $tmp/none" "call: a file that is not there"
	ic call "$c" --timeout 0.2 x
	refused "no reply within the time limit" "call --timeout: nobody serves"
	queued_is 0 "$c" "call --timeout: its request is taken back"
	ic delete "$c"
	ic call "$c" x
	refused "no channel '$c'" "call: no such channel"
	ic serve "$c" cat
	refused "no channel '$c'" "serve: no such channel"
	ic create "$c"
	ic call "$c" x
	refused "not of a kind" "call: not an rpc channel"
	ic serve "$c" cat
	refused "not of a kind" "serve: not an rpc channel"
	ic delete "$c"
}

test_failures() {
	c=$prefix.failures
	ic create "$c" --kind rpc --max-msg-size 100
	# shellcheck disable=SC2016 # for the shell that serves
	serve --count 8 sh -c 'read -r x; eval "$x"'
	ic call "$c" 'exit 3'
	refused "Remote I/O error" "serve: a command that fails"
	ic call "$c" 'kill -9 $$'
	refused "Remote I/O error" "serve: a command that is killed"
	ic call "$c" true
	refused "No data available" "serve: a command that writes nothing"
	ic call "$c" 'head -c 101 /dev/zero'
	refused "Message too long" "serve: a reply that is too long"
	ic call "$c" 'head -c 100 /dev/zero | tr "\0" y'
	[ "$rc" -eq 0 ] && [ "$(wc -c <"$tmp/out")" -eq 100 ]
	ok $? "serve: one that is as long as may be"
	# shellcheck disable=SC2016 # likewise
	ic call "$c" 'echo $IPCCHAN_PRIO $IPCCHAN_TYPE $IPCCHAN_COOKIE $IPCCHAN_UID' \
		--prio 3 --type 4 --cookie 18446744073709551615
	[ "$out" = "3 4 18446744073709551615 0" ]
	ok $? "serve: the command knows the header"
	ic call "$c" --timeout 0.3 'sleep 1; echo late'
	refused "no reply within the time limit" "call --timeout: a slow command"
	ic call "$c" --timeout 20 'echo next'
	[ "$out" = next ]
	ok $? "serve: goes on when a client has given up"
	served "exit status 3" "serve: says why calls failed"
	has "$err" "ended by signal 9" && has "$err" "wrote nothing" &&
		has "$err" "wrote 101 bytes, the client takes 100"
	ok $? "serve: each of them"
	serve --count 1 "$tmp/none"
	ic call "$c" x
	refused "Remote I/O error" "serve: a command that is not there"
	served "cannot run '$tmp/none': No such file" "serve: says so"
	"$IPCCHAN" serve "$c" sh -c "echo >$tmp/started; sleep 10" &
	server=$!
	{
		while [ ! -e "$tmp/started" ]; do
			sleep 0.1
		done
		kill -9 $server
	} &
	ic call "$c" x
	refused "has ended without a reply" "call: the server dies"
	wait
	ic delete "$c"
}

# A command's output is not its own before it has read all, nor is its end.
test_pipes() {
	c=$prefix.pipes
	ic create "$c" --kind rpc --max-msg-size 1M --max-bytes 2M
	head -c 1000000 /dev/urandom >"$tmp/file"
	serve --count 2 cat
	ic call "$c" --file "$tmp/file"
	cmp -s "$tmp/file" "$tmp/out"
	ok $? "serve: a large request and reply"
	ic call "$c" --file "$tmp/file" --timeout 20
	cmp -s "$tmp/file" "$tmp/out"
	ok $? "serve: and another"
	served "" "serve: ends"
	serve --count 1 head -c 10
	ic call "$c" --file "$tmp/file"
	head -c 10 "$tmp/file" | cmp -s - "$tmp/out"
	ok $? "serve: a command that does not read all"
	served "" "serve: ends"
	serve --count 1 sh -c 'echo done; exec >&-; sleep 1'
	ic call "$c" x
	[ "$out" = "done" ]
	ok $? "serve: a command that ends after its output"
	served "" "serve: ends"
	ic delete "$c"
}

# What becomes of a call that is told to fail, or whose client goes away.
test_told() {
	c=$prefix.told
	ic create "$c" --kind rpc
	serve --count 1 cat
	"$IPCCHAN" call "$c" --fd 8 x >"$tmp/out" 2>"$tmp/err" 8</dev/null
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
	[ "$rc" -eq 0 ] && [ "$out" = x ]
	ok $? "call --fd: served all the same"
	served "descriptors that came with a request" "serve: says that it closed them"
	rm -f "$tmp/started"
	serve --count 1 sh -c "echo >$tmp/started; sleep 2; echo late"
	"$IPCCHAN" call "$c" x >"$tmp/out" 2>"$tmp/err" &
	client=$!
	wait_file "$tmp/started"
	kill -STOP $client
	sleep 0.2
	kill -CONT $client
	wait $client
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
	refused "interrupted; the request may have been carried out" "call: stopped and continued"
	served "" "serve: ends"
	ic delete "$c"
}

begin
test_call
test_failures
test_pipes
test_told
done_testing
