#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# bench compare and bench rank: what they say of results that are known, and of what is none.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

command -v jq >/dev/null || skip_all "needs jq"

# row TRANSPORT WORKLOAD SIZE WAIT PLACEMENT NS RUNS [FILTER]: whose runs take NS and, each,
# a thousandth of it more than the one before
row() {
	jq -n --arg transport "$1" --arg workload "$2" --argjson size "$3" --arg wait "$4" \
		--arg placement "$5" --argjson ns "$6" --argjson runs "$7" "{
		transport: \$transport, workload: \$workload, size_bytes: \$size, wait: \$wait,
		placement: \$placement, payload: \"write+read\", producers: 1, consumers: 1,
		status: \"ok\", runs: \$runs, per_run: [range(\$runs) | (\$ns * (1 + . / 1000))
			as \$t | { messages_per_s: (1e9 / \$t), p999_ns: null, p50_ns: \$t,
			p99_ns: (if \$workload == \"pingpong\" then \$t * 3 else null end) }]
		} | ${8:-.}"
}

# results FILE [FILTER]: of the rows read
results() {
	jq -s "{ schema: \"ipcchan-bench/1\", partial: false, results: .,
		environment: { kernel: \"6.1\", cpu_model: \"a CPU\", load: \"0.1\" },
		parameters: { runs: 10, duration_ns: 100000000, seed: 1 } } | ${2:-.}" >"$tmp/$1"
}

# line PATTERN NAME: there is such a line
line() {
	printf '%s\n' "$out" | grep -Eq "$1"
	ok $? "$2"
}

{
	row pipe pingpong 64 block same 2000 10
	row pipe stream 64 block same 500 10
	row fifo pingpong 64 block same 2100 10
	row tcp pingpong 64 block same 9000 10
	row udp pingpong 64 block same 9000 10
	row eventfd pingpong 64 block same 7000 5
	row futex pingpong 64 block same 7000 10
} | results old
{
	row pipe pingpong 64 block same 2120 10
	row pipe stream 64 block same 450 10
	row fifo pingpong 64 block same 2112 10
	row tcp pingpong 64 block same 9000 10 '.size_bytes = 65'
	row udp pingpong 64 block same 9000 0 '.status = "timeout"'
	row eventfd pingpong 64 block same 9000 5
	row futex pingpong 64 block same 7000 10
} | results new '.environment.kernel = "6.2" | .environment.load = "9" |
	.parameters.duration_ns = 7'

run bench compare "$tmp/old" "$tmp/new"
[ "$rc" -eq 0 ] && [ -z "$err" ]
ok $? "two files are compared"
line '^pipe +pingpong +64 .* p50 ns +2,009 +2,130 +\+6\.0 % .* slower$' "a slower round trip"
line '^pipe +pingpong .* p99 ns .* slower$' "and its p99"
line '^pipe +stream .* ns/message .* -10\.0 % .* faster$' "a faster stream"
line '^fifo +pingpong .* p50 ns .* \+0\.6 % .* indistinguishable$' "what is less than 1 %"
line '^eventfd .* too few runs$' "five runs are too few"
line '^futex .* \+0\.0 % .* indistinguishable$' "the same"
line '^Only in .*/old: tcp, pingpong of 64 bytes.*wait block\.$' "a row of the old file only"
line '^Only in .*/new: tcp, pingpong of 65 bytes' "a row of the new file only"
line '^Only in .*/old: udp.*; there: timeout\.$' "and one without figures, with its status"
line '^Mind: kernel differs: "6.1" then "6.2"\.$' "another kernel is told"
line '^Mind: duration_ns differs: 100000000 then 7\.$' "runs of another length, too"
! has "$out" "load differs" && ! has "$out" cpu_model
ok $? "and no more than that"

"$IPCCHAN" bench compare - "$tmp/new" <"$tmp/old" | sed "s|in -:|in $tmp/old:|" >"$tmp/both"
[ "$(cat "$tmp/both")" = "$out" ]
ok $? "one of them may be the standard input"

run bench compare "$tmp/old" "$tmp/new" --gate 5%
[ "$rc" -eq 3 ] && has "$out" "2 of 7 figures are slower by more than 5 %"
ok $? "a gate of 5 % is not passed by 6 %"
run bench compare "$tmp/old" "$tmp/new" --gate 6.1
[ "$rc" -eq 0 ] && has "$out" "0 of 7 figures"
ok $? "one of 6.1 % is"
# the change of 6 % is beyond this gate, but not all that it may be
run bench compare "$tmp/old" "$tmp/new" --gate 5.8%
[ "$rc" -eq 0 ]
ok $? "so is one that the change is not surely beyond"
run bench compare "$tmp/new" "$tmp/old" --gate 5%
[ "$rc" -eq 3 ] && line '^pipe +stream .* slower$' "a slower stream is found, too"
run bench compare "$tmp/old" "$tmp/new" --effect 0.5%
line '^fifo +pingpong .* slower$' "a smaller effect, if it is asked for"

# Open loops are rows of their own, by what was offered, and compared by their times
for file in old new; do
	jq --arg file $file '.results |= [.[0] | .workload = "openloop" | .arrivals = "poisson" |
		(50, 90) as $p | .offered_percent = $p
		| .offered_per_s = if $file == "old" then 1 else 2 end]' "$tmp/$file" >"$tmp/open-$file"
