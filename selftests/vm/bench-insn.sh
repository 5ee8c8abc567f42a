#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The benchmark in a VM whose clock counts instructions: figures that hold on
# any machine, to about 1 %. BENCH holds other options for "ipcchan bench".
set -eu -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

out=$BUILD/bench-insn
mkdir -p "$out"
rm -f "$out/results.json"

# First, for fetching the kernel may bring newer headers.
"$VM_DIR/kernel.sh" image >/dev/null

say "building the module, the library and the command"
build_quietly "$out/build.log" module cli

say "booting a VM that counts instructions; this takes some minutes"
# shellcheck disable=SC2086  # the options are words
"$VM_DIR/run" --icount --timeout 1800 --out "$out" --log "$out/kernel.log" -- \
	ipcchan bench --json /out/results.json \
	${BENCH---seed 1 --runs 7 --duration 0.02 --warmup 0.005}
check_results "$out/results.json" instructions
