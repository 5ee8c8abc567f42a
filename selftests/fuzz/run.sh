#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run.sh [--replay FILE] [--fault NAME] [--abusers SECONDS] IMAGE MODULE NUMBER FOLDER [PREFIX]:
# the fuzzer in a guest of this debug kernel, for NUMBER seconds, or the programs of FILE so many
# times; then, for SECONDS each, the strangers of vm/abusers.sh. What it leaves behind is in
# FOLDER. Prints records for run-ktap.awk. What ran when the kernel failed is told at the end,
# and is in FOLDER/worker-*.txt, to be run again. With NAME MODULE is the one of vm/fault, and
# has that fault. The kernel with KCSAN, which has no KCOV, is for races between the calls of
# the corpus.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/../vm/common.sh"

replay='' fault='' abusers='' adds=()
while [[ ${1-} == --* ]]; do
	case $1 in
	--replay) replay=$2 ;;
	--fault) fault=$2 ;;
	--abusers) abusers=$2 ;;
	*) die 1 "unknown option: $1" ;;
	esac
	shift 2
done
image=$1
module=$2
number=$3
out=$4
prefix=${5-fuzz/}
seed=${SEED:-$(date +%s)}
FUZZ=$BUILD/selftests/fuzz/fuzz

# The programs of each worker from which it did not come back
tell() {
	local file

	for file in "$out"/worker-*.progs; do
		[ -s "$file" ] || continue
		"$FUZZ" show "$file" >"${file%.progs}.txt"
		sed 's/^/# /' "${file%.progs}.txt"
	done
}

# verdict NAME STATUS TEXT
verdict() {
	printf '## begin %s%s\n1..1\n' "$prefix" "$1"
	[ "$2" -eq 0 ] || printf 'not '
	printf 'ok 1 - %s\n' "$3"
	printf '## end %s%s %d\n' "$prefix" "$1" "$(($2 != 0))"
}

programs=${replay:-$ROOT/selftests/fuzz/corpus}
if [ -n "$abusers" ]; then
	adds=(--add "$VM_DIR/abusers.sh:/fuzz/abusers.sh")
	for name in stress-ng trinity; do
		adds+=(--add "$(command -v "$name"):/usr/bin/$name")
	done
fi
mkdir -p "$out" && rm -f "$out"/{worker-*,blocks*} || exit 2
"$VM_DIR/run" --cpus "${CPUS:-2}" --memory 2048 --kernel "$image" --module "$module" \
	--append "panic_on_warn=1 oops=panic panic=-1 no_debug_objects watchdog_thresh=60" --log "$out/kernel.log" --out "$out" \
	--timeout $((number * 2 + ${abusers:-0} * 12 + 800)) --add "$FUZZ:/fuzz/fuzz" \
	--add "$ROOT/selftests/fuzz/guest.sh:/fuzz/guest.sh" \
	--add "$programs:/fuzz/programs" \
	--add "$VM_DIR/debug-leaks.sh:/fuzz/debug-leaks.sh" \
	--add "$VM_DIR/debug-races.sh:/fuzz/debug-races.sh" ${adds[@]+"${adds[@]}"} \
	"FAULT=$fault ABUSERS=$abusers REPLAY=${replay:+/fuzz/programs} /fuzz/guest.sh $prefix $number $seed"
status=$?
verdict guest "$status" "the guest ran to its end and its kernel did not complain"
if [ "$status" -eq 125 ] || [ "$status" -eq 126 ] || [ "$status" -eq 124 ]; then
	tell
fi
if [ -s "$out/blocks" ]; then
	"$ROOT/selftests/fuzz/coverage.sh" "$out" "$module" >"$out/coverage"
	head -n 1 "$out/coverage" | sed 's/^/# covered: /'
	awk '{ run += $1; blocks += $2 } END { exit run < blocks / 2 }' "$out/functions"
	verdict coverage $? "at least half of the module's blocks were run"
fi
