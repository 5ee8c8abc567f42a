// SPDX-License-Identifier: GPL-2.0
#include "stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Samples that are not larger have the exact distribution */
#define EXACT_MOST	30
#define EXACT_PAIRS	(EXACT_MOST * EXACT_MOST)

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

/*
 * In how many of all orders of @n and @m figures @u pairs have that of the first sample
 * first: @share[u] is the share of them with @u or fewer.  The last in order is of the
 * first sample, and such a pair with none, or of the second, and one with all @n of the
 * others: with Mann and Whitney, f(n, m, u) = f(n - 1, m, u) + f(n, m - 1, u - n).
 */
static void find_shares(size_t n, size_t m, double share[EXACT_PAIRS + 1])
{
	double f[EXACT_MOST + 1][EXACT_PAIRS + 1], sum = 0;
	size_t i, j, u;

	memset(f, 0, sizeof(f));
	for (j = 0; j <= m; j++)
		f[j][0] = 1;
	for (i = 1; i <= n; i++)
		for (j = 1; j <= m; j++)
			for (u = i; u <= i * j; u++)
				f[j][u] += f[j - 1][u - i];
	for (u = 0; u <= n * m; u++)
		share[u] = sum += f[m][u];
	for (u = 0; u <= n * m; u++)
		share[u] /= sum;
}

/* Sum over the groups of equal figures of t^3 - t */
static double count_ties(const double *a, size_t n, const double *b, size_t m)
{
	double sorted[2 * STATS_MAX], sum = 0, t;
	size_t i, first = 0;

	memcpy(sorted, a, n * sizeof(*a));
	memcpy(sorted + n, b, m * sizeof(*b));
	qsort(sorted, n + m, sizeof(sorted[0]), compare_double);
	for (i = 1; i <= n + m; i++) {
		if (i < n + m && sorted[i] == sorted[first])
			continue;
		t = (double)(i - first);
		sum += t * t * t - t;
		first = i;
	}
	return sum;
}

/* Of U without ties, or with those that count_ties() found */
static double deviation(size_t n, size_t m, double ties)
{
	double all = (double)(n + m);

	return sqrt((double)(n * m) / 12 * (all + 1 - ties / all / (all - 1)));
}

double mann_whitney(const double *a, size_t n, const double *b, size_t m)
{
	double u = 0, half = (double)(n * m) / 2, ties = count_ties(a, n, b, m), sigma;
	double share[EXACT_PAIRS + 1];
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < m; j++)
			u += b[j] < a[i] ? 1 : b[j] == a[i] ? 0.5 : 0;
	u = fmin(u, 2 * half - u);
	if (!ties && n <= EXACT_MOST && m <= EXACT_MOST) {
		find_shares(n, m, share);
		return fmin(1, 2 * share[(size_t)u]);
	}
	sigma = deviation(n, m, ties);
	return sigma > 0 ? fmin(1, erfc((half - u - 0.5) / sigma / M_SQRT2)) : 1;
}

/*
 * Return: how many of the least pairs, and of the greatest, the interval leaves out: as many
 * as the greatest U that is less likely than STATS_ALPHA, on both sides.
 */
static size_t pairs_beyond(size_t n, size_t m)
{
	/* erfc(z / sqrt(2)) is STATS_ALPHA */
	static const double z = 2.5758293;
	double share[EXACT_PAIRS + 1];
	size_t u = 0;

	if (n > EXACT_MOST || m > EXACT_MOST)
		return (size_t)fmax(0, (double)(n * m) / 2 - 0.5 - z * deviation(n, m, 0));
	find_shares(n, m, share);
	while (2 * share[u + 1] <= STATS_ALPHA)
		u++;
	return u;
}

void shift_judge(struct shift *shift, double effect)
{
	shift->verdict = VERDICT_SAME;
	if (shift->p <= STATS_ALPHA && shift->ratio >= 1 + effect)
		shift->verdict = VERDICT_SLOWER;
	else if (shift->p <= STATS_ALPHA && shift->ratio <= 1 / (1 + effect))
		shift->verdict = VERDICT_FASTER;
}

int shift_find(const double *a, size_t n, const double *b, size_t m, double effect,
	       struct shift *shift)
{
	double *ratios = malloc(n * m * sizeof(*ratios));
	size_t i, j, out;

	if (!ratios)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		for (j = 0; j < m; j++)
			ratios[i * m + j] = b[j] / a[i];
	qsort(ratios, n * m, sizeof(*ratios), compare_double);
	*shift = (struct shift){
		.ratio = sqrt(ratios[(n * m - 1) / 2] * ratios[n * m / 2]),
		.p = mann_whitney(a, n, b, m),
	};
	if (n < STATS_LEAST || m < STATS_LEAST)
		goto out;
	out = pairs_beyond(n, m);
	shift->low = ratios[out];
	shift->high = ratios[n * m - 1 - out];
	shift_judge(shift, effect);
out:
	free(ratios);
	return 0;
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_FEW] = "too few runs",
		[VERDICT_SAME] = "indistinguishable",
		[VERDICT_FASTER] = "faster",
		[VERDICT_SLOWER] = "slower",
	};

	return names[verdict];
}
