#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Results as CSV, as HdrHistogram's text and as a page: from a run, and from results that
# have something for each picture, or that are not what they should be.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/host/bench-results.sh
. "$tap_dir/bench-results.sh"

command -v jq >/dev/null || skip_all "needs jq"

# csv FILE: how many lines, and columns of each; what RFC 4180 does not allow fails
csv() {
	perl -0777 -ne 'my ($lines, $columns, %seen) = (0, 0);
		while (/\G("(?:[^"]|"")*"|[^,"\r\n]*)(,|\r\n)/gc) {
			$columns++;
			if ($2 ne ",") { $lines++; $seen{$columns}++; $columns = 0; }
		}
		exit 1 if pos != length;
		print "$lines ", join(",", sort keys %seen);' "$1"
}

# hgrm FILE: how many values, when it is as HdrHistogram has it
hgrm() {
	awk '/^#/ { next }
		!NF { next }
		NF != 4 { exit 1 }
		$1 == "Value" { head++; next }
		$1 < value || $2 < percentile || $3 < count { exit 1 }
		{ value = $1; percentile = $2; count = $3; last = $4 }
		END { if (head != 1 || percentile != 1 || last != "inf") exit 1; print count }' "$1"
}

well_formed() {
	if command -v xmllint >/dev/null; then
		err=$(xmllint --noout "$1" 2>&1)
		ok $? "$2"
	else
		skip "$2" "needs xmllint"
	fi
}

run bench -t pipe,futex,signal -s 64,1K -n 3000 -r 1 -p same --json "$tmp/json" \
	--csv "$tmp/csv" --html "$tmp/html" --hgrm "$tmp/hgrm"
[ "$rc" -eq 0 ] && [ -z "$err" ]
ok $? "a run writes all its forms"
jq -e '[.results[] | select(.histogram != null) | (.histogram.counts | add) == .samples and
	.histogram.batch == .batch] | length >= 4 and all' "$tmp/json" >/dev/null
ok $? "a histogram has all samples"
jq -e 'def at($h; $rank): reduce range($h.counts | length) as $i ([0, null];
		if .[1] != null then . else .[0] += $h.counts[$i] |
		if .[0] >= $rank then .[1] = $h.values_ns[$i] else . end end) | .[1];
	[.results[] | select(.workload == "pingpong" and .p50_ns != null) |
	 (at(.histogram; (.samples / 2 | ceil)) / .batch / .p50_ns | . > 0.99 and . < 1.01)]
	| length > 0 and all' "$tmp/json" >/dev/null
