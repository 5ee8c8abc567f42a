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
Prints a table, and whether the targets are met; leaves build/bench-rings/results.json,
or the file of --json. The options are those of build/bench-rings/ipcchan-bench-rings (see
its --help).
EOF
}

out=$BUILD/bench-rings
json=$out/results.json
options=()
list=
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help)
		usage
		exit 0
		;;
	-j | --json)
		[ $# -gt 1 ] || die 1 "$1 needs a file"
		json=$2
		shift
		;;
	-j*)
		json=${1#-j}
		;;
	--json=*)
		json=${1#*=}
		;;
	--list)
		list=yes
		;;
	*)
		options+=("$1")
		;;
	esac
	shift
done
# The report is made of a file. Of both, it is the one for people.
piped=
if [ "$json" = - ]; then
	json=$out/results.json
	piped=yes
	exec 3>&1 >&2
fi

mkdir -p "$out"
rm -f "$out/results.json"

peers=$("$VM_DIR/peers.sh")
say "building"
if ! "${MAKE:-make}" -C "$RINGS" O="$out" LIB_O="$BUILD/user/lib" PEERS="$peers" \
	>"$out/build.log" 2>&1; then
	tail -n 30 "$out/build.log" >&2
	die 2 "cannot build; the whole log is $out/build.log"
fi
if [ -n "$list" ]; then
	exec "$out/ipcchan-bench-rings" --list
fi
say "measuring; this takes some minutes, in which nothing else should run"
"$out/ipcchan-bench-rings" "${options[@]}" --json "$json"
jq -r -f "$RINGS/report.jq" "$json"
check_results "$json"
if [ -n "$piped" ]; then
	cat "$json" >&3
fi
