#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The statistics of the benchmark, compiled with its test.
dir=$(cd "$(dirname "$0")" && pwd)
cli=$dir/../../user/cli
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

"${CC:-cc}" -std=gnu11 -Wall -Wextra -O2 -D_GNU_SOURCE -I"$cli" -o "$tmp/test" \
	"$dir/bench_stats_test.c" "$cli/bench/stats.c" \
	"$cli/bench/stats_pairs.c" -lm || exit 1
"$tmp/test"
