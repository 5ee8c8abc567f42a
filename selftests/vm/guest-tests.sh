#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# guest-tests.sh PREFIX SECONDS PROGRAM...: in the guest, runs each test program
# of this folder as a process of its own and records it for run-ktap.awk.
prefix=$1
seconds=$2
shift 2
cd "$(dirname "$0")" || exit 1

echo "## expect $(printf "$prefix%s " "$@")"
for program in "$@"; do
	echo "## begin $prefix$program"
	timeout -k 5 "$seconds" "./$program"
	printf '\n## end %s%s %d\n' "$prefix" "$program" $?
done
