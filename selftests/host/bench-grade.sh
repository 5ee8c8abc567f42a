#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# How good a machine is for measuring: which grade, for which reasons.
dir=$(cd "$(dirname "$0")" && pwd)
cli=$dir/../../user/cli
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

"${CC:-cc}" -std=gnu11 -Wall -Wextra -Wno-override-init -O2 -D_GNU_SOURCE -I"$cli" -o "$tmp/test" \
	"$dir/bench_grade_test.c" "$cli/bench/env_grade.c" || exit 1
"$tmp/test"
