#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The manual pages: format without a warning, and tell every option of every verb in
# that verb's section, or in the options of its own page.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

pages=$root/Documentation

for page in "$pages"/*.[17]; do
	name=${page##*/}
	if command -v groff >/dev/null; then
		rc=0 out='' err=$(groff -man -ww -Tutf8 -z "$page" 2>&1)
		[ -z "$err" ]
		ok $? "$name formats without a warning"
	else
		skip "$name formats without a warning" "no groff"
	fi
done

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
for verb in $(printf '%s\n' "$out" | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
	if [ -e "$pages/ipcchan-$verb.1" ]; then
		tells "$verb" "$pages/ipcchan-$verb.1" '\.SH OPTIONS'
	else
		page=$(grep -l "^\.SS $verb\$" "$pages"/ipcchan*.1)
		tells "$verb" "${page:-$pages/ipcchan.1}" "\.SS $verb"
	fi
done
for verb in compare rank; do
	tells "bench $verb" "$pages/ipcchan-bench.1" "\.SS $verb"
done

done_testing
