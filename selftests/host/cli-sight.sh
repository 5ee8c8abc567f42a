#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the verbs that show something make of what the kernel says, compiled with its test.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

cli=$root/user/cli
# shellcheck disable=SC2046 # words
"${CC:-cc}" -std=gnu11 -Wall -Wextra -O2 -D_GNU_SOURCE -I"$root/include/uapi" -I"$root/user/lib" \
	-I"$cli" $(pkg-config --cflags libnl-genl-3.0) -o "$tmp/test" \
	"$root/selftests/host/cli_sight_test.c" $(printf "$cli/%s.c " chan_format ep_format err \
	event_format nl_chan nl_ep nl_request quota sample table text times top_rows tree_format \
	parse view words) $(pkg-config --libs libnl-genl-3.0 jansson) || exit 1
"$tmp/test"
