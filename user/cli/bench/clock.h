/* SPDX-License-Identifier: GPL-2.0 */
/* The clock of every measurement, and what is known of it. */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/**
 * struct clock_info - what clock_measure() found
 * @cost_ns: of one reading
 * @quantum_ns: smallest step
 * @instructions: the clock counts instructions of an emulated CPU, one a
 *	nanosecond
 */
struct clock_info {
	double cost_ns;
	uint64_t quantum_ns;
	bool instructions;
};

/** clock_ns() - CLOCK_MONOTONIC_RAW in nanoseconds; comparable between CPUs */
static inline uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/** clock_measure() - measure cost and quantum, find out what is counted */
void clock_measure(struct clock_info *info);

/**
 * clock_batch() - how many things to time with two readings
 * @mean_ns: expected length of one
 *
 * Return: 1 where one is long against a reading of the clock.
 */
uint32_t clock_batch(const struct clock_info *info, double mean_ns);

#endif /* BENCH_CLOCK_H */
