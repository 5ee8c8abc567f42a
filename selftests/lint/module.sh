#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# module.sh NAME ARGUMENT...: builds the module with the arguments of make. Sparse
# and the compiler's extra warnings do not fail the build: what they print does.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/../vm/common.sh"

out=$BUILD/lint/kmod-$1
shift
rel=$("$VM_DIR/kernel.sh" release) || exit 1
rm -rf "$out"
"$VM_DIR/mirror.sh" "$out" || exit 1
"${MAKE:-make}" -C "/lib/modules/$rel/build" M="$out" "$@" modules 2>&1 |
	tee "$out/make.log" || exit 1
! grep -qE '(warning|error):' "$out/make.log"
