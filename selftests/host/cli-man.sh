#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The manual pages of the command: each verb has one, which tells each of its options.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

pages=$root/Documentation/man/man1

# tells VERB PAGE BEGIN: the section that begins so tells the options of the verb
tells() {
	# shellcheck disable=SC2086 # a verb, or two words
	run $1 --help
	# the section, its escaped hyphens made plain
	section=$(sed -n "/^$3\$/,/^\.S[SH]/p" "$2" | sed 's/\\-/-/g')
	missing='' told=0
	for option in $(printf '%s\n' "$out" | grep -oE '^ {2,6}(-., )?--[a-z-]+' |
		grep -oE -e '--[a-z-]+'); do
		case $option in
		--help | --usage | --version) continue ;;
		esac
		printf '%s\n' "$section" | grep -q -e "$option\\( \\|\"\\|\$\\)" ||
			missing="$missing $option"
		told=$((told + 1))
	done
	err="not in the section of $1:$missing"
	[ "$1" != delete ] || told=1
	[ -z "$missing" ] && [ -n "$section" ] && [ "$told" -gt 0 ]
	ok $? "tells the options of $1"
}

run help
verbs=$(printf '%s\n' "$out" | sed -n 's/^  \([a-z]*\) .*/\1/p')
unnamed=''
for verb in $verbs; do
	tells "$verb" "$pages/ipcchan-$verb.1" '\.SH OPTIONS'
	grep -qF ".BR ipcchan\-$verb (1)" "$pages/ipcchan.1" || unnamed="$unnamed $verb"
done
err="not in ipcchan.1:$unnamed"
[ -z "$unnamed" ]
ok $? "the page of the command names that of each verb"
for verb in compare rank; do
	tells "bench $verb" "$pages/ipcchan-bench.1" "\.SS $verb"
done

done_testing
