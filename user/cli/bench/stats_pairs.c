// SPDX-License-Identifier: GPL-2.0
/* Two samples whose figures belong together in pairs. */
#include "stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Samples that are not larger have the exact distribution */
#define EXACT_MOST	30

/* Of ranks that are doubled, so that the middle of equal ones is a whole number */
#define EXACT_SUM	(EXACT_MOST * (EXACT_MOST + 1))

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int by_amount(const void *a, const void *b)
{
	double x = fabs(*(const double *)a), y = fabs(*(const double *)b);

	return (x > y) - (x < y);
}

/* Of @n differences in order of their amounts, that are not 0; Return: the sum of @rank */
static size_t find_ranks(const double *d, size_t n, size_t *rank)
{
	size_t first, end, i;

	for (first = 0; first < n; first = end) {
		for (end = first + 1; end < n && fabs(d[end]) == fabs(d[first]);)
			end++;
		for (i = first; i < end; i++)
			rank[i] = first + end + 1;
	}
	return n * (n + 1);
}

/* Each rank is of a sum or not, with equal odds: @share[w], of all sums, those of @w or less */
static void find_shares(const size_t *rank, size_t n, double share[EXACT_SUM + 1])
{
	size_t i, w, sum = n * (n + 1);

	for (w = 0; w <= sum; w++)
		share[w] = w ? 0 : 1;
	for (i = 0; i < n; i++)
		for (w = sum + 1; w-- > 0;)
			share[w] = (share[w] + (w < rank[i] ? 0 : share[w - rank[i]])) / 2;
	for (w = 1; w <= sum; w++)
		share[w] += share[w - 1];
}

/* Of the sum, with equal odds of each rank */
static double deviation(const size_t *rank, size_t n)
{
	double squares = 0;
	size_t i;

	for (i = 0; i < n; i++)
		squares += (double)rank[i] * (double)rank[i];
	return sqrt(squares) / 2;
}

double signed_rank(const double *differences, size_t n)
{
	double d[STATS_MAX], share[EXACT_SUM + 1];
	size_t rank[STATS_MAX], known = 0, below = 0, sum, i;

	for (i = 0; i < n; i++)
		if (differences[i])
			d[known++] = differences[i];
	if (!known)
		return 1;
	qsort(d, known, sizeof(d[0]), by_amount);
	sum = find_ranks(d, known, rank);
	for (i = 0; i < known; i++)
		below += d[i] < 0 ? rank[i] : 0;
	below = below < sum - below ? below : sum - below;
	if (known <= EXACT_MOST) {
		find_shares(rank, known, share);
		return fmin(1, 2 * share[below]);
	}
	return fmin(1, erfc(((double)sum / 2 - (double)below - 1) / deviation(rank, known) /
			    M_SQRT2));
}

/*
 * Return: how many of the least means of two, and of the greatest, the interval leaves out: as
 * many as the greatest sum of ranks that is less likely than STATS_ALPHA, on both sides.
 */
static size_t means_beyond(size_t n)
{
	/* erfc(z / sqrt(2)) is STATS_ALPHA */
	static const double z = 2.5758293;
	double share[EXACT_SUM + 1];
	size_t rank[STATS_MAX], w = 0, i;

	for (i = 0; i < n; i++)
		rank[i] = 2 * (i + 1);
	if (n > EXACT_MOST)
		return (size_t)((double)(n * (n + 1)) / 4 - 0.5 - z * deviation(rank, n) / 2);
	find_shares(rank, n, share);
	while (2 * share[2 * (w + 1)] <= STATS_ALPHA)
		w++;
	return w;
}

int shift_pairs(const double *a, const double *b, size_t n, double effect, struct shift *shift)
{
	size_t all = n * (n + 1) / 2, i, j, k = 0, out = means_beyond(n);
	double *means = malloc(all * sizeof(*means)), d[STATS_MAX];

	if (!means)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		d[i] = log(b[i] / a[i]);
		for (j = 0; j <= i; j++)
			means[k++] = (d[i] + d[j]) / 2;
	}
	qsort(means, all, sizeof(*means), compare_double);
	*shift = (struct shift){
		.ratio = exp((means[(all - 1) / 2] + means[all / 2]) / 2),
		.low = exp(means[out]),
		.high = exp(means[all - 1 - out]),
		.p = signed_rank(d, n),
	};
	shift_judge(shift, effect);
	free(means);
	return 0;
}

int shift_rounds(const double *a, size_t n, const double *b, size_t m, double effect,
		 struct shift *shift)
{
	size_t pairs = n < m ? n : m;

	if (pairs < STATS_LEAST_PAIRS)
		return shift_find(a, n, b, m, effect, shift);
	return shift_pairs(a, b, pairs, effect, shift);
}
