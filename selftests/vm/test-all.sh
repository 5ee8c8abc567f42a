# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034,SC2016
# Sourced by selftests/vm/test.sh: tests of run-check-all.sh, with parts that only say
# what they are told to, and of run-check-debug.sh and run-kernels.sh, with guests that do.

# mock FILE: one of the tree of these tests; standard input is its text
mock() {
	{ echo '#!/bin/bash' && cat; } >"$tmp/all/selftests/$1"
	chmod +x "$tmp/all/selftests/$1"
}

# all CHECK DEBUG KERNELS: sets status and total, the last line; the three are what
# the parts do
all() {
	mock run-check.sh <<<"$1"
	mock run-check-debug.sh <<<"$2"
	mock run-kernels.sh <<<"$3"
	tool MAKE=true BUILD="$tmp/all/build" "$tmp/all/selftests/run-check-all.sh"
	total=$(tail -n 1 "$tmp/out")
}

# all_signal SIGNAL: sends it when each of the parts runs something. Prints the status,
# and who is alive then.
all_signal() {
	local all pids

	: >"$tmp/pids"
	# What runs in the background without job control does not hear ^C, nor does what
	# it starts.
	set -m
	BUILD=$tmp/all/build MAKE=true env --default-signal=INT \
		"$tmp/all/selftests/run-check-all.sh" >"$tmp/out" 2>"$tmp/err" &
	all=$!
	set +m
	until [ "$(wc -l <"$tmp/pids")" -ge 4 ] || ! kill -0 $all 2>/dev/null; do
		sleep 0.1
	done
	kill -s "$1" $all
	wait $all
	status=$?
	mapfile -t pids < <(xargs -n 1 <"$tmp/pids")
	echo "$status $(alive "${pids[@]}")"
	kill "${pids[@]}" 2>/dev/null
}

test_check_all() {
	local total sleeps good='echo "2 passed, 0 failed, 1 skipped"'

	mkdir -p "$tmp/all/selftests/vm"
	cp "$ROOT/selftests/run-check-all.sh" "$tmp/all/selftests"
	cp "$VM_DIR/common.sh" "$tmp/all/selftests/vm"
	mock vm/kernel.sh <<<'echo /kernels/6.1-amd64'
	mock vm/kernels.sh <<<'[ "$1" = names ] && echo a b || echo "/roots/$2/boot/vmlinuz-$2"'
	mock vm/debug-kernel.sh <<<'exit 0'
	mock vm/install-root.sh <<<'exit 0'
	mock run-install.sh <<<"$good"
	all "$good" "$good" "$good"
	result "all parts pass" "$status $total" = "0 8 passed, 0 failed, 4 skipped"
	all "$good" "echo '1 passed, 2 failed, 0 skipped'; exit 1" "$good"
	result "what fails in one has failed" "$status $total" = "1 7 passed, 2 failed, 3 skipped"
	all "$good" "echo; echo 'Failed (here):'; echo '  a: not ok'; echo 'not ok'
		echo '  no failure'; echo '1 passed, 2 failed, 0 skipped'; exit 1" "$good"
	result "and is repeated before the sum" "$(tail -n 2 "$tmp/out" | head -n 1)" = \
		"check-debug:  a: not ok"
	all "$good" "$good" 'exit 0'
	result "a part without a sum has failed" "$status $total" = "1 6 passed, 1 failed, 3 skipped"
	all "$good; kill -9 \$\$" "$good" "$good"
	result "so has one that was killed" "$status $total" = "1 8 passed, 1 failed, 4 skipped"
	mock vm/kernels.sh <<<'[ "$1" = names ] && echo a || echo /roots/a/boot/vmlinuz-6.1-amd64'
	all "$good" "$good" 'exit 1'
	result "the kernel of check is not run on once more" "$status $total" = \
		"0 6 passed, 0 failed, 3 skipped"
	mock vm/debug-kernel.sh <<<'exit 2'
	all "$good" "$good" "$good"
	result "what cannot be made has failed" "$status $total" = "1 0 passed, 1 failed, 0 skipped"
	mock vm/debug-kernel.sh <<<'exit 0'
	mock vm/install-root.sh <<<'exit 2'
	CORE=1 all "$good" "$good" "$good"
	result "no machine to install on is made for CORE" "$status" = 0
	mock vm/install-root.sh <<<'exit 0'
	mock vm/kernels.sh <<<'[ "$1" = names ] && echo a || echo /roots/a/boot/vmlinuz-a'
	sleeps="sleep 1000 & echo \$! >>'$tmp/pids'; wait"
	for total in check check-debug kernels install; do
		mock "run-$total.sh" <<<"$sleeps"
	done
	result "an interrupted run ends all that it started" "$(all_signal INT)" = "130 "
	result "so does one that is ended" "$(all_signal TERM)" = "143 "
}

