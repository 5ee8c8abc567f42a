/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Statistics of figures that each run has one of.  A run, of fresh processes, is the
 * sampling unit; nothing is supposed of how its figures are distributed.
 */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stdbool.h>
#include <stddef.h>

/* More figures of a case are not looked at */
#define STATS_MAX	1000

/* The least number of runs that an interval of 95 % can be told of */
#define SPREAD_RUNS	6

/**
 * struct spread - of a figure, over the runs
 * @sure: there are enough of them for @low and @high, and each has the figure
 * @low: from here to @high the median of all runs that could be made lies, with a
 *	probability of 95 % at least
 */
struct spread {
	double min;
	double median;
	double max;
	bool sure;
	double low;
	double high;
};

/**
 * spread_find() - of figures, those that are above 0: the others are not known
 * @values: @n of them, STATS_MAX at most; NULL for none
 * @spread: out
 *
 * A figure that some runs do not have has no interval: mostly the slowest lack it.
 * Return: false, with @spread untouched, when none is known.
 */
bool spread_find(const double *values, size_t n, struct spread *spread);

#endif /* BENCH_STATS_H */
