#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What trace makes of events, compiled with its test.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

cli=$root/user/cli
"${CC:-cc}" -std=gnu11 -Wall -Wextra -O2 -D_GNU_SOURCE -fsanitize=address,undefined \
	-I"$root/include/uapi" -I"$root/user/lib" -I"$cli" -o "$tmp/test" \
	"$root/selftests/host/cli_trace_test.c" "$cli/trace_life.c" "$cli/trace_tasks.c" || exit 1
"$tmp/test"
