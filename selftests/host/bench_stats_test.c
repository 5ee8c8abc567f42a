// SPDX-License-Identifier: GPL-2.0
/* The statistics against what was published, and against every order there is. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/stats.h"

static int points, failed;

static void ok(bool good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++points, name);
	failed += !good;
}

static bool near(double value, double want, double most)
{
	if (fabs(value - want) <= most)
		return true;
	printf("# %.9g, not %.9g\n", value, want);
	return false;
}

/* Hollander and Wolfe, table 4.1: permeability of membranes */
static const double term[] = { 0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46 };
static const double earlier[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };

static void published(void)
{
	double logs[2][10], p;
	struct shift shift;
	size_t i;

	/* One-sided it is 0.1272, in the book and as R's wilcox.test() has it */
	p = mann_whitney(earlier, 5, term, 10);
	ok(near(p, 2 * 0.1272, 0.0001), "the p of an example");
	ok(mann_whitney(term, 10, earlier, 5) == p, "of either order");
	/* 0.305 is the shift there: as a ratio, of the exponentials */
	for (i = 0; i < 10; i++) {
		logs[0][i] = exp(earlier[i % 5]);
		logs[1][i] = exp(term[i]);
	}
	ok(!shift_find(logs[0], 5, logs[1], 10, 0.01, &shift) &&
	   near(log(shift.ratio), 0.305, 1e-9), "the shift of an example");
	ok(shift.verdict == VERDICT_FEW, "of five there is no verdict");
}

/* As R 4.2's wilcox.test() has it: exact = FALSE; conf.level = 0.99, of the logarithms */
static void of_r(void)
{
	static const double ties[2][10] = {
		{ 1000, 1008, 1008, 1016, 1024, 1024, 1032, 1040, 1048, 1056 },
		{ 1016, 1024, 1040, 1040, 1048, 1056, 1064, 1064, 1072, 1080 },
	};
	static const double a[] = { 1000, 1031, 1007, 1013, 1052, 1019, 1043, 1026 };
	static const double b[] = { 1038, 1061, 1015, 1047, 1072, 1056, 1029, 1083, 1065 };
	struct shift s;

	ok(near(mann_whitney(ties[0], 10, ties[1], 10), 0.018526844, 1e-9), "p with ties");
	ok(!shift_find(a, 8, b, 9, 0.01, &s) && near(s.p, 0.015220074, 1e-9) &&
	   near(s.ratio, 1.029048980, 1e-9) && near(s.low, 0.996074583, 1e-9) &&
	   near(s.high, 1.057596822, 1e-9), "an interval");
}

/* Two samples without ties of which @u pairs have that of the second first */
static void make_u(double *a, size_t n, double *b, size_t m, size_t u)
{
	size_t i, below;

	for (i = 0; i < n; i++)
		a[i] = (double)(i + 1);
	for (i = 0; i < m; i++) {
		below = u < n ? u : n;
		u -= below;
		b[i] = (double)(n - below) + 0.5 + (double)i / 1000;
	}
}

/* The greatest U of each level, two-sided, of the tables that every textbook has */
static void tables(void)
{
	static const struct {
		size_t n, m, u;
		double level;
	} critical[] = {
		{ 6, 6, 5, 0.05 }, { 6, 6, 2, 0.01 }, { 8, 8, 13, 0.05 }, { 8, 8, 7, 0.01 },
		{ 10, 10, 23, 0.05 }, { 10, 10, 16, 0.01 }, { 7, 12, 18, 0.05 },
		{ 15, 15, 64, 0.05 }, { 15, 15, 51, 0.01 }, { 20, 20, 127, 0.05 },
		{ 20, 20, 105, 0.01 },
	};
	double a[20], b[20], p, next;
	bool good = true;
	size_t i;

	for (i = 0; i < sizeof(critical) / sizeof(critical[0]); i++) {
		make_u(a, critical[i].n, b, critical[i].m, critical[i].u);
		p = mann_whitney(a, critical[i].n, b, critical[i].m);
		make_u(a, critical[i].n, b, critical[i].m, critical[i].u + 1);
		next = mann_whitney(a, critical[i].n, b, critical[i].m);
		if (p <= critical[i].level && next > critical[i].level)
			continue;
		printf("# %zu, %zu: %g, then %g\n", critical[i].n, critical[i].m, p, next);
		good = false;
	}
	ok(good, "the tables of critical values");
}

