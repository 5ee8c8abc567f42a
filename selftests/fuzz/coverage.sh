#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# coverage.sh FOLDER MODULE: what of this ipcchan.ko was run, by what guest.sh has left in
# FOLDER. Writes FOLDER/functions (blocks run, blocks, function), and prints the sum of both
# and the functions that were not run at all. The code of tracers does not count.
set -eu -o pipefail
out=$1
module=$2

# For each block, by the address after its call of the recorder, and for each function,
# from the beginning of .text on
section() {
	local base at

	base=$(sed -n 's/^\.text:0x//p' "$out/sections")
	at=$(sed -n "s/^$1:0x//p" "$out/sections")
	[ -n "$at" ] || return 0
	{
		objdump -r -j "$1" "$module" | awk '/__sanitizer_cov_trace_pc/ { print $1, "block" }'
		objdump -t -j "$1" "$module" | awk '$3 == "F" { print $1, "function", $NF }'
	} | awk -v at=$((16#$at - 16#$base)) '
		function number(hex,   i, n) {
			for (i = 1; i <= length(hex); i++)
				n = n * 16 + index("123456789abcdef", substr(hex, i, 1))
			return n
		}
		{ print at + number($1) + ($2 == "block" ? 4 : 0), $2, $3 }'
}

{
	sort -u "$out"/blocks* | sed 's/$/ covered/'
	section .text
	section .text.unlikely
} | sort -k 1,1n -k 2,2r | awk '
	$2 == "function" { name = $3 }
	$2 == "covered" { at = $1 }
	$2 == "block" && name !~ /^(perf_trace|trace_event_raw|trace_raw_output|__(bpf_)?trace(iter)?)_/ {
		blocks[name]++
		run[name] += at == $1
	}
	END { for (name in blocks) print run[name] + 0, blocks[name], name }' |
	sort -k 3 >"$out/functions"

awk '{ run += $1; blocks += $2; functions++; met += $1 > 0 }
	END {
		printf "%d of %d blocks, %d of %d functions\n", run, blocks, met, functions
	}' "$out/functions"
awk '$1 == 0 { print "not run: " $3 }' "$out/functions"