done
run bench compare "$tmp/open-old" "$tmp/open-new"
line '^pipe +openloop .* p50 ns .* slower 90 %$' "a rate that is offered is part of the case"

# Instructions are not called times, and times that are not those of a machine not those of one
for file in old new; do
	jq '.environment.times_valid = false | .environment.times_invalid_reason = "it is \u001b[2J" |
		.environment.arch = "'$file'"' "$tmp/$file" >"$tmp/emulated-$file"
	jq '.environment.clock = "instructions"' "$tmp/emulated-$file" >"$tmp/insn-$file"
done
run bench compare "$tmp/emulated-old" "$tmp/new"
line "^Mind: the times of $tmp/emulated-old are not those of a machine: \"it is .u001[bB].2J\"\.\$" \
	"an emulated machine is told"
! has "$out" "times of $tmp/new"
ok $? "and which of the two it is"
for file in old new; do
	jq --arg file $file '.floor = [{ placement: "same",
		round_trip_ns: (if $file == "old" then 200 else 300 end) }]' "$tmp/insn-$file" >"$tmp/floor"
	mv "$tmp/floor" "$tmp/insn-$file"
done
run bench compare "$tmp/insn-old" "$tmp/insn-new"
line '^Mind: the floor .* takes 200 insn, then 300\.$' "so is the floor in these"
line "^Units of $tmp/insn-new are instructions, not times: " "a clock that counts instructions"
line '^pipe +pingpong .* p50 insn .* slower$' "has their name in each row"
line '^pipe +stream .* insn/message ' "of a stream, too"
! printf '%s\n' "$out" | grep -qw ns
ok $? "and there are no nanoseconds"
run bench compare "$tmp/insn-old" "$tmp/emulated-new"
refused 2 "insn-old has counts of instructions, $tmp/emulated-new has times" \
	"instructions and times are not compared"

# refuses FILTER TEXT NAME: such a file is an error that says TEXT
refuses() {
	jq "$1" "$tmp/old" >"$tmp/bad"
	run bench compare "$tmp/old" "$tmp/bad"
	refused 2 "$2" "$3"
}
refuses '.schema = "fio"' '"schema" is not' "another schema"
refuses '[.]' '"schema" is not' "no object"
refuses 'del(.results)' '"results" is not an array' "no results"
refuses '.results[1] = 7' "results[1] is not an object" "a row that is none"
refuses '.results[0].transport = 7' 'results[0]: "transport" is not a text' "a name that is none"
refuses '.results[0].wait = "\u001b[2J"' '"wait" is not a text of plain' "what moves the cursor"
refuses '.results[0].size_bytes = -1' '"size_bytes" is not' "a negative size"
refuses '.results[0].per_run[3].p50_ns = "x"' 'results[0].per_run[3]: "p50_ns"' "a time that is none"
refuses '.results[0].per_run[3].p50_ns = -1' 'results[0].per_run[3]: "p50_ns"' "a negative time"
refuses '.results[0].per_run[3] = null' 'results[0].per_run[3]' "a run that is none"
refuses '.results[0].per_run = [range(1001) | {}]' "more than 1000 runs" "too many runs"
refuses 'del(.results[0].per_run)' "of an older ipcchan, measure again" "a file of an older version"
refuses '.results[1] = .results[0]' "two rows are of pipe, pingpong" "a case twice"
refuses '.environment = 1' '"environment" is not an object' "an environment that is none"
refuses '.results = []' "nothing can be compared" "no row in common"
echo '{"schema": "ipcchan-bench/1", "x' >"$tmp/bad"
run bench compare "$tmp/old" "$tmp/bad"
refused 2 "line 1: " "no JSON"
head -c 100000 /dev/zero | tr '\0' '[' >"$tmp/bad"
run bench compare "$tmp/old" "$tmp/bad"
refused 2 "cannot read the results" "JSON that is too deep"
run bench compare "$tmp/old" "$tmp/nowhere"
refused 2 "No such file" "no file"
run bench compare "$tmp/old" "$tmp"
refused 2 "cannot read the results" "a directory"
run bench compare "$tmp/old"
refused 1 "two files" "one file"
run bench compare "$tmp/old" "$tmp/new" "$tmp/new"
refused 1 "two files" "three files"
for percent in x 5%% -1 0 5x ''; do
	run bench compare "$tmp/old" "$tmp/new" --gate "$percent"
	refused 1 "--gate" "a gate of '$percent'"