#define N	6
#define M	7

/* Differences whose signs are all tried */
#define N_SIGNS	10

/* Pairs that are more than those that have the exact distribution */
#define MANY	40

/* Pairs with that of the second first, where the bits of @set are the places of the second */
static int pairs_of(unsigned int set)
{
	int place, seconds = 0, pairs = 0;

	for (place = 0; place < N + M; place++) {
		if (set & 1u << place)
			seconds++;
		else
			pairs += seconds;
	}
	return pairs;
}

/* By counting all orders: those that are at least as far from the middle */
static double p_of(int u)
{
	unsigned int set;
	int all = 0, far = 0;

	for (set = 0; set < 1u << (N + M); set++) {
		if (__builtin_popcount(set) != M)
			continue;
		all++;
		far += abs(2 * pairs_of(set) - N * M) >= abs(2 * u - N * M);
	}
	return (double)far / all;
}

static void every_order(void)
{
	double a[N], b[M];
	bool good = true;
	size_t u;

	for (u = 0; u <= N * M; u++) {
		make_u(a, N, b, M, u);
		good = near(mann_whitney(a, N, b, M), p_of((int)u), 1e-12) && good;
	}
	ok(good, "as many orders as counted one by one");
}

/* By all ways to turn the differences round: those whose ranks add up to no more, or no less */
static double p_of_signs(const double *d, int n)
{
	double rank[N_SIGNS], sum = 0, below = 0, set_below;
	int i, j, far = 0, known = 0;
	unsigned int set;

	for (i = 0; i < n; i++) {
		rank[i] = d[i] ? 0.5 : 0;
		known += d[i] != 0;
		for (j = 0; d[i] && j < n; j++)
			rank[i] += !d[j] ? 0 : fabs(d[j]) < fabs(d[i]) ? 1 :
				   fabs(d[j]) == fabs(d[i]) ? 0.5 : 0;
		sum += rank[i];
		below += d[i] < 0 ? rank[i] : 0;
	}
	for (set = 0; set < 1u << n; set++) {
		set_below = 0;
		for (i = 0; i < n; i++)
			set_below += set & 1u << i ? rank[i] : 0;
		far += fabs(2 * set_below - sum) >= fabs(2 * below - sum);
	}
	return known ? (double)far / (1u << n) : 1;
}

/* Without ties, with ties and with some that are 0 */
static void every_sign(void)
{
	static const int steps[] = { 100000, 4, 1 };
	double d[N_SIGNS];
	bool good = true;
	size_t kind;
	int k, i, n;

	for (kind = 0; kind < sizeof(steps) / sizeof(steps[0]); kind++) {
		for (k = 0; k < 60; k++) {
			n = 1 + k % N_SIGNS;
			for (i = 0; i < n; i++)
				d[i] = round(steps[kind] * (2 * drand48() - 0.8));
			good = near(signed_rank(d, (size_t)n), p_of_signs(d, n), 1e-12) && good;
		}
	}
	ok(good, "signed ranks, as many signs as counted one by one");
}

/* Hollander and Wolfe, table 3.1: depression before and after; one-sided p is 0.0195 there */
static void published_pairs(void)
{
	static const double before[] = { 1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30 };
	static const double after[] = { 0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29 };
	double a[9], b[9], d[9], means[45];
	struct shift s;
	int i, j, n = 0;

	for (i = 0; i < 9; i++) {
		d[i] = before[i] - after[i];
		a[i] = exp(after[i]);
		b[i] = exp(before[i]);
		for (j = 0; j <= i; j++)
			means[n++] = (d[i] + d[j]) / 2;
	}
	for (i = 0; i < 45; i++) {
		for (j = i; j > 0 && means[j] < means[j - 1]; j--) {
			double swap = means[j];

			means[j] = means[j - 1];
			means[j - 1] = swap;
		}
	}
	ok(near(signed_rank(d, 9), 2 * 0.01953125, 1e-9), "the p of pairs of an example");
	/* P(T <= 1) is 2 of 512 */
	ok(!shift_pairs(a, b, 9, 0.01, &s) && near(log(s.ratio), 0.46, 0.0051) &&
	   near(log(s.ratio), means[22], 1e-9) && near(log(s.low), means[1], 1e-9) &&
	   near(log(s.high), means[43], 1e-9), "their shift, and its interval");
}

