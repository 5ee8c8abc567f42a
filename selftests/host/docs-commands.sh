#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What README.md and the pages in reStructuredText name in passing is there: verbs and options of
# the command, targets of make, files.  docs_test.sh runs what they show to be typed.  The labs
# are about files of the kernel, too, and have tests of their own.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

# spans: what stands between backquotes, outside of blocks, a line each
find "$root/README.md" "$root/Documentation" -path '*/labs' -prune -o \
	\( -name '*.md' -o -name '*.rst' \) -print >"$tmp/files"
while IFS= read -r file; do
	# shellcheck disable=SC2016 # what is not to be expanded is the point
	sed '/^```/,/^```$/d' "$file" | tr '\n' ' ' | grep -oE '`+[^`]+`+' | tr -d '`'
done <"$tmp/files" | sort -u >"$tmp/spans"

# options VERB...: those that it tells, short and long, a line each
options() {
	run "$@" --help
	printf '%s\n' "$out" | grep -oE '^ +-[^ ]+(, -[^ ]+)*' | grep -oE -e '--?[a-zA-Z-]+'
}

# known ipcchan VERB WORD...: the verb is there, and each option
known() {
	verb=$2
	shift 2
	sub=''
	case "$verb ${1-}" in
	"bench compare" | "bench rank") sub=$1 ;;
	esac
	run help "$verb"
	[ "$rc" -eq 0 ] || return
	# shellcheck disable=SC2086 # none, or a word
	options "$verb" $sub >"$tmp/options"
	for word; do
		case $word in
		-*) grep -qxe "${word%%=*}" "$tmp/options" || return ;;
		esac
	done
}

unknown='' n=0
grep '^ipcchan [a-z]' "$tmp/spans" >"$tmp/commands"
while IFS= read -r span; do
	n=$((n + 1))
	# shellcheck disable=SC2086 # words
	known $span </dev/null || unknown="$unknown '$span'"
done <"$tmp/commands"
err="the command does not know:$unknown"
[ -z "$unknown" ] && [ "$n" -ge 5 ]
ok $? "verbs and options of the command that are named"

unknown='' n=0
# shellcheck disable=SC2013 # they are words
for target in $(sed -n 's/^make \([a-z-]*\).*/\1/p' "$tmp/spans" "$root/README.md" | sort -u); do
	n=$((n + 1))
	grep -qE "^$target(%|[ :])" "$root/Makefile" || unknown="$unknown $target"
done
err="the Makefile does not have:$unknown"
[ -z "$unknown" ] && [ "$n" -ge 5 ]
ok $? "targets of make that are named"

# Below the root, or what the text is about.
unknown='' n=0
# shellcheck disable=SC2013
for path in $(sed -n 's/^\([a-zA-Z][a-zA-Z0-9_.-]*\/[^ :]*\).*/\1/p' "$tmp/spans" | sort -u); do
	case $path in
	build/* | *'*'* | *'<'*) continue ;;
	esac
	n=$((n + 1))
	for folder in . user/lib user/cli/bench user/install selftests include/uapi Documentation; do
		[ ! -e "$root/$folder/$path" ] || continue 2
	done
	unknown="$unknown $path"
done
err="not there:$unknown"
[ -z "$unknown" ] && [ "$n" -ge 20 ]
ok $? "files that are named"

done_testing
