// SPDX-License-Identifier: GPL-2.0
#include "hist.h"

#include <math.h>

uint64_t hist_bucket_value(unsigned int index)
{
	unsigned int shift;
	uint64_t low;

	if (index < (2u << HIST_SUB_BITS))
		return index;
	shift = (index >> HIST_SUB_BITS) - 1;
	low = (uint64_t)(index - (shift << HIST_SUB_BITS)) << shift;
	return low + (1ull << (shift - 1));
}

void hist_merge(struct hist *to, const struct hist *from)
{
	unsigned int i;

	if (!from->count)
		return;
	if (!to->count || from->min < to->min)
		to->min = from->min;
	if (from->max > to->max)
		to->max = from->max;
	to->count += from->count;
	to->sum += from->sum;
	for (i = 0; i < HIST_BUCKETS; i++)
		to->bucket[i] += from->bucket[i];
}

/* The smallest value that so many do not exceed */
static uint64_t value_at(const struct hist *hist, uint64_t rank)
{
	uint64_t seen = 0, guess;
	unsigned int i;

	for (i = 0; i < HIST_BUCKETS - 1; i++) {
		seen += hist->bucket[i];
		if (seen >= rank)
			break;
	}
	guess = hist_bucket_value(i);
	if (guess < hist->min)
		guess = hist->min;
	if (guess > hist->max)
		guess = hist->max;
	return guess;
}

bool hist_percentile(const struct hist *hist, double percent, uint64_t *value)
{
	uint64_t rank = (uint64_t)ceil((double)hist->count * percent / 100.0);

	if (!rank || hist->count < rank + HIST_MIN_BEYOND)
		return false;
	*value = value_at(hist, rank);
	return true;
}

uint64_t hist_median(const struct hist *hist)
{
	return hist->count ? value_at(hist, (hist->count + 1) / 2) : 0;
}