/* Of more than 30 the normal approximation: against the exact distribution of their sum */
static void many_pairs(void)
{
	double d[MANY], share[MANY * (MANY + 1) / 2 + 1] = { 1 }, sum = 0, p;
	int i, w, flipped, below = 0;
	bool good = true;

	for (i = 1; i <= MANY; i++)
		for (w = MANY * (MANY + 1) / 2; w >= 0; w--)
			share[w] = (share[w] + (w < i ? 0 : share[w - i])) / 2;
	for (i = 0; i < MANY; i++)
		d[i] = i + 1;
	w = 0;
	for (flipped = 7; flipped < MANY - 10; flipped++) {
		d[flipped] = -d[flipped];
		below += flipped + 1;
		for (; w <= below; w++)
			sum += share[w];
		p = signed_rank(d, MANY);
		if (2 * sum > 0.004 && 2 * sum < 1)
			good = near(p, 2 * sum, 0.2 * 2 * sum) && good;
	}
	ok(good, "many pairs, nearly as counted");
}

static double draw(double sigma)
{
	double sum = 0;
	int i;

	for (i = 0; i < 12; i++)
		sum += drand48();
	return exp(sigma * (sum - 6));
}

/* How many of so many pairs of samples are called different, and whose interval has it */
#define ROUNDS	2000

static void rounds(size_t n, double factor, double step, int *different, int *within)
{
	double a[40], b[40];
	struct shift shift;
	size_t i;
	int k;

	*different = 0;
	*within = 0;
	for (k = 0; k < ROUNDS; k++) {
		for (i = 0; i < n; i++) {
			a[i] = 1000 * draw(0.02);
			b[i] = 1000 * draw(0.02) * factor;
			if (step > 0) {
				a[i] = step * round(a[i] / step);
				b[i] = step * round(b[i] / step);
			}
		}
		if (shift_find(a, n, b, n, 0.01, &shift))
			exit(1);
		*different += shift.verdict == (factor > 1 ? VERDICT_SLOWER : VERDICT_FASTER) ||
			      (factor == 1 && shift.verdict != VERDICT_SAME);
		*within += shift.low <= factor && factor <= shift.high;
	}
}

static void rates(void)
{
	int different, within;

	rounds(10, 1, 0, &different, &within);
	ok(different <= ROUNDS / 100 && within >= ROUNDS * 985 / 1000,
	   "of the same distribution few are called different");
	rounds(10, 1, 8, &different, &within);
	ok(different <= ROUNDS / 100 && within >= ROUNDS * 985 / 1000, "likewise with ties");
	rounds(40, 1, 0, &different, &within);
	ok(different <= ROUNDS / 100 && within >= ROUNDS * 985 / 1000, "likewise of many");
	rounds(10, 1.05, 0, &different, &within);
	ok(different >= ROUNDS * 95 / 100 && within >= ROUNDS * 985 / 1000,
	   "5 % are found, where runs differ by 2 %");
	rounds(10, 1 / 1.05, 8, &different, &within);
	ok(different >= ROUNDS * 95 / 100 && within >= ROUNDS * 985 / 1000,
	   "and 5 % less, with ties");
}

/*
 * Likewise of rounds, where what both have in common changes by 5 % from one to the next, and
 * each by 1.5 % by itself
 */
