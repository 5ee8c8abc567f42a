# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# Sourced by selftests/vm/test.sh: tests of the scripts around the guest. None
# boots one or installs anything.

# tool COMMAND...: sets status, leaves output in $tmp/out and $tmp/err. The
# programs of stub stand before all others.
tool() {
	PATH=$tmp/bin:$PATH env "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
}

# stub NAME: a program for tool; standard input is its text
stub() {
	mkdir -p "$tmp/bin"
	{ echo '#!/bin/sh' && cat; } >"$tmp/bin/$1"
	chmod +x "$tmp/bin/$1"
}

# In a tree of the same files the same are found, whatever git thinks of it. It
# is under build/, which the repository around it ignores.
test_files() {
	local tree=$tmp/tree list

	list=$("$ROOT/selftests/files.sh" | sort)
	mkdir "$tree"
	(cd "$ROOT" && cpio -pdm --quiet "$tree" <<<"$list")
	result "the files are found" "$(has '^Makefile$' <(echo "$list"))" = yes
	tool "$tree/selftests/files.sh"
	result "the files of a tree without git" "$(sort "$tmp/out" | diff - <(echo "$list"))" = ""
	git -C "$tree" init -q
	mkdir "$tree/build"
	touch "$tree/build/made.sh"
	tool GIT_TEST_ASSUME_DIFFERENT_OWNER=1 "$tree/selftests/files.sh"
	result "the files of a tree that git does not trust" \
		"$(sort "$tmp/out" | diff - <(echo "$list"))" = ""
	list=$(grep -E '\.sh$|^kmod/.*\.[ch]$' <<<"$list")
	tool "$tree/selftests/files.sh" '*.sh' 'kmod/*.[ch]'
	result "patterns with git" "$(sort "$tmp/out" | diff - <(echo "$list"))" = ""
	rm -rf "$tree/.git"
	tool "$tree/selftests/files.sh" '*.sh' 'kmod/*.[ch]'
	result "patterns without git" "$(sort "$tmp/out" | diff - <(echo "$list"))" = ""
	tool "$tree/selftests/files.sh" 'none/*'
	result "no file at all is an error" $status -eq 1
}
