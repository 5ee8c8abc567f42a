# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by selftests/vm/run: makes the guest's initramfs out of a base, which
# depends on the kernel only and is kept, and the files of one run.

# Modules that the harness itself needs, and the benchmark's peers, which not every
# kernel has.
VM_MODULES=(virtio_pci 9pnet_virtio 9p)
VM_PEERS=(binder_linux)

# Terminals of which the guest's programs know how to use them; the same on each architecture.
VM_TERMINALS=(d/dumb l/linux s/screen v/vt100 v/vt220 x/xterm x/xterm-256color)

# Libraries that the command loads where they are installed.
# shellcheck disable=SC2034  # for run
VM_LIBRARIES=(libtracefs.so.1)

# pack FOLDER FILE: as a cpio archive owned by root
pack() {
	(cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
		cpio -0 -o -H newc -R 0:0 --quiet) >"$2"
}

# needs FILE...: the loaders (as paths) and the libraries that these programs need
needs() {
	LC_ALL=C readelf -W -ld "$@" 2>/dev/null |
		sed -n 's/.*interpreter: \(.*\)]$/\1/p; /\[ld-linux/d; s/.*(NEEDED).*\[\(.*\)]$/\1/p' |
		sort -u
}

# add_libraries ROOT FILE...: what these programs need, and what that needs
add_libraries() {
	local root=$1

	shift
	add_needed "$root" < <(needs "$@")
}

# add_needed ROOT: the libraries whose names are read, and what they need, from
# where the guest's loader will look. ldd would ask the program's own loader,
# which runs on one architecture only.
add_needed() {
	local root=$1 need path found=()

	while read -r need; do
		for path in "$need" {,/usr}/lib{"/$TRIPLET",}/"$need"; do
			[[ $path == /* && -e $SYSROOT$path ]] || continue
			[ ! -e "$root$path" ] || break
			mkdir -p "$root$(dirname "$path")"
			cp -L "$SYSROOT$path" "$root$path" || return 1
			found+=("$root$path")
			break
		done
	done
	[ "${#found[@]}" -eq 0 ] || add_libraries "$root" "${found[@]}"
}

# add_file FILE ROOT PATH: FILE or a folder's content, with the libraries that
# its programs need
add_file() {
	local file=$1 root=$2 path=$3 programs

	mkdir -p "$root$(dirname "$path")"
	cp -rL "$file" "$root$path" || return 1
	mapfile -d '' -t programs < <(find -L "$file" -type f -perm /111 -print0)
	[ "${#programs[@]}" -eq 0 ] || add_libraries "$root" "${programs[@]}"
}

# base_depends KERNEL_DIR RELEASE: what modprobe would do
base_depends() {
	local name

	for name in "${VM_MODULES[@]}"; do
		/sbin/modprobe -d "$1" -S "$2" --show-depends "$name" || return 1
	done
	for name in "${VM_PEERS[@]}"; do
		/sbin/modprobe -d "$1" -S "$2" --show-depends "$name" 2>/dev/null || true
	done
}

# base_modules KERNEL_DIR RELEASE ROOT: the modules and, in vm/modules, the
# order in which to load them
base_modules() {
	local dir=$1 rel=$2 root=$3 verb path dest

	mkdir -p "$root/vm/modules.d"
	: >"$root/vm/modules"
	base_depends "$dir" "$rel" | while read -r verb path _; do
		[ "$verb" = insmod ] || continue
		dest=/vm/modules.d/$(basename "$path" .xz)
		[ -e "$root$dest" ] && continue
		case $path in
		*.xz) xz -dc "$path" >"$root$dest" || return 1 ;;
		*) cp "$path" "$root$dest" || return 1 ;;
		esac
		echo "$dest" >>"$root/vm/modules"
	done
}

# base_terminals ROOT
base_terminals() {
	local name

	for name in "${VM_TERMINALS[@]}"; do
		mkdir -p "$1/lib/terminfo/${name%/*}"
		cp "/lib/terminfo/$name" "$1/lib/terminfo/$name" || return 1
	done
}

# base_initramfs KERNEL_DIR RELEASE: prints the archive's path
base_initramfs() {
	local dir=$1 rel=$2 out=$BUILD/vm/base-$2.cpio root applet

	if [ "$out" -nt "$VM_DIR/initramfs.sh" ] && [ "$out" -nt "$VM_DIR/init" ] &&
		[ "$out" -nt "$dir/boot/vmlinuz-$rel" ]; then
		echo "$out"
		return
	fi
	mkdir -p "$BUILD/vm"
	root=$(mktemp -d "$BUILD/vm/base.XXXXXX") || return 1
	mkdir -p "$root"/{bin,sbin,usr/bin,usr/sbin,dev,proc,sys,tmp,root,etc,out,run,var/tmp}
	cp "$SYSROOT/bin/busybox" "$root/bin/busybox" || return 1
	# The host's names of applets: that of another architecture cannot be asked.
	while read -r applet; do
		ln -sf /bin/busybox "$root/$applet"
	done < <(/bin/busybox --list-full | grep -v '^bin/busybox$')
	echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
	echo 'nobody:x:65534:65534:nobody:/:/bin/false' >>"$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
	cp "$VM_DIR/init" "$root/init"
	base_terminals "$root" || return 1
	# The command's completion is for it; guests of other architectures have none.
	if [ -z "$SYSROOT" ]; then
		add_file /bin/bash "$root" /bin/bash || return 1
	fi
	base_modules "$dir" "$rel" "$root" && pack "$root" "$root.cpio" || return 1
	mv "$root.cpio" "$out"
	rm -rf "$root"
	echo "$out"
}
