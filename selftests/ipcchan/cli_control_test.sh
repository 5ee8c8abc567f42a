#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The verbs that change channels and tell what goes on: set, stats, quota, report.

# shellcheck source=selftests/ipcchan/cli_util.sh
. "$(dirname "$0")/cli_util.sh"

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
	refused "no channel in this network namespace has the id 4294967295" "set: no such id"
	! has "$err" "ipcchan create"
	ok $? "set: no advice to make a channel of that name"
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
	keep_sending "$c"
	ic stats "$c" --interval 2 --count 1 --json
	end_sending
	[ "$rc" -eq 0 ] && [ "$(wc -l <"$tmp/out")" -eq 1 ] &&
		has "$out" '"sent_per_s":' && ! has "$out" '"sent_per_s":0.0,' &&
		has "$out" '"received_per_s":0.0,'
	ok $? "stats --interval --json: what is sent meanwhile"
	ic stats "$c" -i 0.2 -c 3
	[ "$rc" -eq 0 ] && [ "$(grep -c "^$c  *0  " "$tmp/out")" -eq 3 ]
	ok $? "stats --interval: so many tables"
	"$IPCCHAN" stats --interval 60 >"$tmp/out" 2>"$tmp/err" &
	job=$!
	until_waiting "$job"
	kill "$job"
	wait "$job"
	rc=$?
	[ "$rc" -eq 0 ]
	ok $? "stats --interval: ends at a signal"
	"$IPCCHAN" stats --interval 0.2 2>"$tmp/err" | head -n 1 >"$tmp/out"
	out='' err=$(cat "$tmp/err")
	[ -z "$err" ]
	ok $? "stats --interval: ends quietly when nobody reads it"
	ic delete "$c"
	ic stats "$c"
	refused "no channel '$c'" "stats: no such channel"
	ic stats 4294967295
	refused "has the name or the id 4294967295" "stats: no such name and no such id"
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
test_set
test_stats
test_quota
test_report
chmod "$device_mode" /dev/ipcchan
done_testing
