#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The examples: short, built as they say from what the library installs, and of few words where
# there is no module.  What they print with it is for selftests/ipcchan/examples_test.sh.

# the helpers want a command to test; this test runs none
IPCCHAN=$(command -v sh)
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

LINES_BELOW=60
examples=$root/Documentation/examples

make -s -C "$root/user/lib" O="$root/build/user/lib" PREFIX="$tmp/installed" install >"$tmp/log" 2>&1 ||
	skip_all "the library cannot be installed: $(cat "$tmp/log")"
export PKG_CONFIG_PATH="$tmp/installed/lib/pkgconfig" LD_LIBRARY_PATH="$tmp/installed/lib"
command -v pkg-config >/dev/null || skip_all "no pkg-config"

# built FILE: by the command of its comment, with warnings
built() {
	command=$(sed -n 's/^ \*\t\(cc .*\) && .*/\1/p' "$1")
	[ -n "$command" ] && (cd "$tmp" && cp "$1" . &&
		eval "${CC:-cc} -O2 -Wall -Wextra -Werror ${command#cc }")
}

[ "$(cd "$examples" && echo *)" = \
	"echo.c echo.py event_loop.c fd_passing.c rpc_server.c shared_ring.c" ]
ok $? "the examples are those"

for file in "$examples"/*; do
	[ "$(wc -l <"$file")" -lt "$LINES_BELOW" ] && grep -q Prints: "$file"
	ok $? "$(basename "$file") has less than $LINES_BELOW lines, and says what it prints"
done

for file in "$examples"/*.c; do
	name=$(basename "$file" .c)
	err=$(built "$file" 2>&1)
	ok $? "$name is built as it says"
	if [ -e /dev/ipcchan ]; then
		skip "$name without the module" "the module is here"
		continue
	fi
	out=$("$tmp/$name" 2>"$tmp/err")
	rc=$?
	err=$(cat "$tmp/err")
	[ "$rc" -eq 1 ] && [ -z "$out" ] && has "$err" "No such file or directory"
	ok $? "$name without the module"
done

# Who has no child joins no channel: it would leave its names behind.
err=$("${CC:-cc}" -shared -fPIC -o "$tmp/nofork.so" -x c - 2>&1 <<'EOF'
#include <errno.h>
#include <sys/types.h>

pid_t fork(void)
{
	errno = EAGAIN;
	return -1;
}
EOF
)
ok $? "there is a fork() that fails"
for name in echo rpc_server; do
	out=$(LD_PRELOAD=$tmp/nofork.so "$tmp/$name" 2>"$tmp/err")
	rc=$?
	err=$(cat "$tmp/err")
	[ "$rc" -eq 1 ] && [ -z "$out" ] && has "$err" "Resource temporarily unavailable"
	ok $? "$name without a child"
done

done_testing
