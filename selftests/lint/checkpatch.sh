#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# checkpatch.sh IGNORE PATTERN...: the kernel's checkpatch over the files that fit, of each
# it goes by nothing but that file
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/../vm/common.sh"
# shellcheck source=selftests/lint/passed.sh
. "$(dirname "$0")/passed.sh"

# Lets pass what checkpatch misreads: names of C11 and of libraries, a declaration
# that begins with one, a pointer or a compound literal whose type is not plain, the
# exponent of a number, a member that a macro names twice, an argv, which is not constant,
# words for a function, the language of tracepoints, and the head of a table in HTML.
misread() {
	local path line text source

	while IFS=: read -r path line text; do
		source=$(sed -n "${line}p" "$ROOT/$path" 2>/dev/null) || true
		[[ $path != kmod/trace.h || \
			! $text =~ (COMPLEX_MACRO|PARENTHESIS_ALIGNMENT|OPEN_ENDED_LINE) ]] || continue
		case $text in
		*CAMELCASE*'<_'[A-Z]*'>'* | *CAMELCASE*'<PRI'* | *CAMELCASE*'<gzFile>'* | *CAMELCASE*'<LLVMFuzzer'*) continue ;;
		*:LINE_SPACING:*)
			[[ $source != *_Alignas\(* ]] || continue
			;;
		*":SPACING: spaces preferred around that '-'"*)
			[[ ! $source =~ [0-9]e-[0-9] ]] || continue
			;;
		*:TYPO_SPELLING:*"'thead'"*) continue ;;
		*:MACRO_ARG_REUSE:*"'member'"*) continue ;;
		*:STATIC_CONST_CHAR_ARRAY:*)
			[[ $source != *'argv[]'* ]] || continue
			;;
		*":SPACING: spaces preferred around that '*'"*)
			[[ $source != *FIXTURE_DATA\(* && $source != *RING\(* ]] || continue
			;;
		*:COMPLEX_MACRO:*)
			[[ $source != '#define '*'static inline '* ]] || continue
			;;
		*":SPACING: space required before the open brace"*)
			[[ $source != *']){'* ]] || continue
			;;
		esac
		echo "$path:$line:$text"
	done
}

ignore=$1
shift
list=$("$ROOT/selftests/files.sh" "$@") || exit 1
mapfile -t all <<<"$list"
tool=$(cat "$0" "$BUILD"/kselftest/scripts/{checkpatch.pl,spelling.txt,const_structs.checkpatch} |
	sha256sum) || exit 1
list=()
keys=()
for file in "${all[@]}"; do
	key=$(passed_key checkpatch "$tool" "$ignore" "$file" <"$ROOT/$file")
	passed_is "$key" && continue
	list+=("$file")
	keys+=("$key")
done
echo "${#list[@]} of ${#all[@]} files have changed since they passed"
[ "${#list[@]}" -gt 0 ] || exit 0
# It leaves a cache in the current folder, and goes by relative paths.
tree=$(mktemp -d "$BUILD/lint/checkpatch.XXXXXX") || exit 1
trap 'rm -rf "$tree"' EXIT
ln -s "$ROOT"/{Documentation,kmod,include,selftests,user} "$tree"
# It ends with 1 when there is something to tell, with another status when it was ended.
found=$(cd "$tree" && { perl "$BUILD/kselftest/scripts/checkpatch.pl" --no-tree --root=. --strict \
	--no-summary --terse --show-types --max-line-length=100 \
	--ignore "$ignore" -f "${list[@]}" 2>&1 || [ $? -eq 1 ]; } | misread) ||
	found+="checkpatch has not ended as it should"
echo "$found"
[ -z "$found" ] || exit 1
passed_note "${keys[@]}"
