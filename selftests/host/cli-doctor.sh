#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The doctor, shown made-up machines through IPCCHAN_SYSROOT: one for each cause.
# shellcheck source=selftests/host/tap.sh
. "$(dirname "$0")/tap.sh"

release=6.1.0-99-amd64
sys=$tmp/sys
secure_boot=sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c

# A machine on which all is well, the module loaded; a test then breaks it.
# The device is a file: below a root it is only opened and asked its version.
machine() {
	rm -rf "$sys"
	mkdir -p "$sys/proc/sys/kernel" "$sys/proc/1" "$sys/sys/module/ipcchan" \
		"$sys/sys/devices/system/cpu" "$sys/sys/kernel/security" "$sys/dev" \
		"$sys/boot" "$sys/lib/modules/$release" "$sys/run/systemd" \
		"$sys/sys/class/dmi/id" "$sys/sys/class/misc/ipcchan" \
		"$sys/sys/module/module/parameters" "$sys/${secure_boot%/*}"
	echo "$release" >"$sys/proc/sys/kernel/osrelease"
	echo "ext4 1 1 - Live 0x0" >"$sys/proc/modules"
	echo 0-3,8 >"$sys/sys/devices/system/cpu/online"
	echo "[none] integrity confidentiality" >"$sys/sys/kernel/security/lockdown"
	echo "model name	: A Real CPU" >"$sys/proc/cpuinfo"
	echo "flags		: fpu sse2" >>"$sys/proc/cpuinfo"
	echo "0::/init.scope" >"$sys/proc/1/cgroup"
	: >"$sys/dev/ipcchan"
}

unloaded() {
	machine
	rmdir "$sys/sys/module/ipcchan"
	rm "$sys/dev/ipcchan"
}

doctor() {
	IPCCHAN_SYSROOT=$sys run doctor
}

# finds STATUS CHECK TEXT NAME: the line of CHECK has STATUS and TEXT
finds() {
	doctor
	line=$(printf '%s\n' "$out" | grep "^$1 *$2 ")
	has "$line" "$3"
	ok $? "$4"
}

# advises CHECK TEXT NAME: the line last found tells to do TEXT
advises() {
	has "${line#*to do: }" "$1" && has "$line" "to do: "
	ok $? "$2"
}

machine
finds ok kernel "Linux $release" "kernel: told"
echo 5.4.0-1 >"$sys/proc/sys/kernel/osrelease"
finds FAIL kernel "Linux 5.4.0-1 is older than 5.10" "kernel: too old"
advises "upgrade" "kernel: told to upgrade"
echo 5.10.0 >"$sys/proc/sys/kernel/osrelease"
finds ok kernel "5.10.0" "kernel: the oldest that will do"
rm "$sys/proc/sys/kernel/osrelease"
finds FAIL kernel "cannot be read" "kernel: no /proc"

machine
finds ok container "not in a container" "container: none"
: >"$sys/.dockerenv"
finds ok container "has the module loaded" "container: the host has the module"
for sign in .dockerenv run/.containerenv run/systemd/container; do
	unloaded
	: >"$sys/$sign"
	finds WARN container "/$sign" "container: by $sign"
done
advises "on the host" "container: load the module on the host"
unloaded
printf 'HOME=/\0container=podman\0' >"$sys/proc/1/environ"
finds WARN container '"container"' "container: by the environment of process 1"
unloaded
echo "0::/docker/abc" >"$sys/proc/1/cgroup"
finds WARN container "control group" "container: by the control group"

unloaded
finds ok modules "can load modules" "modules: supported"
rm "$sys/proc/modules"
finds FAIL modules "there is no /proc/modules" "modules: none"
advises "make demo" "modules: use the virtual machine"
[ "$rc" -eq 2 ]
ok $? "a failed check gives exit status 2"
echo "# CONFIG_MODULES is not set" >"$sys/boot/config-$release"
finds FAIL modules "CONFIG_MODULES is not set" "modules: by /boot/config"
echo "CONFIG_MODULES=y" >"$sys/boot/config-$release"
finds FAIL modules "/proc/modules is missing" "modules: hidden by a sandbox"
echo "# CONFIG_MODULES is not set" | gzip >"$sys/proc/config.gz"
rm "$sys/boot/config-$release"
finds FAIL modules "CONFIG_MODULES is not set" "modules: by /proc/config.gz"
finds FAIL module "cannot load it" "module: the kernel cannot have it"
unloaded
echo 1 >"$sys/proc/sys/kernel/modules_disabled"
finds FAIL modules "switched off" "modules: switched off until reboot"
advises "reboot" "modules: told to reboot"

