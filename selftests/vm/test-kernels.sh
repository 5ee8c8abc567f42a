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
