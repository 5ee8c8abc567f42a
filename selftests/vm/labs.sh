#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each lab has to fail as its skeleton is, with as many points as it is given, and to pass as
# its solution is; prints TAP.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=selftests/vm/splat.sh
. "$VM_DIR/splat.sh"
# shellcheck source=selftests/vm/lab-lib.sh
. "$VM_DIR/lab-lib.sh"

usage() {
	cat <<END
Usage: labs.sh [--only N]... KERNEL...
Checks skeleton and solution of each lab that is for one of these kernels, all of a kernel in
one guest. KERNEL is stock, icount, kasan or kcsan.

  --only N    of these labs only

With CORE in the environment, of those that CORE_LABS names.
END
}

LAB_MAKE=(W=1 C=2)
# One from nothing, one that waits, and the race, on the debug kernels, too
CORE_LABS=(2 4 7)
count=0 failed=0 only=()

# result STATUS NAME LOG: what LOG holds tells why it has failed
result() {
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
		return
	fi
	failed=1
	echo "not ok $count - $2"
	tail -n 40 "$3" | sed 's/^/# /'
}

# on KERNEL: sets nth, which of the lab's kernels this is; fails if it is none
on() {
	for nth in "${!kernels[@]}"; do
		[ "${kernels[nth]}" != "$1" ] || return 0
	done
	return 1
}

# build NAME [solution]: leaves in $tmp/NAME.build what the compiler had to say, which is nothing,
# and in $tmp/NAME.status whether that is so
build() {
	lab_copy "$tmp/$1" "${2-}" && lab_build "$tmp/$1" "$1" >"$tmp/$1.build" 2>&1 &&
		! grep -q 'warning:' "$tmp/$1.build"
	echo $? >"$tmp/$1.status"
}

# build_both N
build_both() {
	local name

	lab_find "$1"
	lab_needs "$tmp/needs.log"
	build "$1-solution" solution &
	build "$1-skeleton" &
	wait
	for name in "$1-solution" "$1-skeleton"; do
		result "$(cat "$tmp/$name.status")" "lab $name builds without a warning" \
			"$tmp/$name.build"
	done
}

# of NAME: its part of the records
of() {
	awk -v begin="## begin lab/$1/check.sh" -v end="## end lab/$1/check.sh" '
		$0 == begin { on = 1 }
		on
		index($0, end) == 1 { exit }' "$records"
}

# judge NAME WANTED ALL COMPLAINS
judge() {
	local good bad status

	of "$1" >"$tmp/$1.out"
	good=$(grep -c '^ok ' "$tmp/$1.out")
	bad=$(grep -c '^not ok ' "$tmp/$1.out")
	[ "$good" -eq "$2" ] && [ "$bad" -eq $(($3 - $2)) ] && grep -q '^## end ' "$tmp/$1.out"
	status=$?
	grep -q '^## end ' "$tmp/$1.out" || cat "$tmp/err" >>"$tmp/$1.out"
	result "$status" "lab $1 has $2 of $3 points on $kernel" "$tmp/$1.out"
	if [ -z "$4" ]; then
		lab_quiet "$log" "$1" 2>"$tmp/splat"
		result $? "the kernel does not complain of lab $1 on $kernel" "$tmp/splat"
	fi
}

# check KERNEL: the solutions first, for of what a skeleton does wrong the debug kernels
# remember some
check() {
	local kernel=$1 number numbers=() log=$LAB_OUT/all-$1.log records=$LAB_OUT/all-$1.ktap nth

	for number in "${only[@]}"; do
		lab_find "$number"
		! on "$kernel" || numbers+=("$number")
	done
	if [ "${#numbers[@]}" -eq 0 ]; then
		[ -z "${CORE-}" ] || return
		die 1 "no lab is for the kernel \"$kernel\" (see --help)"
	fi
	lab_kernel "$kernel" || { result 1 "there is a kernel $kernel" /dev/null && return; }
	for number in "${numbers[@]}"; do
		build_both "$number"
	done
	: >"$log"
	lab_guest "$log" "${numbers[@]/%/-solution}" "${numbers[@]/%/-skeleton}" >"$records" 2>"$tmp/err"
	for number in "${numbers[@]}"; do
		lab_find "$number"
		on "$kernel"
		judge "$number-solution" "${points[nth]}" "${points[nth]}" ''
		judge "$number-skeleton" "${given[nth]}" "${points[nth]}" "$complains"
	done
}

while [[ ${1-} == -* ]]; do
	case $1 in
	-h | --help) usage; exit 0 ;;
	--only) only+=("${2-}") && shift ;;
	*) die 1 "unknown option: $1 (see --help)" ;;
	esac
	shift
done
[ $# -gt 0 ] || die 1 "which kernel? (see --help)"
if [ "${#only[@]}" -eq 0 ]; then
	mapfile -t only < <(lab_numbers)
	[ -z "${CORE-}" ] || only=("${CORE_LABS[@]}")
fi
mkdir -p "$LAB_OUT" && tmp=$(mktemp -d "$LAB_OUT/test.XXXXXX") || exit 2
trap 'rm -rf "$tmp"' EXIT

echo "TAP version 13"
for kernel; do
	check "$kernel"
done
echo "1..$count"
[ "$failed" -eq 0 ]
