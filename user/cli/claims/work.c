// SPDX-License-Identifier: GPL-2.0
#include "work.h"

#include "bench/clock.h"
#include "bench/random.h"

#define TRIES		5
#define TRY_STEPS	100000

uint64_t work_do(uint64_t seed, uint64_t steps)
{
	uint64_t sum = 0;

	while (steps--)
		sum += random_next(&seed);
	return sum;
}

/* By the fastest try: what else ran meanwhile is no work */
uint64_t work_calibrate(uint64_t ns)
{
	uint64_t least = UINT64_MAX, start, took, steps;
	volatile uint64_t sum = 0;
	int i;

	for (i = 0; i < TRIES; i++) {
		start = clock_ns();
		sum += work_do((uint64_t)i, TRY_STEPS);
		took = clock_ns() - start;
		least = took < least ? took : least;
	}
	steps = (uint64_t)((double)ns * TRY_STEPS / (double)(least ? least : 1));
	(void)sum;
	return steps ? steps : 1;
}
