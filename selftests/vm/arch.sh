# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
# Sourced by selftests/vm/run: what differs between the architectures of guests.

# arch_choose RELEASE KERNEL_DIR: by the name of the release, which Debian ends with
# it; anything else is a kernel for amd64. Sets QEMU, its MACHINE and CPU, whether
# emulated processors have THREADS of their own, CONSOLE, and TERMINAL with the
# TERMINAL_ARGS that make it; TRIPLET and SYSROOT, where the guest's programs, made
# for the one, have their libraries.
arch_choose() {
	case $1 in
	*-arm64)
		QEMU=${QEMU:-qemu-system-aarch64}
		MACHINE=virt
		# The architecture's own algorithm for signing pointers would take four
		# fifths of the time that system calls take.
		CPU=max,pauth-impdef=on
		# With threads a load-acquire may pass the store-release before it, which the
		# architecture forbids (QEMU 7.2; a ring's peers then both miss the other):
		# 18 of 100 times in a loop made for it. Taking turns they need less time.
		THREADS=single
		CONSOLE=ttyAMA0
		TERMINAL=ttyS0
		TERMINAL_ARGS=(-device "pci-serial,chardev=terminal")
		TRIPLET=aarch64-linux-gnu
		# No such programs are on the host: they come with the kernel.
		SYSROOT=$2
		# KVM is for the host's architecture.
		KVM_DEVICE=''
		;;
	*)
		QEMU=${QEMU:-qemu-system-x86_64}
		MACHINE=pc
		CPU=max
		THREADS=multi
		CONSOLE=ttyS0
		TERMINAL=ttyS1
		TERMINAL_ARGS=(-serial "chardev:terminal")
		TRIPLET=x86_64-linux-gnu
		SYSROOT=''
		# Emulated CPUs have no invariant TSC flag, and the kernel would fall back to
		# the HPET, whose reads are slow and cannot be done in user space.
		KERNEL_ARGS="$KERNEL_ARGS tsc=reliable"
		;;
	esac
	KERNEL_ARGS="console=$CONSOLE $KERNEL_ARGS"
}
