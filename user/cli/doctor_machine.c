// SPDX-License-Identifier: GPL-2.0
/* Doctor: what times measured on this machine are worth. */
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "doctor.h"
#include "sysroot.h"

#define EMULATED_ADVICE \
	"compare instruction counts instead (\"make bench-insn\"), or measure on hardware"

/* Hypervisors by what the CPUID leaf 0x40000000 says. */
static const struct {
	const char *signature;
	const char *name;
} hypervisors[] = {
	{ "KVMKVMKVM", "KVM" },
	{ "Microsoft Hv", "Hyper-V" },
	{ "VMwareVMware", "VMware" },
	{ "XenVMMXenVMM", "Xen" },
	{ "bhyve bhyve ", "bhyve" },
	{ "ACRNACRNACRN", "ACRN" },
};

/* Number of CPUs in a list such as "0-3,8"; 0 when it makes no sense. */
static unsigned long count_cpus(const char *list)
{
	unsigned long n = 0;

	while (*list >= '0' && *list <= '9') {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (last < first)
			return 0;
		n += last - first + 1;
		list = *end == ',' ? end + 1 : end;
	}
	return *list ? 0 : n;
}

/* CPUs that this process may run on; 0 when it cannot be told. */
static unsigned long usable_cpus(void)
{
	unsigned long n = 0;
	char list[1024];
	cpu_set_t set;

	if (sysroot_read_line("/sys/devices/system/cpu/online", list, sizeof(list)))
		n = count_cpus(list);
	if (sysroot_is_live() && !sched_getaffinity(0, sizeof(set), &set) &&
	    (unsigned long)CPU_COUNT(&set) < n)
		n = CPU_COUNT(&set);
	return n;
}

void doctor_check_cpus(struct doctor *doc)
{
	unsigned long n = usable_cpus();

	if (!n)
		doctor_report(doc, "cpus", CHECK_WARN, "mount /sys",
			      "the number of CPUs cannot be read");
	else if (n == 1)
		doctor_report(doc, "cpus", CHECK_WARN,
			      "use the blocking transports, or a machine with two CPUs",
			      "one CPU to run on: spinning transports are refused, as a side that "
			      "spins would only keep the other from running");
	else
		doctor_report(doc, "cpus", CHECK_OK, NULL, "%lu CPUs to run on", n);
}

/*
 * The hypervisor's signature.  Under IPCCHAN_SYSROOT the file
 * /cpuid-hypervisor-signature stands for the instruction.
 */
static bool hypervisor_signature(char signature[13])
{
	if (!sysroot_is_live())
		return sysroot_read_line("/cpuid-hypervisor-signature", signature, 13);
#if defined(__x86_64__) || defined(__i386__)
	uint32_t eax, ebx, ecx, edx;

	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & (1U << 31)))
		return false;
	__cpuid(0x40000000, eax, ebx, ecx, edx);
	memcpy(signature, &ebx, 4);
	memcpy(signature + 4, &ecx, 4);
	memcpy(signature + 8, &edx, 4);
	signature[12] = '\0';
	return true;
#else
	return false;
#endif
}

/* Whether a line of /proc/cpuinfo that begins with @key contains @value. */
static bool cpuinfo_has(const char *key, const char *value)
{
	char line[256];

	return sysroot_find_line("/proc/cpuinfo", key, line, sizeof(line)) &&
	       strstr(line, value);
}

/* QEMU's own CPU models: no hardware has them. */
static bool emulated_cpu(const char *signature)
{
	return !strcmp(signature, "TCGTCGTCGTCG") ||
	       cpuinfo_has("model name", "QEMU TCG CPU") ||
	       cpuinfo_has("CPU implementer", "0x00");
}

static const char *hypervisor_name(const char *signature)
{
	for (size_t i = 0; i < sizeof(hypervisors) / sizeof(hypervisors[0]); i++)
		if (!strcmp(signature, hypervisors[i].signature))
			return hypervisors[i].name;
	return *signature ? signature : "of unknown make";
}

/* Machine as its firmware or device tree names it. */
static bool qemu_machine(void)
{
	char text[256];

	return (sysroot_read_line("/sys/class/dmi/id/sys_vendor", text, sizeof(text)) &&
		!strcmp(text, "QEMU")) ||
	       (sysroot_read("/proc/device-tree/compatible", text, sizeof(text)) > 0 &&
		!strcmp(text, "linux,dummy-virt"));
}

void doctor_check_machine(struct doctor *doc)
{
	char signature[13] = "";
	bool hypervisor = hypervisor_signature(signature);

	if (emulated_cpu(signature))
		doctor_report(doc, "machine", CHECK_WARN, EMULATED_ADVICE,
			      "an emulated CPU (QEMU without KVM): everything works, but "
			      "times measured here are not times of a machine");
	else if (!hypervisor && qemu_machine())
		doctor_report(doc, "machine", CHECK_WARN, EMULATED_ADVICE,
			      "a QEMU machine, which may emulate its CPU: times measured "
			      "here may not be times of a machine");
	else if (hypervisor || cpuinfo_has("flags", " hypervisor") || qemu_machine())
		doctor_report(doc, "machine", CHECK_WARN,
			      "measure where it counts: on the machine that will do the work",
			      "a virtual machine (hypervisor %s): times depend on it and on "
			      "its other guests", hypervisor_name(signature));
	else
		doctor_report(doc, "machine", CHECK_OK, NULL,
			      "no emulator or hypervisor found");
}
