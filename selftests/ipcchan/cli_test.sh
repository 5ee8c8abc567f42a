#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The command ipcchan with the module loaded.  Needs root, ipcchan in PATH (or
# IPCCHAN) and a POSIX shell; busybox will do.

# shellcheck source=selftests/ipcchan/cli_util.sh
. "$(dirname "$0")/cli_util.sh"

test_life() {
	c=$prefix.life
	ic create "$c" --mode 0640 --max-msgs 3 --max-msg-size 2K --max-bytes 5K \
		--buf-size 5000
	quiet "create: prints nothing"
	ic create "$c"
	refused "exists already" "create: again"
	ic show "$c" --json
	[ "$rc" -eq 0 ] && has "$out" "\"name\":\"$c\",\"anonymous\":false" &&
		has "$out" '"kind":"queue","mode":"0640","uid":0,"gid":0,"max_msgs":3,' &&
		has "$out" '"max_msg_size_bytes":2048,"max_queued_bytes":5120,' &&
		has "$out" '"buffer_bytes":8192,"buffer_huge_bytes":0,"buffer_node":null,' && has "$out" '"stats":{"sent":0,'
	ok $? "show --json: what create was told"
	id=$(printf '%s' "$out" | sed 's/.*"id":\([0-9]*\).*/\1/')
	ic show "$id"
	[ "$rc" -eq 0 ] && has "$out" "name            $c" &&
		has "$out" "max msg size    2 KiB (2048 bytes)"
	ok $? "show: by id"
	ic list
	[ "$rc" -eq 0 ] && has "$(head -n 1 "$tmp/out")" "MAX-MSG-SIZE" &&
		grep -q "^ *$id  $c  *queue  0640  root:root " "$tmp/out"
	ok $? "list: a row of the table"
	ic list --json --stats
	[ "$rc" -eq 0 ] && [ "$(wc -l <"$tmp/out")" -eq 1 ] &&
		has "$out" "\"id\":$id,\"name\":\"$c\"" && has "$out" '"wakeups":0,"lost":0}'
	ok $? "list --json: one line"
	case $out in
	"[{"*"}]") ok 0 "list --json: an array of objects" ;;
	*) ok 1 "list --json: an array of objects" ;;
	esac
	ic delete "$c"
	quiet "delete: prints nothing"
	ic show "$c"
	refused "no channel '$c'" "show: after delete"
	ic delete "$c"
	refused "no channel '$c'" "delete: again"
	ic create "$c" -v
	[ "$rc" -eq 0 ] && [ "$out" -gt "$id" ]
	ok $? "create -v: prints a new id"
	ic delete "$c.nix" "$c"
	refused "'$c.nix'" "delete: reports the one that is missing"
	ic show "$c"
	refused "no channel" "delete: removes the others all the same"
}

test_limits() {
	c=$prefix.limits
	for option in --max-msgs=4294967295 --max-msg-size=4294967295 \
		--max-bytes=9000000000000000000 --buf-size=9000000000000000000; do
		ic create "$c" "$option"
		refused "${option%=*}: ${option#*=} is above what the module allows" \
			"create: ${option%=*} above the limit"
	done
	ic show "$c"
	refused "no channel" "create: nothing is made when it is refused"
	ic create "$c" --buf-huge
	refused "--buf-huge is for a shared buffer" "create: --buf-huge without a buffer"
	ic create "$c" --buf-size 64K --buf-node 4711
	refused "this machine has no node 4711" "create: a NUMA node that there is not"
	ic create "$c" --buf-size 64K --buf-huge --buf-node 0
	quiet "create: a buffer of a NUMA node"
	ic show "$c" --json
	has "$out" '"buffer_bytes":65536,"buffer_huge_bytes":0,"buffer_node":0,'
	ok $? "show --json: a buffer that is too small for huge pages, of node 0"
	ic show "$c"
	has "$out" "in huge pages   0 B" && has "$out" "of NUMA node    0"
	ok $? "show: the same"
	ic delete "$c"
	ic create "$c" --buf-size 64K --loans
	ic show "$c"
	has "$out" "in blocks       0 B"
	ok $? "show: how much of the buffer is in use"
	ic show "$c" --json
	has "$out" '"buffer_used_bytes":0,"pool_bytes":0,"pool_used_bytes":0,'
	ok $? "show --json: the same, and of a pool"
	ic delete "$c"
	ic create "$c" --ring --buf-huge
	quiet "create --ring: with a buffer of its own, in huge pages"
	ic delete "$c"
	ic create "$c" --ring --buf-size 1
	quiet "create --ring: in the smallest buffer, a page"
	ic create "$prefix.ring1" --ring --buf-size 64K
	quiet "create --ring: with a size"
	ic delete "$c" "$prefix.ring1"
}

