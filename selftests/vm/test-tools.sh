# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# Sourced by selftests/vm/test.sh: tests of the scripts around the guest. None
# boots one or installs anything.

# tool COMMAND...: sets status, leaves output in $tmp/out and $tmp/err. The
# programs of stub stand before all others.
tool() {
	PATH=$tmp/bin:$PATH env "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
}

# stub NAME: a program for tool; standard input is its text
stub() {
	mkdir -p "$tmp/bin"
	{ echo '#!/bin/sh' && cat; } >"$tmp/bin/$1"
	chmod +x "$tmp/bin/$1"
}

# common COMMAND: a line of bash with common.sh before it
common() {
	tool "${@:1:$#-1}" bash -c "set -u; . '$VM_DIR/common.sh'; ${*: -1}"
}

test_release() {
	local ours make=${MAKE:-make}

	ours=$("$VM_DIR/kernel.sh" release)
	stub dpkg-query <<<'echo linux-headers-9.9.9-amd64'
	tool KREL= "$VM_DIR/kernel.sh" release
	result "the kernel is that of the headers" "$status $(cat "$tmp/out")" = "0 9.9.9-amd64"
	tool KREL="$ours" "$VM_DIR/kernel.sh" release
	result "KREL chooses another" "$status $(cat "$tmp/out")" = "0 $ours"
	tool KREL=8.8.8-amd64 "$VM_DIR/kernel.sh" image
	result "a KREL without headers is an error" \
		"$status $(has 'install .*linux-headers-8.8.8-amd64' "$tmp/err")" = "2 yes"
	tool KREL=8.8.8-amd64 "$RUN" --no-module true
	result "the guest is that of KREL" "$status $(has KREL=8.8.8-amd64 "$tmp/err")" = "126 yes"
	tool "$make" -C "$ROOT" module KREL=8.8.8-amd64
	result "make says what to install" \
		"$status $(has 'install .*linux-headers-8.8.8-amd64' "$tmp/err")" = "2 yes"
	rm "$tmp/bin/dpkg-query"
}

# A sudo that changes nothing.
sudo_stub() {
	stub sudo <<-'EOF'
		shift
		exec "$@"
	EOF
}

test_setup() {
	sudo_stub
	stub apt-get <<<"echo \"\$*\" >>'$tmp/apt'"
	stub dpkg <<<'echo arm64'
	: >"$tmp/apt"
	tool "$VM_DIR/setup.sh"
	result "another architecture is refused" "$status $(has amd64 "$tmp/err")" = "2 yes"
	result "nothing is installed there" "$(cat "$tmp/apt")" = ""
	rm "$tmp/bin/dpkg"
}

# An apt-get that finds its lists locked for $1 tries, or fails else with $2.
apt_stub() {
	: >"$tmp/apt"
	sudo_stub
	stub apt-get <<-EOF
		echo "\$*" >>'$tmp/apt'
		[ \$(wc -l <'$tmp/apt') -gt $1 ] && exit 0
		echo 'E: $2' >&2
		exit 100
	EOF
}

test_apt() {
	local locked='Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (unattended-upgr)'

	apt_stub 2 "$locked"
	common 'apt_get update'
	result "another apt at work is waited for" "$status $(wc -l <"$tmp/apt")" = "0 3"
	result "who is waited for is said once" "$(grep -c 'process 7 ' "$tmp/err")" -eq 1
	result "apt waits for dpkg" "$(has 'Lock::Timeout=[1-9]' "$tmp/apt")" = yes
	apt_stub 1000 "$locked"
	common APT_SECONDS=1 'apt_get update'
	result "but not for ever" "$status $(has '^E: Could not get' "$tmp/err")" = "100 yes"
	apt_stub 1000 'Unable to locate package'
	common 'apt_get update'
	result "other errors are final" "$status $(wc -l <"$tmp/apt")" = "100 1"
	rm "$tmp/bin/apt-get"
}

test_cache() {
	local home expected

	common -u HOME -u XDG_CACHE_HOME BUILD="$tmp" "echo \"\$CACHE\"; unset HOME; echo ~"
	home=$(tail -n 1 "$tmp/out")
	expected=$home/.cache/ipcchan
	[ -w "$home" ] || [ -w "$expected" ] || expected=$tmp/cache
	result "without HOME the cache is where the user lives, if it can be" \
		"$status $(head -n 1 "$tmp/out")" = "0 $expected"
	common -u XDG_CACHE_HOME HOME=/dev/null BUILD="$tmp" "echo \"\$CACHE\""
	result "where no cache can be, it is in build/" "$status $(cat "$tmp/out")" = "0 $tmp/cache"
}

