#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The manual page: formats without a warning, and tells every option of every
# verb in that verb's section.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

page=$root/Documentation/ipcchan.1

if command -v groff >/dev/null; then
	rc=0 out='' err=$(groff -man -ww -Tutf8 -z "$page" 2>&1)
	[ -z "$err" ]
	ok $? "formats without a warning"
else
	skip "formats without a warning" "no groff"
fi

run help
for verb in $(printf '%s\n' "$out" | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
	run "$verb" --help
	# the section, its escaped hyphens made plain
	section=$(sed -n "/^\.SS $verb\$/,/^\.S[SH]/p" "$page" | sed 's/\\-/-/g')
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
	err="not in the section of $verb:$missing"
	[ "$verb" != delete ] || told=1
	[ -z "$missing" ] && [ -n "$section" ] && [ "$told" -gt 0 ]
	ok $? "tells the options of $verb"
done

done_testing
