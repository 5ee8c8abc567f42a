// SPDX-License-Identifier: GPL-2.0
#include "env_grade.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CLOCK_DEAR_NS	200.0
#define CLOCK_COARSE_NS	100
#define IDLE_EXIT_US	10

/* Shares, as what they are at least at a grade */
static const struct bounds {
	double d, c, b;
} steal_bounds = { 0.05, 0.01, 0.001 }, others_bounds = { 0.2, 0.05, 0.01 };

static void reason(struct env_grade *grade, char letter, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void reason(struct env_grade *grade, char letter, const char *format, ...)
{
	va_list args;

	if (letter > grade->letter)
		grade->letter = letter;
	if (grade->n == GRADE_REASONS)
		return;
	va_start(args, format);
	vsnprintf(grade->reasons[grade->n++], GRADE_REASON, format, args);
	va_end(args);
}

/* '\0' where the share is below them all */
static char letter_of(double share, const struct bounds *bounds)
{
	if (share >= bounds->d)
		return 'D';
	if (share >= bounds->c)
		return 'C';
	return share >= bounds->b ? 'B' : '\0';
}

static void grade_usage(struct env_grade *grade, const struct env *env)
{
	const struct usage *used = &env->used;
	char letter;

	if (!used->over) {
		if (env->waiting)
			reason(grade, 'C', "others want a CPU, %u of them: end them, or wait until "
			       "they are done", env->waiting);
		return;
	}
	letter = letter_of(used->steal, &steal_bounds);
	if (letter)
		reason(grade, letter, "the hypervisor took %.1f %% of the time of the CPUs "
		       "measured on (steal): give the virtual CPUs cores of their own",
		       100 * used->steal);
	letter = letter_of(used->others, &others_bounds);
	if (letter)
		reason(grade, letter, "other programs took %.1f %% of the time of the CPUs "
		       "measured on: end them, or boot with isolcpus=", 100 * used->others);
	if (used->swapped)
		reason(grade, 'C', "%llu pages were swapped meanwhile: free memory, or "
		       "swapoff -a", (unsigned long long)used->swapped);
}

static void grade_hypervisor(struct env_grade *grade, const struct env *env)
{
	if (env->doubt) {
		reason(grade, 'F', "%s: compare with results of the same kind only, and measure "
		       "on a machine for times", env->doubt);
		return;
	}
	if (*env->hypervisor)
		reason(grade, 'B', "a virtual machine (%s): waking an idle CPU takes an exit to "
		       "the hypervisor, and CPUs may move: pin them to cores, or measure "
		       "without it", env->hypervisor);
	if (env->moved)
		reason(grade, 'C', "two CPUs were not as far apart after the benchmark as "
		       "before: have the virtual CPUs pinned to cores");
	if (env->mislabelled)
		reason(grade, 'C', "two CPUs are not as far apart as the topology claims: have "
		       "the hypervisor tell the true one, and see the line 'floor'");
}

static void grade_cpus(struct env_grade *grade, const struct env *env)
{
	if (*env->governor && strcmp(env->governor, "performance") &&
	    strcmp(env->governor, "userspace"))
		reason(grade, 'C', "the governor %s changes the frequency: cpupower "
		       "frequency-set -g performance", env->governor);
	if (env->boost > 0)
		reason(grade, 'B', "the frequency depends on heat and neighbours (boost): echo 0 "
		       ">/sys/devices/system/cpu/cpufreq/boost, or 1 to intel_pstate/no_turbo");
	if (env->idle_exit_us >= IDLE_EXIT_US)
		reason(grade, 'B', "an idle CPU takes up to %ld us to wake: hold 0 in "
		       "/dev/cpu_dma_latency, or cpupower idle-set -D %d", env->idle_exit_us,
		       IDLE_EXIT_US);
	if (env->smt > 0)
		reason(grade, 'B', "threads share cores, and what runs on the other one slows "
		       "what is measured: echo off >/sys/devices/system/cpu/smt/control");
	if (env->real_time)
		reason(grade, 'B', "%u real-time tasks may run instead (%s): end them, or "
		       "measure on CPUs that they may not use", env->real_time,
		       env->real_time_names);
}

static void grade_clock(struct env_grade *grade, const struct env *env)
{
	if (env->clock.instructions)
		return;
	if (env->clock.cost_ns >= CLOCK_DEAR_NS)
		reason(grade, 'C', "a reading of the clock takes %.0f ns (clock source %s): boot "
		       "with clocksource=tsc, if the TSC is stable", env->clock.cost_ns,
		       *env->clocksource ? env->clocksource : "not known");
	if (env->clock.quantum_ns >= CLOCK_COARSE_NS)
		reason(grade, 'C', "the clock goes in steps of %llu ns (clock source %s): boot "
		       "with clocksource=tsc, if the TSC is stable",
		       (unsigned long long)env->clock.quantum_ns,
		       *env->clocksource ? env->clocksource : "not known");
}

struct env_grade env_grade(const struct env *env)
{
	struct env_grade grade = { .letter = 'A' };

	grade_hypervisor(&grade, env);
	grade_usage(&grade, env);
	grade_clock(&grade, env);
	grade_cpus(&grade, env);
	return grade;
}
