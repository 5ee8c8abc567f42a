# SPDX-License-Identifier: GPL-2.0
# The results of bench-rings for people: a table, each column by itself, and the targets.
# A figure is the median of the runs: of a round trip, that of the run's median block; of
# a stream, that of all its messages a second, for a stall is a part of it.

def ours: startswith("ipcchan-");
def floor_: startswith("floor-");
def peer: (ours or floor_) | not;
def many: endswith("-mpmc");

def left(n): . + " " * ([n - length, 0] | max);
def right(n): " " * ([n - length, 0] | max) + .;
def fixed(digits): pow(10; digits) as $p | . * $p | round | . / $p | tostring
	| if digits == 0 then . else split(".") | .[0] + "." + ((.[1] // "") + "000")[:digits] end;
def figure: if . >= 100 then fixed(0) elif . >= 10 then fixed(1) else fixed(2) end;

def columns: [
	{ title: "trip 8", text: "round trip, 8 bytes", workload: "pingpong", size: 8 },
	{ title: "trip 56", text: "round trip, 56 bytes", workload: "pingpong", size: 56 },
	{ title: "trip 64", text: "round trip, 64 bytes", workload: "pingpong", size: 64 },
	{ title: "8 B", text: "8 bytes, one at a time", size: 8 },
	{ title: "8 B x32", text: "8 bytes, bursts of 32", size: 8, burst: 32 },
	{ title: "64 B", text: "64 bytes, one at a time", size: 64 },
	{ title: "64 B x32", text: "64 bytes, bursts of 32", size: 64, burst: 32 },
	{ title: "2 to 1", text: "64 bytes, two producers, one consumer", size: 64, producers: 2 },
	{ title: "2 to 2", text: "64 bytes, two producers, two consumers", size: 64, producers: 2,
	  consumers: 2 },
	{ title: "deep", text: "64 bytes, one at a time, 4 MiB deep", size: 64, depth: 4194304 },
	{ title: "deep x32", text: "64 bytes, bursts of 32, 4 MiB deep", size: 64, burst: 32,
	  depth: 4194304 },
	{ title: "4 KiB", text: "4096 bytes", size: 4096, unit: "GB/s" }
] | map({ workload: "stream", burst: 1, producers: 1, consumers: 1, depth: 65536, unit: "M/s" } + .
	| if .workload == "pingpong" then .unit = "ns" else . end);

# Nanoseconds into the unit of the column: the smaller comes first
def show($column): if $column.unit == "ns" then .
	elif $column.unit == "M/s" then 1000 / . else $column.size / . end;

# Messages a second, of two the larger first, into nanoseconds a message
def inverse: if . == null then . else 1e9 / .[1], 1e9 / .[0] end;
def inverses: if . == null then . else [inverse] end;

# Nanoseconds of a row: the median of its runs, the least and the most, the interval that is
# 95 % sure, null of few runs; and that of the median block
def time: if .workload == "pingpong" then select(.run_p50_ns != null)
		| { ns: .run_p50_ns[1], range: [.run_p50_ns[0, 2]], sure: .run_p50_ns_ci95 }
	else select(.messages_per_s != null) | { ns: (1e9 / .messages_per_s),
		range: (.messages_per_s_range | inverses), sure: (.messages_per_s_ci95 | inverses) }
	end + { block: (.run_p50_ns // [null, null])[1] };

def rows($column): map(select(.workload == $column.workload and .size_bytes == $column.size
	and .messages_per_call == $column.burst and .depth_bytes == $column.depth
	and (.producers // 1) == $column.producers and (.consumers // 1) == $column.consumers));
# A floor is what the CPUs can do, however many messages are published at once.
def floors($column): map(select(.workload == $column.workload and .size_bytes == $column.size
	and .depth_bytes == $column.depth and (.transport | floor_)
	and $column.producers == 1));
def ns: .time.ns;
def fastest: min_by(ns);

# How much faster than another: above 1 is faster
def faster($other): if $other == null then "-" else ($other | ns) / ns | fixed(2) end;

def spread($column): [.time.range[] | show($column)] | sort
	| "[\(.[0] | figure)-\(.[1] | figure)]";

def table: . as $rows | "ring                " + (columns | map(.title | right(9)) | join("")),
	("                    " + (columns | map(.unit | right(9)) | join(""))),
	(reduce .[].transport as $t ([]; if index($t) then . else . + [$t] end)
	| map(. as $name | $rows | map(select(.transport == $name)) as $own
		| ($name | left(20)) + (columns | map(. as $column | $own | rows($column)
			| fastest | if . then ns | show($column) | figure else "-" end
			| right(9)) | join("")))[]);

# A stream that stalls has blocks that are faster than all of it.
def stalls: .workload == "stream" and .time.block != null
	and (ns / .time.block | . > 1.25 or . < 0.8);

def block($column): if .time.block == null then "-"
	else (.time.block | show($column) | figure) + if stalls then "!" else " " end end;

def detail($column): ($column.workload == "stream") as $stream
	| (floors($column) | fastest) as $floor
	| rows($column) | (map(select(.transport | peer)) | fastest) as $peer
	| "\n" + ("\($column.text), \($column.unit)" | left(45)) + "median [min-max]      runs"
		+ "   to best floor   to best peer" + if $stream then "   median block" else "" end,
	(sort_by(ns)[] | "  \(.transport | left(20)) "
		+ (ns | show($column) | figure | right(29)) + " "
		+ (spread($column) | left(16)) + (.runs | tostring | right(4))
		+ (faster($floor) | right(16)) + (faster($peer) | right(15))
		+ if $stream then block($column) | right(16) else "" end);

# The targets.  Those in nanoseconds, messages or bytes a second are of one class of
# machine, by placement; all others are of this run.
def best($column; f): rows($column) | map(select(.transport | f)) | fastest;

# bound TEXT NS SURE: how the row compares with NS, which is SURE to lie in there
def bound($row; $text; $ns; $sure): { text: $text, share: ($row.time.ns / $ns),
	verdict: (if $sure == null or $row.time.sure == null then "too few runs to tell"
		elif $row.time.sure[1] <= $sure[0] then "met"
		elif $row.time.sure[0] > $sure[1] then "missed"
		else "indistinguishable" end) };
def absolute($row; $column; $place; $limits): $limits[$place] as $limit
	| if $limit == null then empty else ($limit | show($column)) as $ns
		| bound($row; "\(if $column.unit == "ns" then "at most" else "at least" end
			) \($limit) \($column.unit)"; $ns; [$ns, $ns]) end;
def of_row($row; $other; $share; $text): if $other == null then empty else
	bound($row; "\($text) \($other.transport)\(if $other.messages_per_call > 1 then " x32"
		else "" end)"; ($other | ns) * $share;
		$other.time.sure | if . == null then . else map(. * $share) end) end;

# Why there is no such row here; $none are those without a figure anywhere
def missing($none; $column; ours_): $none | rows($column) | map(select(.transport | ours_)
	| .status) | unique | if . == [] then "no run at this placement" else join("; ") end;

# target NONE TEXT COLUMN OURS LIMITS MORE: MORE makes other bounds, of the row of ours
def target($none; $text; $title; ours_; $limits; more): . as $rows
	| (columns[] | select(.title == $title)) as $column
	| best($column; ours_) as $row
	| if $row == null then { text: $text,
		note: "not measured here: \(missing($none; $column; ours_))" }
	  else { text: $text, row: $row, column: $column, bounds: [
		absolute($row; $column; $row.placement; $limits),
		($rows | more as $m | of_row($row; $m.other; $m.share; $m.text))] } end;

def ahead($title; f): (columns[] | select(.title == $title)) as $column
	| { other: best($column; f), share: 1, text: "as fast as" };
def of_floor($title; $share): (columns[] | select(.title == $title)) as $column
	| { other: (floors($column) | fastest), share: $share, text: "\($share | fixed(2)) of" };

# What its user gets who asks for nothing: not whichever of two modes was faster
def ours_: ours and . != "ipcchan-byte-plain";
def variable: . == "ipcchan-byte";
def slots: . == "ipcchan-slots";
def producers: . == "ipcchan-mring";

def targets($none): [
	target($none; "round trip, 8 B fixed slot"; "trip 8"; slots; { cache: 90 };
		ahead("trip 8"; peer)),
	target($none; "round trip, up to 56 B"; "trip 56"; ours_; { far: 520 };
		of_floor("trip 56"; 1.15)),
	target($none; "round trip, 64 B"; "trip 64"; ours_; {};
		of_floor("trip 64"; 1.15), ahead("trip 64"; peer)),
	target($none; "64 B, one at a time, variable size"; "64 B"; variable; { cache: 250, far: 30 };
		ahead("64 B"; peer) | .share = 1 / 3 | .text = "3 times as fast as"),
	target($none; "64 B, one at a time, 4 MiB deep"; "deep"; ours_; { cache: 520 };
		ahead("deep"; peer)),
	target($none; "64 B, bursts of 32"; "64 B x32"; ours_; { cache: 350, far: 90 };
		ahead("64 B x32"; peer)),
	target($none; "8 B fixed slot, one at a time"; "8 B"; slots; { cache: 500 };
		ahead("8 B"; peer)),
	target($none; "8 B fixed slot, bursts of 32"; "8 B x32"; slots; { cache: 900 };
		ahead("8 B x32"; peer)),
	target($none; "4 KiB"; "4 KiB"; ours_; {};
		of_floor("4 KiB"; 1.25) | .text = "0.8 of"),
	target($none; "two producers and one consumer, 64 B"; "2 to 1"; producers; {};
		ahead("2 to 1"; many)),
	target($none; "two producers and two consumers, 64 B"; "2 to 2"; producers; {};
		ahead("2 to 2"; many)),
	target($none; "such a ring, one producer and one consumer, 64 B"; "64 B"; producers; {};
		ahead("64 B"; many)),
	{ text: "a sleeping peer, kill -9", note: "not measured here: see make check" }
];

def verdict: .verdict + ", takes \(.share | fixed(2))"
	+ if .share > 1 then " times as long" else " of that time" end;

# A line of the target, one of each of its bounds
def judged: .column as $column | ("  " + .text | left(40))
	+ if .note then .note else "\(.row | ns | show($column) | figure) \($column.unit)"
		+ " (\(.row.transport))" end,
	if .note then empty elif .bounds == [] then "      no bound here: no peer, no floor"
	else .bounds[] | ("      " + .text | left(40)) + verdict end;

def by_label: group_by(.placement) | map({ place: .[0].placement, rows: .,
	runs: (map(.runs) | add) }) | sort_by(-.runs);

def heading: (map(.probe_ns[]) | "\(min | figure) to \(max | figure)") as $probe
	| "\nPlacement \"\(.[0].placement)\": a line of the cache goes forth and back in "
	+ "\($probe) ns between CPUs \(.[0].cpus | map(tostring) | join(" and ")).",
	"Figures are medians of \(map(.runs) | "\(min) to \(max)") runs, of streams all messages"
	+ " over all time. Ratios are of speeds: above 1\nis faster than that floor, or peer.\n";

# What was to be measured more often
def lacking($runs): map(select(.runs < $runs)) | if . == [] then empty else
	"\nMind: \(length) rows have fewer than \($runs) runs, the least \(map(.runs) | min): the time"
	+ " was up (see --limit)." end;

def stalling: map(select(stalls)) | if . == [] then empty else
	"\n!: a stream that stalled, or did not run evenly: its median block differs from the rate"
	+ " of\nall messages by more than 1.25." end;

# One placement: what was measured there, and what is to be reached
def told_of_place($none; $runs): heading, table, (columns[] as $column | detail($column)),
	stalling, lacking($runs),
	"\nTargets, at placement \"\(.[0].placement)\". Absolute ones hold for a machine of the class"
	+ " that they are from\n(two cores of one AMD Zen 4, \"cache\", or two groups of them,"
	+ " \"far\"); elsewhere the ratios count.\nMet, or missed, only where the intervals that"
	+ " the medians lie in with 95 % do not overlap.",
	(targets($none)[] | judged);

# A placement that had few of the runs tells little: no case in it has a spread
def few($all): .runs * 4 < $all;

.parameters.runs as $runs
| (.results | map(. + { time: ([time][0]) })) as $all
| ($all | map(select(.time == null))) as $none
| ($all | map(select(.time != null)) | by_label) as $labels
| ($labels | map(.runs) | add // 0) as $count
| ($none | map("  \(.transport), \(.workload) of \(.size_bytes) bytes: \(.status)")
	| unique) as $not
| ($all | group_by([.transport, .workload, .size_bytes, .messages_per_call, .depth_bytes,
		.producers, .consumers]) | map(.[0].runs_discarded) | add) as $discarded
| ($labels[] | select(few($count) | not) | .rows | told_of_place($none; $runs)),
(.environment.peers // empty | "\nThe rings of others: \(.)."),
"\n\($discarded) runs were thrown away, for the placement had changed.",
($labels[] | select(few($count)) | "\(.runs) runs were at placement \"\(.place)\"; they are in"
	+ " the file of results, and not in here."),
if $not == [] then empty else "\nNot measured:", $not[] end,
if .environment.times_valid then empty else
	"\nMind: \(.environment.times_invalid_reason)." end
