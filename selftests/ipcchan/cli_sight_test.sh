#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The verbs that show channels and who has them open: list, show, tree.

# shellcheck source=selftests/ipcchan/cli_util.sh
. "$(dirname "$0")/cli_util.sh"

# background VERB ARGUMENT...: the command, which goes on; its standard input is the FIFO
background() {
	"$IPCCHAN" "$@" <"$tmp/fifo" >"$tmp/background" 2>&1 &
	job=$!
}

# shows TEXT: show --json of channel $c does, within 20 s
shows() {
	tries=100
	while [ $tries -gt 0 ]; do
		ic show "$c" --json
		has "$out" "$1" && return
		sleep 0.2
		tries=$((tries - 1))
	done
	return 1
}

# rows: names of the channels of this test that were listed
rows() {
	printf '%s' "$out" | grep -o "\"name\":\"${prefix}[^\"]*" | sed 's/.*"//' | xargs
}

test_list() {
	ic create "$prefix.q"
	ic create "$prefix.b" --kind broadcast
	ic create "$prefix.mine"
	ic set "$prefix.mine" --owner nobody
	quiet "set --owner: prints nothing"
	ic list --kind broadcast --json
	[ "$(rows)" = "$prefix.b" ]
	ok $? "list --kind"
	ic -j list --user nobody
	[ "$(rows)" = "$prefix.mine" ] && has "$out" '"uid":65534,'
	ok $? "list --user, -j before the verb"
	ic list --user 65534 --kind broadcast -j
	[ "$rc" -eq 0 ] && [ "$out" = '[]' ]
	ok $? "list: with each of what is given"
	ic list --user nobody
	has "$out" " nobody:root " && ! has "$out" "$prefix.q"
	ok $? "list: names of users"
	ic -n list --user nobody
	has "$out" " 65534:0 "
	ok $? "list -n: their numbers"
	background recv "$prefix.q"
	c=$prefix.q
	exec 3>"$tmp/fifo"
	shows '"endpoints":1,'
	ok $? "show --json: somebody is there"
	ic delete "$prefix.q"
	ic list --deleted -j
	[ "$(rows)" = "$prefix.q" ] || has "$out" '"unlinked":true'
	ok $? "list --deleted"
	ic list --named -j
	! has "$out" '"unlinked":true'
	ok $? "list --named"
	ic list --anonymous -j
	[ "$rc" -eq 0 ] && ! has "$out" '"anonymous":false'
	ok $? "list --anonymous"
	kill "$job"
	wait "$job"
	exec 3>&-
	as_nobody list --json
	[ "$rc" -eq 0 ] && [ "$(rows)" = "$prefix.mine" ]
	ok $? "list: a user sees what is its own"
	as_nobody show "$prefix.b"
	refused "no channel '$prefix.b'" "show: and nothing else"
	ic delete "$prefix.b" "$prefix.mine"
}

test_show() {
	c=$prefix.show
	ic create "$c" --max-msgs 1
	background recv "$c" --pool --type 7
	exec 3>"$tmp/fifo"
	receiver=$job
	shows '"endpoints":1,'
	mkfifo "$tmp/fifo2"
	"$IPCCHAN" send "$c" --lines <"$tmp/fifo2" &
	sender=$!
	exec 4>"$tmp/fifo2"
	shows '"endpoints":2,'
	ok $? "show: two endpoints"
	has "$out" "\"sends\":false,\"receives\":true,\"pid\":$receiver,\"command\":\"ipcchan\"" &&
		has "$out" "\"sends\":true,\"receives\":false,\"pid\":$sender,\"command\":" &&
		has "$out" '"type":7,'
	ok $? "show --json: their processes, roles and filters"
	echo text >&4
	shows '"queued_msgs":1,'
	ok $? "show: what was sent is queued"
	ic show "$c"
	grep -q "^recv  ipcchan  root  *[0-9]* *$receiver .* 7 *0 .*MiB " "$tmp/out" &&
		grep -q "^send  ipcchan  root  *[0-9]* *$sender *$sender " "$tmp/out"
	ok $? "show: a table of them"
	ic tree "$c"
	[ "$out" = "$c  queue, 1 queued
  <- $sender ipcchan (root)
  -> $receiver ipcchan (root)" ]
	ok $? "tree: who talks to whom"
	ic -jn tree
	has "$out" "\"name\":\"$c\",\"kind\":\"queue\",\"queued_msgs\":1,\"endpoints\":2,\"senders\":[{"
	ok $? "tree --json: of all"
	ic set "$c" --mode 0666
	as_nobody tree "$c"
	has "$out" "?? 2 more that you may not see" && ! has "$out" "$sender"
	ok $? "tree: a user does not see whose they are"
	exec 3>&- 4>&-
	kill "$receiver"
	wait "$receiver" "$sender"
	ic delete "$c"
}

# The command itself waits in poll().
test_waiting() {
	c=default
	"$IPCCHAN" delete default 2>/dev/null
	head -n 1 /dev/ipcchan >/dev/null &
	job=$!
	shows '"waiting_senders":0,"waiting_receivers":1,'
	ok $? "show --json: a receiver waits"
	ic show "$c"
	has "$out" "waiting         senders 0, receivers 1"
	ok $? "show: likewise"
	echo >/dev/ipcchan
	wait "$job"
	ic delete "$c"
}

# A receiver that cannot write out what it has keeps the block.
test_blocks() {
	c=$prefix.blocks
	ic create "$c" --max-msg-size 256K
	mkfifo "$tmp/full"
	tail -f /dev/null <"$tmp/full" &
	reader=$!
	"$IPCCHAN" recv "$c" --pool --count 1 >"$tmp/full" 2>/dev/null &
	receiver=$!
	shows '"endpoints":1,'
	head -c 200000 /dev/zero | "$IPCCHAN" send "$c"
	shows '"size_bytes":'
	has "$out" '"size_bytes":200704}' && has "$out" '"blocks":1,"block_bytes":200704,'
	ok $? "show --json: the block that a receiver has"
	ic show "$c"
	grep -q '^ *[0-9]*  *[0-9]*  196 KiB$' "$tmp/out"
	ok $? "show: likewise"
	ic tree "$c" -s
	has "$out" "blocks 1 (196 KiB)"
	ok $? "tree --stats: likewise"
	kill "$reader"
	wait "$receiver" "$reader"
	ic delete "$c"
}

test_times() {
	c=$prefix.times
	ic create "$c"
	ic show "$c"
	has "$out" "time in queue   not recorded"
	ok $? "show: no times"
	ic set "$c" --times on
	quiet "set --times on"
	ic send "$c" one two three
	sleep 0.2
	ic recv "$c" --count 3
	ic show "$c" --json
	p50=$(printf '%s' "$out" | sed 's/.*"p50_ns":\([0-9]*\),.*/\1/')
	has "$out" '"time_in_queue":{"messages":3,' && [ "$p50" -gt 200000000 ]
	ok $? "show --json: three messages, each queued for 0.2 s or more"
	ic show "$c" --stats
	has "$out" "time in queue   of 3 messages, p50 " && has "$out" "  from "
	ok $? "show --stats: and how many for how long"
	ic set "$c" --times off
	ic send "$c" four
	ic recv "$c" --count 1
	ic show "$c" --json
	has "$out" '"times_recorded":false,'
	ok $? "set --times off"
	ic delete "$c"
}

begin
device_mode=$(stat -c %a /dev/ipcchan)
chmod 666 /dev/ipcchan
mkfifo "$tmp/fifo"
test_list
test_show
test_waiting
test_blocks
test_times
chmod "$device_mode" /dev/ipcchan
done_testing
