#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# debug-guest.sh PREFIX SECONDS PROGRAM...: in the guest of a debug kernel, what
# guest-tests.sh does, after a look at whether the checkers are on, and before one
# at what they have to say in the end. Each is recorded for run-ktap.awk.
prefix=$1
seconds=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
debug=/sys/kernel/debug

# begin NAME, result TEXT STATUS, end: a record
begin() {
	record=$prefix$1 count=0 failed=0
	echo "## begin $record"
}

result() {
	count=$((count + 1))
	[ "$2" -eq 0 ] && echo "ok $count - $1" && return
	failed=1
	echo "not ok $count - $1"
}

end() {
	echo "1..$count"
	printf '\n## end %s %d\n' "$record" "$failed"
}

# is_on TEXT COMMAND...: COMMAND tells whether
is_on() {
	text=$1
	shift
	"$@" >/dev/null 2>&1
	result "$text is on" $?
}

# instrumented FUNCTION: whether the compiler put calls of it into the module
instrumented() {
	grep -q "$1" /vm/ipcchan.ko
}

lockdep_on() {
	grep -Eq '^ *debug_locks: *1$' /proc/lockdep_stats
}

configured() {
	zcat /proc/config.gz >/tmp/config
	sed -n '/^CONFIG_/p; /^# CONFIG_.* is not set$/p' "$here"/*.config |
		grep -vxFf /tmp/config >/tmp/dropped
	sed 's/^/# missing: /' /tmp/dropped
	[ ! -s /tmp/dropped ]
}

options_kasan() {
	is_on "KASAN" grep -q 'kasan: KernelAddressSanitizer initialized' /tmp/boot
	is_on "KASAN in the module" instrumented __asan_report
	is_on "UBSAN in the module" instrumented __ubsan_handle
	is_on "lockdep" lockdep_on
	is_on "kmemleak" sh -c "echo scan=off >$debug/kmemleak"
	is_on "the checker of objects" test -e "$debug/debug_objects/stats"
	is_on "KUnit" test -d "$debug/kunit"
	is_on "KCOV" test -e "$debug/kcov"
	is_on "KCOV in the module" instrumented __sanitizer_cov_trace_pc
	for name in failslab fail_page_alloc fail_usercopy; do
		is_on "$name" test -e "$debug/$name/probability"
	done
	is_on "failing a task's n-th call" test -e /proc/self/fail-nth
}

options_kcsan() {
	is_on "KCSAN" "$here/debug-races.sh"
	is_on "KCSAN in the module" instrumented __tsan_read
}

# It finds nothing when it does not look.
watched() {
	sed -n 's/^setup_watchpoints: //p' "$debug/kcsan" | grep -v '^0$'
}

# The results of each suite of the module ipcchan_kunit, whose cases are its own
# points.
kunit() {
	insmod "$here/ipcchan_kunit.ko"
	status=$?
	begin kunit
	result "ipcchan_kunit.ko can be loaded" "$status"
	ls "$debug"/kunit/*/results >/dev/null 2>&1
	result "it has suites" $?
	end
	for results in "$debug"/kunit/*/results; do
		[ -e "$results" ] || continue
		suite=$(basename "$(dirname "$results")")
		echo "## begin ${prefix}kunit/$suite"
		sed -n 's/^    \([^ ].*\)/\1/p' "$results"
		! grep -q '^not ok' "$results"
		printf '\n## end %skunit/%s %d\n' "$prefix" "$suite" $?
	done
	rmmod ipcchan_kunit
}

# Its functions have no names any more in what is found later.
unload() {
	[ ! -e /sys/module/ipcchan ] || echo "# it was at $(cat /sys/module/ipcchan/sections/.text)"
	! grep -q '^ipcchan ' /proc/modules || rmmod ipcchan
}

dmesg >/tmp/boot
kind=$(uname -r)
kind=${kind##*-}
begin options
configured
result "the kernel has all that is asked for" $?
"options_$kind"
end

# Each round takes several times as long as elsewhere.
export IPCCHAN_TEST_SCALE="${IPCCHAN_TEST_SCALE:-20}" IPCCHAN_TEST_SLOW=1

# KCSAN knows functions by their addresses: the programs that load the module anew
# come last.
programs='' last=''
for program in "$@"; do
	case $program in
	*unload_test*) last="$last $program" ;;
	*) programs="$programs $program" ;;
	esac
done
# shellcheck disable=SC2086  # words
/selftests/guest-tests.sh "$prefix" "$seconds" $programs $last

[ ! -e "$here/ipcchan_kunit.ko" ] || kunit

if [ "$kind" = kasan ]; then
	echo "## begin ${prefix}fail"
	"$here/debug-fail.sh"
	printf '\n## end %sfail ?\n' "$prefix"
fi

begin end
unload
result "the module can be unloaded" $?
case $kind in
kasan)
	"$here/debug-leaks.sh"
	result "nothing has leaked" $?
	is_on "lockdep" lockdep_on
	;;
kcsan)
	echo "# watchpoints: $(watched)"
	watched >/dev/null
	result "KCSAN has watched" $?
	;;
esac
end