unloaded
finds ok signing "unsigned modules are accepted" "signing: none needed"
printf '\6\0\0\0\1' >"$sys/$secure_boot"
finds WARN signing "Secure Boot is on" "signing: Secure Boot without lockdown"
echo "none [integrity] confidentiality" >"$sys/sys/kernel/security/lockdown"
finds FAIL signing "refused: Secure Boot is on" "signing: Secure Boot and lockdown"
advises "mokutil" "signing: told to enrol a key"
printf '\6\0\0\0\0' >"$sys/$secure_boot"
finds FAIL signing 'refused: lockdown is "integrity"' "signing: lockdown alone"
echo "none integrity [confidentiality]" >"$sys/sys/kernel/security/lockdown"
finds FAIL signing "confidentiality" "signing: lockdown confidentiality"
mkdir "$sys/sys/module/ipcchan"
finds ok signing "was accepted" "signing: a loaded module was accepted"
unloaded
echo Y >"$sys/sys/module/module/parameters/sig_enforce"
finds FAIL signing "sig_enforce" "signing: sig_enforce"
unloaded
echo "CONFIG_MODULE_SIG_FORCE=y" >"$sys/boot/config-$release"
finds FAIL signing "CONFIG_MODULE_SIG_FORCE" "signing: forced by the configuration"

machine
finds ok module "loaded" "module: loaded"
unloaded
finds FAIL module "headers are missing" "module: neither built nor headers"
advises "linux-headers-$release" "module: told to install the headers"
finds skip device "not loaded" "module: the device is not tried"
mkdir "$sys/lib/modules/$release/build"
finds FAIL module "not built for this kernel" "module: not built"
advises '"make"' "module: told to build it"
mkdir -p "$sys/lib/modules/5.10.0-1/extra"
: >"$sys/lib/modules/5.10.0-1/extra/ipcchan.ko"
finds FAIL module "another kernel, /lib/modules/5.10.0-1/" "module: built for another kernel"
mkdir -p "$sys/lib/modules/$release/updates/dkms"
: >"$sys/lib/modules/$release/updates/dkms/ipcchan.ko.xz"
finds FAIL module "not loaded; built for this kernel" "module: installed, not loaded"
advises "modprobe ipcchan" "module: told to load it"

machine
finds ok device "can be opened" "device: can be opened"
rm "$sys/dev/ipcchan"
echo 10:123 >"$sys/sys/class/misc/ipcchan/dev"
finds FAIL device "there is no /dev/ipcchan" "device: no node"
advises "mknod /dev/ipcchan c 10 123" "device: told how to make it"
: >"$sys/.dockerenv"
finds FAIL device "there is no /dev/ipcchan" "device: not given to the container"
advises "docker run --device" "device: told to give it"
machine
rm "$sys/dev/ipcchan"
finds FAIL device "there is no /dev/ipcchan" "device: no node and no number"
advises "dmesg" "device: told where to look"

