// SPDX-License-Identifier: GPL-2.0
#include "pace.h"

#include <sys/prctl.h>
#include <time.h>

#include "relax.h"

/* Who may spin sleeps until so long before: timers of a virtual machine are that late */
#define SPIN_NS		200000

struct pace pace_start(const struct run_plan *plan)
{
	const int *cpu = plan->placement.cpu;

	/* 0 would be the default, 50 us */
	prctl(PR_SET_TIMERSLACK, 1);
	return (struct pace){ .spins = cpu[0] >= 0 && cpu[0] != cpu[1] };
}

/* CLOCK_MONOTONIC_RAW has no timers, but for a short time another clock is as good */
static void sleep_for(uint64_t ns)
{
	struct timespec ts = {
		.tv_sec = (time_t)(ns / 1000000000u),
		.tv_nsec = (long)(ns % 1000000000u),
	};

	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

void pace_nap(const struct pace *pace, uint64_t ns)
{
	if (pace->spins)
		spin_relax();
	else
		sleep_for(ns);
}

uint64_t pace_until(const struct pace *pace, uint64_t ns)
{
	uint64_t now, left;

	while ((now = clock_ns()) < ns) {
		left = ns - now;
		if (pace->spins && left > SPIN_NS)
			sleep_for(left - SPIN_NS);
		else
			pace_nap(pace, left);
	}
	return now;
}
