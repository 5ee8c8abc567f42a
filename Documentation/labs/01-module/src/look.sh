#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Lab 1: where the kernel tells about its modules. Each function prints one word; in the guest,
#	./look.sh size ipcchan
# runs one.

# size MODULE: how many bytes of memory it takes
size() {
	: # TODO 5: /proc/modules
}

# users MODULE: how many users keep it from being unloaded
users() {
	: # TODO 6
}

# minor DEVICE: the minor number of a misc device, as "ipcchan"
minor() {
	: # TODO 7: /proc/misc
}

# parameter MODULE NAME: the value of its parameter
parameter() {
	: # TODO 8: /sys/module
}

# tainted: "yes" if a module from outside the kernel's tree was ever loaded, or "no"
tainted() {
	: # TODO 9: /proc/sys/kernel/tainted, a number in which this is the bit 12
}

"$@"
