#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# selftests/lint/translations.sh tells which translation is older than its original. It is
# tried on a copy of the pages, which git knows nothing of, as in a tree out of an archive.

# the helpers want a command to test; this test runs none
IPCCHAN=$(command -v sh)
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

copy=$tmp/tree
labs=Documentation/labs
ko=Documentation/translations/ko_KR

mkdir "$tmp/pages"
(
	cd "$root" || exit 1
	sed -n 's/^:Original: \([^,]*\),.*/\1/p' "$ko"/*.rst "$ko"/labs/*.rst |
		xargs cp --parents -t "$tmp/pages"
	cp -r --parents "$ko" selftests/lint/translations.sh "$tmp/pages"
)
"$tmp/pages/selftests/lint/translations.sh" --stamp "$tmp/pages/$ko"/*.rst "$tmp/pages/$ko"/labs/*.rst

# fresh: a copy in which nothing is old
fresh() {
	rm -rf "$copy"
	cp -r "$tmp/pages" "$copy"
}

# translations [ARGUMENT]...: the check, in the copy
translations() {
	out=$("$copy/selftests/lint/translations.sh" "$@" 2>"$tmp/err")
	rc=$?
	err=$(cat "$tmp/err")
}

# complains TEXT NAME: of one page, and so
complains() {
	translations
	[ "$rc" -eq 1 ] && [ "$(printf '%s\n' "$out" | wc -l)" -eq 1 ] && has "$out" "$1"
	ok $? "$2"
}

fresh
translations
[ "$rc" -eq 0 ] && [ -z "$out$err" ]
ok $? "what is as its original was is not complained of"

hash=$(sed -n 's/^:Original: .*, blob //p' "$copy/$ko/labs/04-queue.rst")
[ "$hash" = "$(git hash-object "$copy/$labs/04-queue/README.rst" | cut -c 1-12)" ]
ok $? "a page names its original by git's hash"

echo "One question more." >>"$copy/$labs/04-queue/README.rst"
complains "$ko/labs/04-queue.rst is older than $labs/04-queue/README.rst: translate what has \
changed (git diff $hash $labs/04-queue/README.rst)" "a page whose original has changed is older"
translations --stamp "$ko/labs/04-queue.rst"
translations
[ "$rc" -eq 0 ] && [ -z "$out$err" ]
ok $? "it is not when it was stamped again"

fresh
sed -i 's/^## Where things are$/&\n\nElsewhere./' "$copy/README.md"
translations
[ "$rc" -eq 0 ] && [ -z "$out$err" ]
ok $? "a section that is not translated may change"
# shellcheck disable=SC2016 # a mark of code; in it there are no headings
sed -i 's/^## A short tour$/&\n\n```sh\n# Elsewhere\n```\n\nShort./' "$copy/README.md"
translations --stamp "$ko/README.rst"
sed -i 's/^Short\.$/Shorter./' "$copy/README.md"
complains "$ko/README.rst is older than README.md: " "one that is may not"
sed -i 's/^## A short tour$/## A tour/' "$copy/README.md"
complains "$ko/README.rst: README.md has no section \"A short tour\" any more" \
	"nor may it go"

fresh
mkdir "$copy/$labs/11-new"
echo "Lab 11: new" >"$copy/$labs/11-new/README.rst"
complains "$labs/11-new/README.rst: has no translation in $ko/" "a new lab has to be translated"

fresh
rm -r "$copy/$labs/04-queue"
complains "$ko/labs/04-queue.rst: its original $labs/04-queue/README.rst is gone" \
	"what is no more has no translation"

fresh
sed -i 's/^:Original:.*/:Original: README.md/' "$copy/$ko/README.rst"
translations
[ "$rc" -eq 1 ] && has "$out" "$ko/README.rst: names no original, or not like" &&
	has "$out" "README.md: has no translation"
ok $? "a page has to tell its original, and the hash of it"

done_testing
