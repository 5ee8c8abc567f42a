#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The command ipcchan: kinds and options of channels, headers, filters, batches,
# descriptors.
# shellcheck source=selftests/ipcchan/cli_util.sh
. "$(dirname "$0")/cli_util.sh"

# wait_for N CHANNEL: until so many descriptors have it open
wait_for() {
	i=0
	while [ $i -lt 100 ]; do
		"$IPCCHAN" show "$2" --json 2>/dev/null | grep -q "\"endpoints\":$1," &&
			return
		sleep 0.1
		i=$((i + 1))
	done
}

test_options() {
	c=$prefix.options
	ic create "$c" --kind broadcast --slow drop-newest --hangup --timestamp \
		--sync-wake --loans --revoke --buf-size 64K --spin 20us
	quiet "create: all the options"
	ic show "$c" --json
	has "$out" '"kind":"broadcast",' && has "$out" '"spin_ns":20000,' &&
		has "$out" '"options":["hangup","timestamp","sync-wake","loans","revoke"],"slow":"drop-newest"' &&
		has "$out" '"lost":0}'
	ok $? "show --json: tells them"
	ic show "$c"
	has "$out" "options         hangup,timestamp,sync-wake,loans,revoke" &&
		has "$out" "slow receivers  drop-newest" && has "$out" "spin            20 us" &&
		has "$out" "lost            0 messages"
	ok $? "show: tells them"
	ic list
	grep -q "$c  broadcast .* 20 us  drop-newest  *hangup,timestamp,sync-wake,loans,revoke" "$tmp/out"
	ok $? "list: tells them"
	ic delete "$c"
	ic create "$c" --spin 0
	ic show "$c" --json
	has "$out" '"options":[],"slow":null,"spin_ns":0,'
	ok $? "show --json: none of them"
	ic delete "$c"
	for verb in send recv; do
		text=text
		[ $verb = send ] || text=
		# shellcheck disable=SC2086 # no word when empty
		ic $verb "$c" --create --kind rpc --max-msgs 7 --mode 0640 $text
		refused "not of a kind that does this" "$verb --create --kind rpc: no use"
		ic show "$c" --json
		has "$out" '"kind":"rpc","mode":"0640"' && has "$out" '"max_msgs":7,'
		ok $? "$verb --create: makes what it is told to"
		ic delete "$c"
	done
	for filter in --type --min-prio; do
		ic recv "$c" --create --kind rpc --max-msgs 100000 $filter 1
		refused "not of a kind that does this" "recv $filter --create --kind rpc: no use"
		ic delete "$c"
	done
	ic send "$c" --create --max-msgs 4294967295 x
	refused "--max-msgs: 4294967295 is above" "send --create: tells which limit it is"
	ic send "$c" --create --ring --buf-size 64K --max-msgs 7 </dev/null
	ic show "$c" --json
	has "$out" '"max_msgs":7,' && has "$out" '"buffer_bytes":65536,'
	ok $? "send --create --ring: makes what it is told to"
	ic delete "$c"
}

test_header() {
	c=$prefix.header
	ic create "$c" --timestamp
	ic send "$c" low
	ic send "$c" --prio 31 --type 0xffffffff --cookie 0xfedcba9876543210 high
	quiet "send: with a header"
	ic recv "$c" --count 1 --header
	printf '%s' "$out" | head -n 1 |
		grep -qE '^\[prio=31 type=4294967295 cookie=0xfedcba9876543210 pid=[0-9]+ uid=0 gid=0 lost=0 time=[0-9]+\.[0-9]{9} len=4\]$'
	ok $? "recv --header: highest priority first, its header"
	[ "$(tail -n 1 "$tmp/out")" = high ]
	ok $? "recv --header: and its bytes"
	ic recv "$c" --count 1 --json
	printf '%s' "$out" |
		grep -qE '^\{"prio":0,"type":0,"cookie":"0x0","pid":[0-9]+,"uid":0,"gid":0,"opener_pid":[0-9]+,"opener_uid":0,"opener_gid":0,"lost":0,"time_ns":[0-9]+,"fds":\[\],"fds_lost":false,"bytes":3,"text":"low"\}$'
	ok $? "recv --json: the header and the bytes"
	printf 'a\377b\n' | "$IPCCHAN" send "$c"
	printf 'a\nb' | "$IPCCHAN" send "$c"
	ic recv "$c" --nonblock --json
	has "$out" '"bytes":4,"base64":"Yf9iCg=="}' &&
		has "$out" '"bytes":3,"text":"a\nb"}' && [ "$(wc -l <"$tmp/out")" -eq 2 ]
	ok $? "recv --json: bytes that are no text, a newline within"
	for text in x xy xyz; do
		printf '\377%s' $text | "$IPCCHAN" send "$c"
	done
	ic recv "$c" --nonblock --json
	has "$out" '"/3g="' && has "$out" '"/3h5"' && has "$out" '"/3h5eg=="'
	ok $? "recv --json: base64 of every length"
	ic delete "$c"
	ic create "$c"
	ic send "$c" x
	ic recv "$c" --nonblock --json
	has "$out" '"time_ns":null,'
	ok $? "recv --json: no time without --timestamp"
	ic delete "$c"
}

