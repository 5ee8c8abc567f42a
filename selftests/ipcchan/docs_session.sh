#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# docs_session.sh FILE: runs the commands that docs.awk has found, one after the other in one
# shell, and compares what they print where something is shown.  What fails is told.  Needs
# root, ipcchan in PATH and a folder of its own to run in; busybox will do.
file=$1
failed=0
want=
cmd=

# The benchmark of everything takes minutes, and hours without hardware support.
# shellcheck disable=SC2317,SC2329 # by eval
ipcchan() {
	case "$1 $2" in
	"bench --html")
		set -- "$@" --quick --transports ipcchan-copy,pipe --placement same --duration 0.01
		;;
	esac
	command ipcchan "$@"
}

# What differs from run to run, and how wide a column is.
normal() {
	sed 's/[ \t][ \t]*/ /g; s/ $//; s/pid=[0-9]*/pid=N/g
		s/^ \(<-\|->\|<>\) [0-9]*/ \1 N/' "$@"
}

# absent COMMAND: needs a program that this machine does not have; no others are left out
absent() {
	for program in make git jq sudo; do
		case " $1" in
		*" $program "*) command -v "$program" >/dev/null || return 0 ;;
		esac
	done
	return 1
}

# printed: what is shown has been printed, by then or within 10 s, for it may be another's
printed() {
	tries=100
	until [ "$(normal out)" = "$want" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

# good STATUS: where an error is shown it is not 0
good() {
	case $want in
	"ipcchan "*": "*) [ "$1" -ne 0 ] ;;
	*) [ "$1" -eq 0 ] ;;
	esac
}

step() {
	[ -n "$cmd" ] || return
	if absent "$cmd"; then
		echo "# not run: $cmd"
		return
	fi
	: >out
	eval "$cmd" >>out 2>&1 </dev/null
	status=$?
	want=$(printf '%s' "$want" | normal)
	if ! good "$status" || ! { [ -z "$want" ] || printed; }; then
		echo "# $file: $cmd"
		echo "# status $status, printed:"
		sed 's/^/#   /' out
		failed=1
	fi
}

nl='
'
while IFS= read -r line; do
	case $line in
	"$ "*)
		step
		cmd=${line#"$ "} want=
		;;
	*) want=$want${want:+$nl}$line ;;
	esac
done <"$file"
step
for job in $(jobs -p); do
	kill "$job" 2>/dev/null
done
exit "$failed"