static void round_rates(void)
{
	static const double factors[] = { 1, 1.05 };
	int different[2] = { 0 }, unpaired = 0, within[2] = { 0 }, k, f;
	double a[10], b[10], both;
	struct shift shift;
	size_t i;

	for (f = 0; f < 2; f++) {
		for (k = 0; k < ROUNDS; k++) {
			for (i = 0; i < 10; i++) {
				both = 1000 * draw(0.05);
				a[i] = both * draw(0.015);
				b[i] = both * draw(0.015) * factors[f];
			}
			if (shift_rounds(a, 10, b, 10, 0.01, &shift))
				exit(1);
			different[f] += shift.verdict != VERDICT_SAME;
			within[f] += shift.low <= factors[f] && factors[f] <= shift.high;
			if (shift_find(a, 10, b, 10, 0.01, &shift))
				exit(1);
			unpaired += f && shift.verdict == VERDICT_SLOWER;
		}
	}
	ok(different[0] <= ROUNDS * 13 / 1000 && within[0] >= ROUNDS * 985 / 1000,
	   "of rounds without a difference few are called different");
	ok(different[1] >= ROUNDS * 95 / 100 && within[1] >= ROUNDS * 985 / 1000 &&
	   unpaired < ROUNDS / 2, "5 % are found, which single runs do not tell");
	ok(!shift_rounds(a, 10, b, STATS_LEAST_PAIRS - 1, 0.01, &shift) &&
	   shift.p == mann_whitney(a, 10, b, STATS_LEAST_PAIRS - 1), "fewer pairs are none");
	ok(!shift_rounds(a, 10, b, STATS_LEAST_PAIRS, 0.01, &shift) &&
	   shift.p <= STATS_ALPHA && shift.verdict == VERDICT_SLOWER, "so many can differ");
}

static void verdicts(void)
{
	double a[10], b[10];
	struct shift s;
	size_t i;

	for (i = 0; i < 10; i++) {
		a[i] = 1000 + (double)i / 10;
		b[i] = 1005 + (double)i / 10;
	}
	ok(!shift_find(a, 10, b, 10, 0.01, &s) && s.p < 1e-4 && s.verdict == VERDICT_SAME,
	   "sure, but less than what counts");
	ok(!shift_find(a, 10, b, 10, 0.001, &s) && s.verdict == VERDICT_SLOWER &&
	   near(s.ratio, 1.005, 1e-4), "unless less counts");
	ok(!shift_find(b, 10, a, 10, 0.001, &s) && s.verdict == VERDICT_FASTER,
	   "and the other way round");
	ok(!shift_find(a, 5, b, 10, 0.001, &s) && s.verdict == VERDICT_FEW &&
	   !shift_find(a, 10, b, 5, 0.001, &s) && s.verdict == VERDICT_FEW, "five are too few");
	for (i = 0; i < 10; i++) {
		a[i] = 7;
		b[i] = 7;
	}
	ok(!shift_find(a, 10, b, 10, 0.01, &s) && s.p == 1 && s.ratio == 1 &&
	   s.low == 1 && s.high == 1 && s.verdict == VERDICT_SAME, "all equal");
	for (i = 0; i < 6; i++)
		b[i] = 8;
	ok(!shift_find(a, 6, b, 6, 0.01, &s) && s.verdict == VERDICT_SLOWER,
	   "six that tie among themselves are enough");
}

static void spreads(void)
{
	double v[STATS_MAX];
	struct spread s = { 0 };
	size_t i;

	for (i = 0; i < STATS_MAX; i++)
		v[i] = (double)(i * 7 % STATS_MAX + 1);
	ok(spread_find(v, STATS_MAX, &s) && s.min == 1 && s.max == STATS_MAX &&
	   s.median == (STATS_MAX + 1) / 2.0 && s.sure && s.low == 469 && s.high == 532,
	   "the interval of a thousand");
	for (i = 0; i < 10; i++)
		v[i] = (double)(10 - i);
	ok(spread_find(v, 10, &s) && s.sure && s.low == 2 && s.high == 9,
	   "of ten from the second to the ninth");
	ok(spread_find(v, STATS_LEAST, &s) && s.sure, "of six there is one");
	ok(spread_find(v, STATS_LEAST - 1, &s) && !s.sure, "of five there is none");
	v[3] = 0;
	ok(spread_find(v, 10, &s) && !s.sure && s.min == 1 && s.median == 5,
	   "none where a run has no figure");
	ok(!spread_find(NULL, 10, &s) && !spread_find(v + 3, 1, &s), "nothing of nothing");
}

int main(void)
{
	srand48(1);
	printf("TAP version 13\n");
	published();
	of_r();
	tables();
	every_order();
	rates();
	published_pairs();
	every_sign();
	many_pairs();
	round_rates();
	verdicts();
	spreads();
	printf("1..%d\n", points);
	return failed != 0;
}
