# SPDX-License-Identifier: GPL-2.0
#
# The regression gate, as KTAP: what a message takes through a transport, as a share of
# what it takes through another one, in the results of "ipcchan bench" under a clock that
# counts instructions; of several files, all of them.

# No share may be above its bound, which is a little above what has been reached; with
# "ahead" it may not reach it. Whom not every kernel has is left out where it is not.
# Messages are of 64 bytes, written and read, in 64 KiB; else as is said.
def ahead($workload; $peer):
	{ workload: $workload, of: "ipcchan-copy", peer: $peer, bound: 1, ahead: true };

def large: { size: (65536, 1048576), depth: 4194304 };

def gates: [
	{ workload: "pingpong", of: "ipcchan-call", peer: "pipe", bound: 0.69 },
	{ workload: "pingpong", of: "ipcchan-copy", peer: "pipe", bound: 0.74 },
	{ workload: "stream", of: "ipcchan-copy", peer: "pipe", bound: 0.75 },
	{ workload: "stream", of: "ipcchan-batch", peer: "pipe", bound: 0.19 },
	(("pingpong", "stream") as $workload |
		ahead($workload; "unix-seqpacket", "posix-mq", "sysv-mq"),
		ahead($workload; "binder") + { optional: true }),
	(("pipe", "process-vm-readv") as $peer |
		{ workload: "pingpong", of: "ipcchan-map", $peer,
			bound: { "pipe": 0.43, "process-vm-readv": 1 }[$peer] } + large),
	{ workload: "pingpong", of: "ipcchan-loan", peer: "ipcchan-loan", bound: 1.1,
		size: 1048576, peer_size: 64, payload: "notify" },
	{ workload: "stream", of: "ipcchan-ring", peer: "pipe", bound: 0.18 },
	(ahead("pingpong"; "shm-futex") | .of = "ipcchan-ring")
] | map({ size: 64, depth: 65536, payload: "write+read" } + .);

# All round trips together, as the messages of a stream: the median jumps between modes. That
# of ipcchan-copy, with 36 % of its round trips at 9,568 instructions and the others from 9,760
# to 10,080, by 1.3 % where the mean went up by 0.3 %.
def time:
	if (.messages_per_s // 0) > 0 then 1e9 / .messages_per_s else null end;

# The row of .workload and a transport, as the bounds are meant
def row($all; $transport; $size):
	. as $gate |
	[$all[] | select(.parameters.depth_bytes == $gate.depth and
			(.parameters.messages_per_call // 32) == 32) | .results[] |
		select(.workload == $gate.workload and .transport == $transport and
			.size_bytes == $size and .placement == "same" and
			.payload == $gate.payload)][0];

# How a row is named where its size has to be said
def sized($size): if $size == 64 then . else "\(.), \($size) bytes," end;

def verdict($of; $peer):
	. as $gate |
	(.peer | sized($gate.peer_size // $gate.size)) as $other |
	"\(.number) - \(.workload): \(.of)" as $name |
	if ($of and $peer) | not then
		"ok \($name) # SKIP not measured: \(.of) and \(.peer), \(.size) bytes, " +
			"\(.payload), \(.depth) bytes deep, 32 messages a call"
	elif .optional and ($peer.status | startswith("refused: ")) then
		"ok \($name) # SKIP \(.peer) is \($peer.status)"
	elif [$of, $peer | time] | all | not then
		"not ok \($name): no figure; \(.peer): \($peer.status), " +
			"\(.of): \($of.status)"
	else
		(($of | time) / ($peer | time)) as $share |
		(if $share < .bound or ($share == .bound and (.ahead | not))
			then "ok" else "not ok" end) +
			" \($name | sized($gate.size)) takes \($share * 1000 | round / 1000) of what " +
			"\($other) takes, " +
			(if .ahead then "less than" else "at most" end) + " \(.bound)"
	end;

. as $all |
"1..\(gates | length)",
(gates | to_entries[] | .value + { number: (.key + 1) } |
	verdict(row($all; .of; .size); row($all; .peer; .peer_size // .size)))
