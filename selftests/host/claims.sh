#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The claims: each is tried and told, the verdicts are made of the numbers and of nothing else,
# and the texts are in the language of the locale.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

# shellcheck source=selftests/host/claims-files.sh
. "$(dirname "$0")/claims-files.sh"

# holds FILTER NAME: the JSON of the claims fulfils FILTER
holds() {
	jq -e "$1" "$tmp/json" >"$tmp/jq" 2>&1
	ok $? "$2"
}

run claims --list
[ "$rc" -eq 0 ] && [ -z "$err" ] && [ "$(printf '%s\n' "$out" | grep -c '^ *[0-9]*\. ')" -eq 24 ]
ok $? "24 are listed"

# What is timed may have too few samples on a busy machine.  Claim 21 wants a network of its own.
networks=1
unshare -n true 2>"$tmp/err" || networks=0

run claims --quick --json
cp "$tmp/out" "$tmp/json"
untried=$(jq -r --argjson networks $networks '.claims[] | select(.verdict == "untried") |
	select((.number == (1, 3, 6, 7, 19, 21) and (.why |
		test("too few samples|could not be told apart|in time"))) or
		(.number == 21 and $networks == 0) | not) | "\(.number): \(.why)"' "$tmp/json")
[ -z "$err" ] && [ -z "$untried" ]
ok $? "all can be tried${untried:+, but $untried}"
[ "$rc" -eq "$(jq 'if any(.claims[]; .verdict == "untried") then 2 else 0 end' "$tmp/json")" ]
ok $? "and that is the exit status"
holds '.schema == "ipcchan-claims/1" and [.claims[].number] == [range(1; 25)]' "all are there, in order"
holds '[.claims[] | .concept, .statement, .done, (select(.failed == null) | .seen)] |
	all(type == "string" and length > 3)' "each says what was done and seen"
holds '[.claims[].verdict] - ["holds", "holds_with_a_condition", "does_not_hold", "untried"] == []' \
	"each has a verdict"
holds '[.claims[] | select(.verdict != "holds") | .why] | all(type == "string")' \
	"and a reason where it does not simply hold"
holds '[.claims[].numbers[] | values | .value | type == "number"] | length > 100 and all' \
	"numbers are numbers"
holds '[.claims[].numbers[] | values | select(.interval)] | length >= 6 and
	all(.interval[0] <= .value and .value <= .interval[1] and .interval_percent >= 95)' \
	"what was timed has an interval"
# However fast what is: the verdict is that of the numbers
# shellcheck disable=SC2016 # of jq
holds 'def below($bound): . != null and (if .interval then .interval[1] else .value end) < $bound;
	def verdict($first; $second): if $first | not then "does_not_hold"
		elif $second then "holds" else "holds_with_a_condition" end;
	[.claims[] | select(.verdict != "untried")] | map({ (.number | tostring): . }) | add |
	[(.["1"] | values | [.verdict, (.numbers |
		verdict(.waiting_jobs_time_of_two_to_one_ratio | below(0.95);
			.computing_jobs_time_of_two_to_one_ratio | below(0.95)))]),
	(.["3"] | values | [.verdict, (.numbers |
		verdict(.["2_pieces_time_of_two_to_one_ratio"] | below(0.95);
			.many_pieces_time_of_two_to_one_ratio | below(0.95)))]),
	(.["6"] | values | [.verdict, "holds_with_a_condition"]),
	(.["19"] | values | [.verdict, (.numbers |
		[.mapped_to_pipe_65536_bytes_time_ratio, .mapped_to_pipe_1048576_bytes_time_ratio |
			below(1)] | verdict(any; all))]) | .[0] == .[1]] |
	all' \
	"what is about time fits its numbers"
# What the kernel does the same way on every machine
holds '[.claims[] | select(.number == (4, 5, 8, 17, 23)) | .verdict] | unique == ["holds"]' "some hold"
holds '[.claims[] | select(.number == (2, 9, 10, 11, 13, 14, 16, 18, 20, 22)) | .verdict] |
	unique == ["holds_with_a_condition"]' "some are half true"
holds '[.claims[] | select(.number == (12, 15, 24)) | .verdict] | unique == ["does_not_hold"]' "some do not hold"
holds '.claims[5].numbers | .message_races.value == 0 and .shared_plain_races.value >= 4 and
	.shared_semaphores_races.value == 0 and .shared_forgotten_steps_that_race.value == 2 and
	.message_forgotten_steps_that_race.value == 0' "the checker finds races where there are some"
holds '.claims[5].numbers | .records.value == 200 and .message_right_records == .records and
	.shared_semaphores_right_records == .records and
	.message_forgotten_steps_that_only_lose_records == .message_steps_to_forget and
	.shared_forgotten_steps_that_only_lose_records.value == 2' \
	"all records come right, and not all where a step is forgotten that cannot race"
holds '.claims[21].numbers | .posix_memory_after_it_was_to_be_doubled_bytes.value == 2 * .segment_bytes.value and
	2 * .posix_memory_after_it_was_to_be_halved_bytes.value == .segment_bytes.value' \
	"POSIX memory grows and shrinks"
if [ ! -e /dev/ipcchan ]; then
	holds '.module == false and (.claims[4, 5, 15].seen | contains("module of ipcchan is not loaded"))' \
		"what would need the module says so"
fi
[ -z "$(ls "$TMPDIR")" ]
ok $? "nothing is left behind"

# NUMBER NAME=VALUE...: such numbers, by the verdict that they are to make; beside them those
# that were seen
cat >"$tmp/holds" <<'PLAN'
1 waiting_jobs_time_of_two_to_one_ratio=0.6 computing_jobs_time_of_two_to_one_ratio=0.6 results_seen_in_a_variable=0 results_seen_by_ipc=1
2 users=2 unlocked_lost_updates=0 locked_lost_updates=0
3 2_pieces_time_of_two_to_one_ratio=0.5 many_pieces_time_of_two_to_one_ratio=0.6
4 right_systems=2 modules_that_noticed_and_went_on=2
5 pipe_without_calls_signal=31 pipe_without_calls_messages=0 shared_memory_without_calls_signal=0 shared_memory_without_calls_messages=8 wanted_messages=8
6 shared_to_pipe_blocking_64_bytes_ratio=0.9 shared_to_pipe_blocking_65536_bytes_ratio=0.5 shared_to_pipe_spinning_64_bytes_ratio=0.2 shared_to_pipe_spinning_65536_bytes_ratio=0.5 shared_fastest_64_bytes_round_trip_ns=0 pipe_blocking_64_bytes_round_trip_ns=9
7 pipe_enter_and_leave_share_percent=5 unsynchronised_lost_updates=1 semaphore_lost_updates=0
8 unchecked_stale_reads=0 unchecked_torn_reads=1 checked_wrong_reads=0
9 mechanisms_that_carry_8_bytes=4 mechanisms_with_room_for_64_bytes=4 mechanisms_that_carry_64_bytes=4
10 messages_from_grandchild=0 messages_from_a_stranger_given_a_descriptor=0 messages_from_a_stranger_over_proc=0
11 held_without_a_reader_bytes=0 read_after_the_writer_ended_bytes=0 pipe_copies=1 process_vm_readv_copies=1
12 turns_of_writers=2 long_lines_mixed=0
13 without_permission_errno=0
14 own_messages_read_back=0
15 processes_with_the_pipe_open_at_once=1
16 posix_queue_right_messages=null
17 replies_that_came_to_their_client=40
18 mapped_within_the_heap=1
19 mapped_to_pipe_65536_bytes_time_ratio=0.4 mapped_to_pipe_1048576_bytes_time_ratio=0.4 mapped_to_pipe_64_bytes_time_ratio=1
20 directions_of_a_pair_without_a_server=0
21 other_network_unix_connect_errno=0 local_unix_round_trip_ns=9 local_tcp_round_trip_ns=9 other_network_tcp_round_trip_ns=9
22 posix_memory_after_it_was_to_be_doubled_bytes=0 posix_memory_after_it_was_to_be_halved_bytes=1000000000
23 write_to_read_only_signal=11
24 attached_with_a_smaller_size=0
PLAN
cat >"$tmp/holds_with_a_condition" <<'PLAN'
1 waiting_jobs_time_of_two_to_one_ratio=0.6 computing_jobs_time_of_two_to_one_ratio=1
2 users=2 unlocked_lost_updates=1 locked_lost_updates=0
3 2_pieces_time_of_two_to_one_ratio=0.5 many_pieces_time_of_two_to_one_ratio=1.6
4 modules_that_noticed_and_went_on=1
5 shared_memory_without_calls_signal=31
6 shared_to_pipe_blocking_64_bytes_ratio=1.1 shared_to_pipe_blocking_65536_bytes_ratio=0.5 shared_fastest_64_bytes_round_trip_ns=9 pipe_blocking_64_bytes_round_trip_ns=9
7 pipe_enter_and_leave_share_percent=5 unsynchronised_lost_updates=0
8 checked_wrong_reads=1
9 mechanisms_with_room_for_64_bytes=3 mechanisms_that_carry_64_bytes=3
10 messages_from_grandchild=1
11 held_without_a_reader_bytes=0 pipe_copies=2 process_vm_readv_copies=1
12 turns_of_writers=9 short_lines_mixed=1
13 without_permission_errno=13
14 own_messages_read_back=1
15 turns_of_writers=9 short_lines_mixed=1
16 pipe_reads=3
17 messages_taken_by_type=1
18 file_changed_outside_bytes=1
19 mapped_to_pipe_65536_bytes_time_ratio=1.1 mapped_to_pipe_1048576_bytes_time_ratio=0.4 mapped_to_pipe_64_bytes_time_ratio=1
20 connect_without_a_server_errno=0
21 other_network_unix_connect_errno=111 local_unix_round_trip_ns=9 local_tcp_round_trip_ns=9 other_network_tcp_round_trip_ns=9
22 posix_memory_after_it_was_to_be_doubled_bytes=0 posix_memory_after_it_was_to_be_halved_bytes=0
23 write_to_read_only_signal=0
PLAN
cat >"$tmp/does_not_hold" <<'PLAN'
1 waiting_jobs_time_of_two_to_one_ratio=1 computing_jobs_time_of_two_to_one_ratio=1
2 locked_lost_updates=1
3 2_pieces_time_of_two_to_one_ratio=1 many_pieces_time_of_two_to_one_ratio=1
4 right_systems=1
5 pipe_without_calls_signal=0 shared_memory_without_calls_messages=0
6 message_right_records=199 shared_to_pipe_blocking_64_bytes_ratio=0.9 shared_to_pipe_blocking_65536_bytes_ratio=0.5 shared_fastest_64_bytes_round_trip_ns=0 pipe_blocking_64_bytes_round_trip_ns=9
6 message_races=1 shared_to_pipe_blocking_64_bytes_ratio=1 shared_to_pipe_blocking_65536_bytes_ratio=1 shared_fastest_64_bytes_round_trip_ns=9 pipe_blocking_64_bytes_round_trip_ns=9
7 pipe_enter_and_leave_share_percent=0.1 unsynchronised_lost_updates=0
8 unchecked_stale_reads=0 unchecked_torn_reads=0 checked_wrong_reads=0
9 mechanisms_with_room_for_64_bytes=3 mechanisms_that_carry_64_bytes=2
10 write_to_read_end_errno=0
12 turns_of_writers=9 short_lines_mixed=0 long_lines_mixed=1
13 messages_between_strangers=0
14 right_messages_over_two_pipes=0
15 turns_of_writers=9 short_lines_mixed=0 long_lines_mixed=1
16 sysv_queue_right_messages=1
17 messages_taken_by_type=0 replies_that_came_to_their_client=0 messages_of_3_senders_to_2_receivers=0
18 file_changed_in_the_part_bytes=0
19 mapped_to_pipe_65536_bytes_time_ratio=1 mapped_to_pipe_1048576_bytes_time_ratio=1 mapped_to_pipe_64_bytes_time_ratio=1
20 clients_served=0
21 other_network_tcp_round_trip_ns=0 other_network_unix_connect_errno=0 local_unix_round_trip_ns=9 local_tcp_round_trip_ns=9
22 larger_segment_errno=0
23 right_rounds=0
24 larger_size_errno=0
PLAN
cat >"$tmp/untried" <<'PLAN'
2 users=1
7 pipe_enter_and_leave_share_percent=null
PLAN

# An interval decides: what may be no gain is none
cat >"$tmp/plan.jq" <<'JQ'
def value: if . == "null" then null else { value: tonumber, interval: null, interval_percent: null } end;
($plan | split("\n") | map(select(length > 0) | split(" ") |
	{ number: (.[0] | tonumber), set: [.[1:][] | split("=") | { (.[0]): (.[1] | value) }] | add })) as $wanted |
.claims |= [.[] | . as $claim | $wanted[] | select(.number == $claim.number) as $plan |
	if [$plan.set | keys[] | in($claim.numbers)] | all then
		$claim | .numbers += $plan.set | .failed = null
	else
		error("claim \($plan.number) has no such number")
	end]
JQ

for verdict in holds holds_with_a_condition does_not_hold untried; do
	wanted=0
	[ $verdict != untried ] || wanted=2
	jq --rawfile plan "$tmp/$verdict" -f "$tmp/plan.jq" "$tmp/json" >"$tmp/planted"
	run claims --from "$tmp/planted" --json
	[ "$rc" -eq $wanted ] && [ -z "$err" ] &&
		printf '%s\n' "$out" | jq -e --arg verdict "$verdict" --rawfile plan "$tmp/$verdict" \
			'(.claims | length) == ($plan | split("\n") | length - 1) and
			all(.claims[]; .verdict == $verdict)' >"$tmp/jq"
	ok $? "such numbers make it: $verdict"
done

# between BOUNDS: the verdict of a gain that lies between them
between() {
	jq ".claims[0].numbers.waiting_jobs_time_of_two_to_one_ratio |=
		{ value: 0.6, interval: $1, interval_percent: 99 }" "$tmp/json" >"$tmp/planted"
	run claims --from "$tmp/planted" --json 1
	out=$(printf '%s\n' "$out" | jq -r '.claims[0].verdict')
}

between '[0.5, 1.1]'
[ "$out" = does_not_hold ]
ok $? "what may be no gain is none"
between '[0.5, 0.7]'
[ "$out" != does_not_hold ]
ok $? "what surely is one is one"

jq '.claims |= [.[0] | .numbers.results_seen_by_ipc = null]' "$tmp/json" >"$tmp/planted"
run claims --from - <"$tmp/planted"
"$IPCCHAN" claims --from - <"$tmp/planted" >"$tmp/out"
[ $? -eq 2 ] && grep -q '=> could not be tried: .*results_seen_by_ipc' "$tmp/out"
ok $? "without a number there is no verdict, it is said which, and 2"
jq '.claims[0].failed = ""' "$tmp/planted" >"$tmp/empty"
run claims --from "$tmp/empty"
[ "$rc" -eq 2 ] && has "$out" "=> could not be tried: there is no number results_seen_by_ipc"
ok $? "nor where what failed has no text"

# Each sentence is that of its number
jq '.claims[] |= (.failed = null | .numbers |= with_entries(if .key | test("_(errno|signal)$")
	then .value = { value: 0, interval: null, interval_percent: null } else . end))' \
	"$tmp/json" >"$tmp/planted"
