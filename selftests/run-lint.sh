#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Static checks, as KTAP: one a file of lint/, several at a time. What each tool
# printed is left in build/lint/.
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"
cd "$ROOT" || exit 1

OUT=$BUILD/lint
LINT=$ROOT/selftests/lint
names=()

# wait_until_below COUNT: till fewer checks run. bash's own wait may miss a signal
# that comes as it begins.
wait_until_below() {
	while [ "$(jobs -pr | wc -l)" -ge "$1" ]; do
		sleep 0.1
	done
}

# lint NAME SCRIPT ARGUMENT...: started as soon as a CPU is free, in a process group
# of its own, by which all of it can be ended
lint() {
	local name=$1 script=$2

	shift 2
	wait_until_below "$(nproc)"
	names+=("$name")
	rm -f "$OUT/$name.status"
	set -m
	{
		"$LINT/$script.sh" "$@" >"$OUT/$name.log" 2>&1 </dev/null
		echo $? >"$OUT/$name.status"
	} &
	set +m
}

# A script that was killed has left no status.
report() {
	local count=0 failed=0 name status

	wait_until_below 1
	for name in "${names[@]}"; do
		count=$((count + 1))
		status=$(cat "$OUT/$name.status") || status=127
		if [ "$status" = 0 ]; then
			echo "ok $count - $name"
			continue
		fi
		failed=$((failed + 1))
		echo "not ok $count - $name"
		sed 's/^/# /' "$OUT/$name.log" | tail -n 60
	done
	echo "1..$count"
	[ "$failed" -eq 0 ]
}

trap 'end_jobs 130' INT
trap 'end_jobs 143' TERM HUP
mkdir -p "$OUT" && "$VM_DIR/ksource.sh" "$BUILD/kselftest" || exit 1
echo "TAP version 13"
lint sparse module sparse C=2
lint warnings module warnings W=1
lint coccinelle coccinelle
lint kernel-doc kernel-doc
lint clang clang
# Outside the kernel tree there is no MAINTAINERS to change, and the versions of
# the kernel must be told apart.
lint checkpatch-module checkpatch FILE_PATH_CHANGES,LINUX_VERSION_CODE,CONSTANT_COMPARISON \
	'kmod/*.[ch]' 'include/*.h'
# Beside their modules, lab1.c and so on, the labs have programs.
lint checkpatch-labs checkpatch FILE_PATH_CHANGES 'Documentation/labs/*/lab*.[ch]'
# User space has no u32, READ_ONCE or strscpy, and an assertion of kselftest's must
# stand in braces to be the one statement of an if.
lint checkpatch-selftests checkpatch FILE_PATH_CHANGES,PREFER_KERNEL_TYPES,VOLATILE,BRACES,STRCPY,STRNCPY,STRLCPY \
	'selftests/ipcchan/*.[ch]' 'selftests/vm/*.[ch]'
# The fuzzer's table is made of the names of structures and fields.
lint checkpatch-fuzz checkpatch FILE_PATH_CHANGES,PREFER_KERNEL_TYPES,VOLATILE,BIT_MACRO,MACRO_ARG_REUSE,MACRO_ARG_PRECEDENCE \
	'selftests/fuzz/*.[ch]'
# Nor has user space BIT, ARRAY_SIZE or __printf; it must know its architecture; its help is
# longer than a line and names things; the table of transports knows all of them.
lint checkpatch-user checkpatch FILE_PATH_CHANGES,PREFER_KERNEL_TYPES,VOLATILE,STRCPY,BIT_MACRO,ARRAY_SIZE,PREFER_DEFINED_ATTRIBUTE_MACRO,ARCH_DEFINES,SPLIT_STRING,EMBEDDED_FUNCTION_NAME,AVOID_EXTERNS \
	'user/*.[ch]' 'selftests/host/*.[ch]' 'Documentation/examples/*.[ch]' \
	'Documentation/labs/points.h' 'Documentation/labs/*/check*.[ch]' \
	'Documentation/labs/*/user/*.[ch]'
lint python python
lint shellcheck shellcheck
lint codespell codespell
lint layout layout
lint translations translations
report
