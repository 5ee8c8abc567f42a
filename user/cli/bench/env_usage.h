/* SPDX-License-Identifier: GPL-2.0 */
/* Who had the CPUs while the benchmark ran. */
#ifndef BENCH_ENV_USAGE_H
#define BENCH_ENV_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "placement.h"

#define USAGE_CPUS	16

/**
 * struct usage - of the CPUs that were measured on
 * @cpu: their numbers, @n_cpus of them; none stands for all of the machine
 * @at: what was counted at the start: see env_usage.c
 * @over: usage_end() has been called, and the kernel tells what follows
 * @steal: share of the time of these CPUs that the hypervisor gave to others, 0 to 1
 * @others: share of it that programs took which are not of the benchmark, 0 to 1
 * @swapped: pages that the machine moved to or from swap
 */
struct usage {
	int cpu[USAGE_CPUS];
	size_t n_cpus;
	struct usage_counts {
		double busy_s;
		double steal_s;
		double all_s;
		double own_s;
		uint64_t swapped;
	} at;
	bool over;
	double steal;
	double others;
	uint64_t swapped;
};

/**
 * usage_begin() - begin to count
 * @places: where will be measured; @n of them
 */
void usage_begin(struct usage *usage, const struct placement *places, size_t n);

/** usage_end() - the shares since usage_begin() */
void usage_end(struct usage *usage);

#endif /* BENCH_ENV_USAGE_H */