# with_fds OPTION: one who receives a message with descriptors; sets rc, out, err
with_fds() {
	timeout 60 "$IPCCHAN" recv "$c" --count 1 "$@" >"$tmp/out" 2>"$tmp/err" &
	wait_for 1 "$c"
	"$IPCCHAN" send "$c" --fd 8 --fd 9 look 8<"$tmp/file" 9</dev/null
	wait $!
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
}

test_fds() {
	c=$prefix.fds
	ic create "$c"
	echo passed >"$tmp/file"
	"$IPCCHAN" send "$c" --fd 8 look 8</dev/ipcchan 2>"$tmp/err"
	rc=$? out='' err=$(cat "$tmp/err")
	refused "ipcchan cannot be passed" "send --fd: one that could carry others"
	with_fds --json
	has "$out" "\"fds\":[\"$tmp/file\",\"/dev/null\"],\"fds_lost\":false"
	ok $? "recv --json: what the descriptors are open on"
	with_fds --header
	has "$out" " fd=$tmp/file fd=/dev/null len=4]"
	ok $? "recv --header: likewise"
	with_fds
	[ "$rc" -eq 0 ] && [ "$out" = look ]
	ok $? "recv: descriptors are no obstacle"
	(
		# shellcheck disable=SC3045 # busybox and dash have it
		ulimit -n 24
		exec timeout 60 "$IPCCHAN" recv "$c" --count 40 --batch 2 --header >"$tmp/out"
	) &
	wait_for 1 "$c"
	seq 1 40 | "$IPCCHAN" send "$c" --lines --fd 8 --fd 9 8<"$tmp/file" 9</dev/null
	wait $!
	rc=$? out=$(head -n 4 "$tmp/out") err=''
	[ "$rc" -eq 0 ] && [ "$(grep -c fd=/dev/null "$tmp/out")" -eq 40 ]
	ok $? "recv --header: closes them"
	# nobody has the channel open between the two
	"$IPCCHAN" send "$c" --fd 8 look 8<"$tmp/file"
	ic recv "$c" --count 1 --header
	has "$out" " fds-lost len=4]"
	ok $? "recv --header: descriptors that were lost"
	ic delete "$c"
}

test_filter() {
	c=$prefix.filter
	ic create "$c"
	ic send "$c" --type 1 --prio 1 one
	ic send "$c" --type 2 --prio 2 two
	ic send "$c" --type 3 --prio 3 three
	ic recv "$c" --nonblock --type 2
	[ "$rc" -eq 0 ] && [ "$out" = two ]
	ok $? "recv --type: only those"
	ic recv "$c" --nonblock --min-prio 2
	[ "$out" = three ]
	ok $? "recv --min-prio: only those"
	ic recv "$c" --timeout 0.3 --type 2 --count 1
	refused "after 0 of 1 messages" "recv --type: waits for one that fits"
	queued_is 1 "$c" "recv: the others wait for other receivers"
	ic delete "$c"
	ic create "$c" --max-msgs 100000
	ic recv "$c" --type 1
	refused "--type: channel '$c' may hold too many" "recv --type: a channel that is too long"
	ic delete "$c"
}

