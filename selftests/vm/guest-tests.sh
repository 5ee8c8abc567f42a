#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# guest-tests.sh PREFIX SECONDS PROGRAM...: in the guest, runs each test program
# of this folder as a process of its own and records it, with the seconds that it
# took, for run-ktap.awk.
prefix=$1
seconds=$2
shift 2
cd "$(dirname "$0")" || exit 1

echo "## expect $(printf "$prefix%s " "$@")"
for program in "$@"; do
	echo "## begin $prefix$program"
	read -r start _ </proc/uptime
	timeout -k 5 "$seconds" "./$program"
	status=$?
	read -r end _ </proc/uptime
	took=$((${end%.*} - ${start%.*}))
	[ "$took" -lt "$seconds" ] || echo "# it was ended after $seconds s"
	printf '\n## end %s%s %d %d\n' "$prefix" "$program" "$status" "$took"
done
