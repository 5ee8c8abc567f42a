# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by lab.sh and labs.sh: the labs of Documentation/labs, built and checked in a guest.
#
# A lab's folder has src/, where students begin, solution/, with those files of it that
# differ, check.sh, the check*.c that it runs, and lab.conf: on which kernels it is checked,
# how many points there are on each, how many of them the skeleton has, whether the kernel
# complains of that, whether the lab wants the library and, but for debug kernels, ipcchan.ko,
# which files of src/ the check needs as they are there, too, and which others of this tree.

LABS=$ROOT/Documentation/labs
LAB_OUT=$BUILD/labs/.out
# What else kbuild is told
LAB_MAKE=()
MAKE=${MAKE:-make}

# A check is ended after this time, a guest with all of its checks after that.
LAB_SECONDS=300
LAB_GUEST_SECONDS=1200

# lab_numbers: of all labs, in order
lab_numbers() {
	local dir

	for dir in "$LABS"/[0-9][0-9]-*/; do
		dir=$(basename "$dir")
		echo $((10#${dir%%-*}))
	done
}

# lab_find N: sets lab, its folder, and what its lab.conf says
lab_find() {
	local found

	[[ $1 =~ ^[1-9][0-9]?$ ]] || die 1 "a lab is a number, not \"$1\""
	found=("$LABS/$(printf %02d "$1")"-*/)
	[ -d "${found[0]}" ] ||
		die 1 "there is no lab $1, but there are:" "$(lab_numbers | xargs)"
	lab=${found[0]%/}
	# shellcheck disable=SC2034  # for the scripts that source this file
	kernels=(stock) points=() given=() complains='' ipcchan='' files=() originals=()
	# shellcheck source=/dev/null
	. "$lab/lab.conf"
}

# lab_sum NUMBER...
lab_sum() {
	local number sum=0

	for number; do
		sum=$((sum + number))
	done
	echo "$sum"
}

# lab_copy FOLDER [solution]: where students begin, or what they may come to
lab_copy() {
	mkdir -p "$1" && cp -r "$lab/src/." "$1" || return 1
	[ -z "${2-}" ] || cp -r "$lab/solution/." "$1"
}

# lab_kernel KERNEL: sets release, kdir, boot, the options of vm/run, and debug. KERNEL is stock,
# the same with a clock that counts instructions, or a debug kernel.
lab_kernel() {
	local folder

	debug=''
	case $1 in
	stock | icount)
		release=$("$VM_DIR/kernel.sh" release) || return 1
		kdir=/lib/modules/$release/build
		boot=(--cpus 2 --append ia32_emulation=on)
		[ "$1" = stock ] || boot=(--icount)
		;;
	*)
		folder=$("$VM_DIR/debug-kernel.sh" build "$1") || return 1
		debug=1
		release=$(basename "$folder"/lib/modules/*)
		kdir=$folder/build
		boot=(--cpus 2 --kernel "$folder/boot/vmlinuz-$release"
			--append "no_hash_pointers kasan_multi_shot")
		;;
	esac
}

# lab_compile OUT SOURCE [FLAG]...: the program into OUT. A name that ends in 32 is for a
# 32-bit program, without a C library, so that no 32-bit one need be installed.
lab_compile() {
	local out=$1 name flags=(-std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra)

	name=$(basename "$2" .c)
	[[ $name != *32 ]] || flags+=(-m32 -ffreestanding -fno-pie -fno-stack-protector
		-fomit-frame-pointer -static -nostdlib -isystem "/usr/include/$(gcc -print-multiarch)")
	"${CC:-gcc}" "${flags[@]}" -o "$out/$name" "${@:2}"
}

# lab_needs LOG: builds what of the project the lab is built with, and needs beside it
lab_needs() {
	local targets=(cli)

	[ -n "$ipcchan" ] || return 0
	[ -n "$debug" ] || targets+=(module)
	mkdir -p "$LAB_OUT" && build_quietly "$1" RELEASE="$release" KDIR="$kdir" "${targets[@]}"
}

# lab_build FOLDER NAME: builds these files of the lab for release, ready for a guest's /labs/NAME
# or /root
lab_build() {
	local folder=$1 obj=$LAB_OUT/$release/$2.obj out=$LAB_OUT/$release/$2 source with=()

	rm -rf "$out"
	mkdir -p "$out" "$obj" || return 1
	# Kbuild leaves its output beside the sources: it gets links to them.
	find "$obj" -type l -delete
	ln -s "$folder"/* "$obj" || return 1
	for source in "${originals[@]}"; do
		ln -s "$lab/src/$source" "$obj/original_$source" || return 1
	done
	if [ -e "$obj/Kbuild" ]; then
		# What it says of every module is not for students.
		"$MAKE" -s -C "$kdir" M="$obj" "${LAB_MAKE[@]}" modules 2>&1 | sed '/^Skipping BTF/d' &&
			cp "$obj"/*.ko "$out" || return 1
	fi
	if [ -n "$ipcchan" ]; then
		[ -n "$debug" ] || cp "$BUILD/kmod/$release/ipcchan.ko" "$out" || return 1
		with=(-I"$ROOT/include/uapi" -I"$ROOT/user/lib" "$BUILD/user/lib/libipcchan.a")
	fi
	for source in "$obj"/user/*.c "$lab"/check*.c; do
		[ -e "$source" ] || continue
		lab_compile "$out" "$source" -I"$folder" -I"$LABS" ${with[@]+"${with[@]}"} || return 1
	done
	for source in "$obj"/*.sh "$lab/check.sh" "$LABS/points.sh" "${files[@]/#/$ROOT/}"; do
		[ ! -e "$source" ] || cp -L "$source" "$out" || return 1
	done
}

# lab_guest LOG NAME...: the checks of what was built so, as records for run-ktap.awk
lab_guest() {
	local log=$1 name adds=()

	shift
	for name; do
		adds+=(--add "$LAB_OUT/$release/$name:/labs/$name")
	done
	"$VM_DIR/run" "${boot[@]}" --no-module --timeout "$LAB_GUEST_SECONDS" --log "$log" \
		"${adds[@]}" --add "$VM_DIR/guest-tests.sh:/labs/guest-tests.sh" \
		/labs/guest-tests.sh lab/ "$LAB_SECONDS" "${@/%//check.sh}"
}

# lab_quiet LOG NAME: whether the kernel has nothing to complain of in that part of its log which
# is about this check; says what else
lab_quiet() {
	local part=$LAB_OUT/$release/$2.part

	tr -d '\r' <"$1" | awk -v begin="lab: $2" '
		/\] lab: / { on = substr($0, index($0, "lab: ")) == begin }
		on' >"$part"
	splat_scan "$part"
}
