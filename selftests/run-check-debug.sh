#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs the kernel selftests on the debug kernels, with CORE those of the core, then the fuzzer
# and strangers, with CORE for less long, and shows that each checker, and the fuzzer, fails a
# run when it should. What was printed is left in build/check-debug/; the last line is the sum.
# Functions are called through step.
# shellcheck disable=SC2317,SC2329
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"
# Each takes several times as long as elsewhere.
PROGRAM_SECONDS=${PROGRAM_SECONDS:-1200}
GUEST_SECONDS=${GUEST_SECONDS:-4800}
CORE_SCALE=10
# shellcheck source=selftests/check-lib.sh
. "$ROOT/selftests/check-lib.sh"
# shellcheck source=selftests/vm/splat.sh
. "$(dirname "$0")/vm/splat.sh"

VM_RUN=$ROOT/selftests/vm/run
declare -A FOLDER RELEASE

# The kernel's own code goes without these, which are slow and not about it.
INSTRUMENT=(KCOV_INSTRUMENT=y UBSAN_SANITIZE=y)

# modules NAME: for this kernel, the module as it is, its KUnit tests, and the one
# with the planted faults
modules() {
	local rel=${RELEASE[$1]} kdir=${FOLDER[$1]}/build fault=$BUILD/fault/${RELEASE[$1]}

	"$MAKE" -C "$ROOT" RELEASE="$rel" KDIR="$kdir" KUNIT=1 "${INSTRUMENT[@]}" module || return 1
	"$TESTS/vm/mirror.sh" "$fault" || return 1
	ln -sf "$ROOT/Kbuild" "$fault/product.Kbuild"
	ln -sf "$TESTS"/vm/fault/* "$fault"
	"$MAKE" -C "$kdir" M="$fault" "${INSTRUMENT[@]}" modules
}

build() {
	local name folders

	"$MAKE" -C "$ROOT" cli tests >"$OUT/build.log" 2>&1
	verdict tests $? "the tests build"
	folders=$("$TESTS/vm/debug-kernel.sh" build kasan kcsan)
	verdict kernels $? "the debug kernels build"
	for name in kasan kcsan; do
		FOLDER[$name]=$(grep -e "-$name-" <<<"$folders") || return
		RELEASE[$name]=$(basename "${FOLDER[$name]}"/lib/modules/*)
		modules "$name" >>"$OUT/build.log" 2>&1
		verdict "modules-$name" $? "the modules for the $name kernel build"
	done
}

image() {
	echo "${FOLDER[$1]}/boot/vmlinuz-${RELEASE[$1]}"
}

# debug_guest NAME: with addresses as they are, for until such a kernel has random numbers to
# hash them with, all that it tells are the same
debug_guest() {
	local kunit=$BUILD/kmod/${RELEASE[$1]}/ipcchan_kunit.ko

	[ ! -e "$kunit" ] || set -- "$1" --add "$kunit"
	GUEST_TESTS=/root/debug-guest.sh guest "$@" --cpus 2 --kernel "$(image "$1")" \
		--append no_hash_pointers --add "$TESTS/vm/debug-guest.sh" --add "$TESTS/vm/debug-leaks.sh" \
		--add "$TESTS/vm/debug-races.sh" --add "$TESTS/vm/debug-fail.sh" \
		--add "$TESTS/vm/debug/base.config" --add "$TESTS/vm/debug/$1.config"
}

# What meets the faults: small and large messages, then the search for leaks; or
# many messages on both processors, watched for longer, until a race is seen.
SMALL='echo hi >/dev/ipcchan && head -n 1 /dev/ipcchan'
LARGE='for i in 1 2 3 4 5 6; do
	head -c 4000 /dev/zero >/dev/ipcchan && dd if=/dev/ipcchan bs=4000 count=1 of=/tmp/got || exit
done'
LEAKS='rmmod ipcchan && /root/debug-leaks.sh && insmod /vm/ipcchan.ko'
# shellcheck disable=SC2016  # for the guest
MANY='/root/debug-races.sh && echo 300 >/sys/module/kcsan/parameters/udelay_task || exit
for i in $(seq ${rounds:-20}); do
	dd if=/dev/zero of=/dev/ipcchan bs=64 count=5000 &
	dd if=/dev/zero of=/dev/ipcchan bs=64 count=5000 &
	dd if=/dev/ipcchan of=/tmp/got bs=64 count=10000 && wait || exit
	! dmesg | grep -q "BUG: KCSAN" || break
done'

# plant NAME COMMAND: for the guest, COMMAND with the fault NAME; the log tells where
# that begins and how it ended
plant() {
	printf 'echo "plant: %s" >/dev/kmsg\n' "$1"
	printf 'echo "%s" >/sys/module/ipcchan/parameters/fault\n' "$1"
	printf '( %s ) && echo "plant: done" >/dev/kmsg\n' "$2"
}

# plant_guest KERNEL COMMANDS: a guest of the build with the faults. It has to fail.
plant_guest() {
	"$VM_RUN" --cpus 2 --kernel "$(image "$1")" --log "$OUT/plants-$1.log" --timeout 300 \
		--module "$BUILD/fault/${RELEASE[$1]}/ipcchan.ko" \
		--add "$TESTS/vm/debug-leaks.sh" --add "$TESTS/vm/debug-races.sh" \
		"$2" >"$OUT/plants-$1.out" 2>&1
	[ $? -eq 125 ]
	verdict "plants-$1" $? "planted faults fail a run on $1"
}

# of_plant NAME KERNEL: leaves the fault's part of the log in $OUT/plant-NAME.log
of_plant() {
	tr -d '\r' <"$OUT/plants-$2.log" |
		awk -v name="$1" '/plant: / && !/plant: done$/ { on = $NF == name }
			on' >"$OUT/plant-$1-$2.log"
	grep -q "plant: $1$" "$OUT/plant-$1-$2.log"
}

# planted NAME KERNEL REPORT: the record of a fault, which has to be reported as such
# and to be found as a complaint
planted() {
	of_plant "$1" "$2" && grep -qE "$3" "$OUT/plant-$1-$2.log" &&
		! splat_scan "$OUT/plant-$1-$2.log" 2>/dev/null
	verdict "plant/$1" $? "a planted $1 is a complaint on $2"
}

# unplanted KERNEL: that of the same commands without a fault
unplanted() {
	of_plant none "$1" && grep -q 'plant: done' "$OUT/plant-none-$1.log" &&
		splat_scan "$OUT/plant-none-$1.log"
	verdict "plant/none-$1" $? "without a fault the test build passes on $1"
}

# KASAN reports one error only and ends lockdep, which reports one only itself.
plants() {
	plant_guest kasan "$(plant none "$SMALL; $LARGE; $LEAKS"
		plant warning "$SMALL"
		plant lock-order "$SMALL"
		plant use-after-free "$SMALL"
		plant leak "$LARGE; $LEAKS")"
	unplanted kasan
	planted warning kasan 'WARNING: .*ipcchan_queue_slot'
	planted lock-order kasan 'possible circular locking dependency'
	planted use-after-free kasan 'BUG: KASAN: .*use-after-free in .*ipcchan'
	planted leak kasan 'kmemleak: .* new suspected memory leak'

	plant_guest kcsan "$(plant none "rounds=2; $MANY"
		plant race "$MANY")"
	unplanted kcsan
	planted race kcsan 'BUG: KCSAN: data-race in .*ipcchan_queue_wait_room'
}

# Seconds. Races are looked for among calls of the corpus, which takes less long.
fuzz_seconds=${CORE:+12} fuzz_seconds=${fuzz_seconds:-300}
abuse_seconds=${CORE:+3} abuse_seconds=${abuse_seconds:-60}
race_seconds=60

# fuzz KERNEL SECONDS [OPTION]...: the fuzzer
fuzz() {
	"$TESTS/fuzz/run.sh" "${@:3}" "$(image "$1")" "$BUILD/kmod/${RELEASE[$1]}/ipcchan.ko" "$2" \
		"$OUT/fuzz-$1" "fuzz-$1/"
}

# A fault that only calls which make no sense meet. The programs that ran are told.
fuzz_plant() {
	"$TESTS/fuzz/run.sh" --fault bounds "$(image kasan)" "$BUILD/fault/${RELEASE[kasan]}/ipcchan.ko" \
		"$fuzz_seconds" "$OUT/fuzz-plant" >"$OUT/plant-fuzz.out" 2>&1
	grep -q '^not ok.*its kernel did not complain' "$OUT/plant-fuzz.out" &&
		grep -qE 'BUG: .*ipcchan_|KASAN: .*ipcchan_' "$OUT/fuzz-plant/kernel.log" &&
		grep -qE '^# ([0-2]: )?(wait|wake|watch|report|bell_fd) on=' "$OUT/plant-fuzz.out"
	verdict plant/fuzz $? "the fuzzer finds a planted bounds, and tells what ran"
}

check_begin "$BUILD/check-debug" || exit 1

step build build
if ! count "$OUT/build.ktap" >/dev/null; then
	tail -n 30 "$OUT/build.log"
else
	# Two guests at a time, for most of the time each has one processor to do.
	beside kasan debug_guest kasan
	step kcsan debug_guest kcsan
	step labs record labs "$TESTS/vm/labs.sh" kasan kcsan
	step plants plants
	step fuzz-plant fuzz_plant
	step fuzz-kasan fuzz kasan "$fuzz_seconds" --abusers "$abuse_seconds"
	[ -n "${CORE-}" ] || step fuzz-kcsan fuzz kcsan "$race_seconds"
	join
fi

check_end
