#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The netlink family through the kernel tree's own tool, YNL, by its spec: in a guest that
# has the archive of selftests/vm/ynl.sh as /ynl.tar.
if [ ! -f /ynl.tar ] || [ "$(uname -m)" != x86_64 ]; then
	printf 'TAP version 13\n1..0 # SKIP there is no /ynl.tar that runs here\n'
	exit 4
fi
dir=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d) || exit 1
trap 'umount "$root/dev"; rm -rf "$root"' EXIT
tar -x -f /ynl.tar -C "$root" && mkdir -p "$root/dev" && mount -o bind /dev "$root/dev" &&
	cp "$dir/ynl_test.py" "$dir/ipcchan.yaml" "$root" || exit 1
# In a network namespace of its own there are no channels but its own, and none stays.
unshare -n chroot "$root" /usr/bin/python3 -B /ynl_test.py /ipcchan.yaml
