# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by checks that take long: what has passed once, and is the same in every byte
# that the check goes by, is not checked again. $CACHE is common.sh's.

PASSED=$CACHE/lint
# Longer ago than that is forgotten: it is another tree's.
PASSED_DAYS=30

# passed_key WORD...: reads what is checked, prints its key; the words are all else that the
# result depends on
passed_key() {
	{
		printf '%s\n' "$@"
		cat
	} | sha256sum | cut -d ' ' -f 1
}

# passed_sums FILE...: of each one, so that what moves from one to the next is a change, too
passed_sums() {
	local sums

	sums=$(sha256sum -- "$@") && cut -d ' ' -f 1 <<<"$sums"
}

# passed_is KEY
passed_is() {
	[ -n "$1" ] && [ -e "$PASSED/$1" ] && touch "$PASSED/$1"
}

# passed_note KEY...
passed_note() {
	[ $# -gt 0 ] && mkdir -p "$PASSED" || return 0
	(cd "$PASSED" && touch -- "$@") && find "$PASSED" -type f -mtime "+$PASSED_DAYS" -delete
}
