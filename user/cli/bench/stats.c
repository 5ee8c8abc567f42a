// SPDX-License-Identifier: GPL-2.0
#include "stats.h"

#include <math.h>
#include <stdlib.h>

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Each run is below the true median with a probability of one half.  Return: of @n of them
 * in order, the last one that the median is not below, nor above its counterpart from the
 * end, with a probability of 95 %; -1 when not even all of them tell.
 */
static int sure_rank(size_t n)
{
	double each = exp2(-(double)n), outside = 2 * each;
	int rank = -1;

	while (outside <= 0.05) {
		rank++;
		each *= (double)(n - (size_t)rank) / (rank + 1);
		outside += 2 * each;
	}
	return rank;
}

static double middle(const double *sorted, size_t n)
{
	return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

bool spread_find(const double *values, size_t n, struct spread *spread)
{
	double sorted[STATS_MAX];
	size_t i, known = 0;
	int rank;

	for (i = 0; values && i < n; i++)
		if (values[i] > 0)
			sorted[known++] = values[i];
	if (!known)
		return false;
	qsort(sorted, known, sizeof(sorted[0]), compare_double);
	*spread = (struct spread){
		.min = sorted[0], .median = middle(sorted, known), .max = sorted[known - 1],
	};
	rank = known == n ? sure_rank(n) : -1;
	if (rank >= 0) {
		spread->sure = true;
		spread->low = sorted[rank];
		spread->high = sorted[n - 1 - (size_t)rank];
	}
	return true;
}
