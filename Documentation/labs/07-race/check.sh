#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# In the guest: the points of lab 7, of its program on a kernel as it is, of its module on one
# that finds races, and on one that finds what is wrong with memory
# Functions are called through point.
# shellcheck disable=SC2317
# shellcheck source=Documentation/labs/points.sh
. "$(dirname "$0")/points.sh"

# wrong WAY WHAT: race has found an error
wrong() {
	said=$(says 60 ./race "$1" "$2")
	case $said in
	[1-9]*" are wrong") return ;;
	esac
	echo "$said"
	return 1
}

# right WAY WHAT: it has looked and found none
right() {
	said=$(says 60 ./race "$1" "$2")
	case $said in
	"0 of "[1-9]*" are wrong") return ;;
	esac
	echo "$said"
	return 1
}

# kept TEXT: a read gives what was written
kept() {
	echo "$1" >/dev/lab7 && same "$(cat /dev/lab7)" "$1"
}

# quiet CHECKER WRITERS TIMES: of so many writers and two readers, each so often, ten times. They
# come to an end by themselves: where all takes longer, so do they.
quiet() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		./check "$2" 2 "$3"
		status=$?
		! log | grep -m 1 "BUG: $1" || return 1
		[ "$status" -eq 0 ] || {
			echo "a read or a write has failed"
			return 1
		}
	done
}

case $(uname -r) in
*-kcsan)
	point "the module can be loaded" insmod lab7.ko
	./debug-races.sh lab7 || exit
	# It watches one access in so many, in the whole kernel, and for so many microseconds.
	echo 100 >/sys/module/kcsan/parameters/skip_watch
	echo 300 >/sys/module/kcsan/parameters/udelay_task
	point "what is written can be read" kept "a record"
	point "KCSAN finds no race of a writer and two readers" quiet KCSAN 1 500
	;;
*-kasan)
	point "the module can be loaded" insmod lab7.ko
	point "what is written can be read" kept "a record"
	point "KASAN finds nothing wrong of two writers and two readers" quiet KASAN 2 1000
	;;
*)
	insmod ipcchan.ko
	point "without synchronisation the first read comes too early" wrong none first
	point "without synchronisation reads are torn" wrong none torn
	point "without synchronisation updates are lost" wrong none lost
	for way in sem chan; do
		point "$way: the first read waits for its record" right "$way" first
		point "$way: no read is torn" right "$way" torn
		point "$way: no update is lost" right "$way" lost
	done
	rmmod ipcchan
	points_end
	;;
esac
point "the module can be unloaded" unload lab7
points_end
