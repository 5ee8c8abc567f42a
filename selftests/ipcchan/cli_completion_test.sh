#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Completion in bash, as it is installed, with channels that are there.

# shellcheck source=selftests/ipcchan/cli_util.sh
. "$(dirname "$0")/cli_util.sh"

completion=/usr/share/bash-completion/completions/ipcchan

# completes WORD...: sets out to what is offered for the last word, a line each
completes() {
	# shellcheck disable=SC2016 # for bash
	out=$(LC_ALL=C bash -c '. "$1"; shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_ipcchan ipcchan "${COMP_WORDS[COMP_CWORD]}"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$completion" ipcchan "$@" 2>"$tmp/err")
	rc=$? err=$(cat "$tmp/err")
}

begin
if ! command -v bash >/dev/null || [ ! -e $completion ]; then
	skip "completion in bash" "no bash, or it is not installed"
	done_testing
fi
ic create "$prefix.a b"
ic create "$prefix.plain"
completes show "$prefix."
[ "$rc" -eq 0 ] && [ -z "$err" ] && [ "$out" = "$prefix.a\\ b
$prefix.plain" ]
ok $? "channels that are there"
completes monitor --channel "$prefix.p"
[ "$out" = "$prefix.plain" ]
ok $? "for an option that takes one"
completes list --kind b
[ "$out" = broadcast ]
ok $? "words that an option takes"
ic delete "$prefix.plain"
completes delete "$prefix.p"
[ -z "$out" ]
ok $? "not those that are no more"
ic delete "$prefix.a b"
done_testing
