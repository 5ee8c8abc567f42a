#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The claims leave nothing behind, also where a signal ends them; what this machine does not let
# be tried is no part of a verdict.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

# In an IPC namespace of its own, where that may be, all that is there is its own
if [ -z "${OWN_IPC-}" ] && unshare -i true 2>"$tmp/err"; then
	rm -rf "$tmp"
	OWN_IPC=1 exec unshare -i "$0" "$@"
fi

# shellcheck source=selftests/host/claims-files.sh
. "$(dirname "$0")/claims-files.sh"

# left: prints what is there still of what was made: files, processes, objects of System V
left() {
	ls "$TMPDIR"
	grep -lsz "^CLAIMS_OF=$tmp\$" /proc/[0-9]*/environ
	[ -z "${OWN_IPC-}" ] || tail -q -n +2 /proc/sysvipc/*
}

# begin NUMBER...: try these claims in the background, as $!, with signals as a terminal would
begin() {
	CLAIMS_OF=$tmp env --default-signal=INT,QUIT,TERM,HUP "$IPCCHAN" claims --quick "$@" \
		>"$tmp/out" 2>"$tmp/err" &
}

# settled: nothing is left; to go may take it a moment
settled() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		out=$(left)
		[ -n "$out" ] || return 0
		sleep 0.2
	done
	return 1
}

# end SIGNAL SECONDS: what was begun, so long from now
end() {
	sleep "$2"
	kill -s "$1" $!
	wait $!
	rc=$? err=$(cat "$tmp/err")
	settled
}

makers="2 10 13 14 15 16 17 18 22 23 24"
# shellcheck disable=SC2086 # one word a claim
by env CLAIMS_OF="$tmp" "$IPCCHAN" claims --quick $makers
[ "$rc" -ne 1 ] && settled
ok $? "nothing is left behind"
# The last of them may be done by then, but for 19, which takes longer.
for moment in "TERM 143 0.05" "INT 130 0.1" "QUIT 131 0.2" "HUP 129 0.4"; do
	# shellcheck disable=SC2086 # three words
	set -- $moment
	# shellcheck disable=SC2086 # one word a claim
	begin $makers 19
	end "$1" "$3"
	[ "$rc" -eq "$2" ] && [ -z "$out" ]
	ok $? "nor where SIG$1 ends it after $3 s"
done
# 16 and 17 have a keeper, of what is System V's; 19 is there as above.
for seconds in 0.02 0.05 0.1; do
	begin 16 17 19
	end KILL $seconds
	[ "$rc" -eq 137 ] && [ -z "$out" ]
	ok $? "nor where SIGKILL does after $seconds s, of what has a keeper"
done
begin
end TERM 1.5
[ "$rc" -eq 143 ] && [ -z "$out" ]
ok $? "nor in the midst of all"

# Two calls that behave otherwise: a process that is not related says later who it is, and a
# file whose mode shall let nobody in lets everybody
cat >"$tmp/calls.c" <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

pid_t getsid(pid_t pid)
{
	if (!pid && getenv("LATE"))
		usleep(600000);
	return syscall(SYS_getsid, pid);
}

int chmod(const char *path, mode_t mode)
{
	return fchmodat(AT_FDCWD, path, mode ? mode : 0666, 0);
}
END
${CC:-cc} -shared -fPIC -o "$tmp/calls.so" "$tmp/calls.c"
ok $? "there are calls that behave otherwise"

# Both are in the midst then, and 13 has a folder.
LATE=1 LD_PRELOAD=$tmp/calls.so begin 10
end TERM 0.3
[ "$rc" -eq 143 ] && [ -z "$out" ]
ok $? "no process is left that had only just begun when a signal came"
LATE=1 LD_PRELOAD=$tmp/calls.so begin 13
end QUIT 0.3
[ "$rc" -eq 131 ] && [ -z "$out" ]
ok $? "nor a folder when SIGQUIT did"

if [ "$(id -u)" -eq 0 ]; then
	mkdir -m 700 "$tmp/shut"
	by env TMPDIR="$tmp/shut" LD_PRELOAD="$tmp/calls.so" "$IPCCHAN" claims --quick --json 13
	printf '%s\n' "$out" | jq -e '.claims[0].numbers.without_permission_errno.value == 0' \
		>"$tmp/jq"
	ok $? "a folder that nobody passes is no permission of the pipe"
else
	skip "a folder that nobody passes is no permission of the pipe" "needs root"
fi

# What cannot be tried is no part of a verdict.
by prlimit --sigpending=0:0 "$IPCCHAN" claims --quick --json 9
[ "$rc" -eq 2 ] && printf '%s\n' "$out" | jq -e '.claims[0] | .verdict == "untried" and
	(.why | contains("signal") and contains("RLIMIT_SIGPENDING"))' >"$tmp/jq"
ok $? "where no signal may be queued a list with signals is not judged"
if [ -n "${OWN_IPC-}" ] && msgmnb=$(cat /proc/sys/kernel/msgmnb) &&
	{ echo 32 >/proc/sys/kernel/msgmnb; } 2>"$tmp/err"; then
	by setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource \
		"$IPCCHAN" claims --quick --json 17
	echo "$msgmnb" >/proc/sys/kernel/msgmnb
	[ "$rc" -eq 2 ] && printf '%s\n' "$out" | jq -e '.claims[0] | .verdict == "untried" and
		(.why | contains("kernel.msgmnb"))' >"$tmp/jq"
	ok $? "nor varied ways of which one cannot be used"
else
	skip "nor varied ways of which one cannot be used" "needs an IPC namespace of its own"
fi

done_testing
