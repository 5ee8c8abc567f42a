#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# plants.sh [SECONDS]: does the fuzzer find mistakes as they are made? For each of four,
# it runs for at most so long (default 240) on a copy of the module that has it, and then
# what ran last is run again, there and on the module as it is. As KTAP. PLANTS in the
# environment: only those of bounds, reference, lock, ring.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/../vm/common.sh"

seconds=${1:-240}
OUT=$BUILD/fuzz-plants
MAKE=${MAKE:-make}
INSTRUMENT=(KCOV_INSTRUMENT=y UBSAN_SANITIZE=y)
number=0

# The mistake: a file, and what sed does to it.
declare -A FILE=([bounds]=buffer.c [reference]=fds.c [lock]=ear.c [ring]=uring.c) EDIT=(
	[bounds]='s/offset >= buf->size || //'
	[reference]='/err = ipcchan_fds_take(/{n; n; s/goto free;/return ERR_PTR(err);/}'
	[ring]='/ipcchan_uring_done(cmd, ret, issue_flags);/d'
	[lock]='/^bool ipcchan_ears_rung(/,/^}/{/spin_\(un\)\?lock_irq(/d}'
)

result() {
	number=$((number + 1))
	[ "$1" -eq 0 ] || printf 'not '
	echo "ok $number - $2"
}

# plant NAME: builds $OUT/NAME/ipcchan.ko
plant() {
	local dir=$OUT/$1 file=kmod/${FILE[$1]}

	"$VM_DIR/mirror.sh" "$dir" && rm -f "$dir/$file" &&
		sed "${EDIT[$1]}" "$ROOT/$file" >"$dir/$file" &&
		! cmp -s "$ROOT/$file" "$dir/$file" &&
		"$MAKE" -C "$folder/build" M="$dir" "${INSTRUMENT[@]}" modules >"$OUT/$1.log" 2>&1
}

# again NAME MODULE: run the programs again, and leave what comes of it in $OUT/NAME.again
again() {
	"$ROOT/selftests/fuzz/run.sh" --replay "$OUT/$1.progs" "$image" "$2" "$times" \
		"$OUT/$1/again" >"$OUT/$1.again" 2>&1
}

# complained FILE: a complaint, a leak, or a ring of io_uring that does not end
complained() {
	grep -q '^not ok.*\(complain\|leaked\)\|^# .* the ring of this program' "$1"
}

# last NAME: what is to run again, so many times: what ran last, or, where the kernel had
# nothing to say till the end, all that was kept
last() {
	times=20
	cat "$OUT/$1"/out/worker-*.txt >"$OUT/$1.progs" 2>/dev/null && return
	times=1
	cp "$OUT/$1/out/corpus" "$OUT/$1.progs"
}

mkdir -p "$OUT"
echo "TAP version 13"
folder=$("$VM_DIR/debug-kernel.sh" build kasan) || exit 2
image=$(echo "$folder"/boot/vmlinuz-*)
whole=$BUILD/kmod/$(basename "$folder"/lib/modules/*)/ipcchan.ko
for name in ${PLANTS:-bounds reference lock ring}; do
	plant "$name" || die 2 "the module with a $name does not build; see $OUT/$name.log"
	"$ROOT/selftests/fuzz/run.sh" "$image" "$OUT/$name/ipcchan.ko" "$seconds" "$OUT/$name/out" \
		>"$OUT/$name.found" 2>&1
	complained "$OUT/$name.found"
	result $? "a missing $name is found"
	grep -h 'after .* calls$\|^# [0-9]* s:\|BUG: \|WARNING: \|unreferenced' "$OUT/$name.found" |
		tail -n 4 | sed 's/^#* */# /'
	last "$name"
	again "$name" "$OUT/$name/ipcchan.ko"
	complained "$OUT/$name.again"
	result $? "it is met again by the programs that ran"
	again "$name" "$whole"
	grep -q '^ok' "$OUT/$name.again" && ! grep -q '^not ok' "$OUT/$name.again"
	result $? "without it they run"
done
echo "1..$number"
