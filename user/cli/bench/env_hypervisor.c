// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <string.h>

#include "env.h"
#include "env_files.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#if defined(__x86_64__) || defined(__i386__)
#define CPUID_HYPERVISOR_BIT	(1u << 31)
#define CPUID_HYPERVISOR_LEAF	0x40000000u

const char *env_hypervisor(void)
{
	static char name[13];
	unsigned int a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & CPUID_HYPERVISOR_BIT))
		return "";
	__cpuid(CPUID_HYPERVISOR_LEAF, a, b, c, d);
	memcpy(name, &b, 4);
	memcpy(name + 4, &c, 4);
	memcpy(name + 8, &d, 4);
	return name;
}

static bool emulated(const char *hypervisor)
{
	return !strcmp(hypervisor, "TCGTCGTCGTCG");
}
#else
/* The maker of the machine, when it is one that only makes virtual ones */
const char *env_hypervisor(void)
{
	static char vendor[64];

	if (env_read_line("/sys/class/dmi/id/sys_vendor", vendor, sizeof(vendor)) ||
	    env_read_line("/proc/device-tree/hypervisor/compatible", vendor, sizeof(vendor)))
		return strcmp(vendor, "QEMU") && !strstr(vendor, "linux,kvm") ? "" : vendor;
	if (env_read_line("/proc/device-tree/compatible", vendor, sizeof(vendor)) &&
	    !strcmp(vendor, "linux,dummy-virt"))
		return "QEMU";
	return "";
}

/* QEMU does not tell here whether the CPU is a real one: do not vouch for it */
static bool emulated(const char *hypervisor)
{
	return !strcmp(hypervisor, "QEMU");
}
#endif

const char *env_times_doubt(const struct clock_info *clock)
{
	if (clock->instructions)
		return "the clock counts instructions of an emulated CPU";
	if (emulated(env_hypervisor()))
		return "the CPU is emulated, its times are not those of a machine";
	return NULL;
}
