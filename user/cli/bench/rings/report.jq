# SPDX-License-Identifier: GPL-2.0
# The results of bench-rings for people: a table, each column by itself, and the targets.
# A figure is the median of the runs' medians of blocks.

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
	{ title: "deep", text: "64 bytes, one at a time, 4 MiB deep", size: 64, depth: 4194304 },
	{ title: "deep x32", text: "64 bytes, bursts of 32, 4 MiB deep", size: 64, burst: 32,
	  depth: 4194304 },
	{ title: "4 KiB", text: "4096 bytes", size: 4096, unit: "GB/s" }
] | map({ workload: "stream", burst: 1, depth: 65536, unit: "M/s" } + .
	| if .workload == "pingpong" then .unit = "ns" else . end);

# Nanoseconds into the unit of the column: the smaller comes first
def show($column): if $column.unit == "ns" then .
	elif $column.unit == "M/s" then 1000 / . else $column.size / . end;

def rows($column): map(select(.workload == $column.workload and .size_bytes == $column.size
	and .messages_per_call == $column.burst and .depth_bytes == $column.depth));
# A floor is what the CPUs can do, however many messages are published at once.
def floors($column): map(select(.workload == $column.workload and .size_bytes == $column.size
	and .depth_bytes == $column.depth and (.transport | floor_)));
def told: select(.run_p50_ns != null);
def ns: .run_p50_ns[1];
def fastest: map(told) | min_by(ns);

# How much faster than another: above 1 is faster
def faster($other): if $other == null then "-" else $other.run_p50_ns[1] / ns | fixed(2) end;

def spread($column): [.run_p50_ns[] | show($column)] | sort
	| "[\(.[0] | figure)-\(.[2] | figure)]";

def table: . as $rows | "ring                " + (columns | map(.title | right(9)) | join("")),
	("                    " + (columns | map(.unit | right(9)) | join(""))),
	(reduce .[].transport as $t ([]; if index($t) then . else . + [$t] end)
	| map(. as $name | $rows | map(select(.transport == $name)) as $own
		| ($name | left(20)) + (columns | map(. as $column | $own | rows($column)
			| fastest | if . then ns | show($column) | figure else "-" end
			| right(9)) | join("")))[]);

def detail($column): (floors($column) | fastest) as $floor
	| rows($column) | (map(select(.transport | peer)) | fastest) as $peer
	| "\n" + ("\($column.text), \($column.unit)" | left(45)) + "median [min-max]      runs"
		+ "   to best floor   to best peer",
	(map(told) | sort_by(ns)[] | "  \(.transport | left(20)) "
		+ (ns | show($column) | figure | right(29)) + " "
		+ (spread($column) | left(16)) + (.runs | tostring | right(4))
		+ (faster($floor) | right(16)) + (faster($peer) | right(15)));

# The targets.  Those in nanoseconds, messages or bytes a second are of one class of
# machine, by placement; all others are of this run.
def best($column; f): rows($column) | map(select(.transport | f)) | fastest;

# bound TEXT LIMIT: how LIMIT (a time in ns) compares with the row; nothing without one
def bound($row; $text; $limit): if $limit == null then empty else
	{ text: $text, share: (($row | ns) / $limit) } end;
def absolute($row; $column; $place; $limits): $limits[$place] as $limit
	| if $limit == null then empty else bound($row; "\(
		if $column.unit == "ns" then "at most" else "at least" end) \($limit) \($column.unit)";
		$limit | show($column)) end;
def of_row($row; $other; $share; $text): if $other == null then empty else
	bound($row; "\($text) \($other.transport)\(if $other.messages_per_call > 1 then " x32"
		else "" end)"; ($other | ns) * $share) end;