run claims --from "$tmp/planted" --json
out=$(printf '%s\n' "$out" | jq -r '.claims[].seen | select(test("(errno|[Ss]ignal) 0"))')
[ -z "$out" ]
ok $? "of what was not refused no error is told"

run claims 25
refused 1 "NUMBER" "there is no such claim"
run claims --list 1
refused 1 "--list" "a list of one"
run claims --quick --from "$tmp/json"
refused 1 "--quick" "nothing is measured quickly"
run claims --from "$tmp/missing"
refused 2 "cannot open $tmp/missing" "no such file"
echo nonsense >"$tmp/nonsense"
run claims --from "$tmp/nonsense"
refused 1 "is no JSON" "no JSON"
printf '[\033[2J]' >"$tmp/nonsense"
run claims --from "$tmp/nonsense"
refused 1 "is no JSON" "nor what moves the cursor"
[ "$(printf %s "$err" | tr -d '[:print:]' | wc -c)" -eq 0 ]
ok $? "which does not come to the terminal"
echo '{"schema": "ipcchan-bench/1"}' >"$tmp/nonsense"
run claims --from "$tmp/nonsense"
refused 1 "no result of ipcchan claims" "results of another verb"
jq '.claims[0].number = 99' "$tmp/json" >"$tmp/nonsense"
run claims --from "$tmp/nonsense"
refused 1 "no result of ipcchan claims" "claims that nobody knows"
jq '.claims |= [.[0]]' "$tmp/json" >"$tmp/planted"
# an interval that is none, with which any value would be below any other
for interval in '["x", "y"]' '[2, 1]' '[1]' 3; do
	jq --argjson interval "$interval" '.claims[0].numbers = (.claims[0].numbers |
		map_values({ value: 1, interval: $interval, interval_percent: 95 }))' \
		"$tmp/json" >"$tmp/nonsense"
	run claims --from "$tmp/nonsense"
	refused 1 "no result" "an interval of $interval is refused"