done

{
	row slow pingpong 64 block same 9000 10
	row quick pingpong 64 block same 2000 10
	row quick stream 64 block same 900 10
	row quick oneway 64 block same 1000 10
	row near pingpong 64 block same 2004 10
	row near stream 64 block same 90 10
	row near pingpong 1024 block same 3000 10
	row hot pingpong 64 spin cache 100 10
	row few pingpong 64 poll same 2000 3
	row none pingpong 64 block same 1 0 '.status = "refused"'
} | results all
run bench rank "$tmp/all"
line '^  use quick: a round trip takes 2,009 ns \(95 % sure: 2,002 to 2,016\), p99 6,027\.$' \
	"the fastest that waits so"
line '^  runner-up: near: ' "and the next"
line 'indistinguishable: it takes \+0\.2 %' "as good as the first"
! has "$out" hot && ! has "$out" few && ! has "$out" none
ok $? "none that waits otherwise, or was not measured"
run bench rank "$tmp/all" --rate 2000000
line '^  use near: ' "only what carries the rate"
line '^  It is not sure that these carry so many: quick \(1,10[0-9],[0-9]*\), slow \(11' "others are named"
run bench rank "$tmp/all" --rate 90000000
line 'nothing that was measured surely carries so many' "nothing carries it"
run bench rank "$tmp/all" --size 200
line '^Messages of 200 bytes were not measured' "a size between those measured"
line '^For messages of 64 bytes' "by the smaller one"
line '^For messages of 1024 bytes' "and the greater one"
run bench rank "$tmp/all" --wait any --placement cache
line 'use hot with wait spin' "any wait, at a placement"
line 'keeps a CPU busy' "what spinning costs"
run bench rank "$tmp/all" --wait poll --size 64
line 'too few runs to be sure' "of few runs nothing is sure"
run bench rank "$tmp/all" --workload stream
line '^  use near: a message takes 90\.4 ns' "by the times of a stream"
run bench rank "$tmp/all" --workload oneway
line '^  use quick: a message one way takes 1,004 ns' "by those of messages one way"
for kind in emulated insn; do
	jq '.environment.times_valid = false | .environment.times_invalid_reason = "it is" |
		if "'$kind'" == "insn" then .environment.clock = "instructions" else . end' \
		"$tmp/all" >"$tmp/$kind"
	run bench rank "$tmp/$kind"
	cp "$tmp/out" "$tmp/$kind-out"
done
grep -q "^Mind: the times of .*/emulated are not those of a machine: \"it is\"\.\$" \
	"$tmp/emulated-out" && grep -q 'takes 2,009 ns' "$tmp/emulated-out"
ok $? "an emulated machine is told"
line '^Units of .*/insn are instructions, not times: "it is"; a second is 10\^9 of them\.$' \
	"so is a clock that counts instructions"