test_batch() {
	c=$prefix.batch
	seq 1 3000 >"$tmp/file"
	ic create "$c" --max-msgs 5000
	ic send "$c" --lines --batch 64 --file "$tmp/file" -v
	[ "$rc" -eq 0 ] && has "$err" "sent 3000 messages, $(wc -c <"$tmp/file") bytes"
	ok $? "send --batch: lines"
	ic recv "$c" --batch 100 --count 1001
	head -n 1001 "$tmp/file" | cmp -s - "$tmp/out"
	ok $? "recv --batch --count: in order, no more than that"
	queued_is 1999 "$c" "recv --batch --count: the rest stays"
	tail -n +1002 "$tmp/file" >"$tmp/rest"
	ic recv "$c" --batch 1024 --bytes "$(wc -c <"$tmp/rest")"
	[ "$rc" -eq 0 ] && cmp -s "$tmp/rest" "$tmp/out"
	ok $? "recv --batch --bytes: the rest, exactly"
	ic delete "$c"

	ic create "$c" --max-msgs 4
	head -c 300000 /dev/urandom >"$tmp/file"
	timeout 60 "$IPCCHAN" send "$c" --batch 32 --msg-size 1000 --file "$tmp/file" &
	ic recv "$c" --batch 8 --bytes 300000 --file "$tmp/copy"
	wait $! && cmp -s "$tmp/file" "$tmp/copy"
	ok $? "send --batch: more than the channel holds"
	ic send "$c" --batch 10 --nonblock 1 2 3 4 5 6
	refused "is full; 4 messages were sent before" "send --batch --nonblock: as far as it goes"
	ic recv "$c" --nonblock --batch 1024
	[ "$out" = 1234 ]
	ok $? "send --batch --nonblock: and those are there"
	# a line that is there is not held back for those that may follow
	{
		echo now
		sleep 3
	} | "$IPCCHAN" send "$c" --lines --batch 100 &
	ic recv "$c" --count 1 --timeout 2
	[ "$rc" -eq 0 ] && [ "$out" = now ]
	ok $? "send --batch: what has been read is sent"
	wait $!
	ic send "$c" 1 2 3 4
	ic send "$c" --timeout 0.2 5
	refused "full for the time limit" "send --timeout: full"
	ic delete "$c"
	ic create "$c" --ring --buf-size 4K
	head -c 3000 /dev/urandom >"$tmp/file"
	ic send "$c" --ring --timeout 0.2 --msg-size 100 --file "$tmp/file"
	refused "full for the time limit" "send --ring --timeout: full"
	ic delete "$c"
}

# pooled OPTION...: one who receives from $c by a pool, in the background, as $receiver
pooled() {
	timeout 60 "$IPCCHAN" recv "$c" --pool -v "$@" >"$tmp/out" 2>"$tmp/err" </dev/null &
	receiver=$!
	wait_for 1 "$c"
	tries=200
	while [ $tries -gt 0 ] && ! grep -qs ' r--s [0-9a-f]* .*/dev/ipcchan$' /proc/[0-9]*/maps; do
		sleep 0.1
		tries=$((tries - 1))
	done
}

# pooled_done: it has ended; sets rc, out, err
pooled_done() {
	wait "$receiver"
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
}

test_pool() {
	c=$prefix.pool
	ic create "$c"
	ic send "$c" "before "
	pooled --count 3
	"$IPCCHAN" send "$c" "in place, " "and in place"
	pooled_done
	[ "$rc" -eq 0 ] && [ "$out" = "before in place, and in place" ] &&
		has "$err" "received 3 messages" && has "$err" "2 of them were read in place"
	ok $? "recv --pool: what is sent from then on is read in place"
	head -c 300000 /dev/urandom >"$tmp/file"
	pooled --bytes 300000 --batch 4 --file "$tmp/copy"
	"$IPCCHAN" send "$c" --msg-size 1000 --file "$tmp/file"
	pooled_done
	[ "$rc" -eq 0 ] && cmp -s "$tmp/file" "$tmp/copy" && has "$err" "received 300 messages" &&
		! has "$err" "recv: 0 of them"
	ok $? "recv --pool --bytes --batch: more than the pool holds at once"
	# not to be beyond --bytes, and that is seen before it is received
	pooled --bytes 5
	"$IPCCHAN" send "$c" "too long"
	pooled_done
	refused "longer than what is missing to --bytes 5" "recv --pool --bytes: what goes beyond"
	queued_is 1 "$c" "recv --pool --bytes: stays"
	ic recv "$c" --nonblock
	pooled --count 2 --json
	ic recv "$c" --pool --nonblock
	refused "another receiver of channel '$c' has one" "recv --pool: a second pool"
	"$IPCCHAN" send "$c" --fd 8 --type 7 with 8</dev/null
	"$IPCCHAN" send "$c" --prio 3 text
	pooled_done
	has "$out" '"type":7,' && has "$out" '"fds":["/dev/null"]' && has "$out" '"text":"with"}' &&
		has "$out" '"prio":3,' && has "$err" "2 of them were read in place"
	ok $? "recv --pool --json: with its header"
	ic delete "$c"
	ic create "$c" --kind broadcast
	ic recv "$c" --pool
	refused "--pool: channel '$c' is not of the kind queue" "recv --pool: of a broadcast"
	ic delete "$c"
}

