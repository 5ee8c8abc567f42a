#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs every test there is, here and in the VM, and lint. What each printed is
# left in build/check/; the last line is the sum.
# Functions are called through step, record and lint.
# shellcheck disable=SC2317,SC2329
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"

OUT=$BUILD/check
TESTS=$ROOT/selftests
KSFT=$BUILD/kselftest/tools/testing/selftests
MAKE=${MAKE:-make}

# A program runs alone for at most this long, a guest for all of them together.
PROGRAM_SECONDS=300
GUEST_SECONDS=1200

# count FILE...: lines for people about these records
count() {
	awk -f "$TESTS/run-ktap.awk" "$@"
}

# step NAME COMMAND...: COMMAND writes the records of this step
step() {
	local name=$1 start=$SECONDS

	shift
	echo "== $name"
	"$@" >"$OUT/$name.ktap" 2>"$OUT/$name.err"
	count "$OUT/$name.ktap" | sed 's/^/   /'
	echo "   ($((SECONDS - start)) s)"
}

# record NAME COMMAND...: COMMAND is one test program
record() {
	local name=$1

	shift
	echo "## begin $name"
	"$@" 2>&1
	printf '\n## end %s %d\n' "$name" $?
}

# verdict NAME STATUS TEXT: the record of a single result
verdict() {
	printf '## begin %s\n1..1\n' "$1"
	if [ "$2" -eq 0 ]; then
		printf 'ok 1 - %s\n## end %s 0\n' "$3" "$1"
	else
		printf 'not ok 1 - %s (status %d)\n## end %s 1\n' "$3" "$2" "$1"
	fi
}

# The kernel first, for fetching it may bring newer headers.
build() {
	"$TESTS/vm/kernel.sh" image >/dev/null &&
		"$MAKE" -C "$ROOT" all >"$OUT/build.log" 2>&1
	verdict build $? "everything builds"
}

# The host's programs come with a line of their own before each one's output.
host() {
	timeout 900 "$MAKE" -s -C "$TESTS/host" O="$BUILD/selftests/host" run 2>&1 |
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

# guest CPUS
guest() {
	local cpus=$1 programs

	mapfile -t programs < <("$MAKE" -s -C "$TESTS/ipcchan" KSFT_DIR="$KSFT" \
		O="$BUILD/selftests/ipcchan" COLLECTION=ipcchan emit_tests | sed 's/.*://')
	"$TESTS/vm/run" --cpus "$cpus" --timeout "$GUEST_SECONDS" --log "$OUT/vm-$cpus.log" \
		--add "$BUILD/selftests/ipcchan:/selftests" \
		--add "$TESTS/vm/guest-tests.sh:/selftests/guest-tests.sh" \
		/selftests/guest-tests.sh "vm-$cpus/" "$PROGRAM_SECONDS" "${programs[@]}"
	verdict "vm-$cpus" $? "the guest ran to its end and its kernel did not complain"
}

# There may be no terminal, or nothing at all.
exec </dev/null
rm -rf "$OUT"
mkdir -p "$OUT" || exit 1

step build build
if ! count "$OUT/build.ktap" >/dev/null; then
	tail -n 30 "$OUT/build.log"
else
	step ktap record ktap "$TESTS/run-ktap-test.sh"
	step host host
	step vm-1 guest 1
	step vm-2 guest 2
	step bench record bench "$TESTS/vm/bench-insn.sh" --gate
	step harness record harness "$TESTS/vm/test.sh"
	step lint record lint "$TESTS/run-lint.sh"
fi

# What a step wrote beside its records explains why a guest failed.
count "$OUT"/*.ktap >"$OUT/summary"
status=$?
if [ "$status" -ne 0 ]; then
	echo
	echo "Failed (all that was printed is in $OUT):"
	grep '^  ' "$OUT/summary" | grep -v ': skipped: '
	for records in "$OUT"/*.ktap; do
		grep -B 12 -A 25 '^not ok' "$records" | head -n 60
		head -n 40 "${records%.ktap}.err"
	done
fi
echo
tail -n 1 "$OUT/summary"
exit "$status"
