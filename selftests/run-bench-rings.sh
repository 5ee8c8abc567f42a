#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Measures the library's rings, those of others and what no ring can be faster than,
# here and not in a VM: two processes on two CPUs; see --help.
set -eu -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"

RINGS=$ROOT/user/cli/bench/rings

usage() {
	cat <<EOF
Usage: run-bench-rings.sh [OPTION]...
Prints a table, and whether the targets are met; leaves build/bench-rings/results.json.
The options are those of build/bench-rings/ipcchan-bench-rings (see its --help).
EOF
}

case ${1-} in
-h | --help)
	usage
	exit 0
	;;
esac

out=$BUILD/bench-rings
mkdir -p "$out"
rm -f "$out/results.json"

peers=$("$VM_DIR/peers.sh")
say "building"
if ! "${MAKE:-make}" -C "$RINGS" O="$out" LIB_O="$BUILD/user/lib" PEERS="$peers" \
	>"$out/build.log" 2>&1; then
	tail -n 30 "$out/build.log" >&2
	die 2 "cannot build; the whole log is $out/build.log"
fi
say "measuring; this takes some minutes, in which nothing else should run"
"$out/ipcchan-bench-rings" --json "$out/results.json" "$@"
jq -r -f "$RINGS/report.jq" "$out/results.json"
check_results "$out/results.json"