ok $? "and tells the same median"
[ "$(csv "$tmp/csv" | cut -d ' ' -f 1)" = 13 ] && ! csv "$tmp/csv" | grep -q ,
ok $? "CSV has a head and a line for each case, of as many columns"
failed=0
for file in "$tmp"/hgrm/*.hgrm; do
	hgrm "$file" >"$tmp/count" || failed=1
done
[ "$failed" -eq 0 ] && [ "$(hgrm "$tmp/hgrm/pipe-block-pingpong-64-same.hgrm")" = \
	"$(jq '.results[] | select(.transport == "pipe" and .workload == "pingpong" and
		.size_bytes == 64) | .samples' "$tmp/json")" ]
ok $? "each case is a file of HdrHistogram's text"
well_formed "$tmp/html" "the page is well-formed"
has "$(cat "$tmp/html")" "it does not carry messages of this size"
ok $? "what was refused is told there"

run bench report "$tmp/json" --csv "$tmp/csv2" --html "$tmp/html2" --hgrm "$tmp/hgrm2"
[ "$rc" -eq 0 ] && cmp "$tmp/csv" "$tmp/csv2" && cmp "$tmp/html" "$tmp/html2" &&
	diff -r "$tmp/hgrm" "$tmp/hgrm2" >/dev/null
ok $? "the same is made of results that were written"
"$IPCCHAN" bench report - --csv - <"$tmp/json" | cmp - "$tmp/csv"
ok $? "from standard input to standard output"
run bench -t pipe -s 64 -n 10 -r 1 -p same --html -
has "$out" "</html>" && ! has "$out" "round trips/s" && has "$err" "round trips/s"
ok $? "--html -: the page on stdout, the table on stderr"

rich <"$tmp/json" >"$tmp/rich"
run bench report "$tmp/rich" --html "$tmp/html" --csv "$tmp/csv" --hgrm "$tmp/hgrm3"
[ "$rc" -eq 0 ] && [ -z "$err" ] && [ "$(grep -c '<figure' "$tmp/html")" -eq "$RICH_FIGURES" ] &&
	[ "$(grep -c '^<svg' "$tmp/html")" -eq $((2 * RICH_FIGURES)) ]
ok $? "every picture is there, wide and narrow"
well_formed "$tmp/html" "with hostile texts it is well-formed, too"
! grep -qi -e '<script' -e '<img' "$tmp/html" && grep -q '&lt;script&gt;' "$tmp/html" &&
	! grep -qE '(src|href)="[^d#]|url\(|@import' "$tmp/html"
ok $? "no text becomes markup, and nothing is fetched"
has "$(cat "$tmp/html")" "floor 200 ns" && has "$(cat "$tmp/html")" "<b>B</b>"
ok $? "the floor and the grade are told"
[ "$(csv "$tmp/csv" | cut -d ' ' -f 1)" -eq "$(jq '.results | length + 1' "$tmp/rich")" ] &&
	! csv "$tmp/csv" | grep -q , && grep -q '"a ""text"", ' "$tmp/csv"
ok $? "CSV quotes what has to be"
# Texts that begin as a formula would, and a number that does
jq '.environment.cpu_model = "-2" | .results |= [.[0] | .woken_late_ns = -5 | .status = ("=1", "+1",
	"-1", "@A1", "\t=1", "\r=1", "\n=1", "=\"a,b\"", "1=1", "")]' "$tmp/rich" >"$tmp/odd"
run bench report "$tmp/odd" --csv "$tmp/csv3"
got=$(perl -0777 -ne 'my (@rows, $row);
	while (/\G(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n)/gc) {
		push @$row, $1 // $2;
		if ($3 ne ",") { push @rows, $row; $row = []; }
	}
	my %at = map { $rows[0][$_] => $_ } 0 .. $#{$rows[0]};
	for (@rows[1 .. $#rows]) {
		my @cells = @$_[@at{qw(status cpu_model woken_late_ns)}];
		s/\t/TAB/, s/\r/CR/, s/\n/LF/ for @cells;
		print "@cells|";
	}' "$tmp/csv3")
rest="'-2 -5|"
[ "$got" = "'=1 $rest'+1 $rest'-1 $rest'@A1 $rest'TAB=1 $rest'CR=1 $rest'LF=1 $rest'=\"\"a,b\"\" ${rest}1=1 $rest $rest" ]
ok $? "no text is a formula for a spreadsheet, and numbers are numbers"
jq '.environment.times_valid = false | .environment.clock = "instructions" |
	.environment.times_invalid_reason = "it is emulated"' "$tmp/rich" >"$tmp/insn"
run bench report "$tmp/insn" --html -
has "$out" "Units are instructions" && has "$out" " insn</text>" && ! has "$out" "µs</text>" &&
	[ "$(printf '%s\n' "$out" | grep -c 'not times.</p>')" -eq "$RICH_FIGURES" ]
ok $? "instructions are not called times, in any picture"

# wrong FILTER TEXT: results that FILTER spoils are refused, with TEXT
wrong() {
	jq "$1" "$tmp/rich" >"$tmp/wrong"
	run bench report "$tmp/wrong" --html "$tmp/none"
	[ "$rc" -eq 2 ] && [ ! -e "$tmp/none" ] && [ -z "$out" ] && has "$err" "$2"
	ok $? "refused: $1"
	rm -f "$tmp/none"
}

# Each is seen in the page that FILTER makes of the results
shows() {
	jq "$1" "$tmp/rich" >"$tmp/shown"
	run bench report "$tmp/shown" --html -
	[ "$rc" -eq 0 ] && has "$out" "$2"
	ok $? "$3"
}
shows '.decomposition[0].stages[1].ns = -150' '>250 ns</text>' "stages below 0 are a part of the sum"
shows '.floor[0].measured_before = "smt"' '>floor 200 ns, measured as smt, not same</text>' \
	"what the CPUs of the floor were measured as is in the pictures"
[ "$(printf '%s\n' "$out" | grep -c 'measured as smt, not same</td>')" -eq "$(printf '%s\n' "$out" |
	grep -c '<td>floor</td><td>one CPU, .*<td class="n">200</td>')" ] &&
	has "$out" '<td>floor</td>'
ok $? "and in their tables"
shows '.floor[0] |= (.measured_before = "same" | .measured_after = "far" | .round_trip_ns_range = [1, 4321])' \
	'floor 200 ns, measured as same, then as far</text>' "also when they were moved"
has "$out" '<td class="n">4,321</td>'
ok $? "with the longest round trip"
run bench report "$tmp/shown" --csv -
[ "$(printf '%s\n' "$out" | tr -d '\r' | sed -n '1s/.*times_valid//p; 2s/.*\(,[^,]*,[^,]*,[^,]*\)$/\1/p')" = \
	",floor_round_trip_ns,floor_measured_before,floor_measured_after
,200,same,far" ]
ok $? "CSV has it for each case"
shows '.results[0].receiver_fairness = 0.875' '>87.5</td>' "fairness is in the table"
shows '.results[0] |= (.lost_messages = .messages)' '>50</td>' "so is what was lost"
printf '%s\n' "$out" | awk '/<thead>/ { n = gsub(/<th[ >]/, "") }
	/^<tr><td/ && gsub(/<td[ >]/, "") != n { bad = 1 } END { exit bad }'
ok $? "and no row is short of a cell"
shows '.results[0].p99_ns_ci95 = [4321, 8765]' '>8,765</td>' "and the interval of the p99"
shows '.results[0].peer = "there:1"' ', with there:1, ' "another host is a part of the setting"
shows '.results[0].placement = "a" + "漢" * 30' '</html>' "a letter may be cut where a name is too long"
jq '.results |= map(select(.workload != "pingpong"))' "$tmp/rich" >"$tmp/shown"
run bench report "$tmp/shown" --html -
[ "$rc" -eq 0 ] && has "$out" "message one way" && ! has "$out" "floor 200 ns"
ok $? "the floor, of a round trip, is beside round trips only"

wrong '.schema = "ipcchan-bench/9"' 'its "schema" is not'
wrong 'del(.environment)' '"environment" is not an object'
wrong '.environment.kernel = 6' 'environment: "kernel" is not a text'
wrong '.parameters = 5' '"parameters" is not an object'
wrong '.results = 5' '"results" is not an array'
wrong '.results[1] = []' 'results[1] is not an object'
wrong 'del(.results[0].transport)' 'results[0]: "transport" is not a text'
wrong '.results[0].p50_ns = "5"' 'results[0]: "p50_ns" is not a number'
wrong '.results[0].messages_per_s_ci95 = [1]' 'results[0]: "messages_per_s_ci95" is not two numbers'
wrong '.results[0].cpus = [1]' 'results[0]: "cpus" is not two numbers'
wrong '.results[0].ledger.user_ns = {}' '"user_ns" is not a number'
wrong '.results[0].histogram.batch = 0' '"batch" is not 1 or more'
wrong '.results[0].histogram.values_ns[0] = -5' '"values_ns" are not ascending'
wrong '.results[0].histogram.counts[0] = 0' '"counts" are not as many'
wrong '.results[0].histogram.counts |= .[1:]' '"counts" are not as many'
wrong '.floor[0].round_trip_ns = []' 'floor[0]: "round_trip_ns" is not a number'
wrong '.floor[0].measured_after = 5' 'floor[0]: "measured_after" is not a text'
wrong '.decomposition[0].stages[0].name = 1' 'stages[0]: "name" is not a text'
printf '{"schema": "ipcchan-bench/1",\n' >"$tmp/wrong"
run bench report "$tmp/wrong" --html "$tmp/none"
refused 2 "line 2" "what is no JSON is refused"
printf '{"schema": \033}' >"$tmp/wrong"
run bench report "$tmp/wrong" --html "$tmp/none"
refused 2 "near '?'" "what moves the cursor is not in the error"
run bench report "$tmp/nothing" --html "$tmp/none"
refused 2 "No such file" "a file that is not there"
jq '.results = [] | del(.floor, .decomposition)' "$tmp/rich" >"$tmp/empty"
run bench report "$tmp/empty" --html "$tmp/html" --csv "$tmp/csv" --hgrm "$tmp/hgrm4"
[ "$rc" -eq 0 ] && [ "$(csv "$tmp/csv" | cut -d ' ' -f 1)" = 1 ]
ok $? "no results are results, too"
jq '.results[] |= (.p50_ns = 1e300 | .p99_ns = 1e-300 | .messages_per_s = -1 | .size_bytes = 1e300)' \
	"$tmp/rich" >"$tmp/odd"
run bench report "$tmp/odd" --html "$tmp/html" --csv "$tmp/csv" --hgrm "$tmp/hgrm5"
[ "$rc" -eq 0 ] && ! grep -qE '"[^"]*\b(nan|inf)\b[^"]*"' "$tmp/html"
ok $? "nor do numbers matter that cannot be"

run bench report
refused 1 "whose results" "a report of nothing"
run bench report "$tmp/json"
refused 1 "give --html, --csv or --hgrm" "a report in no form"
run bench report "$tmp/json" --csv - --html -
refused 1 "only one" "two on the standard output"
# What is one file by two names, there or not, is refused before anything is written to it
mkdir "$tmp/twice"
echo old >"$tmp/twice/old"
ln "$tmp/twice/old" "$tmp/twice/hard"
ln -s old "$tmp/twice/link"
ln -s "$tmp/twice/new" "$tmp/twice/dangles"
ln -s ../twice/dangles "$tmp/twice/further"
ln -s . "$tmp/twice/folder"
failed=0
for pair in old:old old:./old old:hard old:link link:link new:new new:folder/folder/./new \
	new:dangles further:new further:dangles; do
	for verb in "-t pipe -d 60" "report $tmp/json --html $tmp/twice/html"; do
		# shellcheck disable=SC2086 # several words
		run bench $verb --csv "$tmp/twice/${pair%%:*}" --hgrm "$tmp/twice/hgrm" \
			--html "$tmp/twice/${pair#*:}"
		[ "$rc" -eq 1 ] && [ -z "$out" ] && has "$err" "--csv and --html are one file" &&
			[ "$(cat "$tmp/twice/old")" = old ] && [ ! -e "$tmp/twice/new" ] &&
			[ ! -e "$tmp/twice/hgrm" ] && continue
		failed=1
		echo "# $pair"
	done
done
[ "$failed" -eq 0 ]
ok $? "two names of one file"
run bench -t pipe -d 60 --json "$tmp/twice/new" --hgrm "$tmp/twice/new/"
refused 1 "--json and --hgrm are one file" "a file and a folder of one name"
# shellcheck disable=SC2094 # that is the point
"$IPCCHAN" bench report "$tmp/json" --csv - --html "$tmp/twice/new" >"$tmp/twice/new" 2>"$tmp/err"
rc=$? out=$(cat "$tmp/twice/new") err=$(cat "$tmp/err")
refused 1 "--csv and --html are one file" "the standard output by its name"
cp "$tmp/json" "$tmp/twice/json"
run bench report "$tmp/twice/json" --html "$tmp/twice/folder/json"
[ "$rc" -eq 1 ] && has "$err" "--html and the results are one file" &&
	cmp -s "$tmp/json" "$tmp/twice/json"
ok $? "the results are not overwritten by what is made of them"
run bench report "$tmp/json" --csv /dev/null --html /dev/null
[ "$rc" -eq 0 ] && [ -c /dev/null ]
ok $? "what is thrown away may be so twice"

run bench -t pipe --hgrm -
refused 1 "wants a folder" "a folder cannot be the standard output"
run bench -t pipe -d 60 --html "$tmp/no/folder.html"
refused 2 "nothing was measured" "a page in a directory that is not there"
run bench -t pipe -d 60 --hgrm "$tmp/json"
refused 2 "nothing was measured" "a file where a folder should be"
run bench -t pipe -d 60 --hgrm "$tmp/no/folder"
refused 2 "nothing was measured" "a folder in one that is not there"
echo old >"$tmp/html"
ln "$tmp/html" "$tmp/second"
run bench report "$tmp/json" --html "$tmp/html"
[ "$(cat "$tmp/second")" = old ] && grep -q '</html>' "$tmp/html"
ok $? "an old page is replaced as a whole"
done_testing
