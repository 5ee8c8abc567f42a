#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The fuzzer of the module, as far as it needs none: its programs as text, and that they
# are the same whenever the seed is.

# the helpers want a command to test; this is another one
IPCCHAN=$(command -v sh)
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

IPCCHAN=$root/build/selftests/fuzz/fuzz
[ -x "$IPCCHAN" ] || skip_all "the fuzzer is not built: $IPCCHAN"
corpus=$(echo "$root"/selftests/fuzz/corpus/*)

# shellcheck disable=SC2086  # files
run gen -s 7 -n 2000 $corpus
[ "$rc" -eq 0 ] && [ "$(grep -c . "$tmp/out")" -gt 10000 ]
ok $? "programs are made"
cp "$tmp/out" "$tmp/first"
# shellcheck disable=SC2086
run gen -s 7 -n 2000 $corpus
cmp -s "$tmp/out" "$tmp/first"
ok $? "the same seed and corpus have the same programs"
# shellcheck disable=SC2086
run gen -s 8 -n 2000 $corpus
! cmp -s "$tmp/out" "$tmp/first"
ok $? "another seed has others"

# Without a change they come out as they went in.
run gen -n 0 "$tmp/first"
refused 1 "a number from 1" "a number that is none is refused"
run print "$tmp/first"
[ "$rc" -eq 0 ] && cmp -s "$tmp/out" "$tmp/first"
ok $? "what is printed is what is read"

missing=$(sed -n 's/^#define IPCCHAN_IOC_\([A-Z_]*\)\t_IO.*/\1/p' "$root"/include/uapi/linux/ipcchan*.h |
	while read -r name; do
		grep -q "IOCTL(\"[a-z_]*\", [0-9]*, $name, " "$root/selftests/fuzz/ops.c" || echo "$name"
	done)
[ -z "$missing" ]
ok $? "each ioctl is in its table"
# Each operation is in a program of that many.
sed -n 's/^\t\(IOCTL\|CALL\|STORE\|LOCAL\)("\([a-z_]*\)".*/\2/p' "$root/selftests/fuzz/ops.c" |
	sort >"$tmp/table"
sed 's/^[0-9]: //; s/ .*//' "$tmp/first" | sort -u >"$tmp/used"
[ "$(wc -l <"$tmp/table")" -gt 60 ] && [ -z "$(comm -23 "$tmp/table" "$tmp/used")" ]
ok $? "each operation is used"

for bad in 'open two=1' 'shut' '5: open' 'read to=data-1' 'msg flags=x' 'open !99'; do
	echo "$bad" >"$tmp/bad"
	run print "$tmp/bad"
	[ "$rc" -eq 2 ] && has "$err" "no call"
	ok $? "no call: $bad"
done
run --help
[ "$rc" -eq 0 ] && has "$out" replay
ok $? "help"
run gen --nonsense
[ "$rc" -eq 1 ] && has "$err" Usage
ok $? "an option that there is not"
run run /nonexistent
refused 2 "cannot open /nonexistent" "a corpus that there is not"
done_testing
