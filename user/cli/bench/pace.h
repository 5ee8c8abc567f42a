/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A sender that waits for the time to send.  It spins where it has a CPU of its own.  Where
 * the receiver may run on the same one it sleeps, and the timer is as late as it is.
 */
#ifndef BENCH_PACE_H
#define BENCH_PACE_H

#include "workload.h"

/**
 * struct pace
 * @spins: this process is pinned to another CPU than its peer
 */
struct pace {
	bool spins;
};

/** pace_start() - for side 0; makes its timers as exact as the kernel can */
struct pace pace_start(const struct run_plan *plan);

/** pace_nap() - wait for @ns nanoseconds; where it spins, for one turn */
void pace_nap(const struct pace *pace, uint64_t ns);

/**
 * pace_until() - wait for a time
 * @ns: of clock_ns()
 *
 * Return: clock_ns() afterwards.
 */
uint64_t pace_until(const struct pace *pace, uint64_t ns);

#endif /* BENCH_PACE_H */
