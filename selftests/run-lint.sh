#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Static checks, as KTAP. What each tool printed is left in build/lint/.
# Functions are called through step, record and lint.
# shellcheck disable=SC2317,SC2329
set -u -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/vm/common.sh"
cd "$ROOT" || exit 1

OUT=$BUILD/lint
KSFT=$BUILD/kselftest
FILES=$ROOT/selftests/files.sh
MAKE=${MAKE:-make}
count=0
failed=0

# lint NAME COMMAND...: passes if COMMAND does
lint() {
	local name=$1

	shift
	count=$((count + 1))
	if "$@" >"$OUT/$name.log" 2>&1; then
		echo "ok $count - $name"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $count - $name"
	sed 's/^/# /' "$OUT/$name.log" | tail -n 60
}

# Lets pass what checkpatch misreads: names of C11, and a pointer or a compound
# literal whose type is not plain.
misread() {
	local path line text source

	while IFS=: read -r path line text; do
		source=$(sed -n "${line}p" "$path" 2>/dev/null) || true
		case $text in
		*CAMELCASE*'<_Atomic>'* | *CAMELCASE*'<_Static_assert>'*) continue ;;
		*":SPACING: spaces preferred around that '*'"*)
			[[ $source != *FIXTURE_DATA\(* ]] || continue
			;;
		*":SPACING: space required before the open brace"*)
			[[ $source != *']){'* ]] || continue
			;;
		esac
		echo "$path:$line:$text"
	done
}

# checkpatch IGNORE PATTERN...
checkpatch() {
	local list ignore=$1 found

	shift
	mapfile -t list < <("$FILES" "$@")
	[ "${#list[@]}" -gt 0 ] || return 1
	# It leaves a cache in the current folder, and goes by relative paths.
	mkdir -p "$OUT/tree"
	ln -sfn "$ROOT"/{kmod,include,selftests} "$OUT/tree"
	found=$(cd "$OUT/tree" && perl "$KSFT/scripts/checkpatch.pl" --no-tree --root=. --strict \
		--no-summary --terse --show-types --max-line-length=100 \
		--ignore "$ignore" -f "${list[@]}" 2>&1 | misread)
	echo "$found"
	[ -z "$found" ]
}

# sparse and the compiler's extra warnings do not fail the build: what they
# print about our files does.
module_warnings() {
	local rel mirror

	rel=$("$VM_DIR/kernel.sh" release) || return 1
	mirror=$OUT/kmod
	rm -rf "$mirror"
	"$VM_DIR/mirror.sh" "$mirror" || return 1
	"$MAKE" -C "/lib/modules/$rel/build" M="$mirror" "$@" modules 2>&1 |
		tee "$OUT/module.out" || return 1
	! grep -E "(warning|error):" "$OUT/module.out" >/dev/null
}

# The library, the command and the host's tests; without the sanitizers, whose
# libraries come with gcc only.
user_clang() {
	local dir

	for dir in lib cli; do
		"$MAKE" -C "user/$dir" CC=clang O="$OUT/clang/user/$dir" all || return 1
	done
	"$MAKE" -C selftests/host CC=clang O="$OUT/clang/host" FLAGS_asan= FLAGS_tsan= all
}

# The tests hand on the outcome of a condition as $?, which newer versions
# report as SC2319.
scripts() {
	local list

	list=$("$FILES" '*.sh' && "$FILES" | xargs -d '\n' grep -lE -m 1 '^#!/bin/(ba)?sh') ||
		return 1
	mapfile -t list < <(sort -u <<<"$list")
	shellcheck -e SC2319 -x -P "$ROOT" "${list[@]}"
}

spelling() {
	local list

	list=$("$FILES") || return 1
	grep -v '^LICENSES/' <<<"$list" | xargs -d '\n' codespell
}

mkdir -p "$OUT" && "$VM_DIR/ksource.sh" "$KSFT" || exit 1
echo "TAP version 13"
# Outside the kernel tree there is no MAINTAINERS to change, and the versions of
# the kernel must be told apart.
lint checkpatch-module checkpatch FILE_PATH_CHANGES,LINUX_VERSION_CODE,CONSTANT_COMPARISON \
	'kmod/*.[ch]' 'include/*.h'
# User space has no u32, READ_ONCE or strscpy, and an assertion of kselftest's must
# stand in braces to be the one statement of an if.
lint checkpatch-selftests checkpatch FILE_PATH_CHANGES,PREFER_KERNEL_TYPES,VOLATILE,BRACES,STRCPY,STRNCPY,STRLCPY \
	'selftests/ipcchan/*.[ch]' 'selftests/vm/*.[ch]'
lint sparse module_warnings C=2
lint warnings module_warnings W=1
lint clang user_clang
lint shellcheck scripts
lint codespell spelling
echo "1..$count"
[ "$failed" -eq 0 ]
