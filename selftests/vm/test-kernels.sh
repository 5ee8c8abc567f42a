# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
# Sourced by selftests/vm/test.sh: tests of the scripts that fetch and build kernels,
# with other programs in the place of those that would take long.

# The settings that a kernel has not taken over, and one without a compiler
test_debug_kernel() {
	printf '%s\n' '# why' CONFIG_KASAN=y '# CONFIG_SLOB is not set' CONFIG_SLUB=y >"$tmp/a.config"
	printf '%s\n' '# CONFIG_KASAN is not set' '# CONFIG_SLOB is not set' CONFIG_SLUB=y \
		CONFIG_SMP=y >"$tmp/config"
	tool "$VM_DIR/debug-kernel.sh" dropped "$tmp/config" "$tmp/a.config"
	result "a setting that is dropped is named" "$status $(cat "$tmp/out")" = "0 CONFIG_KASAN=y"
	tool "$VM_DIR/debug-kernel.sh" build base
	result "an unknown debug kernel is a usage error" "$status" -eq 1
	stub make <<<'echo "no rule for it"; exit 2'
	stub tar <<<true
	tool MAKE="$tmp/bin/make" XDG_CACHE_HOME="$tmp/debug" "$VM_DIR/debug-kernel.sh" build kasan
	result "a debug kernel that does not build is an error" \
		"$status $(has 'no rule for it' "$tmp/err")" = "2 yes"
	result "and none is there then" "$(find "$tmp/debug" -name '*kasan*' -o -name 'tmp.*')" = ""
	stub make <<-'EOF'
		for word; do
			case $word in O=*) echo '# CONFIG_KASAN is not set' >"${word#O=}/.config" ;; esac
		done
	EOF
	tool MAKE="$tmp/bin/make" XDG_CACHE_HOME="$tmp/debug" "$VM_DIR/debug-kernel.sh" build kasan
	result "so is one without what it was asked for" \
		"$status $(has 'cannot have.*CONFIG_KASAN=y' "$tmp/err")" = "2 yes"
	rm -r "${tmp:?}/bin" "${tmp:?}/debug"
}

# source_stub TAR_COMMANDS: a tar that has made the files that must be there, and
# does this then
source_stub() {
	stub tar <<-EOF
		while [ "\$1" != -C ]; do shift; done
		cd "\$2" && mkdir -p tools/testing/selftests scripts/coccinelle
		touch tools/testing/selftests/lib.mk scripts/checkpatch.pl scripts/kernel-doc
		touch tools/testing/selftests/kselftest.h tools/testing/selftests/kselftest_harness.h
		$1
	EOF
	tool XDG_CACHE_HOME="$tmp/cache-source" "$VM_DIR/ksource.sh" "$tmp/source"
}

test_ksource() {
	local missing="echo 'tar: */scripts/subarch.include: Not found in archive' >&2
		echo 'tar: Exiting with failure status due to previous errors' >&2"

	source_stub "$missing; echo 'tar: Unexpected EOF in archive' >&2; exit 2"
	result "half an archive is an error" "$status $(has 'Unexpected EOF' "$tmp/err")" = "2 yes"
	source_stub 'kill -KILL $$'
	result "so is a tar that is ended" "$status" -eq 2
	result "and nothing is kept of either" "$(find "$tmp/cache-source" -type f)" = ""
	source_stub "$missing; exit 2"
	result "a file that this version has not is none" \
		"$status $(find "$tmp/source" -name lib.mk | wc -l)" = "0 1"
	rm -r "$tmp/source"
	source_stub 'exit 1'
	result "what was taken is kept" "$status" -eq 0
	rm -r "${tmp:?}/bin" "$tmp/cache-source" "$tmp/source"
}

# kernels ARGUMENT...: as root would, with a sudo that need not be there
kernels() {
	sudo_stub
	tool BUILD="$tmp/kernels" XDG_CACHE_HOME="$tmp/cache-kernels" "$VM_DIR/kernels.sh" "$@"
}

# A root file system with hardly more in it than a module's folder
root_stub() {
	stub mmdebstrap <<-'EOF'
		while [ "${1%/root}" = "$1" ]; do shift; done
		mkdir -p "$1/usr/bin" "$1/boot" "$1/lib/modules/6.6.6-test"
		touch "$1/boot/vmlinuz-6.6.6-test"
	EOF
}

# built STATUS LINE...: what "module" makes of a make that prints them
built() {
	printf '%s\n' "${@:2}" >"$tmp/made"
	stub unshare <<<"case \"\$*\" in *' make '*) cat '$tmp/made'; exit $1 ;; esac"
	kernels module 6.1
	echo "$status"
}

test_kernels() {
	local name missing=()

	kernels image none
	for name in $("$VM_DIR/kernels.sh" names); do
		has "no such kernel: \"none\".* $name\( \|$\)" "$tmp/err" >/dev/null || missing+=("$name")
	done
	result "an unknown kernel is a usage error" "$status" -eq 1
	result "which names those there are" "${missing[*]-}" = ""
	stub mmdebstrap <<<'echo "E: no such suite"; exit 25'
	kernels image 6.1
	result "a kernel that cannot be fetched is an error, and why" \
		"$status $(has '^E: no such suite' "$tmp/err")" = "2 yes"
	result "and nothing of it is kept" "$(find "$tmp/cache-kernels" -name '*6.1*' -o -name 'tmp.*')" = ""
	root_stub
	kernels image 6.1
	result "one that can is in the cache" "$status $(has "^$tmp/cache-kernels/.*/vmlinuz-6.6.6-test$" \
		"$tmp/out")" = "0 yes"
	stub mmdebstrap <<<'exit 1'
	result "a module without warnings is good" "$(built 0 '  CC [M]  kmod/main.o')" = 0
	result "its path is told" "$(cat "$tmp/out")" = "$tmp/kernels/kernels/kmod/6.6.6-test/ipcchan.ko"
	result "a warning in kmod/ is an error" \
		"$(built 0 '/out/kernels/kmod/6.6.6-test/kmod/main.c:7:1: warning: odd')" = 3
	result "which is shown" "$(has 'main.c:7:1: warning: odd' "$tmp/err")" = yes
	result "so is one of modpost" "$(built 0 'WARNING: modpost: odd')" = 3
	result "one in the headers is not" \
		"$(built 0 '/usr/src/linux-headers-6.6.6/include/linux/a.h:7:1: warning: odd')" = 0
	result "a module that does not build is an error, and why" \
		"$(built 2 'no rule for it') $(has 'no rule for it' "$tmp/err")" = "2 yes"
	rm -r "${tmp:?}/bin" "$tmp/cache-kernels" "$tmp/kernels"
}
