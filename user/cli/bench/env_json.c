// SPDX-License-Identifier: GPL-2.0
#include "env_json.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "env_files.h"
#include "env_grade.h"

static json_t *line_of(const char *path)
{
	char line[4096];
	const char *got = env_read_line(path, line, sizeof(line));

	return got ? json_string(got) : json_null();
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
	DIR *dir = opendir(ENV_CPU_DIR "/vulnerabilities");
	json_t *all = json_object();
	struct dirent *entry;
	char path[512];

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), ENV_CPU_DIR "/vulnerabilities/%s",
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

/* -1 is not known */
static json_t *bool_or_null(int value)
{
	return value < 0 ? json_null() : json_boolean(value);
}

static json_t *int_or_null(long value)
{
	return value < 0 ? json_null() : json_integer(value);
}

/* To a thousandth of a percent */
static json_t *percent_or_null(bool known, double share)
{
	return known ? json_real(round(share * 1e5) / 1e3) : json_null();
}

/* What a reader of the results needs to know before them */
static void add_grade(json_t *all, const struct env *env)
{
	const struct env_grade grade = env_grade(env);
	json_t *reasons = json_array();
	size_t i;

	for (i = 0; i < grade.n; i++)
		json_array_append_new(reasons, json_string(grade.reasons[i]));
	json_object_set_new(all, "grade", json_stringn(&grade.letter, 1));
	json_object_set_new(all, "grade_reasons", reasons);
}

static void add_machine(json_t *all, const struct env *env)
{
	struct utsname uts;

	uname(&uts);
	json_object_set_new(all, "kernel", json_string(uts.release));
	json_object_set_new(all, "kernel_version", json_string(uts.version));
	json_object_set_new(all, "arch", json_string(uts.machine));
	json_object_set_new(all, "command_line", line_of("/proc/cmdline"));
	json_object_set_new(all, "cpu_model", cpu_model());
	json_object_set_new(all, "cpus", json_integer(env->cpus));
	json_object_set_new(all, "hypervisor", string_or_null(env->hypervisor));
	json_object_set_new(all, "times_valid", json_boolean(!env->doubt));
	json_object_set_new(all, "times_invalid_reason", string_or_null(env->doubt));
}

static void add_settings(json_t *all, const struct env *env)
{
	json_object_set_new(all, "mitigations", mitigations());
	json_object_set_new(all, "governor", string_or_null(env->governor));
	json_object_set_new(all, "frequency_boost", bool_or_null(env->boost));
	json_object_set_new(all, "idle_driver", line_of(ENV_CPU_DIR "/cpuidle/current_driver"));
	json_object_set_new(all, "idle_exit_us", int_or_null(env->idle_exit_us));
	json_object_set_new(all, "smt", line_of(ENV_CPU_DIR "/smt/control"));
	json_object_set_new(all, "smt_active", bool_or_null(env->smt));
	json_object_set_new(all, "isolated_cpus", line_of(ENV_CPU_DIR "/isolated"));
	json_object_set_new(all, "transparent_hugepages",
			    line_of("/sys/kernel/mm/transparent_hugepage/enabled"));
	json_object_set_new(all, "clocksource", string_or_null(env->clocksource));
	json_object_set_new(all, "clock",
			    json_string(env->clock.instructions ? "instructions" :
								  "monotonic_raw"));
	json_object_set_new(all, "clock_cost_ns", json_real(env->clock.cost_ns));
	json_object_set_new(all, "clock_quantum_ns",
			    json_integer((json_int_t)env->clock.quantum_ns));
}

static void add_others(json_t *all, const struct env *env)
{
	const struct usage *used = &env->used;

	json_object_set_new(all, "load", line_of("/proc/loadavg"));
	json_object_set_new(all, "other_tasks_before", json_integer(env->waiting));
	json_object_set_new(all, "real_time_tasks", json_integer(env->real_time));
	json_object_set_new(all, "real_time_task_names", string_or_null(env->real_time_names));
	json_object_set_new(all, "steal_percent", percent_or_null(used->over, used->steal));
	json_object_set_new(all, "other_programs_percent",
			    percent_or_null(used->over, used->others));
	json_object_set_new(all, "swapped_pages",
			    used->over ? json_integer((json_int_t)used->swapped) : json_null());
}

json_t *env_json(const struct env *env)
{
	json_t *all = json_object();

	if (!all)
		return NULL;
	add_machine(all, env);
	add_grade(all, env);
	add_settings(all, env);
	add_others(all, env);
	return all;
}