# No path of kbuild's may have blanks.
test_blanks() {
	mkdir "$tmp/a tree"
	cp "$ROOT/Makefile" "$tmp/a tree"
	tool "${MAKE:-make}" -C "$tmp/a tree" help
	result "make refuses a tree with a blank in its path" \
		"$status $(has 'blank.*/a tree' "$tmp/err")" = "2 yes"
	tool "${MAKE:-make}" -C "$ROOT" BUILD="$tmp/a build" help
	result "and such a place for what it builds" \
		"$status $(has 'blank.*/a build' "$tmp/err")" = "2 yes"
}

# locked NAME COMMAND: in a build/ of the test's own
locked() {
	tool BUILD="$tmp/locked" "$VM_DIR/lock.sh" "$1" sh -c "$2"
}

test_lock() {
	local first

	: >"$tmp/order"
	(locked first "cd '$tmp'; echo started >>order; sleep 2; rm -r locked; echo first >>order") &
	first=$!
	until [ -s "$tmp/order" ] || ! kill -0 $first 2>/dev/null; do
		sleep 0.1
	done
	locked second "cd '$tmp'; echo second >>order; cat locked/lock"
	wait
	result "one run at a time works in build/" "$status $(xargs <"$tmp/order")" = \
		"0 started first second"
	result "who is waited for is said" "$(has 'waiting for make first (process' "$tmp/err")" = yes
	result "make clean before leaves no lock that is gone" \
		"$(has 'make second' "$tmp/out")" = yes
	locked third 'exit 7'
	result "the status of a locked run passes through" $status -eq 7
}

# In a tree of the same files the same are found, whatever git thinks of it. It
# is under build/, which the repository around it ignores.
test_files() {
	local tree=$tmp/tree list

	list=$("$ROOT/selftests/files.sh" | sort)
	mkdir "$tree"
	(cd "$ROOT" && cpio -pdm --quiet "$tree" <<<"$list")
	result "the files are found" "$(has '^Makefile$' <(echo "$list"))" = yes
	tool "$tree/selftests/files.sh"
	result "the files of a tree without git" "$(sort "$tmp/out" | diff - <(echo "$list"))" = ""
	git -C "$tree" init -q
	mkdir "$tree/build"
	touch "$tree/build/made.sh"
	tool GIT_TEST_ASSUME_DIFFERENT_OWNER=1 "$tree/selftests/files.sh"
	result "the files of a tree that git does not trust" \
		"$(sort "$tmp/out" | diff - <(echo "$list"))" = ""
	list=$(grep -E '\.sh$|^kmod/.*\.[ch]$' <<<"$list")
	tool "$tree/selftests/files.sh" '*.sh' 'kmod/*.[ch]'
	result "patterns with git" "$(sort "$tmp/out" | diff - <(echo "$list"))" = ""
	rm -rf "$tree/.git"
	tool "$tree/selftests/files.sh" '*.sh' 'kmod/*.[ch]'
	result "patterns without git" "$(sort "$tmp/out" | diff - <(echo "$list"))" = ""
	tool "$tree/selftests/files.sh" 'none/*'
	result "no file at all is an error" $status -eq 1
}

# row TRANSPORT WORKLOAD RATE [STATUS [SIZE [PAYLOAD]]]
row() {
	printf '{"transport": "%s", "workload": "%s", "messages_per_s": %s,
		"status": "%s", "size_bytes": %d, "placement": "same", "payload": "%s"}' \
		"$1" "$2" "$3" "${4-fine}" "${5-64}" "${6-write+read}"
}

# trips TRANSPORT NANOSECONDS [STATUS [SIZE [PAYLOAD]]]: a row of round trips
trips() {
	row "$1" pingpong "$(awk -v ns="$2" 'BEGIN { printf "%.12g", 1e9 / ns }')" "${@:3}"
}

# gate ROW...: what the gate makes of these rows, a letter for each: o, n, s
gate() {
	local IFS=,

	echo "{\"parameters\": {\"depth_bytes\": 65536}, \"results\": [$*]}" >"$tmp/rows"
	echo "{\"parameters\": {\"depth_bytes\": 4194304}, \"results\": [$large]}" >"$tmp/large"
	jq -s -r -f "$VM_DIR/bench-gate.jq" "$tmp/rows" "$tmp/large" 2>"$tmp/err" |
		sed -n 's/^ok.* # SKIP.*/s/p; t; s/^ok.*/o/p; s/^not ok.*/n/p' | tr -d '\n'
}

# map SHORT LONG: rows of ipcchan-map
map() {
	echo "$(trips ipcchan-map "$1" fine 65536),$(trips ipcchan-map "$2" fine 1048576)"
}

