#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs a command while nobody else works in build/.
set -eu
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

if [ $# -lt 2 ]; then
	echo "Usage: lock.sh TARGET COMMAND [ARGUMENT]..."
	echo "Waits for other commands under the lock of build/, saying for whom, and runs"
	echo "COMMAND under it, as \"make TARGET\"."
	[ "${1-}" = --help ] && exit 0
	exit 1
fi

target=$1
shift
lock=$BUILD/lock
while :; do
	mkdir -p "$BUILD"
	exec {fd}>>"$lock"
	if ! flock -n "$fd"; then
		holder=$(cat "$lock" 2>/dev/null) || true
		say "waiting for ${holder:-another run}, which works in $BUILD too"
		flock "$fd"
	fi
	# Somebody may have removed build/ meanwhile: the lock on it is then
	# none for those who come later.
	[ "$lock" -ef "/proc/$$/fd/$fd" ] && break
	exec {fd}>&-
done
echo "make $target (process $$)" >"$lock"
# What is started has the lock, too, until the last of it has ended.
exec "$@"
