#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Tests of run-ktap.awk: what it makes of test programs that are all right, and
# of those that only look so. And of check-lib.sh's steps, which it is given.
set -u
shopt -s lastpipe # counts is at the end of pipes and must be no subshell
ROOT=$(cd "$(dirname "$0")/.." && pwd)
BUILD=$(mktemp -d) || exit 1
trap 'rm -rf "$BUILD"' EXIT
OUT=$BUILD
# shellcheck source=selftests/check-lib.sh
. "$ROOT/selftests/check-lib.sh"
awk=$TESTS/run-ktap.awk
count=0
failed=0

# counts NAME LAST_LINE STATUS: standard input is what was recorded
counts() {
	sum=$(awk -f "$awk")
	status=$?
	judge "$@"
}

# judge NAME LAST_LINE STATUS: of sum and status
judge() {
	count=$((count + 1))
	if [ "$(echo "$sum" | tail -n 1)" = "$2" ] && [ "$status" -eq "$3" ]; then
		echo "ok $count - $1"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count - $1"
	printf '%s\n' "$sum" "exit status $status" | sed 's/^/# /'
}

# program STATUS LINE...: the record of one
program() {
	echo "## begin prog"
	last=$1
	shift
	echo "TAP version 13"
	printf '%s\n' "$@"
	echo "## end prog $last"
}

# steps: the records of one that is all right and of one that leaves none
steps() {
	step good verdict good 0 "it is done"
	step silent true
} >/dev/null

echo "TAP version 13"

program 0 1..3 "ok 1 - a" "ok 2 # SKIP no device" "ok 3 - c" |
	counts "passes and skips" "2 passed, 0 failed, 1 skipped" 0
program 1 1..2 "ok 1 - a" "not ok 2 - b" |
	counts "a failure" "1 passed, 1 failed, 0 skipped" 1
program 0 "ok 1 - a" "ok 2 - b" 1..2 |
	counts "the plan at the end" "2 passed, 0 failed, 0 skipped" 0
program 139 1..3 "ok 1 - a" |
	counts "a crash after one of three" "1 passed, 1 failed, 0 skipped" 1
program 0 1..3 "ok 1 - a" "ok 2 - b" |
	counts "fewer results than planned, status 0" "2 passed, 1 failed, 0 skipped" 1
program 0 1..1 "ok 1 - a" "ok 2 - b" |
	counts "more results than planned" "2 passed, 1 failed, 0 skipped" 1
program 0 1..2 "ok 1 - a" "ok 1 - a" |
	counts "the same result twice" "2 passed, 1 failed, 0 skipped" 1
program 0 1..0 |
	counts "nothing planned" "0 passed, 1 failed, 0 skipped" 1
program 0 |
	counts "no plan and no result" "0 passed, 1 failed, 0 skipped" 1
program 0 "ok 1 - a" |
	counts "a result without a plan" "1 passed, 1 failed, 0 skipped" 1
program 3 1..1 "ok 1 - a" |
	counts "a bad end after good results" "1 passed, 1 failed, 0 skipped" 1
program 0 1..1 "not ok 1 - a" |
	counts "a good end after a bad result" "0 passed, 2 failed, 0 skipped" 1
program 0 1..2 "ok 1 - a" "Bail out! no memory" |
	counts "a bail-out" "1 passed, 1 failed, 0 skipped" 1
{ program 0 1..1 "ok 1 - a" && program 4 "1..0 # SKIP no module"; } |
	counts "a program that is skipped as a whole" "1 passed, 0 failed, 1 skipped" 0
program 77 "1..0 # SKIP no module" |
	counts "nothing but skips is no success" "0 passed, 0 failed, 1 skipped" 1
program 0 1..1 "  1..2" "  ok 1 - x" "  not ok 2 - y" "ok 1 - a" |
	counts "nested results are their parent's" "1 passed, 0 failed, 0 skipped" 0
program 1 1..3 "# a.c:7:a:fine" "ok 1 - a" "# a.c:9:b:Expected 1 == 2" "not ok 2 - b" \
	"not ok 3 - c" | awk -f "$awk" | grep 'not ok' | mapfile -t lines
sum=${lines[*]}
status=0
judge "what a failure was about is told with it, and with no other" \
	"  prog: not ok 2 - b (a.c:9:b:Expected 1 == 2)   prog: not ok 3 - c" 0
{ program 0 1..1 "ok 1 - a" && echo "## begin two" && echo 1..1 && echo "ok 1 - a"; } |
	counts "the record ends within a program" "2 passed, 1 failed, 0 skipped" 1
{ echo "## expect prog two three" && program 0 1..1 "ok 1 - a"; } |
	counts "programs that were never begun" "1 passed, 2 failed, 0 skipped" 1
{ echo "ok 1 - stray" && program 0 1..1 "ok 1 - a" && echo "ok 2 - stray"; } |
	counts "what no program printed does not count" "1 passed, 0 failed, 0 skipped" 0
steps
cat "$OUT"/*.ktap |
	counts "a step that leaves no record" "1 passed, 1 failed, 0 skipped" 1
counts "no record at all" "0 passed, 0 failed, 0 skipped" 1 </dev/null

echo "1..$count"
[ "$failed" -eq 0 ]
