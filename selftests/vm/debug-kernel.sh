#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Builds the debug kernels out of Debian's package of the kernel source, and keeps
# them in the cache.
set -eu -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

usage() {
	cat <<END
Usage: debug-kernel.sh build NAME...
       debug-kernel.sh dropped CONFIG FRAGMENT...
  build      build those kernels that are not in the cache (a few minutes each),
             and print their folders: boot/ and lib/modules/ are the guest's,
             vmlinux has the symbols, build/ is for building modules. NAME: kasan,
             kcsan
  dropped    print the lines of the fragments that the kernel configuration
             CONFIG does not have
END
}

MAKE=${MAKE:-make}
FRAGMENTS=$VM_DIR/debug

# The settings alone, without what explains them
settings() {
	sed -n '/^CONFIG_/p; /^# CONFIG_.* is not set$/p' "$@"
}

dropped() {
	settings "${@:2}" | grep -vxF -f "$1" || true
}

# kept NAME: the folder of this kernel, whether it is there or not
kept() {
	local key

	key=$({ settings "$FRAGMENTS"/{base,"$1"}.config && gcc --version; } |
		sha256sum | cut -c 1-12)
	echo "$CACHE/debug/$version-$1-$key"
}

# run_make SOURCE OUTPUT ARGUMENT...
run_make() {
	MAKEFLAGS='' "$MAKE" -C "$1" O="$2" -j "$(nproc)" "${@:3}" >>"$tmp/log" 2>&1 && return
	tail -n 30 "$tmp/log" >&2
	cp "$tmp/log" "$CACHE/debug/failed.log"
	die 2 "the kernel does not build; the whole log is $CACHE/debug/failed.log"
}

# configure SOURCE OUTPUT FRAGMENT...: all that they do not name is off
configure() {
	local lost

	mkdir -p "$2"
	settings "${@:3}" >"$tmp/wanted"
	run_make "$1" "$2" KCONFIG_ALLCONFIG="$tmp/wanted" allnoconfig
	lost=$(dropped "$2/.config" "$tmp/wanted")
	[ -z "$lost" ] || die 2 "this kernel cannot have, or not beside the others: ${lost//$'\n'/, }"
}

# prune OUTPUT: what building a module needs stays
prune() {
	find "$1" -type f ! -path "$1/scripts/*" \( -name '*.o' -o -name '*.a' -o -name '*.cmd' \
		-o -name '.*.cmd' -o -name 'modules.*' -o -name '.tmp_*' \) -delete
	find "$1" -depth -type d -empty -delete
	rm -rf "$1"/System.map "$1"/arch/x86/boot
}

# take_headers SOURCE FOLDER: the part of the source that modules are built with
take_headers() {
	mkdir -p "$2"
	(cd "$1" && find Makefile Kbuild scripts include arch/x86/include arch/x86/Makefile* \
		tools/objtool/Makefile -print0 | cpio -0 -pdm --quiet "$2")
}

# make_kernel NAME SOURCE DEST: DEST comes to be when all is there
make_kernel() {
	local name=$1 src=$2 dest=$3 new=$tmp/$1 out=$tmp/$1/build rel start=$SECONDS

	say "building the $name kernel (a few minutes)"
	: >"$tmp/log"
	configure "$src" "$out" "$FRAGMENTS"/{base,"$name"}.config
	run_make "$src" "$out" bzImage modules
	rel=$(cat "$out/include/config/kernel.release")
	run_make "$src" "$out" INSTALL_MOD_PATH="$new" modules_install
	rm -f "$new/lib/modules/$rel"/{build,source}
	mkdir "$new/boot"
	mv "$out/arch/x86/boot/bzImage" "$new/boot/vmlinuz-$rel"
	mv "$out/vmlinux" "$new/vmlinux"
	prune "$out"
	take_headers "$src" "$new/source"
	ln -sfn ../source "$out/source"
	# The kernel's Makefile wants to know where it is.
	echo "include $dest/source/Makefile" >"$out/Makefile"
	chmod 755 "$new"
	mv -T "$new" "$dest"
	say "built it in $((SECONDS - start)) s"
}

# One at a time: others would only wait for processors, and then find it there.
build() {
	local name dest lock

	kernel_source
	for name in "$@"; do
		[[ $name == @(kasan|kcsan) ]] || die 1 "there is no debug kernel $name (see --help)"
	done
	mkdir -p "$CACHE/debug"
	exec {lock}>"$CACHE/debug/lock"
	flock -n "$lock" || { say "waiting for another build of a debug kernel"; flock "$lock"; }
	for name in "$@"; do
		dest=$(kept "$name")
		[ ! -d "$dest" ] || continue
		if [ -z "${tmp-}" ]; then
			tmp=$(mktemp -d "$CACHE/debug/tmp.XXXXXX")
			trap 'rm -rf "$tmp"' EXIT
			say "unpacking $archive"
			mkdir "$tmp/src"
			tar -x -f "$archive" -C "$tmp/src" --strip-components=1
		fi
		make_kernel "$name" "$tmp/src" "$dest"
	done
	for name in "$@"; do
		kept "$name"
	done
}

case ${1-} in
-h | --help)
	usage
	;;
build)
	[ $# -ge 2 ] || die 1 "which kernel? (see --help)"
	build "${@:2}"
	;;
dropped)
	[ $# -ge 3 ] || die 1 "a configuration and fragments, please (see --help)"
	dropped "${@:2}"
	;;
*)
	usage >&2
	exit 1
	;;
esac
