#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The library, the command, bench-rings, the fuzzer and the host's tests built by clang; without the
# sanitizers, which gcc's build has. The tests go on after a failure
# with what they have not got, which is all that the analyzer says of them.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/../vm/common.sh"

out=$BUILD/lint/clang
for dir in lib cli cli/bench/rings; do
	"${MAKE:-make}" -C "$ROOT/user/$dir" CC="$ROOT/selftests/lint/clang-cc.sh" \
		O="$out/user/$dir-analyzed" LIB_O="$out/user/lib-analyzed" all || exit 1
done
"${MAKE:-make}" -C "$ROOT/selftests/fuzz" CC="$ROOT/selftests/lint/clang-cc.sh" \
	O="$out/fuzz-analyzed" all || exit 1
"${MAKE:-make}" -C "$ROOT/selftests/host" CC=clang O="$out/host" \
	"BINS=\$(PROGS:%=\$(O)/%.plain)" all
