#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# docs_session.sh FILE: runs the commands that docs.awk has found, one after the other in one
# shell, and compares what they print with what is shown, or if nothing is, with docs.expect.
# What is in neither prints nothing.  What fails is told.  Needs root, ipcchan in PATH and a
# folder of its own to run in; busybox will do.
file=$1
here=$(cd "$(dirname "$0")" && pwd)
failed=0
shown=
cmd=

# The benchmark of everything takes minutes, and hours without hardware support; not all claims
# can be tried here.
# shellcheck disable=SC2317,SC2329 # by eval
ipcchan() {
	case "$1 $2" in
	"bench --html")
		set -- "$@" --quick --transports ipcchan-copy,pipe --workloads pingpong \
			--placement same --duration 0.01
		;;
	"claims ") set -- claims 10 11 12 ;;
	esac
	command ipcchan "$@"
}

# What differs from run to run, and how wide a column is.
normal() {
	sed 's/[ \t][ \t]*/ /g; s/ $//; s/pid=[0-9]*/pid=N/g
		s/^ \(<-\|->\|<>\) [0-9]*/ \1 N/' "$@"
}

# expected: the pattern for what $cmd prints
expected() {
	cmd="$ $cmd" awk '/^\$ / { on = $0 == ENVIRON["cmd"]; next } on' "$here/docs.expect"
}

# right: what is printed is what is shown, or else like what is expected
right() {
	out=$(normal out)
	if [ -n "$shown" ]; then
		[ "$out" = "$want" ]
		return
	fi
	# shellcheck disable=SC2254 # it is a pattern
	case $out in
	$want) return 0 ;;
	esac
	return 1
}

# printed: it is, by then or within 10 s, for it may be another's
printed() {
	tries=100
	until right; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

# good STATUS: where an error is shown it is not 0
good() {
	case $shown in
	"ipcchan "*": "*) [ "$1" -ne 0 ] ;;
	*) [ "$1" -eq 0 ] ;;
	esac
}

step() {
	[ -n "$cmd" ] || return
	: >out
	eval "$cmd" >>out 2>&1 </dev/null
	status=$?
	if [ -n "$shown" ]; then
		want=$(printf '%s' "$shown" | normal)
	else
		want=$(expected)
	fi
	if ! good "$status" || ! printed; then
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
		cmd=${line#"$ "} shown=
		;;
	*) shown=$shown${shown:+$nl}$line ;;
	esac
done <"$file"
step
for job in $(jobs -p); do
	kill "$job" 2>/dev/null
done
exit "$failed"
