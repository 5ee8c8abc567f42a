#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Which runs of bench-rings are thrown away, and where it says that the others were.
dir=$(cd "$(dirname "$0")" && pwd)
cli=$dir/../../user/cli
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

"${CC:-cc}" -std=gnu11 -Wall -Wextra -O2 -D_GNU_SOURCE -I"$cli" -o "$tmp/test" \
	"$dir/bench_probe_test.c" "$cli/bench/probe.c" "$cli/bench/median.c" -lm || exit 1
"$tmp/test"
