#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What trace makes of events, compiled with its test.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

cli=$root/user/cli
# shellcheck disable=SC2046 # words
"${CC:-cc}" -std=gnu11 -Wall -Wextra -O2 -D_GNU_SOURCE -fsanitize=address,undefined \
	-I"$root/include/uapi" -I"$root/user/lib" -I"$cli" -o "$tmp/test" \
	"$root/selftests/host/cli_trace_test.c" $(printf "$cli/%s.c " bench/hist chan_format err text \
	trace_life trace_print trace_tasks words) $(pkg-config --libs jansson) || exit 1
"$tmp/test"
