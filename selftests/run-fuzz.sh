#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run-fuzz.sh [--replay FILE] [NUMBER]: the fuzzer on the debug kernel that checks memory and
# locks, for so many seconds (default 300), or the programs of FILE, so many times. What it
# leaves behind is in build/fuzz/out/, what was printed beside; the last line is the sum.
# Functions are called through step.
# shellcheck disable=SC2317,SC2329
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"
# shellcheck source=selftests/check-lib.sh
. "$ROOT/selftests/check-lib.sh"

replay=()
if [ "${1-}" = --replay ]; then
	[ -r "${2-}" ] || die 1 "no such file of programs: ${2-}"
	replay=(--replay "$2")
	shift 2
fi
number=${1:-300}
[[ $number =~ ^[1-9][0-9]{0,5}$ ]] || die 1 "a positive number is wanted, not \"$number\""

build() {
	local kdir

	"$MAKE" -C "$ROOT" tests >"$OUT/build.log" 2>&1
	verdict tests $? "the fuzzer is built"
	folder=$("$TESTS/vm/debug-kernel.sh" build kasan) || exit
	release=$(basename "$folder"/lib/modules/*)
	kdir=$folder/build
	"$MAKE" -C "$ROOT" RELEASE="$release" KDIR="$kdir" KCOV_INSTRUMENT=y UBSAN_SANITIZE=y \
		module >>"$OUT/build.log" 2>&1
	verdict module $? "the module is built"
}

# Its progress is shown as it comes.
fuzz() {
	"$TESTS/fuzz/run.sh" ${replay[@]+"${replay[@]}"} "$folder/boot/vmlinuz-$release" \
		"$BUILD/kmod/$release/ipcchan.ko" "$number" "$OUT/out" | tee >(cat >&"$shown")
}

check_begin "$BUILD/fuzz" || exit 1
exec {shown}>&1
step build build
if ! count "$OUT/build.ktap" >/dev/null; then
	tail -n 30 "$OUT/build.log"
else
	step fuzz fuzz
	[ ! -s "$OUT/out/coverage" ] || head -n 1 "$OUT/out/coverage"
fi
check_end
