# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by selftests/vm/run: makes the guest's initramfs out of a base, which
# depends on the kernel only and is kept, and the files of one run.

# Modules that the harness itself needs, and the benchmark's peers, which not every
# kernel has.
VM_MODULES=(virtio_pci 9pnet_virtio 9p)
VM_PEERS=(binder_linux)

# pack FOLDER FILE: as a cpio archive owned by root
pack() {
	(cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
		cpio -0 -o -H newc -R 0:0 --quiet) >"$2"
}

# add_file FILE ROOT PATH: FILE or a folder's content, with the libraries that
# its programs need
add_file() {
	local file=$1 root=$2 path=$3 lib

	mkdir -p "$root$(dirname "$path")"
	cp -rL "$file" "$root$path" || return 1
	while read -r lib; do
		[ -e "$root$lib" ] && continue
		mkdir -p "$root$(dirname "$lib")"
		cp -L "$lib" "$root$lib" || return 1
	done < <(find -L "$file" -type f -perm /111 -exec ldd {} \; 2>/dev/null |
		grep -o '/[^ :]*\.so[^ :]*' | sort -u)
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
	mkdir -p "$root"/{bin,sbin,usr/bin,usr/sbin,dev,proc,sys,tmp,root,etc,out,run}
	cp /bin/busybox "$root/bin/busybox"
	while read -r applet; do
		ln -sf /bin/busybox "$root/$applet"
	done < <(/bin/busybox --list-full | grep -v '^bin/busybox$')
	echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
	echo 'nobody:x:65534:65534:nobody:/:/bin/false' >>"$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
	cp "$VM_DIR/init" "$root/init"
	base_modules "$dir" "$rel" "$root" && pack "$root" "$root.cpio" || return 1
	mv "$root.cpio" "$out"
	rm -rf "$root"
	echo "$out"
}
