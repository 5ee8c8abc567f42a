#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# clang-cc.sh ARGUMENT...: clang, once its static analyzer has nothing to say of what
# it shall compile
set -eu -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/../vm/common.sh"
# shellcheck source=selftests/lint/passed.sh
. "$(dirname "$0")/passed.sh"

# What the compiler sees, without where in which tree it stands; and what it is told, but for
# folders
analyze() {
	local key

	key=$(clang "$@" -E -P -o - -MF /dev/null | passed_key analyzer "$(clang --version)" \
		"$(cat "$0")" "$(printf '%s\n' "$@" | grep -v /)")
	passed_is "$key" && return
	clang --analyze --analyzer-output text -Xclang -analyzer-werror "$@" -o /dev/null \
		-MF /dev/null
	passed_note "$key"
}

for argument; do
	[ "$argument" != -c ] || analyze "$@"
done
exec clang "$@"
