# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# Sourced by selftests/vm/run: starts the machine, and sees that it comes up.

BOOT_SECONDS=${BOOT_SECONDS:-120}

# came_up: whether /init runs. The kernel says so, unless --append makes it quiet.
came_up() {
	grep -qs 'Run .* as init process' "$run/kernel.log" || [ -e "$run/host/up" ]
}

# wait_for_init: until then, or the end of the machine, or the time is over, which
# ends the machine and sets hung.
wait_for_init() {
	local end=$((SECONDS + BOOT_SECONDS))

	while ! came_up && kill -0 "$pid" 2>/dev/null; do
		if [ "$SECONDS" -ge "$end" ]; then
			hung=1
			kill "$pid"
			return
		fi
		sleep 0.2
	done
}

# start_machine: the command's output live on stdout. Sets vm_status, and hung.
start_machine() {
	hung=''
	: >"$run/kernel.log"
	: >"$run/host/output"
	rm -f "$run"/host/{up,status,tainted}
	"${limit[@]}" "${qemu[@]}" </dev/null >"$run/qemu.log" 2>&1 &
	pid=$!
	tail -s 0.1 -c +1 -f --pid=$pid "$run/host/output" &
	# gdb may hold a machine for as long as it likes.
	[ -n "$gdb" ] || wait_for_init
	wait "$pid"
	vm_status=$?
	pid=
	wait
}

# Runs the machine. An emulated one hangs now and then before there is anything of
# ours in it: it gets a second chance, unless its kernel complained.
boot() {
	local limit=() last

	# A shell has to stay in the foreground, or it may not use its terminal.
	[ -z "$timeout" ] || limit=(timeout ${shell:+--foreground} -k 5 "$timeout")
	if [ -n "$shell" ]; then
		say "booting $release; leave the shell with \"exit\""
		"${limit[@]}" "${qemu[@]}" 2>"$run/qemu.log"
		vm_status=$?
		return
	fi
	start_machine
	if [ -n "$hung" ] && splat_scan "$run/kernel.log" 2>/dev/null; then
		last=$(tail -n 1 "$run/kernel.log" | tr -d '\r')
		say "the machine has not come up in $BOOT_SECONDS s; booting it once more." \
			"Its log ended with: ${last:-nothing}"
		start_machine
	fi
}
