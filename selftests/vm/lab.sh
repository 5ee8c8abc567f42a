#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Starts or checks a lab of Documentation/labs in the virtual machine; see --help.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=selftests/vm/splat.sh
. "$VM_DIR/splat.sh"
# shellcheck source=selftests/vm/lab-lib.sh
. "$VM_DIR/lab-lib.sh"

usage() {
	cat <<EOF
Usage: lab.sh N [--build | --check] [--solution]
Opens a shell in the virtual machine, with what lab N was built to in its /root.

  --build     copies the lab's files to build/labs/N, unless they are there, and builds
              that copy
  --check     builds it, and tells which points of the lab it has
  --solution  of the solution instead, in build/labs/N-solution
EOF
}

number='' what=shell solution=''
while [ $# -gt 0 ]; do
	case $1 in
	--build) what=build ;;
	--check) what=check ;;
	--solution) solution=solution ;;
	-h | --help) usage; exit 0 ;;
	-*) die 1 "unknown option: $1 (see --help)" ;;
	*)
		[ -z "$number" ] || die 1 "one lab at a time (see --help)"
		number=$1
		;;
	esac
	shift
done
[ -n "$number" ] || die 1 "which lab? (see --help)"
lab_find "$number"
name=$number${solution:+-solution}
work=$BUILD/labs/$name

# Never over what a student has done.
copy() {
	[ -z "$solution" ] || rm -rf "$work"
	[ ! -d "$work" ] || return 0
	lab_copy "$work" $solution || die 2 "cannot copy the lab to $work"
	[ -n "$solution" ] || say "the lab's files are now in ${work#"$PWD/"}: change them there"
}

# build KERNEL
build() {
	lab_kernel "$1" || die 2 "there is no kernel for this lab"
	lab_needs "$LAB_OUT/build.log"
	lab_build "$work" "$name" || die 2 "it does not build (see above)"
}

# check KERNEL: prints the points, and adds them to $LAB_OUT/$name.ktap
check() {
	local log=$LAB_OUT/$name-$1.log errors=$LAB_OUT/$name-$1.err status

	build "$1"
	say "booting $release"
	: >"$log"
	lab_guest "$log" "$name" 2>"$errors" | tee -a "$LAB_OUT/$name.ktap" |
		grep --line-buffered -v '^## \|^$'
	status=${PIPESTATUS[0]}
	if ! lab_quiet "$log" "$name"; then
		say "the kernel complained of the module (above)"
		return 1
	fi
	# That it complains of what it is meant to is none of the lab's faults.
	[ "$status" -ne 0 ] && [ "$status" -ne 125 ] || return 0
	cat "$errors" >&2
	return 1
}

# check_all: on each of the lab's kernels
check_all() {
	local kernel status=0 got all

	mkdir -p "$LAB_OUT" || die 2 "cannot write to $LAB_OUT"
	: >"$LAB_OUT/$name.ktap"
	for kernel in "${kernels[@]}"; do
		check "$kernel" || status=1
	done
	got=$(grep -c '^ok ' "$LAB_OUT/$name.ktap")
	all=$(lab_sum "${points[@]}")
	say "lab $name: $got of $all points"
	[ "$status" -eq 0 ] && [ "$got" -eq "$all" ]
}

case $what in
build)
	copy
	build "${kernels[0]}"
	;;
check)
	copy
	check_all || exit 2
	;;
shell)
	lab_kernel "${kernels[0]}" || die 2 "there is no kernel for this lab"
	[ -d "$LAB_OUT/$release/$name" ] || die 1 "it is not built: use --build first"
	exec "$VM_DIR/run" "${boot[@]}" --no-module --add "$LAB_OUT/$release/$name:/root" --shell
	;;
esac