test_signal() {
	c=$prefix.signal
	ic create "$c"
	for sig in INT TERM HUP; do
		"$IPCCHAN" recv "$c" --batch 8 -v --timeout 20 >"$tmp/out" 2>"$tmp/err" </dev/null &
		wait_for 1 "$c"
		kill -s $sig $!
		wait $!
		rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
		[ "$rc" -eq 0 ] && has "$err" "received 0 messages"
		ok $? "recv: ended by SIG$sig, in order"
	done
	ic delete "$c"
}

test_share() {
	c=$prefix.share
	user='setpriv --reuid 65534 --regid 65534 --clear-groups'
	$user true 2>/dev/null || user="su -s /bin/sh nobody -c"
	if ! $user true 2>/dev/null; then
		skip "the share of another user" "neither setpriv nor su works here"
		return
	fi
	ic create "$c" --mode 0666 --max-msgs 8
	chmod 666 /dev/ipcchan
	case $user in
	su*) $user "$IPCCHAN send $c --nonblock 1 2 3 4 5 6 7 8" >"$tmp/out" 2>"$tmp/err" ;;
	*) $user "$IPCCHAN" send "$c" --nonblock 1 2 3 4 5 6 7 8 >"$tmp/out" 2>"$tmp/err" ;;
	esac
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
	chmod 600 /dev/ipcchan
	refused "share of the room in channel '$c'" "send --nonblock: a share that is used up"
	has "$err" "4 messages were sent before"
	ok $? "send --nonblock: says how far it came"
	ic delete "$c"
}

test_hangup() {
	c=$prefix.hangup
	ic create "$c" --hangup
	seq 1 100 >"$tmp/file"
	{
		wait_for 1 "$c"
		"$IPCCHAN" send "$c" --lines --file "$tmp/file"
	} &
	ic recv "$c" --batch 8
	wait $!
	[ "$rc" -eq 0 ] && cmp -s "$tmp/file" "$tmp/out"
	ok $? "recv: ends with the last sender (--hangup)"
	ic delete "$c"
	ic create "$c" --hangup --max-msgs 4
	{
		wait_for 1 "$c"
		seq 1 100 | "$IPCCHAN" send "$c" --lines >"$tmp/sent" 2>&1
		echo $? >>"$tmp/sent"
	} &
	ic recv "$c" --count 5
	wait $!
	has "$(cat "$tmp/sent")" "every receiver has left" && [ "$(tail -n 1 "$tmp/sent")" = 2 ]
	ok $? "send: fails when the last receiver has left (--hangup)"
	ic delete "$c"
}

test_broadcast() {
	c=$prefix.broadcast
	ic create "$c" --kind broadcast --slow drop-oldest --max-msgs 4
	"$IPCCHAN" recv "$c" --count 2 --lines >"$tmp/one" &
	one=$!
	"$IPCCHAN" recv "$c" --count 2 --lines --batch 2 >"$tmp/two" &
	wait_for 2 "$c"
	ic send "$c" first second
	wait $one && wait $! && [ "$(cat "$tmp/one")" = "$(printf 'first\nsecond')" ] &&
		cmp -s "$tmp/one" "$tmp/two"
	ok $? "broadcast: each receiver gets each message"
	"$IPCCHAN" recv "$c" --count 4 --json >"$tmp/one" &
	wait_for 1 "$c"
	kill -STOP $!
	seq 1 10 | "$IPCCHAN" send "$c" --lines --batch 10
	kill -CONT $!
	wait $!
	rc=$? out=$(cat "$tmp/one")
	[ "$rc" -eq 0 ] && grep -q '"lost":[1-9]' "$tmp/one"
	ok $? "broadcast: a slow receiver is told what it lost"
	ic show "$c"
	has "$out" "lost            " && ! has "$out" "lost            0 "
	ok $? "broadcast: the channel counts it"
	ic delete "$c"
	ic create "$c" --kind broadcast --slow disconnect --max-msgs 4
	"$IPCCHAN" recv "$c" >"$tmp/one" 2>"$tmp/two" &
	wait_for 1 "$c"
	kill -STOP $!
	seq 1 10 | "$IPCCHAN" send "$c" --lines
	kill -CONT $!
	wait $!
	rc=$? out='' err=$(cat "$tmp/two")
	refused "was too slow" "broadcast: one that was cut off is told"
	ic delete "$c"
}

begin
test_options
test_header
test_fds
test_filter
test_batch
test_pool
test_signal
test_share
test_hangup
test_broadcast
done_testing
