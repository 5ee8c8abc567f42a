#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The verbs that show and change channels: list, show, set, stats, tree, quota, report.

# shellcheck source=selftests/ipcchan/cli_util.sh
. "$(dirname "$0")/cli_util.sh"

# background VERB ARGUMENT...: the command, which goes on; its standard input is the FIFO
background() {
	"$IPCCHAN" "$@" <"$tmp/fifo" >"$tmp/background" 2>&1 &
	job=$!
}

# attached N: channel $c gets so many endpoints, within 20 s
attached() {
	tries=200
	while [ $tries -gt 0 ]; do
		ic show "$c" --json
		has "$out" "\"endpoints\":$1," && return
		sleep 0.1
		tries=$((tries - 1))
	done
	return 1
}

# as_nobody ARGUMENT...: as ic does, by a user that owns nothing
as_nobody() {
	timeout 60 su -s /bin/sh nobody -c "$IPCCHAN $*" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
}

# rows: names of the channels of this test that were listed
rows() {
	printf '%s' "$out" | grep -o "\"name\":\"$prefix[^\"]*" | sed 's/.*"//' | xargs
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
	attached 1
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

test_set() {
	c=$prefix.set
	ic create "$c" --max-msgs 10
	ic show "$c" --json
	id=$(printf '%s' "$out" | sed 's/.*{"id":\([0-9]*\),"name":"'"$c"'".*/\1/')
	ic set id "$id" --max-msgs 2 --max-msg-size 4 --max-bytes 8 --mode 0620 --spin 20us \
		--owner nobody:nogroup
	quiet "set id N: all there is to set"
	ic show "$c" --json
	has "$out" '"mode":"0620","uid":65534,"gid":65534,"max_msgs":2,"max_msg_size_bytes":4,' &&
		has "$out" '"max_queued_bytes":8,' && has "$out" '"spin_ns":20000,'
	ok $? "show: it is so"
	ic set "$c" --owner :0 --spin 0
	ic show "$c" --json
	has "$out" '"uid":65534,"gid":0,' && has "$out" '"spin_ns":0,'
	ok $? "set --owner :GROUP, --spin 0"
	ic set "$c" --owner root
	ic send "$c" 1 2
	ic send "$c" --nonblock 3
	refused "is full" "the new limit holds"
	ic set "$c" --max-msgs 3
	ic send "$c" --nonblock 3
	quiet "and a larger one lets more in"
	ic set "$c" --max-msgs 1
	queued_is 3 "$c" "what is queued stays under a smaller one"
	ic set "$c" --max-msgs 4294967295 --mode 0777
	[ "$rc" -eq 2 ] && has "$err" "channel '$c'"
	ok $? "set: a limit above the module's is refused"
	ic show "$c" --json
	has "$out" '"mode":"0620"'
	ok $? "and then nothing is changed"
	ic set "$c" --owner nobody
	as_nobody set "$c" --max-msgs 7
	quiet "set: by the owner"
	as_nobody set "$c" --owner root
	refused "channel '$c': " "set --owner: not by the owner"
	ic set "$c" --owner root
	as_nobody set "$c" --max-msgs 8
	[ "$rc" -eq 2 ]
	ok $? "set: not by others"
	ic set "$prefix.nix" --max-msgs 1
	refused "no channel '$prefix.nix'" "set: no such channel"
	ic set id 4294967295 --max-msgs 1
	[ "$rc" -eq 2 ] && has "$err" "no channel"
	ok $? "set: no such id"
	ic delete "$c"
}

test_show() {
	c=$prefix.show
	ic create "$c" --max-msgs 1
	background recv "$c" --pool --type 7
	exec 3>"$tmp/fifo"
	receiver=$job
	attached 1
	mkfifo "$tmp/fifo2"
	"$IPCCHAN" send "$c" --lines <"$tmp/fifo2" &
	sender=$!
	exec 4>"$tmp/fifo2"
	attached 2
	ok $? "show: two endpoints"
	has "$out" "\"sends\":false,\"receives\":true,\"pid\":$receiver,\"command\":\"ipcchan\"" &&
		has "$out" "\"sends\":true,\"receives\":false,\"pid\":$sender,\"command\":" &&
		has "$out" '"type":7,'
	ok $? "show --json: their processes, roles and filters"
	echo text >&4
	queued_is 1 "$c" "what was sent is queued" || sleep 1
	ic show "$c"
	has "$out" "waiting         0 senders, 1 receivers" &&
		grep -q "^recv  ipcchan  root  *[0-9]* *$receiver .* 7 *0 .*MiB " "$tmp/out" &&
		grep -q "^send  ipcchan  root  *[0-9]* *$sender *$sender " "$tmp/out"
	ok $? "show: a table of them, and who waits"
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

# A receiver that cannot write out what it has keeps the block.
test_blocks() {
	c=$prefix.blocks
	ic create "$c" --max-msg-size 256K
	mkfifo "$tmp/full"
	sleep 60 <"$tmp/full" &
	reader=$!
	"$IPCCHAN" recv "$c" --pool --count 1 >"$tmp/full" &
	receiver=$!
	attached 1
	head -c 200000 /dev/zero | "$IPCCHAN" send "$c"
	tries=100
	until ic show "$c" && has "$out" "blocks
ENDPOINT  OFFSET" || [ $tries -eq 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	grep -q '^ *[0-9]*  *[0-9]*  196 KiB$' "$tmp/out"
	ok $? "show: the block that a receiver has"
	ic show "$c" --json
	has "$out" '"size_bytes":200704}' && has "$out" '"blocks":1,"block_bytes":200704,'
	ok $? "show --json: likewise"
	ic tree "$c" -s
	has "$out" "blocks 1 (196 KiB)"
	ok $? "tree --stats: likewise"
	kill "$reader"
	wait "$receiver" "$reader"
	ic delete "$c"
}

test_stats() {
	c=$prefix.stats
	ic create "$c"
	ic send "$c" one two
	ic stats "$c" --json
	[ "$rc" -eq 0 ] && has "$out" "\"name\":\"$c\",\"stats\":{\"sent\":2,\"sent_bytes\":6,"
	ok $? "stats --json"
	ic stats
	[ "$rc" -eq 0 ] && grep -q "^$c *2 *6 *0 " "$tmp/out"
	ok $? "stats: of all"
	(
		sleep 0.5
		"$IPCCHAN" send "$c" three
	) &
	ic stats "$c" --interval 2 --count 1 --json
	wait $!
	[ "$rc" -eq 0 ] && [ "$(wc -l <"$tmp/out")" -eq 1 ] &&
		has "$out" '"sent_per_s":0.4' && has "$out" '"received_per_s":0.0,'
	ok $? "stats --interval --json: one more in about two seconds"
	ic stats "$c" -i 0.2 -c 3
	[ "$rc" -eq 0 ] && [ "$(grep -c "^$c  *0  " "$tmp/out")" -eq 3 ]
	ok $? "stats --interval: so many tables"
	"$IPCCHAN" stats --interval 60 >"$tmp/out" 2>"$tmp/err" &
	job=$!
	sleep 1
	kill "$job"
	wait "$job"
	rc=$?
	[ "$rc" -eq 0 ]
	ok $? "stats --interval: ends at a signal"
	ic delete "$c"
	ic stats "$c"
	refused "no channel '$c'" "stats: no such channel"
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

test_quota() {
	c=$prefix.quota
	ic create "$c" --max-msgs 10
	ic quota --user root --json
	[ "$rc" -eq 0 ] && has "$out" '[{"uid":0,"items":[{"name":"user_channels","used":'
	ok $? "quota --json"
	ic quota
	has "$out" "USER " && grep -q '^root  user_channels  *[1-9][0-9]*  *[0-9]*  *[0-9.]*%$' "$tmp/out"
	ok $? "quota: a table"
	as_nobody quota
	[ "$rc" -eq 0 ] && ! has "$out" "root  "
	ok $? "quota: a user sees its own"
	ic delete "$c"
}

test_report() {
	c=$prefix.report
	ic create "$c"
	ic send "$c" a-secret-text
	ic report
	[ "$rc" -eq 0 ] && [ -z "$err" ] && has "$out" "ok    roundtrip" &&
		grep -q "  $c  *queue " "$tmp/out" && has "$out" "user_channels"
	ok $? "report: channels, quotas, the doctor"
	! has "$out" a-secret-text
	ok $? "report: nothing of what messages say"
	! has "$out" "missing: channels" && ! has "$out" "missing: endpoints" &&
		! has "$out" "missing: quotas" && ! has "$out" "missing: kernel log"
	ok $? "report: root lacks none of these"
	as_nobody report
	[ "$rc" -eq 0 ] && has "$out" "== end ==" && ! has "$out" "  $c  "
	ok $? "report: by a user"
	ic delete "$c"
}

begin
device_mode=$(stat -c %a /dev/ipcchan)
chmod 666 /dev/ipcchan
mkfifo "$tmp/fifo"
test_list
test_set
test_show
test_blocks
test_stats
test_times
test_quota
test_report
chmod "$device_mode" /dev/ipcchan
done_testing
