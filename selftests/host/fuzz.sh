# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by the tests that run libFuzzer and AddressSanitizer against the rings, for a
# short while.  FUZZ_SECONDS=n in the environment: for so long.

# the helpers want a command to test; these tests run none
IPCCHAN=$(command -v sh)
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

fuzz_flags="-std=gnu11 -g -O1 -D_GNU_SOURCE -I$root/include/uapi -I$root/user/lib
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all"

fuzz_can() {
	echo 'int LLVMFuzzerTestOneInput(const char *data, unsigned long size);
int LLVMFuzzerTestOneInput(const char *data, unsigned long size)
{
	return data && size && 0;
}' >"$tmp/probe.c"
	# shellcheck disable=SC2086 # the flags are several words
	clang $fuzz_flags -o "$tmp/probe" "$tmp/probe.c" 2>"$tmp/log" &&
		"$tmp/probe" -runs=1 >"$tmp/log" 2>&1
}

# fuzz TARGET NAME: the whole test: TARGET.c is built and run, which is called NAME
fuzz() {
	if ! fuzz_can; then
		skip "$2" "clang has no libFuzzer here"
		done_testing
	fi
	# shellcheck disable=SC2086
	clang $fuzz_flags -Wall -Wextra -Werror -o "$tmp/$1" \
		"$tap_dir/$1.c" "$root"/user/lib/*.c 2>&1
	ok $? "the target is built"
	"$tmp/$1" -max_total_time="${FUZZ_SECONDS:-20}" -max_len=512 -timeout=10 \
		-print_final_stats=1 -artifact_prefix="$tmp/" >"$tmp/log" 2>&1
	status=$?
	[ "$status" -eq 0 ] &&
		grep -q 'stat::number_of_executed_units: *[1-9][0-9][0-9][0-9]' "$tmp/log"
	ok $? "$2"
	grep '^stat::number' "$tmp/log" | sed 's/^/# /'
	if [ "$status" -ne 0 ]; then
		tail -n 60 "$tmp/log" | sed 's/^/# /'
		for input in "$tmp"/crash-* "$tmp"/timeout-*; do
			[ -f "$input" ] && od -An -tx1 "$input" | sed 's/^/# input:/'
		done
	fi
	done_testing
}