# Root may open anything: permission is tried as another user.
denied() {
	line=$(IPCCHAN_SYSROOT=$sys setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$tmp/ipcchan" doctor 2>&1 | grep "^FAIL *device ")
	has "$line" "$1"
	ok $? "$2"
}
machine
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	cp "$IPCCHAN" "$tmp/ipcchan"
	chmod 755 "$tmp"
	chmod 660 "$sys/dev/ipcchan"
	denied "user 65534 may not open /dev/ipcchan (owner 0, group root, mode 0660)" \
		"device: no permission"
	advises "sudo chmod 0666" "device: root's group is not for users"
	chgrp 100 "$sys/dev/ipcchan"
	denied "mode 0660" "device: a group has permission"
	advises "usermod -aG $(getent group 100 | cut -d: -f1)" "device: told to join it"
else
	skip "device: no permission" "needs root and setpriv"
fi

machine
finds FAIL abi "does not answer as ipcchan does" "abi: another device"
finds skip roundtrip "does not answer" "abi: no round trip without it"
cat >"$tmp/ioctl.c" <<'END'
#include <stdarg.h>
#include <stdlib.h>
#include <linux/ipcchan.h>

int ioctl(int fd, unsigned long request, ...)
{
	struct ipcchan_query *q;
	va_list ap;

	(void)fd;
	va_start(ap, request);
	q = va_arg(ap, struct ipcchan_query *);
	va_end(ap);
	if (request != IPCCHAN_IOC_QUERY)
		abort();
	q->abi_version = atoi(getenv("ABI"));
	return 0;
}
END
${CC:-cc} -shared -fPIC -I"$root/include/uapi" -o "$tmp/ioctl.so" "$tmp/ioctl.c"
ok $? "abi: a module that answers with any version"
abi() {
	line=$(ABI=$1 LD_PRELOAD=$tmp/ioctl.so IPCCHAN_SYSROOT=$sys "$IPCCHAN" doctor |
		grep " abi  ")
	has "$line" "$2"
	ok $? "$3"
}
abi 1 "ok    abi        module and command both speak ABI version 1" "abi: the same"
abi 7 "FAIL  abi        the module speaks ABI version 7, this command version 1" \
	"abi: another version"
advises "same sources" "abi: told to build both"
ABI=1 LD_PRELOAD=$tmp/ioctl.so IPCCHAN_SYSROOT=$sys run doctor
[ "$rc" -eq 0 ] && ! has "$out" WARN && ! has "$out" FAIL && has "$out" "ok    machine"
ok $? "all is well: 0"

machine
finds ok cpus "5 CPUs" "cpus: counted"
echo 0 >"$sys/sys/devices/system/cpu/online"
finds WARN cpus "one CPU to run on: spinning transports are refused" "cpus: one"
advises "blocking" "cpus: told to block"
echo 0-x >"$sys/sys/devices/system/cpu/online"
finds WARN cpus "cannot be read" "cpus: nonsense"

finds ok machine "no emulator or hypervisor" "machine: real"
printf 'TCGTCGTCGTCG' >"$sys/cpuid-hypervisor-signature"
finds WARN machine "emulated CPU" "machine: emulated, by CPUID"
advises "bench-insn" "machine: told to count instructions"
printf 'KVMKVMKVM\0\0\0' >"$sys/cpuid-hypervisor-signature"
finds WARN machine "hypervisor KVM" "machine: virtual, KVM"
printf 'VMwareVMware' >"$sys/cpuid-hypervisor-signature"
finds WARN machine "hypervisor VMware" "machine: virtual, VMware"
machine
echo "model name	: QEMU TCG CPU version 2.5+" >"$sys/proc/cpuinfo"
finds WARN machine "emulated CPU" "machine: emulated, by the model's name"
printf 'processor\t: 0\nCPU implementer\t: 0x00\n' >"$sys/proc/cpuinfo"
finds WARN machine "emulated CPU" "machine: emulated arm64, by the implementer"
printf 'processor\t: 0\nCPU implementer\t: 0x41\n' >"$sys/proc/cpuinfo"
finds ok machine "no emulator" "machine: real arm64"
echo QEMU >"$sys/sys/class/dmi/id/sys_vendor"
finds WARN machine "may emulate" "machine: QEMU of either sort, by DMI"
machine
mkdir "$sys/proc/device-tree"
printf 'linux,dummy-virt\0' >"$sys/proc/device-tree/compatible"
finds WARN machine "may emulate" "machine: QEMU of either sort, by device tree"
machine
echo "flags		: fpu hypervisor" >"$sys/proc/cpuinfo"
finds WARN machine "a virtual machine" "machine: virtual, by the flag"

machine
IPCCHAN_SYSROOT=$sys run doctor --json
[ "$rc" -eq 2 ] && has "$out" '{"schema":"ipcchan-doctor/1","ok":false,"checks":[{"name":"kernel","status":"ok","found":"Linux '"$release"'","advice":null}'
ok $? "JSON: fields and status"
if command -v jq >/dev/null; then
	text=$(IPCCHAN_SYSROOT=$sys "$IPCCHAN" doctor | wc -l)
	[ "$(printf '%s' "$out" | jq '.checks | length')" -eq "$text" ]
	ok $? "JSON: parses, one object a check"
else
	skip "JSON: parses" "no jq"
fi

done_testing