test_text() {
	c=$prefix.text
	ic create "$c" --max-msgs 4 --max-msg-size 8
	ic send "$c" one 'two 2' "$(printf 'three\n3')"
	quiet "send: three texts"
	queued_is 3 "$c" "send: three messages are queued"
	ic recv "$c" --count 1
	[ "$rc" -eq 0 ] && [ "$out" = one ] && [ "$(wc -c <"$tmp/out")" -eq 3 ]
	ok $? "recv --count 1: the first, nothing added"
	ic recv "$c" --count 2 --lines
	printf 'two 2\nthree\n3\n' | cmp -s - "$tmp/out"
	ok $? "recv --lines: a newline after each"
	ic send "$c" fits 'does not fit'
	refused "12 bytes is longer than channel '$c' takes, 8 bytes" "send: too long"
	queued_is 0 "$c" "send: nothing is sent when a text is too long"
	ic send "$c" --msg-size 9
	refused "--msg-size 8" "send: too large a --msg-size"
	ic send "$c" --nonblock 1 2 3 4 5
	refused "is full; 4 messages were sent before" "send --nonblock: full"
	ic recv "$c" --nonblock -v
	[ "$rc" -eq 0 ] && [ "$out" = 1234 ] && has "$err" "received 4 messages, 4 bytes in 0."
	ok $? "recv --nonblock: all there is, with a summary"
	ic recv "$c" --nonblock --count 1
	refused "empty after 0 of 1 messages" "recv --nonblock --count: too few"
	ic send "$prefix.nix" text
	refused "no channel '$prefix.nix'" "send: no such channel"
	ic recv "$prefix.nix" --file "$tmp/none"
	[ "$rc" -eq 2 ] && [ ! -e "$tmp/none" ]
	ok $? "recv: no such channel, no file"
	ic delete "$c"
	ic send "$c" --create --ring </dev/null
	[ "$rc" -eq 0 ]
	ok $? "send --create --ring: makes the channel"
	ic delete "$c"
	ic send "$c" --create text
	quiet "send --create: makes the channel"
	ic recv "$c" --create --count 1
	[ "$out" = text ]
	ok $? "recv --create: takes the one that is there"
	ic send "$c" --ring text
	refused "no shared buffer" "send --ring: no buffer"
	ic delete "$c"
	ic create "$c" --buf-size 64K
	ic recv "$c" --ring
	refused "holds no ring" "recv --ring: no ring in the buffer"
	ic delete "$c"
}

# hundredths of seconds since the machine booted
uptime_cs() {
	cut -d' ' -f1 /proc/uptime | tr -d .
}

# lasts CHANNEL OPTION...: a reception that times out after 1.5 s takes that long
lasts() {
	start=$(uptime_cs)
	ic recv "$@" --timeout 1.5
	took=$(($(uptime_cs) - start))
	[ "$rc" -eq 0 ] && [ -z "$out$err" ] && [ "$took" -ge 149 ]
	ok $? "recv --timeout: ends by itself, in time${2:+ ($2)}"
}

