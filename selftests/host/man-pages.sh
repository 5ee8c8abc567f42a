#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The reference agrees with the headers and the module: manual pages of the library, the device
# and the concepts, Documentation/ABI and Documentation/userspace-api.  cli-man.sh has those of
# the command.

# the helpers want a command to test; this test runs none
IPCCHAN=$(command -v sh)
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

# Debian's, whatever else is called python3
python=/usr/bin/python3
man=$root/Documentation/man

# differences ROOT CHECK: sets err
differences() {
	out='' err=$("$python" "$root/selftests/host/man_pages.py" "$1" "$2" 2>&1)
}

agrees() {
	differences "$root" "$1"
	[ -z "$err" ]
	ok $? "$2"
}

agrees functions "each public function has a page, with its prototype"
agrees pages "each page of section 3 is of such, and whole"
agrees links "each page that is referred to is there"
agrees errors "errors of functions: as the headers have them"
agrees ioctls "ioctls, their structures and errors, and constants: likewise"
agrees netlink "generic netlink: commands, attributes and events"
agrees parameters "parameters of the module, and their defaults"
agrees abi "Documentation/ABI: whole, with each key of fdinfo"
agrees rst "userspace-api: each structure of the headers"

pages=$(grep -L '^\.so ' "$man"/man*/*)
if command -v groff >/dev/null; then
	# shellcheck disable=SC2086 # there are no blanks in these paths
	out='' err=$(groff -man -ww -Tutf8 -z $pages 2>&1)
	[ -z "$err" ]
	ok $? "all pages format without a warning"
else
	skip "all pages format without a warning" "no groff"
fi
if command -v mandoc >/dev/null; then
	# shellcheck disable=SC2086
	out='' err=$(mandoc -T lint -W warning $pages 2>&1)
	[ -z "$err" ]
	ok $? "mandoc finds nothing wrong with them"
else
	skip "mandoc finds nothing wrong with them" "no mandoc"
fi

# It would be seen if it did not agree.
copy() {
	rm -rf "$tmp/root"
	mkdir -p "$tmp/root/user" "$tmp/root/include"
	cp -r "$root/Documentation" "$root/kmod" "$tmp/root"
	cp -r "$root/user/lib" "$tmp/root/user"
	cp -r "$root/include/uapi" "$tmp/root/include"
}

# seen CHECK FILE SED TEXT NAME: another one is found
seen() {
	copy
	sed -i "$3" "$tmp/root/$2"
	! cmp -s "$root/$2" "$tmp/root/$2" && differences "$tmp/root" "$1" && has "$err" "$4"
	ok $? "another $5 is found"
}

seen functions user/lib/ipcchan.h 's/int ipcchan_unlink(const char \*name)/int ipcchan_unlink(char *name)/' \
	"ipcchan_unlink(): not in SYNOPSIS" prototype
seen errors user/lib/ipcchan/ring.h 's/-EPROTO (not a ring, other/-ENOMSG (not a ring, other/' \
	"EPROTO is not in the header" error
seen ioctls include/uapi/linux/ipcchan_buf.h 's/__u32 min_len;/__u64 min_len;/' \
	"struct ipcchan_pool differs" structure
seen ioctls include/uapi/linux/ipcchan.h 's/EINTR, ENOMEM, EMFILE, EPIPE/EINTR, ENOSPC, EMFILE, EPIPE/' \
	"IPCCHAN_IOC_SEND and IPCCHAN_IOC_RECV: ENOMEM" "error of an ioctl"
seen parameters kmod/account.c 's/\[IPCCHAN_ITEM_FDS\] = 1024,/[IPCCHAN_ITEM_FDS] = 512,/' \
	"user_fds, and 512" default
seen parameters kmod/device.c 's/^\t\.mode = 0666,/\t.mode = 0600,/' "dev_mode, and 0600" mode

done_testing
