#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# In the guest: the points of lab 1
# Functions are called through point.
# shellcheck disable=SC2317
# shellcheck source=Documentation/labs/points.sh
. "$(dirname "$0")/points.sh"

# logged TEXT: it is the last that lab1 has said
logged() {
	same "$(log | sed -n 's/.*\(lab1: \)/\1/p' | tail -n 1)" "$1"
}

# level MODE VALUE: of the parameter's file
level() {
	file=/sys/module/lab1/parameters/level

	[ -e "$file" ] || { echo "there is no $file" && return 1; }
	same "$(stat -c %a "$file") $(cat "$file")" "$1 $2"
}

# column N: of what /proc/modules has of ipcchan
column() {
	awk -v n="$1" '$1 == "ipcchan" { print $n }' /proc/modules
}

# look WANTED FUNCTION [ARGUMENT]...: what look.sh prints
look() {
	wanted=$1
	shift
	same "$(./look.sh "$@" 2>&1)" "$wanted"
}

# Before lab1: what is loaded first is the one that taints.
insmod ipcchan.ko
point "the module can be loaded" insmod lab1.ko
point "it says so, and its level" logged "lab1: loaded, level 3"
point "the level is a parameter that can be read, and only read" level 444 3
point "the module can be unloaded" unload lab1
point "it says so" logged "lab1: unloaded"
insmod lab1.ko level=10
point "a level that is given counts" logged "lab1: loaded, level 10"
rmmod lab1
point "a level of 11 is refused" refused "nvalid argument" insmod lab1.ko level=11
rmmod lab1 2>/dev/null

point "size" look "$(column 2)" size ipcchan
exec 3<>/dev/ipcchan 4<>/dev/ipcchan
point "users, of which an open descriptor is one" look "$(column 3)" users ipcchan
exec 3>&- 4>&-
point "minor" look "$(printf %d "0x$(stat -c %T /dev/ipcchan)")" minor ipcchan
point "parameter" look "$(cat /sys/module/ipcchan/parameters/user_msgs)" \
	parameter ipcchan user_msgs
point "tainted" look yes tainted
point "nothing is lost: a module with a message in it stays" \
	refused "temporarily unavailable" sh -c 'echo hi >/dev/ipcchan && rmmod ipcchan'
head -n 1 /dev/ipcchan >/dev/null
rmmod ipcchan
points_end
