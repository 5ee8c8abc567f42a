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
Usage: kernels.sh names | arch NAME | cpus NAME | image NAME | module NAME
  names          print the names of the kernels
  arch NAME      print its architecture
  cpus NAME      print how many processors the guests of its tests have
  image NAME     make the root file system if it is not in the cache, and print
                 the path of the kernel image in it
  module NAME    build the module in there and print its path; a warning about
                 our files (W=1, sparse) is an error
EOU
}

MIRROR=${MIRROR:-http://deb.debian.org}

# Sets arch, suite, from, flavour and cpus of the kernel NAME.
look_up() {
	local row

	row=$(grep -v '^#' "$VM_DIR/kernels" | awk -v name="$1" '$1 == name')
	[ -n "$row" ] || die 1 "no such kernel: \"$1\"; there are: $(names | xargs)"
	read -r _ arch suite from flavour cpus <<<"$row"
}

names() {
	sed -n 's/^\([^# ]\+\).*/\1/p' "$VM_DIR/kernels"
}

# unpack FOLDER: the packages of this kernel
unpack() {
	local root=$1 origin='' source sources=()
	local packages=(base-files bash coreutils dash diffutils findutils gcc grep
		libc6-dev make mawk sed sparse)

	for source in "debian $suite" "debian-security $suite-security"; do
		sources+=("deb $MIRROR/$source main")
	done
	if [ "$from" != "$suite" ]; then
		sources+=("deb $MIRROR/debian $from main")
		origin=/$from
	fi
	packages+=("linux-headers-$flavour$origin" "linux-image-$flavour$origin")
	run_as_root mmdebstrap --mode=root --variant=extract \
		--architectures="$arch" --include="$(IFS=, && echo "${packages[*]}")" \
		--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
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
	root=$CACHE/roots/$name-$({ declare -f unpack finish &&
		echo "$arch $suite $from $flavour"; } | sha256sum | cut -c 1-8)
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
				CF="$SPARSE" modules
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
*)
	usage >&2
	exit 1
	;;
esac