line '^  use quick: a round trip takes 2,009 insn ' "by their name"
line 'carries 1,10[0-9],[0-9]* messages for 10\^9 instructions at least' "in rates, too"
! printf '%s\n' "$out" | grep -qw -e ns -e 'a second at least'
ok $? "and there are no nanoseconds"
run bench rank "$tmp/insn" --rate 5
refused 2 "--rate: $tmp/insn has counts of instructions" "they tell of no rate of a machine"
run bench rank "$tmp/all" --wait adaptive
refused 2 "has no pingpong that was measured" "nothing of that kind"
# Open loops: the wanted rate, or the next higher one that was reached, tells the times
open() {
	for rate in 1000 5000 20000; do
		row "$1" openloop 64 block same "$(($2 * rate / 1000))" 10 ".arrivals = \"poisson\" |
			.offered_per_s = $rate | .reached = ($rate <= $3) | .knee = ($rate == $4)"
	done
}
{
	open wide 9000 20000 20000
	open high 1000 20000 5000
	open low 900 1000 1000
	open never 1 0 0
	row quick openloop 64 block same 800000 10 '.arrivals = "fixed" | .offered_per_s = 3000 |
		.reached = true'
	row quick pingpong 64 block same 2000 10
	row quick pingpong 64 block cache 2000 10
	row quick pingpong 128 block same 2000 10
} | results loads
run bench rank "$tmp/loads" --rate 4000
line '^For messages of 64 bytes, 4,000 of them a second, wait block, placement same:$' "a rate"
line '^  \(By an open loop, poisson arrivals: ' "is told of by an open loop"
line '^  use high: a message takes 5,022 ns \(95 % sure: .*\)\.$' "at the next higher rate"
line '^    That is with 5,000 messages a second offered; its knee is at 5,000\.$' "with its knee"
line '^  runner-up: wide: a message takes 45,2' "and the next"
line '^    That is with 5,000 .*; its knee is at 20,000 or beyond: no higher' "which was not found"
line '^  It is not sure that these carry so many: never \(none of its rates was reached\), low \(1,000\)\.$' \
	"what did not reach it"
line '^For messages of 64 bytes, .* placement cache:$' "a placement without an open loop"
line '^  \(Not by an open loop: times are those of a pingpong\.\)$' "has round trips"
! has "$out" "128 bytes"
ok $? "of this size only"
run bench rank "$tmp/loads" --rate 20000 --placement same
line '^    That is with 20,000 .*; its knee is at 5,000: messages queue up\.$' "a rate beyond the knee"
run bench rank "$tmp/loads" --rate 300 --placement same
line '^  use low: a message takes 904 ns' "a rate below all" &&
	line '^    Times of a lower load: measure with .* --rate 300"\.$' "is another load"
run bench rank "$tmp/loads" --rate 30000 --placement same
line '^  nothing that was measured' "a rate above all" &&
	line 'so many: never .*, low \(1,000\), high \(20,000, the highest offered\)' "was not offered"
run bench rank "$tmp/loads" --rate 2000 --placement same --arrivals fixed
line '^  use quick: a message takes 803,600 ns' "other arrivals"
run bench rank "$tmp/loads" --rate 2000 --workload pingpong --placement same
line '^  use quick: a round trip takes 2,009 ns' "round trips, if they are asked for"
! has "$out" "No open loop"
ok $? "though there are open loops, too"
run bench rank "$tmp/loads"
line '^  use quick: a round trip takes 2,009 ns' "and without a rate"
run bench rank "$tmp/loads" --workload openloop
refused 1 "give --rate" "an open loop without a rate"
run bench rank "$tmp/loads" --arrivals fixed
refused 1 "--arrivals is of open loops" "arrivals without a rate"

# Rounds that differ by more than the two do: pairs tell these apart, single runs do not
# shellcheck disable=SC2016 # it is jq's
wave='.per_run |= [to_entries[] | .key as $i | .value | .p50_ns *= (1 + ($i * 7 % 10) / 10)]'
{
	row first pingpong 64 block same 2000 10 "$wave"
	row second pingpong 64 block same 2100 10 "$wave"
} | results waves
jq '.results[].per_run |= [to_entries[] | .value + { round: .key }]' "$tmp/waves" >"$tmp/rounds"
jq '.results[1].per_run |= [to_entries[] | .value + { round: (.key + 1) }]' "$tmp/rounds" >"$tmp/others"
run bench rank "$tmp/rounds"
line '^    It is slower: it takes 1\.05 times as long \(1\.05 to 1\.05\)\.$' "runs of a round are pairs"
for file in waves others; do
	run bench rank "$tmp/$file"
	line 'indistinguishable: it takes \+' "what is of no round, or of another, is none: $file"
