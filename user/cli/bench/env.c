// SPDX-License-Identifier: GPL-2.0
#include "env.h"

#include <stdio.h>
#include <string.h>

#include "env_files.h"

#define IDLE_STATES	16

/* AMD's and the others' way to say so, then Intel's, which says the contrary */
static int frequency_boost(void)
{
	long boost = env_read_number(ENV_CPU_DIR "/cpufreq/boost"), off;

	if (boost >= 0)
		return boost > 0;
	off = env_read_number(ENV_CPU_DIR "/intel_pstate/no_turbo");
	return off < 0 ? -1 : !off;
}

static long idle_exit_us(void)
{
	char path[128];
	long worst = -1, latency;
	int state;

	for (state = 0; state < IDLE_STATES; state++) {
		snprintf(path, sizeof(path), ENV_CPU_DIR "/cpu0/cpuidle/state%d/disable", state);
		if (env_read_number(path) > 0)
			continue;
		snprintf(path, sizeof(path), ENV_CPU_DIR "/cpu0/cpuidle/state%d/latency", state);
		latency = env_read_number(path);
		worst = latency > worst ? latency : worst;
	}
	return worst;
}

void env_begin(struct env *env, const struct clock_info *clock, int cpus,
	       const struct placement *places, size_t n)
{
	long smt = env_read_number(ENV_CPU_DIR "/smt/active");

	*env = (struct env){
		.clock = *clock,
		.cpus = cpus,
		.hypervisor = env_hypervisor(),
		.doubt = env_times_doubt(clock),
		.boost = frequency_boost(),
		.smt = smt < 0 ? -1 : smt > 0,
		.idle_exit_us = idle_exit_us(),
	};
	env_read_line(ENV_CPU_DIR "/cpu0/cpufreq/scaling_governor", env->governor, ENV_TEXT);
	env_read_line("/sys/devices/system/clocksource/clocksource0/current_clocksource",
		      env->clocksource, ENV_TEXT);
	env_tasks(env);
	usage_begin(&env->used, places, n);
}

void env_end(struct env *env)
{
	usage_end(&env->used);
}
