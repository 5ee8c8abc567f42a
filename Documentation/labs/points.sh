# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Sourced by each lab's check.sh, which runs in the guest: a point is a line of KTAP that
# tells what is there, or what is missing, and why.

cd "$(dirname "$0")" || exit 1
points_n=0
points_failed=0
points_why=$(mktemp)

# mark NAME: whose part of the kernel's log begins here
mark() {
	dmesg -c >/dev/null
	echo "lab: $1" >/dev/kmsg
}

mark "$(basename "$PWD")"
echo "TAP version 13"

# judge STATUS TEXT: one point; STATUS 0 is good, for another $points_why says why
judge() {
	points_n=$((points_n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $points_n - $2"
		return
	fi
	points_failed=1
	echo "not ok $points_n - $2"
	sed 's/^/#   /' "$points_why"
}

# point TEXT COMMAND...: COMMAND tells whether, and says why not
point() {
	points_text=$1
	shift
	"$@" >"$points_why" 2>&1
	judge $? "$points_text"
}

# program COMMAND...: the points of a program, whose lines are "ok - TEXT", or "not ok - TEXT"
# with "# WHY" before it
program() {
	"$@" >/tmp/points 2>&1
	points_status=$?
	: >"$points_why"
	while IFS= read -r points_line; do
		case $points_line in
		"ok - "*) judge 0 "${points_line#ok - }" ;;
		"not ok - "*) judge 1 "${points_line#not ok - }" ;;
		"# "*)
			echo "${points_line#\# }" >>"$points_why"
			continue
			;;
		*) echo "# $points_line" ;;
		esac
		: >"$points_why"
	done </tmp/points
	[ "$points_status" -le 1 ] && return
	echo "its exit status is $points_status" >"$points_why"
	judge 1 "$1 runs to its end"
}

# says SECONDS COMMAND...: prints what COMMAND does, and ends it after this time. Not through a
# pipe, which others that it has started may keep open.
says() {
	timeout "$@" >/tmp/said 2>&1
	[ $? -ne 143 ] || echo "it has not come to its end in $1 s" >>/tmp/said
	cat /tmp/said
}

# log: the kernel's, since the last mark
log() {
	dmesg
}

# same GOT WANTED
same() {
	[ "$1" = "$2" ] && return
	echo "it is \"$1\", not \"$2\""
	return 1
}

# refused TEXT COMMAND...: COMMAND fails, and says TEXT
refused() {
	refused_text=$1
	shift
	if refused_said=$("$@" 2>&1); then
		echo "nothing refuses: $*"
		return 1
	fi
	case $refused_said in
	*"$refused_text"*) return ;;
	esac
	echo "it fails, but not with \"$refused_text\": $refused_said"
	return 1
}

# complains CHECKER SECONDS COMMAND...: whether the kernel does so of what COMMAND does, in at most
# this time
complains() {
	checker=$1
	tries=$(($2 * 5))
	shift 2
	"$@" >/dev/null 2>&1 &
	peer=$!
	# One that has ended has no program any more.
	while [ "$tries" -gt 0 ] && [ -e "/proc/$peer/exe" ]; do
		! log | grep -q "BUG: $checker" || break
		tries=$((tries - 1))
		sleep 0.2
	done
	kill "$peer" 2>/dev/null
	wait "$peer" 2>/dev/null
	log | grep -m 1 "BUG: $checker"
}

# unload MODULE: as soon as all that has just ended is gone
unload() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		rmmod "$1" 2>/tmp/unload && return
		sleep 0.1
	done
	cat /tmp/unload
	return 1
}

# points_end: the plan, and the exit status
points_end() {
	echo "1..$points_n"
	mark end
	exit "$points_failed"
}
