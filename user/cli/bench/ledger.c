// SPDX-License-Identifier: GPL-2.0
#include "ledger.h"

#include <limits.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Of the first zone: nothing is told where there are several, of whatever */
#define RAPL		"/sys/class/powercap/intel-rapl:0/energy_uj"
#define RAPL_NEXT	"/sys/class/powercap/intel-rapl:1/energy_uj"

/* Ticks that tell how CPU time divides into user space and kernel, within some percent */
#define TICKS_LEAST	100

/* What perf_event_open(2) counts with, of those that it counts */
struct counted {
	uint32_t type;
	uint64_t config;
};

static const struct counted pmu[LEDGER_NR] = {
	[LEDGER_INSTRUCTIONS] = { PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS },
	[LEDGER_CYCLES] = { PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
	[LEDGER_CACHE_MISSES] = { PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES },
};

static bool read_number(const char *path, uint64_t *number)
{
	FILE *file = fopen(path, "re");
	unsigned long long value;
	bool found;

	if (!file)
		return false;
	found = fscanf(file, "%llu", &value) == 1;
	fclose(file);
	*number = found ? value : 0;
	return found;
}

/* Of the tracepoint that each system call passes, where tracefs is mounted */
static bool calls_tracepoint(struct counted *calls)
{
	calls->type = PERF_TYPE_TRACEPOINT;
	return read_number("/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
			   &calls->config) ||
	       read_number("/sys/kernel/debug/tracing/events/raw_syscalls/sys_enter/id",
			   &calls->config);
}

/* Of this process, wherever it runs.  Return: -1 when that cannot be counted */
static int counter_open(const struct counted *what)
{
	struct perf_event_attr attr = {
		.type = what->type,
		.size = sizeof(attr),
		.config = what->config,
		.disabled = 1,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	};

	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static bool can_count(const struct counted *what)
{
	int fd = counter_open(what);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool ledger_can_count(void)
{
	struct counted calls;
	int i;

	if (calls_tracepoint(&calls) && can_count(&calls))
		return true;
	for (i = LEDGER_INSTRUCTIONS; i <= LEDGER_CACHE_MISSES; i++)
		if (can_count(&pmu[i]))
			return true;
	return false;
}

int ledger_hold(void)
{
	struct counted calls;

	return calls_tracepoint(&calls) ? counter_open(&calls) : -1;
}

/* A counter is of one thread: a library may have made others */
static bool one_thread(void)
{
	struct stat st;

	return !stat("/proc/self/task", &st) && st.st_nlink == 3;
}

void ledger_open(struct ledger_counters *c, bool counts, bool energy)
{
	struct counted tracepoint;
	uint64_t uj;
	int i;

	*c = (struct ledger_counters){ 0 };
	memset(c->fd, 0xff, sizeof(c->fd));
	if (counts) {
		if (!one_thread())
			return;
		if (calls_tracepoint(&tracepoint))
			c->fd[LEDGER_CALLS] = counter_open(&tracepoint);
		for (i = LEDGER_INSTRUCTIONS; i <= LEDGER_CACHE_MISSES; i++)
			c->fd[i] = counter_open(&pmu[i]);
		return;
	}
	c->start.known = 1u << LEDGER_VOLUNTARY | 1u << LEDGER_INVOLUNTARY |
			 1u << LEDGER_FAULTS | 1u << LEDGER_CPU_NS | 1u << LEDGER_USER_NS |
			 1u << LEDGER_SYSTEM_NS;
	if (energy && access(RAPL_NEXT, F_OK) && read_number(RAPL, &uj))
		c->start.known |= 1u << LEDGER_NANOJOULES;
}

static uint64_t time_ns(const struct timeval *tv)
{
	return (uint64_t)tv->tv_sec * 1000000000u + (uint64_t)tv->tv_usec * 1000u;
}

static void look(struct ledger *now)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	now->value[LEDGER_VOLUNTARY] = (uint64_t)usage.ru_nvcsw;
	now->value[LEDGER_INVOLUNTARY] = (uint64_t)usage.ru_nivcsw;
	now->value[LEDGER_FAULTS] = (uint64_t)(usage.ru_minflt + usage.ru_majflt);
	now->value[LEDGER_USER_NS] = time_ns(&usage.ru_utime);
	now->value[LEDGER_SYSTEM_NS] = time_ns(&usage.ru_stime);
	now->value[LEDGER_CPU_NS] = now->value[LEDGER_USER_NS] + now->value[LEDGER_SYSTEM_NS];
}

static void look_energy(struct ledger *now)
{
	uint64_t uj = 0;

	if (now->known & 1u << LEDGER_NANOJOULES && !read_number(RAPL, &uj))
		now->known &= ~(1u << LEDGER_NANOJOULES);
	now->value[LEDGER_NANOJOULES] = uj * 1000;
}

void ledger_prepare(struct ledger_counters *c)
{
	look_energy(&c->start);
}

void ledger_start(struct ledger_counters *c)
{
	if (c->start.known)
		look(&c->start);
	prctl(PR_TASK_PERF_EVENTS_ENABLE);
}

/* Return: false where it took turns with others, and has not counted all the time */
static bool counter_read(int fd, uint64_t *value)
{
	uint64_t seen[3];

	if (fd < 0 || read(fd, seen, sizeof(seen)) != sizeof(seen) || !seen[2] ||
	    seen[1] != seen[2])
		return false;
	*value = seen[0];
	return true;
}

void ledger_stop(struct ledger_counters *c, struct ledger *ledger)
{
	int i;

	prctl(PR_TASK_PERF_EVENTS_DISABLE);
	*ledger = c->start;
	if (ledger->known)
		look(ledger);
	look_energy(ledger);
	/* It begins anew from time to time. */
	if (ledger->value[LEDGER_NANOJOULES] < c->start.value[LEDGER_NANOJOULES])
		ledger->known &= ~(1u << LEDGER_NANOJOULES);
	for (i = 0; i < LEDGER_NR; i++) {
		ledger->value[i] -= c->start.value[i];
		if (counter_read(c->fd[i], &ledger->value[i]))
			ledger->known |= 1u << i;
	}
	/* The one that has ended it is none of the messages'. */
	if (ledger->known & 1u << LEDGER_CALLS)
		ledger->value[LEDGER_CALLS]--;
}

void ledger_add(struct ledger_sum *sum, const struct ledger *parts, unsigned int nr,
		uint64_t messages)
{
	unsigned int all = UINT_MAX, any = 0, known, i;
	int item;

	for (i = 0; i < nr; i++) {
		all &= parts[i].known;
		any |= parts[i].known;
	}
	known = all | (any & 1u << LEDGER_NANOJOULES);
	for (item = 0; item < LEDGER_NR; item++) {
		if (!(known & 1u << item))
			continue;
		for (i = 0; i < nr; i++)
			sum->value[item] += parts[i].value[item];
		sum->messages[item] += messages;
	}
}

/* Of the kernel's tick the coarse clocks have the step */
static bool divides(const struct ledger_sum *sum)
{
	struct timespec tick;

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick))
		return false;
	return sum->value[LEDGER_CPU_NS] >=
	       TICKS_LEAST * ((uint64_t)tick.tv_sec * 1000000000u + (uint64_t)tick.tv_nsec);
}

bool ledger_each(const struct ledger_sum *sum, enum ledger_item item, double *value)
{
	if (!sum->messages[item])
		return false;
	if ((item == LEDGER_USER_NS || item == LEDGER_SYSTEM_NS) && !divides(sum))
		return false;
	*value = (double)sum->value[item] / (double)sum->messages[item];
	return true;
}
