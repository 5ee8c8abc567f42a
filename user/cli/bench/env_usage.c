// SPDX-License-Identifier: GPL-2.0
#include "env_usage.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* The kernel counts in ticks: so many may be off for each CPU */
#define TICKS_OFF	2

/* Of a line of /proc/stat */
enum column {
	USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, COLUMNS,
};

static bool is_one_of(const struct usage *usage, const char *name)
{
	size_t i;

	if (!usage->n_cpus)
		return !*name;
	for (i = 0; *name && i < usage->n_cpus; i++)
		if (usage->cpu[i] == atoi(name))
			return true;
	return false;
}

static void add_line(struct usage_counts *c, char *values)
{
	double tick = 1.0 / (double)sysconf(_SC_CLK_TCK), ticks[COLUMNS] = { 0 };
	int i;

	for (i = 0; i < COLUMNS; i++) {
		ticks[i] = strtod(values, &values);
		c->all_s += ticks[i] * tick;
	}
	c->busy_s += (ticks[USER] + ticks[NICE] + ticks[SYSTEM]) * tick;
	c->steal_s += ticks[STEAL] * tick;
}

static double seconds(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

/* This process, and those of its children that are gone: all that it started */
static double own_seconds(void)
{
	static const int whose[] = { RUSAGE_SELF, RUSAGE_CHILDREN };
	struct rusage used;
	double sum = 0;
	size_t i;

	for (i = 0; i < sizeof(whose) / sizeof(whose[0]); i++)
		if (!getrusage(whose[i], &used))
			sum += seconds(used.ru_utime) + seconds(used.ru_stime);
	return sum;
}

static uint64_t swapped_pages(void)
{
	FILE *file = fopen("/proc/vmstat", "re");
	unsigned long long value;
	uint64_t sum = 0;
	char name[64];

	while (file && fscanf(file, "%63s %llu", name, &value) == 2)
		if (!strcmp(name, "pswpin") || !strcmp(name, "pswpout"))
			sum += value;
	if (file)
		fclose(file);
	return sum;
}

static struct usage_counts count(const struct usage *usage)
{
	struct usage_counts c = { .own_s = own_seconds(), .swapped = swapped_pages() };
	FILE *file = fopen("/proc/stat", "re");
	char *line = NULL, *end;
	size_t room = 0;

	while (file && getline(&line, &room, file) > 0 && !strncmp(line, "cpu", 3)) {
		end = line + strcspn(line, " ");
		if (!*end)
			continue;
		*end = '\0';
		if (is_one_of(usage, line + 3))
			add_line(&c, end + 1);
	}
	free(line);
	if (file)
		fclose(file);
	return c;
}

static void add_cpu(struct usage *usage, int cpu)
{
	size_t i;

	for (i = 0; i < usage->n_cpus && usage->cpu[i] != cpu; i++)
		;
	if (i == usage->n_cpus && i < USAGE_CPUS)
		usage->cpu[usage->n_cpus++] = cpu;
}

void usage_begin(struct usage *usage, const struct placement *places, size_t n)
{
	bool all = false;
	size_t i;

	*usage = (struct usage){ 0 };
	for (i = 0; i < n; i++) {
		if (!places[i].present)
			continue;
		all |= places[i].cpu[0] < 0;
		add_cpu(usage, places[i].cpu[0]);
		add_cpu(usage, places[i].cpu[1]);
	}
	if (all)
		usage->n_cpus = 0;
	usage->at = count(usage);
}

void usage_end(struct usage *usage)
{
	const struct usage_counts now = count(usage), *at = &usage->at;
	double tick = 1.0 / (double)sysconf(_SC_CLK_TCK);
	double all = now.all_s - at->all_s, cpus = usage->n_cpus ? (double)usage->n_cpus :
					    (double)sysconf(_SC_NPROCESSORS_ONLN);

	usage->swapped = now.swapped - at->swapped;
	usage->over = all > 0;
	if (!usage->over)
		return;
	usage->steal = fmax(0, (now.steal_s - at->steal_s) / all);
	usage->others = fmax(0, (now.busy_s - at->busy_s) - (now.own_s - at->own_s) -
				TICKS_OFF * tick * cpus) / all;
}
