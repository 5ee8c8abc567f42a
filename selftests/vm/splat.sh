# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by selftests/vm/run: finds a kernel's complaints in its log.

SPLATS=(
	'BUG[: ]' 'WARNING: ' 'Oops[: ]' 'Kernel panic' 'kernel BUG at'
	'general protection' 'Unable to handle kernel' 'unable to handle'
	'double fault' 'stack segment' 'int3: ' 'invalid opcode: ' 'divide error'
	'Call Trace' 'cut here' 'detected stalls? on' 'self-detected stall'
	'starved for' 'soft lockup' 'hard LOCKUP' 'blocked for more than'
	'hung task' 'hung_task:' 'possible circular' 'possible recursive'
	'inconsistent lock state' 'possible irq lock inversion'
	'suspicious RCU' 'bad unlock balance' 'held lock freed' 'held when returning'
	'sleeping function called' 'scheduling while atomic' 'Voluntary context switch'
	'KASAN' 'KCSAN' 'KFENCE: ' 'KMSAN' 'UBSAN' 'ODEBUG' 'DEBUG_LOCKS_WARN_ON'
	'refcount_t' '[Ll]eaked' 'kmemleak' 'Objects remaining in' 'unregister_netdevice'
	'Bad page ' 'bad page state' 'Bad rss-counter' 'corruption' 'corrupted'
	'usercopy: Kernel memory' 'Out of memory' 'oom-kill' 'nobody cared'
)

# A program that crashes is for the test that ran it to judge: no "segfault" here.

# Lines that hold such a word and mean nothing: the kernel's arguments, what the checkers
# print when they start, and an allocation that a test has made fail, of theirs or of a page
# fault, which is tried again.
HARMLESS=(
	'(Kernel )?[Cc]ommand line: '
	'Unknown kernel command line parameters '
	'kmemleak: (Kernel memory leak detector (initialized|disabled)|Automatic memory scanning thread started)'
	'kmemleak: Cannot allocate a scan area, scanning the full object'
	'Huh VM_FAULT_OOM leaked out to the #PF handler. Retrying PF'
	'kasan: KernelAddressSanitizer initialized'
	'kcsan: (enabled|selftest: )'
	'kfence: initialized'
)

# Taints that loading ipcchan.ko causes: out of tree (12), unsigned (13); and a
# KUnit test (18).
TAINT_ALLOWED=$((1 << 12 | 1 << 13 | 1 << 18))

# splat_scan LOG: prints the first complaint with what follows it and counts the
# others. Returns 1 if there is one.
splat_scan() {
	local hits first total prefix='^[0-9]+ \[ *[0-9.]+\](\[ *[TC][0-9]+\])? '

	hits=$(tr -d '\r' <"$1" | LC_ALL=C grep -nE -f <(printf '%s\n' "${SPLATS[@]}") |
		sed 's/:/ /' | LC_ALL=C grep -vE -f <(printf '%s\n' "${HARMLESS[@]/#/$prefix}"))
	[ -n "$hits" ] || return 0
	first=${hits%% *}
	total=$(wc -l <<<"$hits")
	echo "--- kernel log, line $first and on ($total suspicious lines in all):" >&2
	tr -d '\r' <"$1" | tail -n "+$first" | head -n 40 >&2
	echo "---" >&2
	return 1
}

# splat_int3 LOG: whether the first complaint is of a breakpoint that is not there any more: the
# byte before that of the instruction pointer, in brackets, is none.
splat_int3() {
	local first

	first=$(splat_scan "$1" 2>&1)
	sed -n 2p <<<"$first" | grep -q ' int3: ' &&
		grep -m 1 ' Code: ' <<<"$first" | grep -E ' [0-9a-f]{2} <[0-9a-f]{2}> ' | grep -qv ' cc <'
}

# splat_taint FLAGS: returns 1 if the kernel is tainted by more than the module.
splat_taint() {
	[ $(($1 & ~TAINT_ALLOWED)) -ne 0 ] || return 0
	say "the kernel is tainted ($1): see Documentation/admin-guide/tainted-kernels.rst"
	return 1
}
