#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs every test there is, here and in the VM, and lint; with CORE, fewer rounds of
# them in the guests, and in that of two processors only those of the core. What each
# printed is left in build/check/; the last line is the sum.
# Functions are called through step, record and lint.
# shellcheck disable=SC2317,SC2329
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"
# shellcheck source=selftests/check-lib.sh
. "$ROOT/selftests/check-lib.sh"

# The kernel first, for fetching it may bring newer headers.
build() {
	"$TESTS/vm/kernel.sh" image >/dev/null &&
		"$MAKE" -C "$ROOT" all >"$OUT/build.log" 2>&1
	verdict build $? "everything builds"
}

# The host's programs come with a line of their own before each one's output.
host() {
	timeout --foreground 2400 "$MAKE" -s -C "$TESTS/host" O="$BUILD/selftests/host" run 2>&1 |
		awk '/^# file / {
			if (name != "")
				print "\n## end " name " ?"
			name = "host/" $3
			print "## begin " name
		}
		{ print }
		END { if (name != "") print "\n## end " name " ?" }'
	verdict host $? "the host's tests ran to their end"
}

# What README.md begins with, with fewer mechanisms to measure.
demo() {
	local status

	BENCH="--transports ipcchan-copy,ipcchan-ring,pipe --placement same" \
		"$TESTS/vm/demo.sh" >"$OUT/demo.out" 2>"$OUT/demo.log"
	status=$?
	verdict demo "$status" "the demo runs"
	[ "$status" -eq 0 ] || tail -n 30 "$OUT/demo.out" "$OUT/demo.log" >&2
	[ "$(grep -c '^received  [0-9a-f]\{64\} ' "$OUT/demo.out")" -eq 2 ] &&
		[ -s "$BUILD/demo/report.html" ]
	verdict demo-output $? "it tells of both files, and leaves a page"
}

check_begin "$BUILD/check" || exit 1

step build build
if ! count "$OUT/build.ktap" >/dev/null; then
	tail -n 30 "$OUT/build.log"
else
	# It waits for most of the time.
	beside harness record harness "$TESTS/vm/test.sh"
	step ktap record ktap "$TESTS/run-ktap-test.sh"
	step model record model "$TESTS/model/run.sh"
	step host host
	step bpftrace record bpftrace "$TESTS/vm/bpftrace.sh"
	step demo demo
	PROGRAMS=all step vm-1 guest vm-1 --cpus 1
	PROGRAMS=kernel step vm-2 guest vm-2 --cpus 2 --nodes 2
	step labs record labs "$TESTS/vm/labs.sh" stock icount
	# Of the benchmark there is one processor's work at a time.
	beside lint record lint "$TESTS/run-lint.sh"
	step bench record bench "$TESTS/vm/bench-insn.sh" --gate
	join
fi

check_end
