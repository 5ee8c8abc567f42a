#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Unloading the module: refused while anything of it is held, accepted after,
# and nothing is left of it then; loading it with a mode for its device. Needs the
# module loaded and unused; leaves it loaded. IPCCHAN_KO is its file.

dir=$(dirname "$0")
hold=$dir/unload_hold
ko=${IPCCHAN_KO:-/vm/ipcchan.ko}
count=0
failed=0
TESTS=18

# The program's own exit of 4 says that there is no module.
skip() {
	echo "TAP version 13"
	echo "1..1"
	echo "ok 1 - unload_test # SKIP $*"
	exit 4
}

[ "$(id -u)" -eq 0 ] || skip "must be root to unload a module"
[ -c /dev/ipcchan ] || skip "no /dev/ipcchan: load the module"
[ -e "$ko" ] || skip "no $ko to load again: set IPCCHAN_KO"

work=$(mktemp -d) || exit 1
# shellcheck disable=SC2317  # called by the trap
finish() {
	exec 3>&- 4>&-
	[ -z "${holder-}" ] || kill "$holder" 2>/dev/null
	rm -rf "$work"
	[ -c /dev/ipcchan ] || insmod "$ko"
}
trap finish EXIT

# result STATUS NAME
result() {
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=1
	fi
}

# refused NAME: rmmod must fail because the module is in use, and change nothing
refused() {
	if rmmod ipcchan 2>"$work/error"; then
		echo "# unloaded although in use"
		insmod "$ko"
		result 1 "$1"
		return
	fi
	if ! grep -Eq 'in use|busy|temporarily unavailable' "$work/error"; then
		sed 's/^/# /' "$work/error"
		result 1 "$1"
		return
	fi
	[ -c /dev/ipcchan ] && "$hold" family
	result $? "$1"
}

# accepted NAME: rmmod must succeed; the module is loaded again for the next
accepted() {
	if ! rmmod ipcchan 2>"$work/error"; then
		sed 's/^/# /' "$work/error"
		echo "# $(grep ^ipcchan /proc/modules)"
		result 1 "$1"
		return
	fi
	insmod "$ko"
	result $? "$1"
}

# traces: what of the module can be seen, one a line. Without a module the
# helper skips with status 4; ending with 1 it has found no family.
traces() {
	[ ! -e /dev/ipcchan ] || echo /dev/ipcchan
	[ ! -e /sys/module/ipcchan ] || echo /sys/module/ipcchan
	[ ! -e /sys/class/misc/ipcchan ] || echo /sys/class/misc/ipcchan
	[ ! -e /sys/kernel/debug/ipcchan ] || echo /sys/kernel/debug/ipcchan
	grep -o '^ipcchan' /proc/modules
	sed -n 's/^.* \(ipcchan\)$/\1 (misc)/p' /proc/misc
	grep -o '^ipcchan[^ ]*' /proc/slabinfo
	# The kernel leaves links behind that lead nowhere.
	find -L /sys/kernel/slab -maxdepth 1 -name 'ipcchan*' ! -type l 2>/dev/null
	grep -o '\[ipcchan\]' /proc/kallsyms | sort -u
}

# start_hold WHAT: run the helper until stop_hold
start_hold() {
	rm -f "$work/in" "$work/out"
	mkfifo "$work/in" "$work/out"
	"$hold" "$1" <"$work/in" >"$work/out" &
	holder=$!
	exec 4>"$work/in"
	read -r answer <"$work/out"
	[ "$answer" = held ]
}

stop_hold() {
	exec 4>&-
	wait "$holder"
	holder=
}

echo "TAP version 13"
echo "1..$TESTS"

accepted "unload of an unused module"

exec 3<>/dev/ipcchan
refused "refused while a descriptor is open, not even attached"
exec 3>&-
accepted "accepted once it is closed"

start_hold map
refused "refused while only a mapping is left"
stop_hold
accepted "accepted once it is gone"

start_hold flight
refused "refused while a descriptor is only in a socket's queue"
stop_hold
accepted "accepted once the socket is closed"

if exec 3</sys/kernel/debug/ipcchan/state; then
	refused "refused while the state is being read"
	exec 3<&-
	accepted "accepted once it is closed"
else
	result 0 "no debugfs to read the state in # SKIP"
	result 0 "no debugfs to close it in # SKIP"
fi 2>/dev/null

echo kept >/dev/ipcchan
refused "refused while a message is queued and nothing is open"
[ "$(timeout 10 head -c 5 /dev/ipcchan)" = kept ]
result $? "the message is still there"
accepted "accepted once it is received"

"$hold" create empty-one && "$hold" create empty-two
accepted "accepted with empty named channels"

traces >"$work/before"
"$hold" family || echo "no family" >>"$work/before"
rmmod ipcchan
traces >"$work/after"
[ "$(wc -l <"$work/before")" -ge 7 ] && ! grep -q "no family" "$work/before" &&
	[ ! -s "$work/after" ]
status=$?
[ $status -eq 0 ] || sed 's/^/# loaded: /' "$work/before"
sed 's/^/# left behind: /' "$work/after"
result $status "nothing of it is left behind"

insmod "$ko" && [ -c /dev/ipcchan ] && echo again >/dev/ipcchan &&
	[ "$(timeout 10 head -c 6 /dev/ipcchan)" = again ] && "$hold" unlink default
result $? "loaded again it works"

# made MODE: the device has it, and the parameter says so
made() {
	[ "$(cat /sys/module/ipcchan/parameters/dev_mode)" = "$1" ] &&
		[ "$(stat -c %a /dev/ipcchan)" = "${1#0}" ]
}

made 0666 && rmmod ipcchan && insmod "$ko" dev_mode=640 && made 0640
result $? "dev_mode is the mode of the device, 0666 if nothing is said"
! echo 0666 2>/dev/null >/sys/module/ipcchan/parameters/dev_mode && made 0640
result $? "it stays while the module is loaded"
rmmod ipcchan
for mode in '' 0 1777 068 rw; do
	! insmod "$ko" dev_mode=$mode 2>/dev/null || { echo "# $mode is taken" && rmmod ipcchan; }
done >"$work/taken"
cat "$work/taken"
insmod "$ko" && [ ! -s "$work/taken" ] && made 0666
result $? "a mode that is none is refused, and the module not loaded"

[ $count -eq $TESTS ] || failed=1
exit $failed
