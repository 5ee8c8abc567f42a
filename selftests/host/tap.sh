# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by the command's host tests.  A test calls ok or one of the checks
# below for each point, and done_testing at its end.  The command is run with
# run; then $rc is its exit status, $out and $err are what it printed.

# What the make that runs the tests was told is not for those that they call.
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS

tap_dir=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$tap_dir/../.." && pwd)
IPCCHAN=${IPCCHAN:-$root/build/user/cli/ipcchan}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
tap_n=0
tap_failed=0

skip_all() {
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit 77
}

# ok STATUS NAME: one point; STATUS 0 is good
ok() {
	tap_n=$((tap_n + 1))
	[ "$tap_n" -gt 1 ] || echo "TAP version 13"
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_n - $2"
		return
	fi
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_n - $2"
	printf '%s\n' "status: ${rc-}" "stdout: ${out-}" "stderr: ${err-}" |
		sed 's/^/#   /'
}

skip() {
	tap_n=$((tap_n + 1))
	[ "$tap_n" -gt 1 ] || echo "TAP version 13"
	echo "ok $tap_n - $1 # SKIP $2"
}

done_testing() {
	echo "1..$tap_n"
	[ "$tap_failed" -eq 0 ]
	exit
}

# by COMMAND ARG...: as run, where another command runs ours
by() {
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
}

run() {
	by "$IPCCHAN" "$@"
}

has() {
	case $1 in
	*"$2"*) return 0 ;;
	esac
	return 1
}

# refused STATUS TEXT NAME: exit status STATUS, nothing on stdout, TEXT on stderr
refused() {
	[ "$rc" -eq "$1" ] && [ -z "$out" ] && has "$err" "$2"
	ok $? "$3"
}

[ -x "$IPCCHAN" ] || skip_all "the command is not built: $IPCCHAN"

# bench_sources: what the benchmark is made of, but for its table of transports; paths without
# blanks
bench_sources() {
	for file in "$root"/user/cli/parse.c "$root"/user/cli/err.c "$root"/user/cli/table.c \
		"$root"/user/cli/text.c "$root"/user/cli/dynlib.c "$root"/user/cli/tracer*.c \
		"$root"/user/cli/trace_lib.c "$root"/user/cli/trace_life.c \
		"$root"/user/cli/trace_tasks.c "$root"/user/cli/bench/*.c "$root"/user/cli/bench/report/*.c \
		"$root"/user/cli/bench/transports/*.c "$root"/user/lib/*.c; do
		[ "$file" = "$root/user/cli/bench/transports/table.c" ] || echo "$file"
	done
}
