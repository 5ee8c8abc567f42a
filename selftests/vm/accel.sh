# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# Sourced by selftests/vm/run: KVM, or emulation (TCG), and its arguments.

KVM_DEVICE=${KVM_DEVICE:-/dev/kvm}
KVM_PROBE_SECONDS=${KVM_PROBE_SECONDS:-20}
KVM_AGAIN_HOURS=24

# cryptomgr.notests: a kernel thread would test ciphers for some time after boot,
# and take every other tick of what is measured.
KERNEL_ARGS="panic=-1 oops=panic nokaslr cryptomgr.notests"

# kvm_probe: boots this kernel under KVM for as long as the answer may take, and
# prints the answer: "kvm" or "tcg". A /dev/kvm that opens and then
# hangs or aborts the guest is common where the host is itself a guest.
kvm_probe() {
	local log=$run/probe.log status

	: >"$log"
	timeout -k 2 "$KVM_PROBE_SECONDS" "$QEMU" -accel kvm -cpu host -M pc -nodefaults \
		-no-user-config -display none -no-reboot -m 512 -smp 2 \
		-kernel "$image" -initrd "$base" -serial "file:$log" \
		-append "$KERNEL_ARGS vm.probe" </dev/null >/dev/null 2>"$run/probe.err"
	status=$?
	if grep -q '^vm: this kernel boots' "$log"; then
		echo kvm
		return
	fi
	echo tcg
	if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
		say "it hangs; emulating the processor, and trying again in $KVM_AGAIN_HOURS hours"
	else
		say "it does not; emulating the processor, and trying again in $KVM_AGAIN_HOURS" \
			"hours. $(head -n 1 "$run/probe.err")"
	fi
}

# kvm_known FILE: whether the answer in there still holds. That it does not boot may
# have been the fault of a busy host, or of settings that somebody changes.
kvm_known() {
	case $(cat "$1" 2>/dev/null) in
	kvm) return 0 ;;
	"") return 1 ;;
	*) [ -z "$(find "$1" -mmin "+$((60 * KVM_AGAIN_HOURS))")" ] ;;
	esac
}

# Sets accel to kvm or tcg. The answer holds for one host kernel, QEMU and
# guest kernel, and is remembered.
accel_choose() {
	local key known

	accel=tcg
	[ -z "$icount" ] || return 0
	[ -r "$KVM_DEVICE" ] && [ -w "$KVM_DEVICE" ] || return 0
	key=$({ uname -r -v && "$QEMU" --version && echo "$KVM_DEVICE" "$image"; } |
		sha256sum | cut -c 1-16)
	known=$CACHE/kvm/$key
	if ! kvm_known "$known"; then
		say "trying whether this kernel boots under KVM"
		mkdir -p "$CACHE/kvm"
		# In a subshell, with what bash says of a QEMU that aborts.
		accel=$(kvm_probe)
		echo "$accel" >"$known"
	fi
	read -r accel <"$known"
}

# accel_stale: whether an emulated processor may run code that another has just replaced, as
# tracepoints do: its translation is not dropped if it is being made at that time. Kernels that
# patch themselves then fall over a breakpoint that is not there any more. Mended in QEMU 8.1.
accel_stale() {
	local major minor

	[ "$accel" = tcg ] && [ "$cpus" -gt 1 ] && [ "$THREADS" = multi ] || return 1
	IFS=' .' read -r _ _ _ major minor _ < <("$QEMU" --version)
	[ "$major" -lt 8 ] || { [ "$major" -eq 8 ] && [ "$minor" -lt 1 ]; }
}

# Sets ACCEL, QEMU's arguments.
accel_args() {
	if [ -n "$icount" ]; then
		# What the boot leaves to do is done before the command; idle time
		# passes at once here.
		# Nothing differs from boot to boot that need not: random numbers,
		# addresses, the time of day.
		KERNEL_ARGS="$KERNEL_ARGS vm.settle=3 norandmaps"
		ACCEL=(-accel tcg -icount "shift=0,sleep=off" -cpu "$CPU"
			-seed 1 -rtc "base=2024-01-01,clock=vm")
	elif [ "$accel" = kvm ]; then
		ACCEL=(-accel kvm -cpu host)
	elif [ "$cpus" -gt 1 ]; then
		ACCEL=(-accel "tcg,thread=$THREADS" -cpu "$CPU")
	else
		ACCEL=(-accel tcg -cpu "$CPU")
	fi
}