# loan SIZE NANOSECONDS: a row of ipcchan-loan
loan() {
	trips ipcchan-loan "$2" fine "$1" notify
}

# rings RATE NANOSECONDS: rows of ipcchan-ring, beside a futex whose trips take 700
rings() {
	echo "$(row ipcchan-ring stream "$1"),$(trips ipcchan-ring "$2"),$(trips shm-futex 700)"
}

# The bounds, in this order: call, copy, copy, batch against pipe; copy against
# seqpacket, POSIX, System V and binder, first round trips and then streams; map against
# pipe and process_vm_readv, of 64K and 1M; loan against itself; ring against pipe and
# a futex.
test_gate() {
	local pipe peers copy all large=''

	pipe=$(trips pipe 1000),$(row pipe stream 100000)
	peers=$(trips unix-seqpacket 731),$(trips posix-mq 731)
	peers=$peers,$(trips sysv-mq 731),$(trips binder 731)
	peers=$peers,$(row unix-seqpacket stream 133000),$(row posix-mq stream 133000)
	peers=$peers,$(row sysv-mq stream 133000),$(row binder stream 133000)
	copy=$(trips ipcchan-copy 730),$(row ipcchan-copy stream 134000)
	all=$pipe,$peers,$(trips ipcchan-call 689),$(row ipcchan-batch stream 527000)
	result "figures within the bounds" "$(gate "$all" "$copy")" = oooooooooooosssssss
	result "a stream that got slower" "$(gate "$all" "$(trips ipcchan-copy 730)" \
		"$(row ipcchan-copy stream 133000)")" = oonooooonnnnsssssss
	result "round trips that got slower" "$(gate "$all" "$(trips ipcchan-copy 741)" \
		"$(row ipcchan-copy stream 134000)")" = onoonnnnoooosssssss
	result "calls and batches that got slower" "$(gate "$pipe" "$peers" "$copy" \
		"$(trips ipcchan-call 691)" \
		"$(row ipcchan-batch stream 526000)")" = noonoooooooosssssss
	result "a row without a figure" "$(gate "$pipe" "$(trips ipcchan-copy 730)" \
		"$(row ipcchan-copy stream null)")" = sonssssssssssssssss
	result "rows that were left out" "$(gate "$pipe" "$(trips ipcchan-copy 730)")" = \
		sosssssssssssssssss
	result "a peer that this kernel has not" "$(gate "$copy" \
		"$(row binder pingpong null 'refused: no /dev/binder')" \
		"$(row sysv-mq pingpong null 'refused: no')")" = ssssssnssssssssssss
	result "no row at all" "$(gate)" = sssssssssssssssssss
	large=$(trips pipe 1000 fine 65536),$(trips pipe 10000 fine 1048576)
	large=$large,$(trips process-vm-readv 440 fine 65536)
	large=$large,$(trips process-vm-readv 4300 fine 1048576)
	result "large messages within the bounds" "$(large=$large,$(map 429 4299) gate)" = \
		ssssssssssssoooosss
	result "large messages that got slower" "$(large=$large,$(map 450 4299) gate)" = \
		ssssssssssssnonosss
	result "very large messages that got slower" "$(large=$large,$(map 429 4301) gate)" = \
		ssssssssssssononsss
	large=''
	result "loans that take the same" "$(gate "$(loan 64 100)" "$(loan 1048576 109)")" = \
		ssssssssssssssssoss
	result "large loans that take more" "$(gate "$(loan 64 100)" "$(loan 1048576 111)")" = \
		ssssssssssssssssnss
	result "rings within the bounds" "$(gate "$pipe" "$(rings 560000 699)")" = \
		sssssssssssssssssoo
	result "rings that got slower" "$(gate "$pipe" "$(rings 550000 700)")" = \
		sssssssssssssssssnn
}

# probe QEMU_COMMANDS: what accel_choose makes of a QEMU that does this
probe() {
	stub qemu <<<"case \"\$*\" in *-accel*) echo tried >>'$tmp/tries'; $1 ;; esac"
	common QEMU=qemu KVM_DEVICE="$tmp/kvm" KVM_PROBE_SECONDS=1 XDG_CACHE_HOME="$tmp/probe" \
		run="$tmp" icount= image=/image base=/base \
		". '$VM_DIR/accel.sh'; accel_choose; echo \$accel"
	echo "$(cat "$tmp/out") $(wc -l <"$tmp/tries")"
}

a_day_passes() {
	find "$tmp/probe" -type f -exec touch -d '25 hours ago' {} +
}

