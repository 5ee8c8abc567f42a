#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Takes the kselftest headers, lib.mk and the tools of lint out of Debian's package
# of the kernel source, and keeps them in a cache: the archive is large.
set -eu -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

if [ $# -ne 1 ] || [ "$1" = --help ]; then
	echo "Usage: ksource.sh FOLDER"
	echo "Leaves tools/testing/selftests/ and scripts/ of the kernel source in FOLDER."
	[ $# -eq 1 ] && exit 0
	exit 1
fi

MEMBERS=(
	'*/tools/testing/selftests/lib.mk'
	'*/tools/testing/selftests/kselftest*.h'
	'*/tools/testing/selftests/kselftest/*'
	'*/scripts/subarch.include'
	'*/scripts/checkpatch.pl'
	'*/scripts/spelling.txt'
	'*/scripts/const_structs.checkpatch'
	'*/scripts/kernel-doc'
	'*/scripts/coccinelle/*'
)

kernel_source
# What is taken belongs to the name: a cache of another choice is of no use.
version+=-$(printf '%s\n' "${MEMBERS[@]}" | cksum | cut -d ' ' -f 1)

out=$1
stamp=$out/version
if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$version" ]; then
	exit 0
fi

kept=$CACHE/source/$version
if [ ! -d "$kept" ]; then
	mkdir -p "$CACHE/source"
	tmp=$(mktemp -d "$CACHE/source/tmp.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	say "extracting kselftest and the tools of lint from $archive"
	status=0
	LC_ALL=C tar -x -f "$archive" -C "$tmp" --strip-components=1 --wildcards \
		"${MEMBERS[@]}" 2>"$tmp/errors" || status=$?
	# No version has all of them, and tar may say that, but nothing else.
	if [ "$status" -ne 0 ] && { [ "$status" -ne 2 ] ||
		grep -qv -e ': Not found in archive$' -e ': Exiting with failure status' "$tmp/errors"; }; then
		die 2 "cannot extract from $archive (status $status): $(cat "$tmp/errors")"
	fi
	for file in tools/testing/selftests/{lib.mk,kselftest.h,kselftest_harness.h} \
		scripts/{checkpatch.pl,kernel-doc,coccinelle}; do
		[ -e "$tmp/$file" ] || die 2 "$archive has no $file: $(cat "$tmp/errors")"
	done
	rm "$tmp/errors"
	chmod 755 "$tmp"
	mv -T "$tmp" "$kept" 2>/dev/null || [ -d "$kept" ]
fi

rm -rf "$out"
mkdir -p "$out"
cp -r "$kept/." "$out"
echo "$version" >"$stamp"
