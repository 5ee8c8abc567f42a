// SPDX-License-Identifier: GPL-2.0
#include "env.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#define CPU_DIR	"/sys/devices/system/cpu"

/* First line of a file of the kernel; NULL when there is none */
static const char *read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	const char *got;

	if (!file)
		return NULL;
	got = fgets(line, (int)size, file);
	fclose(file);
	if (got)
		line[strcspn(line, "\n")] = '\0';
	return got;
}

static json_t *line_of(const char *path)
{
	char line[4096];
	const char *got = read_line(path, line, sizeof(line));

	return got ? json_string(got) : json_null();
}

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

	if (read_line("/sys/class/dmi/id/sys_vendor", vendor, sizeof(vendor)) ||
	    read_line("/proc/device-tree/hypervisor/compatible", vendor, sizeof(vendor)))
		return strcmp(vendor, "QEMU") && !strstr(vendor, "linux,kvm") ? "" : vendor;
	if (read_line("/proc/device-tree/compatible", vendor, sizeof(vendor)) &&
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

/* "model name" on x86; elsewhere the kernel gives numbers only */
static json_t *cpu_model(void)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	json_t *model = NULL;
	char *line = NULL, *value;
	size_t room = 0;

	while (file && !model && getline(&line, &room, file) > 0) {
		value = strchr(line, ':');
		if (!value || (strncmp(line, "model name", 10) &&
			       strncmp(line, "CPU part", 8)))
			continue;
		value += strspn(value, ": ");
		value[strcspn(value, "\n")] = '\0';
		model = json_string(value);
	}
	free(line);
	if (file)
		fclose(file);
	return model ? model : json_null();
}

static json_t *mitigations(void)
{
	DIR *dir = opendir(CPU_DIR "/vulnerabilities");
	json_t *all = json_object();
	struct dirent *entry;
	char path[512];

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), CPU_DIR "/vulnerabilities/%s",
			 entry->d_name);
		json_object_set_new(all, entry->d_name, line_of(path));
	}
	if (dir)
		closedir(dir);
	return all;
}

static json_t *string_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

json_t *env_describe(const struct clock_info *clock, int cpus)
{
	const char *doubt = env_times_doubt(clock);
	struct utsname uts;

	uname(&uts);
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:i, s:o, s:b, s:o, s:o, s:o, s:o,"
			 " s:o, s:o, s:o, s:s, s:f, s:I}",
		"kernel", uts.release,
		"kernel_version", uts.version,
		"arch", uts.machine,
		"command_line", line_of("/proc/cmdline"),
		"cpu_model", cpu_model(),
		"cpus", cpus,
		"hypervisor", string_or_null(env_hypervisor()),
		"times_valid", !doubt,
		"times_invalid_reason", string_or_null(doubt),
		"mitigations", mitigations(),
		"governor", line_of(CPU_DIR "/cpu0/cpufreq/scaling_governor"),
		"idle_driver", line_of(CPU_DIR "/cpuidle/current_driver"),
		"smt", line_of(CPU_DIR "/smt/control"),
		"clocksource",
		line_of("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
		"load", line_of("/proc/loadavg"),
		"clock", clock->instructions ? "instructions" : "monotonic_raw",
		"clock_cost_ns", clock->cost_ns,
		"clock_quantum_ns", (json_int_t)clock->quantum_ns);
}
