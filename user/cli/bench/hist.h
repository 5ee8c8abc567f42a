/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Log-linear histogram of integers.  A value is kept to one of 128 steps of
 * its power of two, so that what is read back is off by less than 0.4 %.
 * Plain memory without pointers: it may lie in memory shared by processes.
 */
#ifndef BENCH_HIST_H
#define BENCH_HIST_H

#include <stdbool.h>
#include <stdint.h>

#define HIST_SUB_BITS	7
#define HIST_VALUE_BITS	42
#define HIST_BUCKETS	((HIST_VALUE_BITS - HIST_SUB_BITS + 1) << HIST_SUB_BITS)

/* A percentile with fewer samples beyond it is not told */
#define HIST_MIN_BEYOND	100

/**
 * struct hist - all zero is an empty one
 * @count: values recorded
 * @sum: of all values
 * @min: smallest value, exact, when @count is not 0
 * @max: largest value, exact
 * @bucket: number of values by size
 */
struct hist {
	uint64_t count;
	uint64_t sum;
	uint64_t min;
	uint64_t max;
	uint64_t bucket[HIST_BUCKETS];
};

/**
 * hist_index() - the bucket of a value; those of 2^42 and more share the last
 */
static inline unsigned int hist_index(uint64_t value)
{
	unsigned int shift;

	if (value < (1u << HIST_SUB_BITS))
		return (unsigned int)value;
	if (value >> HIST_VALUE_BITS)
		return HIST_BUCKETS - 1;
	shift = 63 - (unsigned int)__builtin_clzll(value) - HIST_SUB_BITS;
	return (shift << HIST_SUB_BITS) + (unsigned int)(value >> shift);
}

/** hist_bucket_value() - the middle of a bucket, the best guess at what its values were */
uint64_t hist_bucket_value(unsigned int index);

/**
 * hist_record() - count one value
 *
 * One writer at a time; a reader in another process sees every sum with the
 * delay of one value at most.
 */
static inline void hist_record(struct hist *hist, uint64_t value)
{
	hist->bucket[hist_index(value)]++;
	hist->sum += value;
	if (!hist->count || value < hist->min)
		hist->min = value;
	if (value > hist->max)
		hist->max = value;
	hist->count++;
}

/** hist_merge() - add every value of @from to @to */
void hist_merge(struct hist *to, const struct hist *from);

/**
 * hist_percentile() - the value that @percent of all values do not exceed
 * @percent: above 0, below 100
 * @value: out
 *
 * Return: false, with @value untouched, when fewer than HIST_MIN_BEYOND values
 * lie beyond it.
 */
bool hist_percentile(const struct hist *hist, double percent, uint64_t *value);

/**
 * hist_median() - the middle value of a run, however few there are
 *
 * For a figure of each run: the runs are what is compared then, not the values.
 * Return: 0 of an empty one.
 */
uint64_t hist_median(const struct hist *hist);

#endif /* BENCH_HIST_H */
