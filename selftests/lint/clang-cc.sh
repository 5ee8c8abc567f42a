#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# clang-cc.sh ARGUMENT...: clang, once its static analyzer has nothing to say of what
# it shall compile
set -eu

for argument; do
	[ "$argument" != -c ] || clang --analyze --analyzer-output text \
		-Xclang -analyzer-werror "$@" -o /dev/null -MF /dev/null
done
exec clang "$@"