done
run claims --from "$tmp/planted" 7
refused 1 "none of these claims" "a claim that is not in the file"

po=$root/user/cli/po/ko.po
if command -v xgettext >/dev/null; then
	rc=0 out=$(msgfmt --check --statistics -o /dev/null "$po" 2>&1)
	! has "$out" untranslated && ! has "$out" fuzzy && has "$out" " translated messages."
	ok $? "the translation is whole"
	xgettext -L C -k_ -kN_ -klab_fail:3 -o "$tmp/pot" "$root"/user/cli/claims/*.c \
		"$root"/user/cli/bench/runner.c 2>"$tmp/err"
	out=$(msgcmp "$po" "$tmp/pot" 2>&1)
	ok $? "and of the texts that there are"
else
	skip "the translation is whole" "no gettext"
	skip "and of the texts that there are" "no gettext"
fi

# in_korean COMMAND ARG...: in a locale of this test's own
in_korean() {
	by env LOCPATH="$tmp/locales" LC_ALL=ko_KR.UTF-8 LANGUAGE='' "$@"
}

# shows_korean: runs what the page shows, a line after the other; where a line asks for Korean
# there is nothing else
shows_korean() {
	asked=0
	mkdir "$tmp/shown"
	while IFS= read -r line; do
		by env LOCPATH="$tmp/locales" PATH="${IPCCHAN%/*}:$PATH" \
			sh -c "cd '$tmp/shown' && $line"
		[ "$rc" -eq 0 ] && [ -z "$err" ] || return
		case $line in
		*ko*)
			asked=$((asked + 1))
			has "$out" "성립" && ! has "$out" "hold" || return
			;;
		esac
	done
	[ "$asked" -eq 2 ]
}

# all_korean: each text of the JSON in $tmp/out has a letter of Korean
all_korean() {
	[ -z "$err" ] && jq -e '[.claims[] | .concept, .statement, .done, .seen, (.why | values)] |
		length > 96 and all(test("[가-힣]"))' "$tmp/out" >"$tmp/jq"
}

mkdir "$tmp/locales"
if localedef -i ko_KR -f UTF-8 "$tmp/locales/ko_KR.UTF-8" 2>"$tmp/err"; then
	in_korean "$IPCCHAN" claims --from "$tmp/json" --json
	all_korean
	ok $? "Korean where the locale asks for it"
	in_korean "$IPCCHAN" claims --from "$tmp/json"
	has "$out" "조건부로 성립함" && has "$out" "프로세스 간 통신" && ! has "$out" "holds"
	ok $? "for people, too"
	mkdir -p "$tmp/usr/bin" "$tmp/usr/share"
	cp "$IPCCHAN" "$tmp/usr/bin/ipcchan"
	cp -r "${IPCCHAN%/*}/locale" "$tmp/usr/share/locale"
	: >"$tmp/usr/bin/locale"
	in_korean "$tmp/usr/bin/ipcchan" claims --from "$tmp/json" --json
	all_korean
	ok $? "and where it is installed"
	awk -f "$root/selftests/ipcchan/docs.awk" -v want=session \
		"$root/Documentation/man/man1/ipcchan-claims.1" | sed -n 's/^\$ //p' >"$tmp/examples"
	shows_korean <"$tmp/examples"
	ok $? "and in what the page shows"
	if [ $networks -eq 1 ]; then
		in_korean unshare -n "$IPCCHAN" claims --json 20
		[ "$rc" -eq 2 ] && printf '%s\n' "$out" |
			jq -e '.claims[0].why | test("프로세스 0:")' >"$tmp/jq"
		ok $? "and why something could not be tried"
	else
		skip "and why something could not be tried" "needs a network namespace"
	fi
else
	for what in "where the locale asks for it" "for people, too" "where it is installed" \
		"in what the page shows" "why something could not be tried"; do
		skip "Korean $what" "no locale can be made: $(head -n 1 "$tmp/err")"
	done
fi
LANGUAGE=ko run claims --from "$tmp/json"
has "$out" "=> holds" && ! has "$out" "성립"
ok $? "English in the locale C"

done_testing
