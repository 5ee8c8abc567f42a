#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Tests of the VM harness itself, or those named (as "lock icount"). Needs no
# ipcchan.ko.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=selftests/vm/splat.sh
. "$VM_DIR/splat.sh"
# shellcheck source=selftests/vm/test-tools.sh
. "$VM_DIR/test-tools.sh"
# shellcheck source=selftests/vm/test-kernels.sh
. "$VM_DIR/test-kernels.sh"
# shellcheck source=selftests/vm/test-all.sh
. "$VM_DIR/test-all.sh"

RUN=$VM_DIR/run
mkdir -p "$BUILD/vm"
tmp=$(mktemp -d "$BUILD/vm/test.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
count=0 failed=0

# vm OPTION... COMMAND: sets status, leaves output in $tmp/out and $tmp/err
vm() {
	"$RUN" --no-module --timeout 120 "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
}

# result NAME WORD...: passed if the words are a true condition for test(1)
result() {
	local name=$1

	shift
	count=$((count + 1))
	if [ "$@" ]; then
		echo "ok $count - $name"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count - $name"
	printf '# failed: %s\n' "$*"
	sed 's/^/# /' "$tmp/err" | tail -n 30
}

# skip NAME REASON
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

has() {
	grep -q -e "$1" "$2" && echo yes
}

test_usage() {
	vm
	result "no command is a usage error" $status -eq 1
	vm --cpus 0 true
	result "no processors is a usage error" $status -eq 1
	vm --nodes 0 true
	result "no NUMA nodes is a usage error" $status -eq 1
	vm --icount --cpus 2 true
	result "--icount with two processors is a usage error" $status -eq 1
	vm --frobnicate true
	result "an unknown option is a usage error" $status -eq 1
	vm --add /nonexistent/file true
	result "a missing file is a usage error" $status -eq 1
	"$RUN" --module /nonexistent/module true 2>"$tmp/err"
	result "a missing module is a usage error" $? -eq 1
	result "--help goes to stdout" "$("$RUN" --help 2>&1 >/dev/null | wc -c)" -eq 0
}

test_pass_through() {
	mkdir -p "$tmp/share"
	echo from-host >"$tmp/share/in"
	vm --cpus 2 --nodes 2 --append "vm.test=seen" --out "$tmp/share" \
		--add "$tmp/share/in:/opt/added" --log "$tmp/log" \
		"seq 150000; seq 150000 >/out/seq; cat /out/in /opt/added; nproc
		ls -d /sys/devices/system/node/node[0-9]* | wc -l
		grep -o 'vm.test=[a-z]*' /proc/cmdline; echo to-stderr >&2; exit 7"
	result "the exit status passes through" $status -eq 7
	{
		seq 150000
		printf '%s\n' from-host from-host 2 2 vm.test=seen to-stderr
	} >"$tmp/expected"
	result "1 MB of output is complete and in order" \
		"$(cmp "$tmp/out" "$tmp/expected" 2>&1)" = ""
	result "files come back" "$(seq 150000 | cmp - "$tmp/share/seq" 2>&1)" = ""
	result "the kernel's log is apart and kept" "$(has 'Linux version' "$tmp/log")" = yes
	# shellcheck disable=SC2016  # not to be expanded is the point
	vm printf '<%s>' "a b" "c'd" '$HOME'
	result "arguments arrive as they were given" \
		"$(cat "$tmp/out")" = "<a b><c'd><\$HOME>"
	result "a good run says nothing" "$(cat "$tmp/err")" = ""
}

test_broken_guests() {
	vm --timeout 40 'echo started; sleep 1000'
	result "a hang is ended by the time limit" $status -eq 124
	result "what a hung guest printed is there" "$(cat "$tmp/out")" = started
	result "a hang is reported with the log's end" "$(has 'Run /init' "$tmp/err")" = yes
	vm 'echo c >/proc/sysrq-trigger'
	result "a panic fails the run" $status -eq 125
	result "a panic is shown" "$(has 'sysrq triggered crash' "$tmp/err")" = yes
	vm 'poweroff -f'
	result "a machine that goes away is an error" $status -eq 126
}

test_warning() {
	local rel src=$BUILD/vm/warn

	rel=$("$VM_DIR/kernel.sh" release) || rel=none
	mkdir -p "$src"
	cp -u "$VM_DIR"/warn/* "$src"
	if ! make -C "/lib/modules/$rel/build" M="$src" modules >"$tmp/err" 2>&1; then
		result "the module with a planted warning builds" "" = yes
		return
	fi
	vm --add "$src/warn.ko" 'insmod /root/warn.ko && echo loaded'
	result "a planted warning fails the run" $status -eq 125
	result "the command had succeeded" "$(cat "$tmp/out")" = loaded
	result "the warning is shown" "$(has 'warn_init' "$tmp/err")" = yes
}

test_icount() {
	gcc -static -O2 -Wall -Wextra -Werror -o "$tmp/count-insn" "$VM_DIR/count-insn.c" \
		2>"$tmp/err"
	vm --icount --timeout 300 --add "$tmp/count-insn" /root/count-insn
	cp "$tmp/out" "$tmp/err"
	result "one nanosecond is one instruction under --icount" $status -eq 0
}

# A QEMU that hangs under KVM, and does its work otherwise.
test_kvm_probe() {
	local qemu

	qemu=$(command -v qemu-system-x86_64)
	mkdir -p "$tmp/cache/ipcchan"
	ln -s "$CACHE/kernels" "$tmp/cache/ipcchan/kernels"
	cat >"$tmp/qemu" <<-EOF
		#!/bin/sh
		case "\$*" in
		*"-accel kvm"*) echo tried >>'$tmp/tries'; exec sleep 1000 ;;
		esac
		exec '$qemu' "\$@"
	EOF
	chmod +x "$tmp/qemu"
	: >"$tmp/kvm"
	: >"$tmp/tries"
	export QEMU=$tmp/qemu KVM_DEVICE=$tmp/kvm KVM_PROBE_SECONDS=2 XDG_CACHE_HOME=$tmp/cache
	vm 'echo first'
	result "a KVM that hangs is given up" "$status $(cat "$tmp/out")" = "0 first"
	vm 'echo second'
	result "the second run works too" "$status $(cat "$tmp/out")" = "0 second"
	result "KVM was tried only once" "$(wc -l <"$tmp/tries")" -eq 1
	printf '#!/bin/sh\nexit 3\n' >"$tmp/qemu"
	vm true
	result "a QEMU that fails is an error" $status -eq 126
	unset QEMU KVM_DEVICE KVM_PROBE_SECONDS XDG_CACHE_HOME
}

# machine COMMANDS: a QEMU that does this instead, at its call number $try, with its
# serial port in $log
machine() {
	: >"$tmp/tries"
	cat >"$tmp/qemu" <<-EOF
		#!/bin/sh
		echo tried >>'$tmp/tries'
		try=\$(wc -l <'$tmp/tries')
		log=\$(echo "\$*" | sed 's/.*-serial file:\([^ ]*\).*/\1/')
		$1
	EOF
	chmod +x "$tmp/qemu"
}

# hung OPTION...: sets outcome, the status and how often it was booted
hung() {
	BOOT_SECONDS=${seconds:-4} QEMU=$tmp/qemu KVM_DEVICE=/nonexistent vm "$@"
	outcome="$status $(wc -l <"$tmp/tries")"
}

# shellcheck disable=SC2016  # for the shell of the machine
test_boot_hang() {
	local outcome seconds qemu

	qemu=$(command -v qemu-system-x86_64)
	machine 'echo In-situ OAM >"$log"; exec sleep 1000'
	hung true
	result "a machine that does not come up is booted once more" "$outcome" = "126 2"
	result "which is said, with the log's end" \
		"$(has 'once more.* In-situ OAM' "$tmp/err")" = yes
	result "and so is that it was for nothing" "$(has 'did not come up' "$tmp/err")" = yes
	hung --timeout 7 --gdb true
	result "not if gdb may hold it" "$outcome" = "124 3"
	hung --timeout 7 --shell
	result "nor if a user watches it" "$outcome" = "124 4"
	machine 'echo "[ 1.9] Run /init as init process" >"$log"; exec sleep 1000'
	hung --timeout 7 true
	result "one that hangs in /init is not booted again" "$outcome" = "124 1"
	machine 'echo "BUG: a fault" >"$log"; exec sleep 1000'
	hung true
	result "nor is one whose kernel complained" "$outcome" = "125 1"
	machine "[ \$try -gt 1 ] || exec sleep 1000; exec '$qemu' \"\$@\""
	# The command takes longer than the boot may, and the kernel says nothing.
	seconds=45 hung --append quiet 'echo begins; sleep 45; echo ends'
	result "a hang that does not come again costs only time" \
		"$outcome $(xargs <"$tmp/out")" = "0 2 begins ends"
	BOOT_SECONDS=soon vm true
	result "the time for booting is a number" $status -eq 1
}

# stale VERSION LOG OPTION...: sets outcome as hung does, of a QEMU of this version whose
# machine leaves this log
stale() {
	printf '[    1.0] %s\r\n' "Run /init" "$2" "Code: c3 ${code:-e9} <9a> 02 00" \
		'Call Trace:' >"$tmp/stale"
	machine "case \$1 in --version) echo 'QEMU emulator version $1 (Debian)'; exit ;; esac
		cat '$tmp/stale' >\"\$log\""
	hung "${@:3}" true
	outcome=${outcome% *}
}

# Code that is run after it was replaced is the fault of an old emulator, and of nothing else.
test_stale() {
	local outcome oops='Oops: int3: 0000 [#1] PREEMPT_RT SMP NOPTI'

	stale 7.2.22 "$oops" --cpus 2
	result "an emulator that runs old code is to blame" "$outcome" = 123
	result "which is said" "$(has 'QEMU 8.1' "$tmp/err")" = yes
	stale 8.0.5 'int3: 0000 [#1] PREEMPT SMP NOPTI' --cpus 2
	result "so it is for another kernel" "$outcome" = 123
	stale 8.1.0 "$oops" --cpus 2
	result "one that does not is not" "$outcome" = 125
	stale 7.2.22 "$oops"
	result "nor is one of a single processor" "$outcome" = 125
	code=cc stale 7.2.22 "$oops" --cpus 2
	result "nor where there is a breakpoint" "$outcome" = 125
	stale 7.2.22 'Oops: 0000 [#1] PREEMPT SMP NOPTI' --cpus 2
	result "nor for another fault" "$outcome" = 125
}

# judge LINE: what splat_scan makes of a log with this line
judge() {
	printf '[    1.000000] %s\r\n' "Linux version 6.1" "$1" "Run /init" >"$tmp/line"
	splat_scan "$tmp/line" 2>/dev/null && echo clean || echo splat
}

test_scan() {
	local line bad=() good=()

	while read -r line; do
		[ "$(judge "$line")" = splat ] || bad+=("$line")
	done <"$VM_DIR/splats.txt"
	result "every known complaint is found" "${bad[*]-}" = ""
	while read -r line; do
		[ "$(judge "$line")" = clean ] || good+=("$line")
	done <"$VM_DIR/harmless.txt"
	result "harmless lines are let pass" "${good[*]-}" = ""
	splat_taint $((1 << 12 | 1 << 13)) 2>/dev/null
	result "the taint of an unsigned module is let pass" $? -eq 0
	splat_taint $((1 << 12 | 1 << 9)) 2>/dev/null
	result "the taint of a warning is not" $? -eq 1
}

# A terminal of its own, whose keys go to the guest: Ctrl-C ends what runs there.
# seen PATTERN: waits until it is on the screen
seen() {
	for _ in {1..300}; do
		! grep -q -e "$1" "$tmp/screen" || return 0
		sleep 0.1
	done
}

test_shell() {
	if ! script -qec true /dev/null >"$tmp/err" 2>&1; then
		skip "a shell with a time limit ends well" "no pseudo-terminal"
		skip "Ctrl-C reaches the guest, and only what runs there" "no pseudo-terminal"
		return
	fi
	: >"$tmp/screen"
	# shellcheck disable=SC2094,SC2016  # what it prints is waited for; the guest's $
	{
		seen '# '
		printf 'echo $((6 * 7)) begins; sleep 1000\r'
		seen '42 begins'
		printf '\003'
		seen '\^C'
		printf 'echo $((6 * 7)) still here\rexit\r'
		seen '42 still here'
		sleep 10
	} | script -qec "$RUN --no-module --shell --timeout 80" /dev/null >"$tmp/screen"
	status=$?
	tr -d '\r' <"$tmp/screen" >"$tmp/err"
	result "a shell with a time limit ends well" $status -eq 0
	result "Ctrl-C reaches the guest, and only what runs there" \
		"$(has '^42 still here' "$tmp/err")" = yes
}

tests=(release setup apt cache blanks lock files lint lint_passed gate kvm_memory check_all check_debug
	run_kernels debug_kernel ksource kernels
	scan usage pass_through broken_guests warning boot_hang stale kvm_probe icount shell)
[ $# -eq 0 ] || tests=("$@")

echo "TAP version 13"
for test in "${tests[@]}"; do
	"test_$test"
done
echo "1..$count"
[ "$failed" -eq 0 ]