# debug_guests COMMANDS: runs run-check-debug.sh, for whose guests these are run
debug_guests() {
	mock vm/run <<<"$1"
	tool CORE='' MAKE=true BUILD="$tmp/all/build" "$tmp/all/selftests/run-check-debug.sh"
	total=$(tail -n 1 "$tmp/out")
}

# debug_signal: ends it when two guests run. Prints who is alive then.
debug_signal() {
	local debug pids

	: >"$tmp/pids"
	mock vm/run <<<"echo \$\$ >>'$tmp/pids'; exec sleep 1000"
	set -m
	MAKE=true BUILD=$tmp/all/build "$tmp/all/selftests/run-check-debug.sh" >"$tmp/out" \
		2>"$tmp/err" &
	debug=$!
	set +m
	until [ "$(wc -l <"$tmp/pids")" -ge 2 ] || ! kill -0 $debug 2>/dev/null; do
		sleep 0.1
	done
	kill -- -$debug
	wait $debug
	mapfile -t pids <"$tmp/pids"
	alive "${pids[@]}"
	kill "${pids[@]}" 2>/dev/null
}

test_check_debug() {
	local total name good='case "$*" in
		*plant:*) sed "s/^/[    1.5] /; s/\$/\r/" >"$6" <<-END
			plant: none
			plant: done
			plant: warning
			WARNING: CPU: 0 at ipcchan_queue_slot
			plant: lock-order
			WARNING: possible circular locking dependency detected
			plant: leak
			kmemleak: 1 new suspected memory leaks
			plant: use-after-free
			BUG: KASAN: use-after-free in ipcchan_recv
			plant: race
			BUG: KCSAN: data-race in ipcchan_queue_wait_room
			END
			exit 125 ;;
		*) printf "## begin a\n1..1\nok 1\n## end a 0\n" ;;
		esac'

	mkdir -p "$tmp/all/selftests/"{vm/fault,fuzz}
	cp "$ROOT"/selftests/{run-check-debug.sh,check-lib.sh,run-ktap.awk} "$tmp/all/selftests"
	cp "$VM_DIR"/{common,splat}.sh "$tmp/all/selftests/vm"
	for name in kasan kcsan; do
		mkdir -p "$tmp/all/k-$name-k/lib/modules/1-$name"
	done
	mock vm/debug-kernel.sh <<<"printf '%s\n' '$tmp/all/k-kasan-k' '$tmp/all/k-kcsan-k'"
	mock vm/mirror.sh <<<'mkdir -p "$1"'
	mock vm/labs.sh <<<'printf "1..1\nok 1\n"'
	mock fuzz/run.sh <<-'EOF'
		if [ "$1 $2" = "--fault bounds" ]; then
			mkdir -p "$6"
			echo "BUG: KASAN: slab-out-of-bounds in ipcchan_ioctl" >"$6/kernel.log"
			echo "not ok 1 - the guest ran to its end and its kernel did not complain"
			echo "# wake on=1 offset=4096"
		else
			for last; do :; done
			printf '## begin %srun\n1..1\nok 1\n## end %srun 0\n' "$last" "$last"
		fi
	EOF
	debug_guests "$good"
	result "all is as it should be on the debug kernels" "$status $total" = \
		"0 21 passed, 0 failed, 0 skipped"
	debug_guests "case \"\$*\" in *plant:*) ;; *1-kasan*) kill -9 \$PPID ;; esac
		$good"
	result "what runs beside the others and is killed has failed" \
		"$status $(has '^  kasan/step: not ok' "$tmp/out")" = "1 yes"
	debug_guests "$(grep -v kmemleak <<<"$good")"
	result "so has a planted fault that nothing reports" \
		"$status $(has '^  plant/leak: not ok' "$tmp/out")" = "1 yes"
	debug_guests "${good/exit 125/exit 0}"
	result "so has a guest that the complaints do not end as failed" \
		"$status $(has '^  plants-kasan: not ok' "$tmp/out")" = "1 yes"
	debug_guests "${good/plant: done/WARNING: more}"
	result "so have the commands when they fail without a fault" \
		"$status $(has '^  plant/none-kasan: not ok' "$tmp/out")" = "1 yes"
	result "when it is ended, so is what runs beside the others" "$(debug_signal)" = ""
}

