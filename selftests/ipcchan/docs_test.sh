#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the documentation shows, in the folder docs beside this: the commands of README.md and
# of the manual pages, and the programs of section 3.

# shellcheck source=selftests/ipcchan/cli_util.sh
. "$(dirname "$0")/cli_util.sh"

here=$(cd "$(dirname "$0")" && pwd)

# Each in a network namespace of its own: there are no channels but its own, and none stays.
test_session() {
	name=$(basename "$1" .session)
	mkdir "$tmp/$name"
	head -c 300000 /dev/urandom >"$tmp/$name/image.iso"
	(cd "$tmp/$name" && timeout 240 unshare -n "$here/docs_session.sh" "$1") >"$tmp/out" 2>&1
	rc=$? out=$(cat "$tmp/out") err=
	ok "$rc" "$name: each command does what is shown"
}

test_program() {
	name=$(basename "$1" .out)
	timeout 30 "$here/docs/$name" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
	[ "$rc" -eq 0 ] && cmp -s "$1" "$tmp/out"
	ok $? "$name: the example prints what is shown"
}

begin
for file in "$here"/docs/*.session; do
	test_session "$file"
done
for file in "$here"/docs/*.out; do
	test_program "$file"
done
[ "$n" -ge 40 ]
ok $? "there are examples"
cat "$here"/docs/*.session >"$tmp/shown"
rc=0 out='' err=$(grep '^\$ ' "$here/docs.expect" | grep -vxFf "$tmp/shown")
[ -z "$err" ]
ok $? "what docs.expect expects is shown"
done_testing
