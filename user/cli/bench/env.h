/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine that was measured on: what it is, and what else it did meanwhile.  What is
 * known is in struct env; how good that is for measuring, in env_grade.h.
 */
#ifndef BENCH_ENV_H
#define BENCH_ENV_H

#include "clock.h"
#include "env_usage.h"
#include "placement.h"

#define ENV_TEXT	64
#define ENV_NAMES	96

/**
 * struct env - what is known of the machine
 * @clock: as measured
 * @cpus: that this process may use
 * @hypervisor: as env_hypervisor()
 * @doubt: as env_times_doubt()
 * @governor: of the frequency of CPU 0; "" where nothing changes it
 * @clocksource: of the kernel; "" when not known
 * @boost: the frequency may rise above its nominal one; -1 when not known
 * @smt: two threads of a core may run; -1 when not known
 * @idle_exit_us: to leave the deepest idle state that is on, microseconds; -1 when not known
 * @real_time: tasks with a real-time policy, other than the kernel's own threads
 * @real_time_names: of the first of them
 * @waiting: other tasks that wanted a CPU before the benchmark began
 * @moved: placements whose CPUs were not as far apart after the benchmark as before
 * @mislabelled: placements whose CPUs are not as far apart as the topology claims
 * @used: by whom the CPUs were used during the benchmark
 */
struct env {
	struct clock_info clock;
	int cpus;
	const char *hypervisor;
	const char *doubt;
	char governor[ENV_TEXT];
	char clocksource[ENV_TEXT];
	int boost;
	int smt;
	long idle_exit_us;
	unsigned int real_time;
	char real_time_names[ENV_NAMES];
	unsigned int waiting;
	unsigned int moved;
	unsigned int mislabelled;
	struct usage used;
};

/**
 * env_hypervisor() - what this machine runs on
 *
 * Return: as the hypervisor or emulator calls itself; "" on a bare machine, or
 * where nothing tells.
 */
const char *env_hypervisor(void);

/**
 * env_times_doubt() - why the times are not those of a machine
 *
 * Return: NULL when they are.
 */
const char *env_times_doubt(const struct clock_info *clock);

/**
 * env_tasks() - look for others that want CPUs
 * @env: out: @real_time, @real_time_names, @waiting
 *
 * Takes some tens of milliseconds.
 */
void env_tasks(struct env *env);

/**
 * env_begin() - find out what is known before the benchmark
 * @clock: as measured
 * @cpus: that this process may use
 * @places: where will be measured; @n of them
 */
void env_begin(struct env *env, const struct clock_info *clock, int cpus,
	       const struct placement *places, size_t n);

/** env_end() - the benchmark is over: what was done meanwhile */
void env_end(struct env *env);

#endif /* BENCH_ENV_H */