# The programs are in build/ for one kernel, and elsewhere for that of another architecture.
test_run_kernels() {
	local build=$tmp/all/build all='9 passed, 0 failed, 0 skipped'
	local theirs='BUILD=other .*ipcchan:/selftests --add [^ ]*/other/selftests/host:/selftests/host '

	mkdir -p "$tmp/all/selftests/vm"
	cp "$ROOT"/selftests/{run-kernels.sh,check-lib.sh,run-ktap.awk} "$tmp/all/selftests"
	cp "$VM_DIR/common.sh" "$tmp/all/selftests/vm"
	mock vm/kernels.sh <<-EOF
		case \$1 in
		cpus) echo 2 ;;
		image) echo /roots/boot/vmlinuz-\$2 ;;
		arch) echo \$2 ;;
		module) echo /modules/\$2 ;;
		programs) [ \$2 = ours ] && echo "$build" || echo "$build/\$2" ;;
		esac
	EOF
	stub make <<-'EOF'
		case "$*" in
		*/ipcchan*) echo "0:${*##* }-msg" ;;
		*/host*) echo "${*##* }-ring" ;;
		esac
	EOF
	mock vm/run <<-'EOF'
		echo "$*" | sed "s/.*--module/BUILD=${BUILD##*/}/" >&2
		for name; do
			case $name in
			*emit_*) printf '## begin %s\n1..1\nok 1\n## end %s 0\n' "$name" "$name" ;;
			esac
		done
	EOF
	tool BUILD="$build" CORE=1 MAKE=make "$tmp/all/selftests/run-kernels.sh" ours other
	result "all kernels are run on" "$status $(tail -n 1 "$tmp/out")" = "0 $all"
	result "the tests of rings run on another architecture" \
		"$(has "$theirs.* emit_core_tests-msg host/emit_core_tests-ring$" \
			"$build/check-kernels/other-2.err")" = yes
	result "and on this one they do not" "$(grep -c host "$build/check-kernels/ours-2.err")" = 0
	mock vm/run <<-EOF
		printf '## begin a\n1..1\nok 1\n## end a 0\n'
		echo tried >>'$tmp/tries'
		[ "\$(wc -l <'$tmp/tries')" -gt 1 ] || exit 123
	EOF
	: >"$tmp/tries"
	tool BUILD="$build" MAKE=make "$tmp/all/selftests/run-kernels.sh" ours
	result "what the emulator has ended is run again, and counted once" \
		"$status $(wc -l <"$tmp/tries") $(tail -n 1 "$tmp/out")" = \
		"0 2 4 passed, 0 failed, 0 skipped"
	mock vm/run <<-EOF
		printf '## begin a\n1..1\nnot ok 1\n## end a 1\n'
		echo tried >>'$tmp/tries'
		exit 123
	EOF
	: >"$tmp/tries"
	tool BUILD="$build" MAKE=make "$tmp/all/selftests/run-kernels.sh" ours
	result "not if something has failed before" "$status $(wc -l <"$tmp/tries")" = "1 1"
	mock vm/run <<<"echo tried >>'$tmp/tries'; exit 123"
	: >"$tmp/tries"
	tool BUILD="$build" MAKE=make "$tmp/all/selftests/run-kernels.sh" ours
	result "and has failed if it ends so again" "$status $(wc -l <"$tmp/tries")" = "1 2"
	rm -r "${tmp:?}/bin"
}
