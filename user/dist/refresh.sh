#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# refresh.sh [SYSUSERS-FILE]: tells the running system of files that were installed or
# removed below its root, as the scripts of the packages do, and their triggers, ldconfig's.
set -eu

if [ "$(id -u)" -ne 0 ]; then
	echo "Without root neither the group is made, nor are udev and the linker told."
	exit
fi

have() {
	command -v "$1" >/dev/null
}

if [ $# -gt 0 ]; then
	if have systemd-sysusers; then
		systemd-sysusers "$1"
	else
		getent group ipcchan >/dev/null || groupadd --system ipcchan
	fi
fi
ldconfig
# No udev runs in a container.
if have udevadm && [ -e /run/udev/control ]; then
	udevadm control --reload
	udevadm trigger --action=change --subsystem-match=misc --sysname-match=ipcchan
fi
[ $# -eq 0 ] || echo 'Now "modprobe ipcchan" loads the module, and "usermod -aG ipcchan NAME"' \
	'lets NAME use it.'
