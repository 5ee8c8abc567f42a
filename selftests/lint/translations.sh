#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# translations.sh: which pages of Documentation/translations/ are older than their originals,
# and what has none. A page names each of its originals, and git's hash of what it was made
# from; the hash is computed here, so that it is known in a tree without git, too:
#	:Original: FILE, blob HASH
#	:Original: FILE, blob HASH, sections "HEADING", "HEADING"
# The latter is of these sections of a page in Markdown, one after the other, each up to the
# next heading.
#
# translations.sh --stamp PAGE...: writes the hashes of today into pages that are up to date
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1

# each language has these
ORIGINALS=(README.md Documentation/labs/README.rst Documentation/labs/[0-9]*/README.rst
	Documentation/man/man1/ipcchan-claims.1)
failed=0

complain() {
	echo "$*"
	failed=1
}

# section FILE HEADING
section() {
	HEADING=$2 awk '/^```/ { code = !code }
		!code && /^#+ / { on = substr($0, index($0, " ") + 1) == ENVIRON["HEADING"] }
		on' "$1"
}

# blob: git's hash of the text on standard input, as many digits as a page has
blob() {
	local text

	# without the dot the last line would lose its end
	text=$(cat && echo .)
	text=${text%.}
	{
		printf 'blob %s\0' "$(printf %s "$text" | wc -c)"
		printf %s "$text"
	} | sha1sum | cut -c 1-12
}

# blob_now FILE [HEADING]...: of what a page is to be made from
blob_now() {
	local file=$1 heading

	shift
	if [ $# -eq 0 ]; then
		blob <"$file"
		return
	fi
	for heading; do
		section "$file" "$heading"
	done | blob
}

# originals PAGE: a line of each: the file, the hash, the headings, with tabs between
originals() {
	sed -n 's/^:Original: \([^, ]*\), blob \([0-9a-f]\{12\}\)/\1\t\2/; T
		s/, sections "/\t/; s/", "/\t/g; s/"$//; p' "$1"
}

# is_there PAGE FILE [HEADING]...
is_there() {
	local page=$1 file=$2 heading

	shift 2
	if [ ! -f "$file" ]; then
		complain "$page: its original $file is gone; remove the page, or name its new one"
		return 1
	fi
	for heading; do
		[ -z "$(section "$file" "$heading")" ] || continue
		complain "$page: $file has no section \"$heading\" any more; name the new one"
		return 1
	done
}

# compare PAGE FILE HASH [HEADING]...
compare() {
	local page=$1 file=$2 hash=$3 changes

	shift 3
	is_there "$page" "$file" "$@" || return
	[ "$(blob_now "$file" "$@")" != "$hash" ] || return
	changes="git diff $hash $file"
	[ $# -eq 0 ] || changes="git log -p $file"
	complain "$page is older than $file: translate what has changed ($changes), then call" \
		"selftests/lint/translations.sh --stamp $page"
}

# check PAGE: fills translated
check() {
	local page=$1 named words

	named=$(grep -c '^:Original:' "$page")
	if [ "$named" -eq 0 ] || [ "$named" -ne "$(originals "$page" | wc -l)" ]; then
		complain "$page: names no original, or not like" \
			"\":Original: Documentation/labs/README.rst, blob 0123456789ab\""
	fi
	while IFS=$'\t' read -ra words; do
		translated+=("${words[0]}")
		compare "$page" "${words[@]}"
	done < <(originals "$page")
}

# stamp PAGE
stamp() {
	local page=$1 words file

	while IFS=$'\t' read -ra words; do
		file=${words[0]}
		is_there "$page" "$file" "${words[@]:2}" || continue
		sed -i "s|^\(:Original: $file, blob \)${words[1]}|\1$(blob_now "$file" "${words[@]:2}")|" \
			"$page" || failed=1
	done < <(originals "$page")
}

if [ "${1-}" = --stamp ]; then
	shift
	for page; do
		stamp "$page"
	done
	exit "$failed"
fi

for language in Documentation/translations/*/; do
	translated=()
	while IFS= read -r page; do
		check "$page"
	done < <(find "$language" -name '*.rst' ! -name index.rst ! -name 'disclaimer-*' | sort)
	for file in "${ORIGINALS[@]}"; do
		[[ " ${translated[*]} " == *" $file "* ]] ||
			complain "$file: has no translation in $language"
	done
done
exit "$failed"
