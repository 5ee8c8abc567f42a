#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The Python binding: in a guest that has the archive of selftests/vm/ynl.sh, which has Python,
# as /ynl.tar.
if [ ! -f /ynl.tar ] || [ "$(uname -m)" != x86_64 ]; then
	printf 'TAP version 13\n1..0 # SKIP there is no /ynl.tar that runs here\n'
	exit 4
fi
dir=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d) || exit 1
trap 'umount "$root/dev" "$root/proc"; rm -rf "$root"' EXIT
tar -x -f /ynl.tar -C "$root" && mkdir -p "$root/dev" "$root/proc" &&
	mount -o bind /dev "$root/dev" && mount -t proc proc "$root/proc" &&
	cp "$dir"/python_*.py "$dir/ipcchan.py" "$dir/echo.py" "$dir/libipcchan.so.1" "$root" || exit 1
IPCCHAN_LIBRARY=/libipcchan.so.1 chroot "$root" /usr/bin/python3 -B /python_test.py
