#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The claims that look at channels, too, and what becomes of others without rights.
# shellcheck source=selftests/ipcchan/cli_util.sh
. "$(dirname "$0")/cli_util.sh"

# flat: $out on one line, as it was before it was broken into lines
flat() {
	out=$(printf '%s\n' "$out" | sed 's/^ *//' | tr '\n' ' ')
}

# seen PATTERN NAME: a part of $out is like it
seen() {
	printf '%s\n' "$out" | grep -Eq "$1"
	ok $? "$2"
}

begin
# On one CPU: two that are emulated, and spin, may take minutes on a busy machine.
timeout 200 taskset 1 "$IPCCHAN" claims --quick 5 6 16 >"$tmp/out" 2>"$tmp/err"
rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
flat
seen 'The module of ipcchan is loaded\.' "the module is seen"
seen 'memory ([0-9,]+) of \1 came, and no signal did\. .* ipcchan \1 came without system calls, and no signal ended' \
	"the ring of a channel carries as many messages without a system call"
seen 'The ring of a channel of ipcchan takes, of its copying, [0-9.]+ .*at 64 bytes and [0-9.]+ ' \
	"a ring is measured against copying"
seen 'A channel of ipcchan kept 3 apart\.' "a channel keeps messages apart"
[ "$rc" -eq 0 ]
ok $? "all of them can be tried"
ic list
! has "$out" claims
ok $? "no channel is left"
as_nobody claims --quick 2 13
flat
seen '2\. File sharing: .* => could not be tried: this process may not become another user' \
	"without rights there are no two users, and no verdict"
seen '13\. Named pipe: .* => holds with a condition: to know the name is not enough' \
	"and what needs none has one"
[ "$rc" -eq 2 ]
ok $? "the exit status tells"
done_testing
