#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The labs of Documentation/labs: what each of them has to have, and what becomes of a student's
# work. Whether they can be passed is for selftests/vm/labs.sh.

# the helpers want a command to test; this test runs none
IPCCHAN=$(command -v sh)
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"
# The kernel's Makefiles would take the folder of the results for theirs.
unset O

labs=$root/Documentation/labs
lab_sh=$root/selftests/vm/lab.sh

# lab ARGUMENT...: lab.sh, which works in $tmp
lab() {
	BUILD=$tmp/build "$lab_sh" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
}

wrong='' n=0
for dir in "$labs"/[0-9]*/; do
	n=$((n + 1))
	case $(basename "$dir") in
	"$(printf %02d "$n")"-*) ;;
	*) wrong="$wrong $dir" ;;
	esac
	grep -q "^$n  *\`\`$(basename "$dir")\`\`" "$labs/README.rst" || wrong="$wrong README.rst:$n"
	for part in '^\*\*Objective' '^\*\*Read first' '^Steps$' '^Expected output$' '^Questions$' \
		"^Lab $n: "; do
		grep -q "$part" "$dir/README.rst" || wrong="$wrong $n:$part"
	done
	all=$(sed -n 's/^points=(\(.*\))$/\1/p' "$dir/lab.conf" | tr ' ' '\n' | awk '{ s += $1 } END { print s }')
	grep -q "\`\`lab $n: $all of $all points\`\`" "$dir/README.rst" || wrong="$wrong $n:points"
done
err="wrong:$wrong"
[ -z "$wrong" ] && [ "$n" -ge 10 ]
ok $? "each has a page with all that it needs, and the points that it promises"

wrong='' n=0
for file in $(cd "$labs" && find [0-9]*/solution -type f); do
	n=$((n + 1))
	begin=$labs/${file%%/*}/src/${file#*/solution/}
	[ -f "$begin" ] && grep -q TODO "$begin" || wrong="$wrong $file:begin"
	! grep -q TODO "$labs/$file" || wrong="$wrong $file:todo"
done
err="wrong:$wrong"
[ -z "$wrong" ] && [ "$n" -ge 10 ]
ok $? "what is to be done is said where it is, and is done in the solution"

lab 99 --build
refused 1 "there is no lab 99, but there are: 1 2" "there is no lab 99"
lab 2
refused 1 "use --build first" "there is no shell before something is built"

mkdir -p "$tmp/build/labs/2"
echo "obj-m := mine.o" >"$tmp/build/labs/2/Kbuild"
echo "this is no C" >"$tmp/build/labs/2/mine.c"
lab 2 --build
[ "$rc" -eq 2 ] && has "$err$out" "mine.c:1" && has "$err" "it does not build" &&
	[ "$(ls "$tmp/build/labs/2")" = "Kbuild
mine.c" ]
ok $? "what a student has done is built, complained of, and left alone"

mkdir -p "$tmp/build/labs/2-solution"
: >"$tmp/build/labs/2-solution/old"
lab 2 --build --solution
[ "$rc" -eq 0 ] && [ ! -e "$tmp/build/labs/2-solution/old" ] &&
	cmp -s "$labs/02-chardev/solution/lab2.c" "$tmp/build/labs/2-solution/lab2.c"
ok $? "a solution is copied anew, and builds"

done_testing
