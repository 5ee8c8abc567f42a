#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# How the verbs that go on are stopped, compiled with its test.
dir=$(cd "$(dirname "$0")" && pwd)
cli=$dir/../../user/cli
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

"${CC:-cc}" -std=gnu11 -Wall -Wextra -O2 -D_GNU_SOURCE -I"$cli" -I"$dir/../../user/lib" \
	-I"$dir/../../include/uapi" -o "$tmp/test" "$dir/cli_stop_test.c" "$cli/err.c" \
	"$cli/live.c" "$cli/stop.c" "$cli/transfer.c" || exit 1
"$tmp/test"
