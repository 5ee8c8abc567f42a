# SPDX-License-Identifier: GPL-2.0
#
# The regression gate, as KTAP: what a message of 64 bytes takes through
# ipcchan-copy, as a share of what it takes through a pipe, in the results of
# "ipcchan bench" under a clock that counts instructions.

# No share may be above its bound.
def gates: [
	{ workload: "pingpong", bound: 0.85 },
	{ workload: "stream", bound: 0.85 }
];

# The median of round trips. For a stream, all messages together: the median of
# the means of its blocks jumps between modes.
def time:
	if .workload == "pingpong" then .p50_ns
	elif (.messages_per_s // 0) > 0 then 1e9 / .messages_per_s
	else null end;

# The row of .workload and a transport, as the bounds are meant
def row($all; $transport):
	.workload as $workload |
	[$all | select(.parameters.depth_bytes == 65536) | .results[] |
		select(.workload == $workload and .transport == $transport and
			.size_bytes == 64 and .placement == "same" and
			.payload == "write+read")][0];

def verdict($copy; $pipe):
	if ($copy and $pipe) | not then
		"ok \(.number) - \(.workload) # SKIP not measured: pipe and ipcchan-copy, " +
			"64 bytes, written and read, 64 KiB deep"
	elif [$copy, $pipe | time] | all | not then
		"not ok \(.number) - \(.workload): no figure; pipe: \($pipe.status), " +
			"ipcchan-copy: \($copy.status)"
	else
		(($copy | time) / ($pipe | time)) as $share |
		(if $share <= .bound then "ok" else "not ok" end) +
			" \(.number) - \(.workload): ipcchan-copy takes " +
			"\($share * 1000 | round / 1000) of what pipe takes, at most \(.bound)"
	end;

. as $all |
"1..\(gates | length)",
(gates | to_entries[] | .value + { number: (.key + 1) } |
	verdict(row($all; "ipcchan-copy"); row($all; "pipe")))
