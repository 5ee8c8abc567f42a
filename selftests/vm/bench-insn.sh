#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The benchmark in a VM whose clock counts instructions, and the regression gate
# on its figures; see --help.
set -eu -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

GATE=$VM_DIR/bench-gate.jq
# Long enough to come to rest: the first few blocks of a ring are faster by a fifth,
# in some runs longer than in others.
length="--seed 1 --runs 7"
limit=1800

case ${1-} in
'')
	out=$BUILD/bench-insn
	;;
--gate)
	out=$BUILD/bench-gate
	unset BENCH
	length="$length --transports pipe,ipcchan-copy --sizes 64"
	limit=300
	;;
*)
	echo "Usage: bench-insn.sh [--gate]"
	echo "Prints figures that hold on any machine, to about 1 %, and compares them with"
	echo "the bounds in ${GATE#"$ROOT/"}. The variable BENCH holds other options for"
	echo "\"ipcchan bench\"; with --gate it measures only what is compared, in a minute."
	[ "$1" = --help ] && exit 0
	exit 1
	;;
esac

mkdir -p "$out"
rm -f "$out/results.json"

# First, for fetching the kernel may bring newer headers.
"$VM_DIR/kernel.sh" image >/dev/null

say "building the module, the library and the command"
build_quietly "$out/build.log" module cli

say "booting a VM that counts instructions; this takes some minutes"
# shellcheck disable=SC2086  # the options are words
"$VM_DIR/run" --icount --timeout "$limit" --out "$out" --log "$out/kernel.log" -- \
	ipcchan bench --json /out/results.json ${BENCH-$length}
check_results "$out/results.json" instructions

echo
echo "TAP version 13"
gate=$(jq -r -f "$GATE" "$out/results.json")
printf '%s\n' "$gate"
if [[ $gate == *"not ok "* ]]; then
	die 1 "slower than the bounds in ${GATE#"$ROOT/"} allow"
elif [[ $gate == *"# SKIP"* ]]; then
	[ -n "${BENCH+set}" ] || die 2 "the rows of the gate are not in $out/results.json"
	say "not all bounds were checked, for BENCH leaves out what they are about"
fi
