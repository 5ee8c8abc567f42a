#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# module.sh NAME ARGUMENT...: builds the module and its tests with the arguments of
# make. Sparse and the compiler's extra warnings do not fail the build: what they
# print does. The tests need not load: a stock kernel has no KUnit, only its headers.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/../vm/common.sh"
# shellcheck source=selftests/lint/passed.sh
. "$(dirname "$0")/passed.sh"

out=$BUILD/lint/kmod-$1
shift
rel=$("$VM_DIR/kernel.sh" release) || exit 1
list=$("$ROOT/selftests/files.sh" Kbuild 'kmod/*.[ch]' 'include/*.h') || exit 1
mapfile -t list <<<"$list"
key=$(passed_sums "$0" "${list[@]/#/$ROOT/}" | passed_key module "$rel" "$(gcc --version)" \
	"$(sparse --version)" "$@" "${list[@]}") || exit 1
if passed_is "$key"; then
	echo "nothing has changed since it passed"
	exit 0
fi
rm -rf "$out"
"$VM_DIR/mirror.sh" "$out" || exit 1
LC_MESSAGES=C LANG=C LANGUAGE='' "${MAKE:-make}" -C "/lib/modules/$rel/build" M="$out" \
	KUNIT=1 CONFIG_KUNIT=m KBUILD_MODPOST_WARN=1 "$@" modules 2>&1 |
	tee "$out/make.log" || exit 1
# What the tests call is in no stock kernel.
! grep -iE '(warning|error):' "$out/make.log" |
	grep -vE 'WARNING: modpost: .*ipcchan_kunit\.ko\] undefined!' || exit 1
passed_note "$key"
