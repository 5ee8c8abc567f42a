#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernels of the file "kernels": for each a root file system of its suite with
# the kernel, its headers and a compiler, in the cache. It is unpacked, not
# installed: no script of a package runs.
set -eu -o pipefail
# shellcheck source=selftests/vm/common.sh
. "$(dirname "$0")/common.sh"

usage() {
	cat <<EOU
Usage: kernels.sh names | arch NAME | cpus NAME | image NAME | module NAME | programs NAME
  names          print the names of the kernels
  arch NAME      print its architecture
  cpus NAME      print how many processors the guests of its tests have
  image NAME     make the root file system if it is not in the cache, and print
                 the path of the kernel image in it
  module NAME    build the module in there and print its path; a warning about
                 our files (W=1, sparse) is an error
  programs NAME  build the command, the kselftests and the plain tests of the library
                 for another architecture in there, and print their folder: the one
                 that is BUILD for selftests/vm/run. On this architecture it is
                 build/, where "make tests" leaves them
EOU
}

MIRROR=${MIRROR:-http://deb.debian.org}

# Sets arch, suite, from, flavour and cpus of the kernel NAME, and the prefix of the
# names of its tools, which is empty on this architecture.
look_up() {
	local row

	row=$(grep -v '^#' "$VM_DIR/kernels" | awk -v name="$1" '$1 == name')
	[ -n "$row" ] || die 1 "no such kernel: \"$1\"; there are: $(names | xargs)"
	read -r _ arch suite from flavour cpus <<<"$row"
	cross=
	[ "$arch" = amd64 ] || cross=$(dpkg-architecture -A "$arch" -q DEB_TARGET_GNU_TYPE)-
}

names() {
	sed -n 's/^\([^# ]\+\).*/\1/p' "$VM_DIR/kernels"
}

# Sets packages and, for mmdebstrap, options. For another architecture there is all
# that the guest's programs are built and run with, too.
choose_packages() {
	local name origin=''

	packages=(base-files bash coreutils dash diffutils findutils grep make mawk sed sparse)
	options=()
	[ "$from" = "$suite" ] || origin=/$from
	if [ -z "$cross" ]; then
		packages+=(gcc libc6-dev "linux-headers-$flavour$origin" "linux-image-$flavour$origin")
		return
	fi
	packages+=("gcc-${cross%-}" gettext pkgconf "linux-image-$flavour:$arch$origin")
	for name in busybox-static libc6-dev libhwloc-dev libjansson-dev libncurses-dev \
		libnl-3-dev libnl-genl-3-dev liburing-dev zlib1g-dev; do
		packages+=("$name:$arch")
	done
	options=(--extract-hook="'$VM_DIR/foreign-headers.sh' $arch \"\$1\"")
}

# unpack FOLDER: the packages of this kernel
unpack() {
	local root=$1 source sources=() packages options

	for source in "debian $suite" "debian-security $suite-security"; do
		sources+=("deb $MIRROR/$source main")
	done
	[ "$from" = "$suite" ] || sources+=("deb $MIRROR/debian $from main")
	choose_packages
	run_as_root mmdebstrap --mode=root --variant=extract \
		--architectures="amd64${cross:+,$arch}" \
		--include="$(IFS=, && echo "${packages[*]}")" \
		--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr "${options[@]}" \
		"$suite" "$root" "${sources[@]}"
}

# finish FOLDER: what the scripts of the packages would have done, as far as needed
finish() {
	local root=$1 rel scripts

	rel=$(basename "$root"/lib/modules/*)
	ln -s mawk "$root/usr/bin/awk"
	mkdir "$root/src" "$root/out"
	# Some headers check sparse with a script that their package leaves out, and
	# do not run it then.
	for scripts in "$root"/usr/src/linux-headers-*/scripts; do
		if grep -qs checker-valid "$scripts/../Makefile" &&
			[ ! -e "$scripts/checker-valid.sh" ]; then
			printf '#!/bin/sh\necho 1\n' >"$scripts/checker-valid.sh"
			chmod +x "$scripts/checker-valid.sh"
		fi
	done
	"$VM_DIR/kernel.sh" prepare "$root" "$rel"
}

# Sets root. Another recipe makes another one.
find_root() {
	local name=$1 tmp

	look_up "$name"
	root=$CACHE/roots/$name-$({ declare -f choose_packages unpack finish &&
		cat "$VM_DIR/foreign-headers.sh" && echo "$arch $suite $from $flavour"; } |
		sha256sum | cut -c 1-8)
	[ ! -d "$root" ] || return 0
	command -v mmdebstrap >/dev/null ||
		die 2 "mmdebstrap is missing; run selftests/vm/setup.sh kernels"
	say "fetching the kernel $name and its tools, about a minute"
	mkdir -p "$CACHE/roots"
	tmp=$(mktemp -d "$CACHE/roots/tmp.XXXXXX")
	# shellcheck disable=SC2064  # tmp is local
	trap "run_as_root rm -rf '$tmp'" EXIT
	if ! unpack "$tmp/root" >"$tmp/log" 2>&1; then
		tail -n 30 "$tmp/log" >&2
		die 2 "cannot unpack the kernel $name and its tools"
	fi
	run_as_root chown -R "$(id -u):$(id -g)" "$tmp/root"
	finish "$tmp/root"
	mv -T "$tmp/root" "$root" 2>/dev/null || [ -d "$root" ]
	run_as_root rm -rf "$tmp"
	trap - EXIT
}

# in_root COMMAND...: there, as this user; /src is this tree and /out is BUILD
in_root() {
	# shellcheck disable=SC2016  # for the inner shell
	run_as_root unshare --mount sh -c 'mount --bind "$2" "$1/src" &&
		mount --bind "$3" "$1/out" && mount --bind /dev "$1/dev" &&
		mount -t proc proc "$1/proc" || exit
		root=$1 user=$4
		shift 4
		exec chroot --userspec="$user" "$root" env -i PATH=/usr/bin:/bin LC_ALL=C "$@"' \
		sh "$root" "$ROOT" "$BUILD" "$(id -u):$(id -g)" "$@"
}

# sparse up to 0.6.4 knows neither of these, which the headers use since 6.15 and 7.0.
SPARSE="-D__typeof_unqual__=__typeof__ '-D__builtin_strlen(s)=(sizeof(s)-1)'"

module() {
	local rel kout log

	rel=$(basename "$root"/lib/modules/*)
	kout=kernels/kmod/$rel
	log=$BUILD/$kout.log
	mkdir -p "$BUILD/$kout"
	# What did not change would not be compiled, nor warned about.
	find "$BUILD/$kout" -name '*.o' -delete
	{
		in_root /src/selftests/vm/mirror.sh "/out/$kout" &&
			in_root make -j "$(nproc)" -C "/usr/src/linux-headers-$rel" M="/out/$kout" W=1 C=2 \
				CF="$SPARSE" CROSS_COMPILE="$cross" modules
	} >"$log" 2>&1 || {
		tail -n 30 "$log" >&2
		die 2 "the module does not build for $1; the whole log is $log"
	}
	if grep -E '(^|/)(kmod|include)/[^ ]*:[0-9]+:([0-9]+:)? (warning|error):|^WARNING: modpost' \
		"$log" | grep -v "/linux-headers-" >&2; then
		die 3 "warnings; the whole log is $log"
	fi
	echo "$BUILD/$kout/ipcchan.ko"
}

# cross_make FOLDER TARGET ARGUMENT...: as for this architecture, but with other tools
cross_make() {
	in_root env PKG_CONFIG_LIBDIR="/usr/lib/${cross%-}/pkgconfig" make -j "$(nproc)" \
		-C "/src/$1" ARCH="$arch" CC="${cross}gcc" AR="${cross}ar" "${@:2}"
}

programs() {
	local out=kernels/$1 log=$BUILD/kernels/$1/build.log

	if [ -z "$cross" ]; then
		echo "$BUILD"
		return
	fi
	mkdir -p "$BUILD/$out"
	"$VM_DIR/ksource.sh" "$BUILD/kselftest"
	{
		cross_make user/lib all O="/out/$out/user/lib" &&
			cross_make user/cli all O="/out/$out/user/cli" &&
			cross_make selftests/ipcchan all O="/out/$out/selftests/ipcchan" \
				LIBIPCCHAN="/out/$out/user/lib/libipcchan.a" \
				KSFT_DIR=/out/kselftest/tools/testing/selftests &&
			cross_make selftests/host plain O="/out/$out/selftests/host"
	} >"$log" 2>&1 || {
		tail -n 30 "$log" >&2
		die 2 "command and tests do not build for $1; the whole log is $log"
	}
	echo "$BUILD/$out"
}

case ${1-} in
-h | --help) usage ;;
names) names ;;
arch)
	look_up "${2-}"
	echo "$arch"
	;;
cpus)
	look_up "${2-}"
	echo "$cpus"
	;;
image)
	find_root "${2-}"
	rel=$(basename "$root"/lib/modules/*)
	[ -e "$root/boot/vmlinux-$rel" ] && echo "$root/boot/vmlinux-$rel" ||
		echo "$root/boot/vmlinuz-$rel"
	;;
module)
	find_root "${2-}"
	module "$2"
	;;
programs)
	find_root "${2-}"
	programs "$2"
	;;
*)
	usage >&2
	exit 1
	;;
esac
