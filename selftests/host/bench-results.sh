# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by the tests of the benchmark's report.

# rich: results of a run, of pipe and others at 64 and 1K bytes, on standard input; out,
# with something for every picture that a report can have, and with hostile texts
rich() {
	jq 'def like(from; change): .results |= . + [.[] | select(from) | change];
		.environment.grade = "B" | .environment.cpu_model = "a CPU, or two"
		| .environment.grade_reasons = ["<img src=x> & so on", "another one"]
		| .floor = [{placement: "same", round_trip_ns: 200},
			    {placement: "cache", round_trip_ns: null}]
		| .decomposition = [("pipe", "ipcchan-copy") | {transport: ., size_bytes: 64, placement: "same",
			stages: [("call", "</script>", "switch") | {name: ., ns: 200}]}]
		| .decomposition += [{transport: "posix-mq", size_bytes: 64, placement: "same",
			stages: [], status: "refused: it is not there"}]
		| like(.transport == "pipe"; .transport = "<script>alert(1)</script>")
		| like(.transport == "pipe"; .transport = ("ipcchan-copy", "ipcchan-map")
			| .messages_per_s *= 1.5 | .p50_ns |= if . then . / 1.5 else . end)
		| like(.transport == "pipe" and .workload == "pingpong" and .size_bytes == 64;
			.workload = "openloop" | .offered_per_s = (1000, 10000, 100000)
			| .reached = (.offered_per_s < 100000))
		| like(.transport == "futex" and .workload == "pingpong"; .workload = "oneway")
		| like(.transport == "signal"; .status = "failed: a \"text\", \r\n <b>& more</b> 漢字")
		| .results[-1].status = "a \"text\", of\r\ntwo lines"'
}

# mechanisms and sizes of round trips, streams and messages one way, percentiles of the first
# and the last, load, two ladders, stages
# shellcheck disable=SC2034 # for who sources this
RICH_FIGURES=12
