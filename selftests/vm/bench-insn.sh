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
options="--seed 1 --runs 7 --sizes 64"
# What is about large messages, and about blocks of which nothing is looked at.
large="--seed 1 --runs 3 --depth 4M --sizes 64K,1M --workloads pingpong
	--transports ipcchan-map,pipe,process-vm-readv"
flat="--seed 1 --runs 3 --payload notify --sizes 64,1M --workloads pingpong
	--transports ipcchan-loan"
peers=pipe,unix-seqpacket,posix-mq,sysv-mq,binder
limit=1800

usage() {
	cat <<EOF
Usage: bench-insn.sh [--gate | --channels]
Prints figures that hold on any machine, to about 1 %, and compares them with the
bounds in ${GATE#"$ROOT/"}.

  --gate      measure only what is compared, in some minutes
  --channels  measure ipcchan alone, and again while there are 1,000 and 100,000
              other channels: to within 3 %, and of at most 1 KiB each; and what a dump
              of them, and of 10,000 endpoints, takes

The variable BENCH holds other options for "ipcchan bench".
EOF
}

# The rows of a file of results, as "transport workload" and its time
times='.results[] | select(.status == "ok") | { key: "\(.transport) \(.workload)",
	value: (if .workload == "pingpong" then .p50_ns else 1e9 / .messages_per_s end) }'

# check_same NUMBER N: are the figures with N channels those with none?
check_same() {
	jq -r --arg number "$1" --arg channels "$2" --slurpfile none "$out/results-0.json" "
		([\$none[0] | $times] | from_entries) as \$before |
		[$times | .share = (.value / \$before[.key])] |
		(if length > 0 and all(.share <= 1.03) then \"ok\" else \"not ok\" end) +
		\" \(\$number) - with \(\$channels) other channels: \" +
		(map(\"\(.key) \(.share * 1000 | round / 1000)\") | join(\", \")) +
		\", at most 1.03 of what it takes without\"" "$out/results-$2.json"
}

# check_memory NUMBER FILE: what many-channels has printed
check_memory() {
	local made slab kernel verdict="not ok"

	read -r made slab kernel < <(sed -n \
		's/^\([0-9]*\) channels: \(.*\) bytes of slab and \(.*\) bytes of.*/\1 \2 \3/p' \
		"$2" | tail -n 1)
	[ "$slab" -le 1024 ] && [ "$kernel" -le 1024 ] && verdict=ok
	echo "$verdict $1 - an idle channel takes $slab bytes of slab and $kernel of kernel" \
		"memory, at most 1024 (mean of $made)"
}

# check_dump NUMBER FILE WHAT AT_MOST: what measure-dump has printed
check_dump() {
	local nr insn verdict="not ok"

	read -r nr insn < <(sed -n "s/^\([0-9]*\) $3: \([0-9]*\) ns each$/\1 \2/p" "$2")
	[ "$insn" -le "$4" ] && verdict=ok
	echo "$verdict $1 - of a dump each of $nr $3 takes $insn instructions, at most $4"
}

# channels: ends the script
channels() {
	local many="$out/many-channels" dump="$out/measure-dump" bench="ipcchan bench ${BENCH-$options --runs 3
		--transports ipcchan-copy,ipcchan-batch,ipcchan-call}" verdict

	bench=$(tr '\n' ' ' <<<"$bench")
	gcc -static -O2 -Wall -Wextra -Werror -I"$ROOT/include/uapi" -o "$many" \
		"$VM_DIR/many-channels.c"
	gcc -static -O2 -Wall -Wextra -Werror -I"$ROOT/include/uapi" -o "$dump" \
		"$VM_DIR/measure-dump.c"
	say "booting a VM that counts instructions; this takes some minutes"
	"$VM_DIR/run" --icount --timeout "$limit" --out "$out" --log "$out/kernel.log" \
		--add "$many" --add "$dump" "set -e
		$bench --json /out/results-0.json
		/root/many-channels 1000 | tee /out/memory
		$bench --json /out/results-1000.json
		/root/many-channels 100000 | tee /out/memory
		/root/measure-dump 10000 | tee /out/dump
		$bench --json /out/results-100000.json"
	verdict=$(echo "TAP version 13"; echo 1..5
		check_same 1 1000; check_same 2 100000; check_memory 3 "$out/memory"
		check_dump 4 "$out/dump" channels 6000; check_dump 5 "$out/dump" endpoints 3000)
	printf '\n%s\n' "$verdict"
	[[ $verdict != *"not ok "* ]] || die 1 "other channels are in the way"
	exit 0
}

case ${1-} in
'')
	out=$BUILD/bench-insn
	;;
--gate)
	out=$BUILD/bench-gate
	unset BENCH
	options="--seed 1 --runs 3 --sizes 64
		--transports ipcchan-copy,ipcchan-batch,ipcchan-call,ipcchan-ring,shm-futex,$peers"
	limit=900
	;;
--channels)
	out=$BUILD/bench-channels
	;;
*)
	usage
	[ "$1" = --help ] && exit 0
	exit 1
	;;
esac

mkdir -p "$out"
rm -f "$out"/results*.json

# First, for fetching the kernel may bring newer headers.
"$VM_DIR/kernel.sh" image >/dev/null

say "building the module, the library and the command"
build_quietly "$out/build.log" module cli

[ "${1-}" != --channels ] || channels
say "booting a VM that counts instructions; this takes some minutes"
bench="ipcchan bench --json /out/results.json ${BENCH-$options}"
[ -n "${BENCH+set}" ] || bench="$bench &&
	ipcchan bench --json /out/results-large.json $large &&
	ipcchan bench --json /out/results-flat.json $flat"
"$VM_DIR/run" --icount --timeout "$limit" --out "$out" --log "$out/kernel.log" -- \
	"$(tr '\n\t' '  ' <<<"$bench")"
for results in "$out"/results*.json; do
	check_results "$results" instructions
done

echo
echo "TAP version 13"
gate=$(jq -s -r -f "$GATE" "$out"/results*.json)
printf '%s\n' "$gate"
if [[ $gate == *"not ok "* ]]; then
	die 1 "slower than the bounds in ${GATE#"$ROOT/"} allow"
elif [[ $gate == *"# SKIP not measured"* ]]; then
	[ -n "${BENCH+set}" ] || die 2 "the rows of the gate are not in $out/results*.json"
	say "not all bounds were checked, for BENCH leaves out what they are about"
fi
