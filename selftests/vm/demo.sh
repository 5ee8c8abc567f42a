#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Builds, boots the VM, sends a file through a channel in two ways and measures; leaves the
# results, and a page of them. BENCH: options of the benchmark.
set -eu -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

out=$BUILD/demo
read -r -a bench <<<"${BENCH-}"
rm -rf "$out"
mkdir -p "$out"

# First, for fetching the kernel may bring newer headers.
kernel=$("$VM_DIR/kernel.sh" image)

say "building the module, the library and the command"
build_quietly "$out/build.log" module cli

image=$(echo "$kernel"/boot/vmlinuz-*)
say "booting a VM with ${image##*/vmlinuz-}"
"$VM_DIR/run" --cpus 2 --timeout 600 --out "$out" --log "$out/kernel.log" \
	--add "$VM_DIR/demo-guest.sh" --add "$image:/root/file" \
	/root/demo-guest.sh /root/file "${bench[@]}"
check_results "$out/results.json"
"$BUILD/user/cli/ipcchan" bench report "$out/results.json" --html "$out/report.html"
page=$out/report.html
say "a page of them, for a browser, is in ${page#"$PWD/"}"
