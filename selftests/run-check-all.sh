#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What "make check", "make check-debug", "make check-kernels" and "make check-install" do,
# at the same time: each is mostly one guest after the other, and waits for much. The
# kernel that "check" runs on is not run on once more. With CORE most guests run the tests
# of the core only, and the Debian packages are not installed. What each printed is left in
# build/check-all/; what failed stands before the last line, the sum.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"

OUT=$BUILD/check-all
TESTS=$ROOT/selftests
KERNELS=$VM_DIR/kernels.sh
parts=()

# What takes long to make is made first: what measures time does not suffer then.
# Leaves in $OUT/kernels those that "check" does not run on.
prepare() {
	local name ours image

	ours=$("$VM_DIR/kernel.sh" image) || return
	for name in $("$KERNELS" names); do
		image=$("$KERNELS" image "$name") || return
		[[ $image == *-"$(basename "$ours")" ]] || echo "$name"
	done >"$OUT/kernels"
	"$VM_DIR/debug-kernel.sh" build kasan kcsan >/dev/null || return
	[ -n "${CORE-}" ] || "$VM_DIR/install-root.sh" >/dev/null || return
	build_quietly "$OUT/build.log" all
}

# part NAME [ARGUMENT]...: each line of its output with its name before it. Nobody is
# there to be asked for a password.
part() {
	SUDO_OPTIONS=-n "$TESTS/run-$1.sh" "${@:2}" 2>&1 </dev/null | tee "$OUT/$1.log" |
		sed -u "s/^/$1: /"
}

# start NAME [ARGUMENT]...: a part, in the background
start() {
	parts+=("$1")
	{
		part "$@"
		echo $? >"$OUT/$1.status"
	} &
}

# The sum of a part, three numbers; one that has none, or fails without saying what,
# has failed once.
sum() {
	local numbers

	numbers=$(tail -n 1 "$OUT/$1.log" | sed -n \
		's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p')
	if [ -z "$numbers" ] || { [ "$(cat "$OUT/$1.status")" != 0 ] && [[ $numbers == *" 0 "* ]]; }; then
		say "$1 did not run to its end; see $OUT/$1.log"
		numbers="${numbers:-0 0 0} 0 1 0"
	fi
	echo "$numbers"
}

# failures NAME: those that a part printed at its end
failures() {
	awk -v part="$1" '!/^  / { on = 0 }
		on { print part ":" $0 }
		/^Failed / { on = 1 }' "$OUT/$1.log"
}

rm -rf "$OUT"
mkdir -p "$OUT" || exit 1
# Each part is a group of its own.
trap 'end_jobs 130' INT
trap 'end_jobs 143' TERM HUP
set -m
prepare &
if ! wait $!; then
	echo
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi
mapfile -t kernels <"$OUT/kernels"
start check
start check-debug
[ "${#kernels[@]}" -eq 0 ] || start kernels "${kernels[@]}"
start install
wait
set +m

echo
for name in "${parts[@]}"; do
	failures "$name"
done
for name in "${parts[@]}"; do
	sum "$name"
done | awk '{ for (i = 1; i <= NF; i++) n[i % 3] += $i }
	END { printf "%d passed, %d failed, %d skipped\n", n[1], n[2], n[0]; exit n[2] > 0 }'