# target TEXT COLUMN OURS LIMITS MORE: MORE makes other bounds, of the row of ours
def target($text; $title; ours_; $limits; more): . as $rows
	| (columns[] | select(.title == $title)) as $column
	| best($column; ours_) as $row
	| if $row == null then { text: $text, note: "there is no such ring yet" }
	  else { text: $text, row: $row, column: $column, bounds: [
		absolute($row; $column; $row.placement; $limits),
		($rows | more as $m | of_row($row; $m.other; $m.share; $m.text))] } end;

def ahead($title; f): (columns[] | select(.title == $title)) as $column
	| { other: best($column; f), share: 1, text: "as fast as" };
def of_floor($title; $share): (columns[] | select(.title == $title)) as $column
	| { other: (floors($column) | fastest), share: $share, text: "\($share | fixed(2)) of" };

def variable: startswith("ipcchan-byte");
def slots: . == "ipcchan-slots";
def producers: . == "ipcchan-mring";

def targets: [
	target("round trip, 8 B fixed slot"; "trip 8"; slots; { cache: 90 };
		ahead("trip 8"; peer)),
	target("round trip, up to 56 B"; "trip 56"; ours; { far: 520 };
		of_floor("trip 56"; 1.15)),
	target("round trip, 64 B"; "trip 64"; ours; {};
		of_floor("trip 64"; 1.15), ahead("trip 64"; peer)),
	target("64 B, one at a time, variable size"; "64 B"; variable; { cache: 250, far: 30 };
		ahead("64 B"; peer) | .share = 1 / 3 | .text = "3 times as fast as"),
	target("64 B, one at a time, 4 MiB deep"; "deep"; ours; { cache: 520 };
		ahead("deep"; peer)),
	target("64 B, bursts of 32"; "64 B x32"; ours; { cache: 350, far: 90 };
		ahead("64 B x32"; peer)),
	target("8 B fixed slot, one at a time"; "8 B"; slots; { cache: 500 };
		ahead("8 B"; peer)),
	target("8 B fixed slot, bursts of 32"; "8 B x32"; slots; { cache: 900 };
		ahead("8 B x32"; peer)),
	target("4 KiB"; "4 KiB"; ours; {};
		of_floor("4 KiB"; 1.25) | .text = "0.8 of"),
	target("several producers, 64 B"; "64 B"; producers; {}; ahead("64 B"; many)),
	{ text: "a sleeping peer, kill -9", note: "not measured here: see make check" }
];

def verdict: if .share <= 1 then "met, takes \(.share | fixed(2)) of that time"
	else "missed, takes \(.share | fixed(2)) times as long" end;

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
	"Figures are medians of up to \(map(.runs) | max) runs. Ratios are of speeds: above 1 is "
	+ "faster than that floor, or peer.\n";

# One placement: what was measured there, and what is to be reached
def told_of_place: heading, table, (columns[] as $column | detail($column)),
	"\nTargets, at placement \"\(.[0].placement)\". Absolute ones hold for a machine of the class"
	+ " that they are from\n(two cores of one AMD Zen 4, \"cache\", or two groups of them,"
	+ " \"far\"); elsewhere the ratios count.",
	(targets[] | judged);

# A placement that had few of the runs tells little: no case in it has a spread
def few($all): .runs * 4 < $all;

(.results | map(told) | by_label) as $labels
| ($labels | map(.runs) | add) as $all
| (.results | map(select(.status != "ok") | "  \(.transport), \(.workload) of \(.size_bytes)"
	+ " bytes: \(.status)") | unique) as $not
| (.results | group_by([.transport, .workload, .size_bytes, .messages_per_call, .depth_bytes])
	| map(.[0].runs_discarded) | add) as $discarded
| ($labels[] | select(few($all) | not) | .rows | told_of_place),
"\n\($discarded) runs were thrown away, for the placement had changed.",
($labels[] | select(few($all)) | "\(.runs) runs were at placement \"\(.place)\"; they are in"
	+ " the file of results, and not in here."),
if $not == [] then empty else "\nNot measured:", $not[] end,
if .environment.times_valid then empty else
	"\nMind: \(.environment.times_invalid_reason)." end