test_kvm_memory() {
	touch "$tmp/kvm" "$tmp/tries"
	result "a KVM that hangs" "$(probe 'exec sleep 100')" = "tcg 1"
	result "is not tried again at once" "$(probe 'exec sleep 100')" = "tcg 1"
	a_day_passes
	result "but the next day" "$(probe 'kill -ABRT $$')" = "tcg 2"
	result "who aborts is not heard" "$(has Abort "$tmp/err")" = ""
	result "nor tried again at once" "$(probe 'kill -ABRT $$')" = "tcg 2"
	a_day_passes
	result "but the next day, too" "$(probe "echo 'vm: this kernel boots' >'$tmp/probe.log'")" = "kvm 3"
	a_day_passes
	result "one that boots is believed for good" "$(probe 'exit 1')" = "kvm 3"
}

# alive PID...: those of them that are not dead, nor dying for two seconds
alive() {
	local pid left

	for _ in {1..20}; do
		left=()
		for pid; do
			! grep -qs '^State:[[:blank:]]*[^ZX[:blank:]]' "/proc/$pid/status" || left+=("$pid")
		done
		[ "${#left[@]}" -gt 0 ] || return
		sleep 0.1
	done
	echo "${left[*]}"
}

# lint_signal SIGNAL: sends it to a lint whose checks do not end, in a process group
# with another program. Prints the status, and who is alive then.
lint_signal() {
	local lint beside pids

	: >"$tmp/pids"
	set -m
	(sleep 1000 & echo $! >"$tmp/beside"
	exec env --default-signal=INT "$tmp/lint/selftests/run-lint.sh") \
		>"$tmp/out" 2>"$tmp/err" &
	lint=$!
	set +m
	until [ -s "$tmp/pids" ] || ! kill -0 $lint 2>/dev/null; do
		sleep 0.1
	done
	kill -s "$1" $lint
	wait $lint
	status=$?
	beside=$(cat "$tmp/beside")
	mapfile -t pids < <(xargs -n 1 <"$tmp/pids")
	echo "$status $(alive "${pids[@]}") $(alive "$beside" | sed "s/$beside/other/")"
	kill "$beside" "${pids[@]}" 2>/dev/null
}

test_lint() {
	local name

	mkdir -p "$tmp/lint/selftests"/{vm,lint}
	cp "$ROOT/selftests/run-lint.sh" "$tmp/lint/selftests"
	cp "$VM_DIR/common.sh" "$tmp/lint/selftests/vm"
	printf '#!/bin/sh\n' >"$tmp/lint/selftests/vm/ksource.sh"
	printf '#!/bin/sh\nsleep 1000 &\necho $$ $! >>"%s"\nwait\n' "$tmp/pids" \
		>"$tmp/lint/selftests/lint/module.sh"
	chmod +x "$tmp/lint/selftests"/{vm/ksource,lint/module}.sh
	for name in coccinelle kernel-doc clang checkpatch python shellcheck codespell layout; do
		cp "$tmp/lint/selftests/lint/"{module,$name}.sh
	done
	result "an interrupted lint ends its checks, and nothing else" "$(lint_signal INT)" = "130  other"
	result "so does one that is ended" "$(lint_signal TERM)" = "143  other"
}

# passed FILE WORD...: checks the file with the words, as a check of lint/ would; prints
# whether it had to
passed() {
	local key

	# shellcheck source=selftests/lint/passed.sh
	. "$ROOT/selftests/lint/passed.sh"
	PASSED=$tmp/passed
	key=$(passed_key "${@:2}" <"$1")
	passed_is "$key" && echo known && return
	passed_note "$key"
	echo new
}

# passed_of FILE...: the sums of these files
passed_of() {
	# shellcheck source=selftests/lint/passed.sh
	. "$ROOT/selftests/lint/passed.sh"
	passed_sums "$@" 2>/dev/null
}

test_lint_passed() {
	local before

	echo 'int a;' >"$tmp/a.c"
	result "what has not passed is checked" "$(passed "$tmp/a.c" v1)" = new
	result "what has passed is not checked again" "$(passed "$tmp/a.c" v1)" = known
	result "but by another tool it is" "$(passed "$tmp/a.c" v2)" = new
	echo 'int b;' >"$tmp/a.c"
	result "and once it has changed" "$(passed "$tmp/a.c" v1)" = new
	printf '1\n2\n' >"$tmp/a"
	printf '3\n' >"$tmp/b"
	before=$(passed_of "$tmp/a" "$tmp/b")
	printf '1\n' >"$tmp/a"
	printf '2\n3\n' >"$tmp/b"
	result "or a line has moved to the next file" "$(passed_of "$tmp/a" "$tmp/b")" != "$before"
	result "of files that are not there nothing is known" "$(passed_of "$tmp/none")" = ""
}
