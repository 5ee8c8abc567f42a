#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run-kernels.sh [NAME]...: builds the module for these kernels of vm/kernels, or
# all, without a warning, and runs the kselftests on each, on another architecture the
# tests of rings, too; with CORE those of the core. What each printed is left in
# build/check-kernels/; the last line is the sum.
# Functions are called through step.
# shellcheck disable=SC2317,SC2329
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"
# shellcheck source=selftests/check-lib.sh
. "$ROOT/selftests/check-lib.sh"

KERNELS=$VM_DIR/kernels.sh
ROW='%-8s %-24s %-6s %9s %7s %7s %8s %8s\n'

# build NAME: leaves in $OUT/NAME.module and NAME.programs where they are
build() {
	"$KERNELS" module "$1" >"$OUT/$1.module"
	verdict "$1/module" $? "the module builds without a warning"
	"$KERNELS" programs "$1" >"$OUT/$1.programs"
	verdict "$1/programs" $? "command and tests are built"
}

# on NAME CPUS: all kselftests, if everything was built. The tests of rings, which need no
# module, are run here by "make check", so there for another architecture only.
on() {
	local module programs image foreign=''

	module=$(cat "$OUT/$1.module")
	programs=$(cat "$OUT/$1.programs")
	[ -n "$module" ] && [ -n "$programs" ] || return
	image=$("$KERNELS" image "$1") || return
	[ "$programs" = "$BUILD" ] || foreign=1
	BUILD=$programs RINGS=$foreign guest "$1-$2" --cpus "$2" --module "$module" --kernel "$image"
}

# row NAME SECONDS: what has come out for this kernel, in $OUT/table
row() {
	local name=$1 release arch warnings sum

	release=$(basename "$("$KERNELS" image "$name")")
	arch=$("$KERNELS" arch "$name")
	warnings=$(grep -cE '(warning|error):' "$OUT/build-$name.err")
	sum=$(count "$OUT/build-$name.ktap" "$OUT/$name"-*.ktap | tail -n 1 | tr -dc '0-9 ')
	# shellcheck disable=SC2059,SC2086  # three words
	printf "$ROW" "$name" "${release#vmlinu?-}" "$arch" "$warnings" $sum "$2" >>"$OUT/table"
}

[ $# -gt 0 ] || mapfile -t names < <("$KERNELS" names)
[ $# -eq 0 ] || names=("$@")
for name in "${names[@]}"; do
	"$KERNELS" cpus "$name" >/dev/null || exit 1
done
check_begin "$BUILD/check-kernels" || exit 1
# shellcheck disable=SC2059
printf "$ROW" kernel release arch warnings passed failed skipped seconds >"$OUT/table"

for name in "${names[@]}"; do
	start=$SECONDS
	"$KERNELS" image "$name" >/dev/null
	step "build-$name" build "$name"
	for cpus in $("$KERNELS" cpus "$name" | tr , ' '); do
		step "$name-$cpus" on "$name" "$cpus"
	done
	row "$name" $((SECONDS - start))
done

echo
cat "$OUT/table"
check_end
