#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel's own semantic patches over the module: each report fails, and so does
# what spatch cannot read, for it would skip that in silence.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/../vm/common.sh"
# shellcheck source=selftests/lint/passed.sh
. "$(dirname "$0")/passed.sh"
tool=$(realpath "$0")
cd "$ROOT" || exit 1
# The patches report through Debian's Python, for whose version spatch was built.
PATH=/usr/bin:/bin:$PATH

patches=$BUILD/kselftest/scripts/coccinelle
list=$(selftests/files.sh 'kmod/*.[ch]' 'include/*.h') || exit 1
mapfile -t list <<<"$list"
mapfile -t patch_list < <(find "$patches" -name '*.cocci' | sort)
key=$(passed_sums "$tool" "${patch_list[@]}" "${list[@]}" | passed_key coccinelle \
	"$(spatch --version)" "${list[@]}") || exit 1
if passed_is "$key"; then
	echo "nothing has changed since it passed"
	exit 0
fi
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
failed=0
count=0

for file in "${list[@]}"; do
	parsed=$(spatch --parse-c "$file" 2>&1) && [[ $parsed == *'nb bad = 0 '* ]] && continue
	echo "spatch cannot read $file:"
	grep -E '^( = File|BAD)' <<<"$parsed" || echo "$parsed"
	failed=1
done

# Two are for OCaml's compiler: one about a driver, one that sparse does as well.
for patch in "${patch_list[@]}"; do
	grep -qE '^@(script|initialize):ocaml' "$patch" && continue
	read -ra options < <(sed -n 's|^// *Options:||p' "$patch")
	count=$((count + 1))
	if ! found=$(spatch -D report --no-show-diff --very-quiet --cocci-file "$patch" \
		"${options[@]}" "${list[@]}" 2>"$errors"); then
		found+=$(cat "$errors")
	elif [ -z "$found" ]; then
		continue
	fi
	printf '%s\n(%s)\n' "$found" "${patch#"$patches"/}"
	failed=1
done
echo "$count semantic patches"
[ "$count" -gt 0 ] && [ "$failed" -eq 0 ] || exit 1
passed_note "$key"
