#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Lab 1: where the kernel tells about its modules. Each function prints one word; in the guest,
#	./look.sh size ipcchan
# runs one.

# size MODULE: how many bytes of memory it takes
size() {
	awk -v name="$1" '$1 == name { print $2 }' /proc/modules
}

# users MODULE: how many users keep it from being unloaded
users() {
	awk -v name="$1" '$1 == name { print $3 }' /proc/modules
}

# minor DEVICE: the minor number of a misc device, as "ipcchan"
minor() {
	awk -v name="$1" '$2 == name { print $1 }' /proc/misc
}

# parameter MODULE NAME: the value of its parameter
parameter() {
	cat "/sys/module/$1/parameters/$2"
}

# tainted: "yes" if a module from outside the kernel's tree was ever loaded, or "no"
tainted() {
	if [ $(($(cat /proc/sys/kernel/tainted) >> 12 & 1)) -eq 1 ]; then
		echo yes
	else
		echo no
	fi
}

"$@"