test_end() {
	c=$prefix.end
	ic create "$c"
	lasts "$c"
	ic create "$c.ring" --ring
	lasts "$c.ring" --ring
	ic delete "$c.ring"
	ic recv "$c" --timeout 0.1 --bytes 10
	refused "after 0 of 10 bytes" "recv --timeout --bytes: too few"
	ic send "$c" 12345 67890
	ic recv "$c" --bytes 7
	[ "$rc" -eq 2 ] && [ "$out" = 12345 ] && has "$err" "stays in the channel"
	ok $? "recv --bytes: a message that goes beyond is not taken"
	queued_is 1 "$c" "recv --bytes: it is still there"
	ic recv "$c" --bytes 5
	[ "$rc" -eq 0 ] && [ "$out" = 67890 ]
	ok $? "recv --bytes: exactly"
	for sig in INT TERM; do
		for how in '' --ring; do
			[ -z "$how" ] || { ic delete "$c"; ic create "$c" --ring; }
			# shellcheck disable=SC2086  # no word when empty
			interrupted $sig $how
		done
		ic delete "$c"
		ic create "$c"
	done
	ic delete "$c"
}

# A shell starts jobs with SIGINT ignored: the command must take it all the same.
interrupted() {
	sig=$1
	shift
	"$IPCCHAN" recv "$c" -v "$@" >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	"$IPCCHAN" send "$c" "$@" text
	i=0
	while [ ! -s "$tmp/out" ] && [ $i -lt 100 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	kill -s "$sig" $pid
	wait $pid
	rc=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
	[ "$rc" -eq 0 ] && [ "$out" = text ] && has "$err" "received 1 messages, 4 bytes"
	ok $? "recv $*: ended by SIG$sig, in order"
}

# carry FILE NAME SEND-OPTIONS -- RECV-OPTIONS: a sender and a receiver at once
carry() {
	file=$1 name=$2
	shift 2
	size=$(wc -c <"$file")
	sending=''
	while [ "$1" != -- ]; do
		sending="$sending $1"
		shift
	done
	shift
	# shellcheck disable=SC2086  # options are words
	timeout 60 "$IPCCHAN" send "$c" $sending <"$file" 2>"$tmp/err" &
	timeout 60 "$IPCCHAN" recv "$c" --bytes "$size" --file "$tmp/copy" "$@" \
		</dev/null >"$tmp/out" 2>>"$tmp/err"
	rc=$?
	# a sender whose receiver has failed would wait for ever
	[ "$rc" -eq 0 ] || kill $! 2>/dev/null
	wait $! || rc=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
	[ "$rc" -eq 0 ] && cmp -s "$file" "$tmp/copy"
	ok $? "$name"
	rm -f "$tmp/copy"
}

test_files() {
	c=$prefix.files
	ic create "$c" --ring --max-msgs 16
	for size in 1 63 64 4095 4096 65537 1000001 5000000; do
		head -c $size /dev/urandom >"$tmp/file"
		carry "$tmp/file" "file of $size bytes through the channel" --
		carry "$tmp/file" "file of $size bytes through the ring" --ring -- --ring
	done
	head -c 70000 /dev/urandom >"$tmp/file"
	carry "$tmp/file" "messages of 7 bytes through the channel" --msg-size 7 --
	carry "$tmp/file" "messages of 7 bytes through the ring" --msg-size 7 --ring -- --ring
	{
		seq 1 5000
		echo
		printf 'no newline at the end'
	} >"$tmp/file"
	carry "$tmp/file" "lines through the channel" --lines --
	carry "$tmp/file" "lines through the ring" --lines --ring -- --ring
	: >"$tmp/file"
	ic send "$c" --file "$tmp/file" -v
	[ "$rc" -eq 0 ] && has "$err" "sent 0 messages, 0 bytes"
	ok $? "an empty file is no message"
	ic delete "$c"
}

test_spin() {
	c=$prefix.spin
	ic create "$c" --ring=spin
	if [ "$(grep -c ^processor /proc/cpuinfo)" -eq 1 ]; then
		refused "one CPU" "create --ring=spin: refused on one CPU"
		return
	fi
	quiet "create --ring=spin"
	head -c 100000 /dev/urandom >"$tmp/file"
	carry "$tmp/file" "file through the spinning ring" --msg-size 1000 --ring -- --ring
	ic recv "$c" --ring --count 1 --timeout 0.3
	refused "after 0 of 1 messages" "recv --ring: a spinning ring times out"
	ic delete "$c"
}

test_long_line() {
	c=$prefix.long
	ic create "$c" --max-msg-size 10
	printf 'short\n1234567890\nlast' >"$tmp/file"
	ic send "$c" --lines --file "$tmp/file"
	refused "line 2 is longer than channel" "send --lines: a line that is too long"
	ic recv "$c" --nonblock
	[ "$out" = short ]
	ok $? "send --lines: the lines before it were sent"
	ic delete "$c"
}

# A message that cannot be written: a ring keeps it, for a queue it is lost.
test_output() {
	c=$prefix.output
	for how in '' --ring; do
		if [ -n "$how" ]; then ic create "$c" --ring; else ic create "$c"; fi
		# shellcheck disable=SC2086  # no word when empty
		"$IPCCHAN" send "$c" $how text more
		# shellcheck disable=SC2086
		ic recv "$c" --count 2 --file /dev/full $how
		refused "No space left on device" "recv $how: a full device is told"
		if [ -n "$how" ]; then
			has "$err" "still in the ring"
			ok $? "recv --ring: the message is kept"
			ic recv "$c" --ring --count 2 --lines
			[ "$out" = "$(printf 'text\nmore')" ]
			ok $? "recv --ring: and comes again"
		else
			has "$err" "is lost"
			ok $? "recv: the loss is told"
			queued_is 1 "$c" "recv: nothing more is taken"
			{
				timeout 60 "$IPCCHAN" recv "$c" --count 1 2>"$tmp/err"
				echo $? >"$tmp/rc"
			} | :
			rc=$(cat "$tmp/rc") out='' err=$(cat "$tmp/err")
			refused "Broken pipe" "recv: a closed pipe is told"
		fi
		ic delete "$c"
	done
	ic create "$c"
	ic recv "$c" --file "$tmp/no/such"
	refused "cannot write to $tmp/no/such" "recv: a file that cannot be made"
	ic delete "$c"
}

test_access() {
	c=$prefix.access
	user='setpriv --reuid 65534 --regid 65534 --clear-groups'
	if ! $user true 2>/dev/null; then
		user="su -s /bin/sh nobody -c"
		if ! $user true 2>/dev/null; then
			skip "permissions" "neither setpriv nor su works here"
			return
		fi
	fi
	ic create "$c" --mode 0644
	chmod 666 /dev/ipcchan
	as_user() {
		case $user in
		su*) $user "$IPCCHAN $*" >"$tmp/out" 2>"$tmp/err" </dev/null ;;
		*) $user "$IPCCHAN" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null ;;
		esac
		rc=$?
		out=$(cat "$tmp/out")
		err=$(cat "$tmp/err")
	}
	as_user send "$c" text
	refused "permission denied on channel '$c'" "another user may not send"
	as_user recv "$c" --nonblock
	quiet "another user may receive where the mode says so"
	as_user recv "$c" --ring
	refused "permission denied" "another user may not use the ring"
	as_user delete "$c"
	refused "only the owner" "another user may not delete"
	as_user create "$c.mine"
	quiet "another user may create"
	as_user delete "$c.mine"
	quiet "and delete what is its own"
	chmod 600 /dev/ipcchan
	as_user send "$c" text
	refused "permission denied on /dev/ipcchan" "no permission on the device"
	as_user doctor
	[ "$rc" -eq 2 ] && has "$out" "FAIL  device     user 65534 may not open"
	ok $? "the doctor tells another user of it"
	chmod "$device_mode" /dev/ipcchan
	ic delete "$c"
}

test_doctor() {
	ic doctor
	[ "$rc" -eq 0 ] && ! has "$out" FAIL && ! has "$out" skip
	ok $? "doctor: nothing failed"
	for check in module device abi netlink roundtrip buffer; do
		grep -q "^ok    $check " "$tmp/out"
		ok $? "doctor: $check"
	done
	ic doctor --json
	[ "$rc" -eq 0 ] && has "$out" '{"schema":"ipcchan-doctor/1","ok":true,"checks":[{'
	ok $? "doctor --json"
}

begin
device_mode=$(stat -c %a /dev/ipcchan)
test_life
test_limits
test_text
test_end
test_files
test_spin
test_long_line
test_output
test_access
test_doctor
done_testing
