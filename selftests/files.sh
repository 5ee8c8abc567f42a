#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# files.sh [PATTERN]...: the files of this tree that git knows or would add, and
# that fit; all but build/ where git does not tell: in a tree out of an archive,
# or another user's. Fails if there are none.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1

list() {
	local match=() pattern

	if [ "$(git rev-parse --show-toplevel 2>/dev/null)" -ef . ]; then
		git ls-files --cached --others --exclude-standard -- "$@"
		return
	fi
	for pattern in "${@:-*}"; do
		match+=(-o -path "./$pattern")
	done
	find . \( -path ./build -o -name .git \) -prune -o \
		\( "${match[@]:1}" \) -printf '%P\n'
}

mapfile -t files < <(list "$@")
found=1
for file in "${files[@]}"; do
	[ -f "$file" ] || continue
	printf '%s\n' "$file"
	found=0
done
[ "$found" -eq 0 ] || echo "files.sh: no files here: $*" >&2
exit "$found"