done

# Many processes: only rows of as many
{
	row pipe fanin 64 block same 500 10 '.producers = 4 | .sender_fairness = 0.5'
	row ring fanin 64 block same 250 10 '.producers = 4 | .sender_fairness = 0.75'
	row pipe fanin 64 block same 100 10 '.producers = 8'
	row pipe fanout 64 block same 600 10 '.consumers = 4'
	row pipe mesh 64 block same 700 10 '.producers = 4 | .consumers = 2'
	row pipe stream 64 block same 50 10
} | results many
run bench rank "$tmp/many" --senders 4
line '^For messages of 64 bytes, 4 senders, 1 receiver, wait block, placement same:$' "senders"
line '^  use ring: a message takes 251 ns' "the fastest of so many"
line '^    It carries 3,96[0-9],[0-9]* messages a second at least, of all together\.$' "what they carry"
line "^    How even the senders' parts are: 0\\.750" "how even their parts are"
line '^  runner-up: pipe: a message takes 502 ns' "the next of so many"
run bench rank "$tmp/many" --senders 4 --rate 2500000
line 'so many: pipe \(1,98' "many that do not carry the rate"
run bench rank "$tmp/many" --workload fanin
line '^  use ring: a message takes 251 ns' "as many as are measured if nothing is said"
run bench rank "$tmp/many" --receivers 4
line '^  use pipe: a message takes 603 ns' "receivers"
run bench rank "$tmp/many" --senders 4 --receivers 2
line '^  use pipe: a message takes 703 ns' "senders and receivers"
run bench rank "$tmp/many" --receivers 3
refused 2 "has no fanout of 1 sender and 3 receivers" "so many were not measured"
run bench rank "$tmp/many" --senders 2 --workload pingpong
refused 1 "--senders: a pingpong has one" "round trips of many"
run bench rank "$tmp/many" --receivers 2 --workload fanin
refused 1 "--receivers: a fanin has one" "several receivers of what has one"

# To each of several: what lost messages is no answer
{
	row pipe broadcast 64 block same 900 10 '.consumers = 4'
	row calm broadcast 64 block same 700 10 '.consumers = 4 | .messages = 1000 |
		.lost_messages = 0'
	row chan broadcast 64 block same 600 10 '.consumers = 4'
	row loses broadcast 64 block same 100 10 '.consumers = (4, 2) | .messages = 900 |
		.lost_messages = 100'
	row pipe fanout 64 block same 50 10 '.consumers = 4'
} | results each
run bench rank "$tmp/each" --workload broadcast
line '^For messages of 64 bytes, 1 sender, 4 receivers of each message, wait block' "a broadcast"
line '^  use chan: a message takes 603 ns' "the fastest that lost nothing"
line '^    It carries 1,6[0-9,]* messages a second at least, to each receiver\.$' "what it carries"
line '^  runner-up: calm: ' "the next" &&
	line '^    Its sender waits for no receiver: ' "which might lose some"
line '^  Only .* may miss messages: loses \(10 % were lost, one that came takes 100 ns\)\.$' \
	"what lost some is told apart"
run bench rank "$tmp/each" --workload broadcast --receivers 2
line '^  nothing that was measured brings each receiver all of them\.$' "where all lose some"
run bench rank "$tmp/each" --workload broadcast --senders 2
refused 1 "--senders: a broadcast has one" "several senders of a broadcast"

run bench rank
refused 1 "by which results?" "no file: how to make one"
run bench rank "$tmp/all" --wait long
refused 1 "--wait" "a wait that there is not"
run bench rank "$tmp/bad"
refused 2 "cannot read the results" "a file that is none"

# What bench itself writes: messages of 64 KiB are slower than those of 64 bytes
for size in 64 64K; do
	run bench -t pipe,fifo -w pingpong -s $size -p same -d 0.01 -r 6 --json "$tmp/json"
	jq '.results[].size_bytes = 64' "$tmp/json" >"$tmp/size-$size"
done
run bench compare "$tmp/size-64" "$tmp/size-64K" --gate 50%
[ "$rc" -eq 3 ] && line '^pipe .* p50 ns .* slower$' "results of the benchmark"
run bench rank "$tmp/size-64" && line '^  use (pipe|fifo): a round trip' "are ranked, too"
done_testing
