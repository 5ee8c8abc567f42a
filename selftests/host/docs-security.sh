#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What is promised is tried: each program that Documentation/security.rst names is there and
# run, and each that attacks is named.

# the helpers want a command to test; this test runs none
IPCCHAN=$(command -v sh)
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

page=$root/Documentation/security.rst
progs=$(sed -n 's/^\(TEST_GEN_PROGS\|TEST_PROGS\) [:+]*= //p' "$root/selftests/ipcchan/Makefile")

# named REGEX: the words of the page that are so
named() {
	grep -oE "$1" "$page" | sort -u
}

missing='' n=0
for name in $(named '[a-z_]+_test'); do
	n=$((n + 1))
	[ -f "$root/selftests/ipcchan/$name.c" ] && printf '%s\n' "$progs" | grep -qw "$name" ||
		missing="$missing $name"
done
err="not there, or not run:$missing"
[ -z "$missing" ] && [ "$n" -ge 10 ]
ok $? "the kernel selftests that it names are there"

missing='' n=0
for name in $(named '[a-z]+-hostile'); do
	n=$((n + 1))
	[ -f "$root/selftests/host/$name.c" ] || missing="$missing $name"
done
err="not there:$missing"
[ -z "$missing" ] && [ "$n" -ge 3 ]
ok $? "the tests of rings that it names are there"

missing=''
for file in "$root"/selftests/ipcchan/attack_*_test.c "$root"/selftests/host/*-hostile.c; do
	name=$(basename "$file" .c)
	grep -q "$name" "$page" || missing="$missing $name"
done
err="not named:$missing"
[ -z "$missing" ]
ok $? "it names each test that attacks"

# what it says of the module's parameters
missing=''
for name in $(named 'user_[a-z]+'); do
	grep -q "module_param_named($name," "$root/kmod/account.c" || missing="$missing $name"
done
params=$(sed -n 's/^module_param_named(\(user_[a-z]*\),.*/\1/p' "$root/kmod/account.c")
for name in $params; do
	grep -q "$name" "$page" || missing="$missing $name"
done
err="not the same:$missing"
[ -z "$missing" ]
ok $? "it names the quotas that there are"

done_testing
