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

/*
 * Fewer runs tell nothing: neither an interval of 95 %, nor, where figures tie, that two
 * samples differ.
 */
#define STATS_LEAST	6

/* Fewer pairs never differ, at the level below */
#define STATS_LEAST_PAIRS	8

/*
 * How often two samples of the same may be called different.  A table has many rows: one in
 * twenty of them, as is usual, would be too many.
 */
#define STATS_ALPHA	0.01

/* A difference below is of no interest: a step of the histogram is 0.8 %. */
#define STATS_EFFECT	0.01

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

/**
 * mann_whitney() - of two samples, the probability of what is seen if they are of the same
 * @a: @n of them, above 0
 * @b: @m of them, likewise
 *
 * Two-sided; H. B. Mann and D. R. Whitney, "On a test of whether one of two random variables
 * is stochastically larger than the other", 1947: the exact distribution of their U where
 * no two figures are equal and neither sample is large; otherwise the normal approximation,
 * corrected for continuity and for ties as in M. Hollander and D. A. Wolfe, "Nonparametric
 * statistical methods", 4.1.
 */
double mann_whitney(const double *a, size_t n, const double *b, size_t m);

/**
 * enum verdict - how one sample of times compares with another
 * @VERDICT_FEW: a sample has fewer than STATS_LEAST
 * @VERDICT_SAME: indistinguishable
 */
enum verdict {
	VERDICT_FEW,
	VERDICT_SAME,
	VERDICT_FASTER,
	VERDICT_SLOWER,
};

/**
 * struct shift - from one sample of times to another
 * @ratio: of the other to the one, at the median of all pairs, above 1 where the other is
 *	slower: the estimate of Hodges and Lehmann, of the logarithms
 * @low: from here to @high it lies with a probability of 1 - STATS_ALPHA; 0 of few
 * @p: as of mann_whitney(), or of signed_rank() where the figures are pairs
 */
struct shift {
	double ratio;
	double low;
	double high;
	double p;
	enum verdict verdict;
};

/**
 * shift_find() - how much @b is slower than @a
 * @a: @n times, at least 1, at most STATS_MAX, all above 0
 * @b: @m times, likewise
 * @effect: a smaller change is none, as 0.01 for 1 %
 * @shift: out
 *
 * The interval is that of the test, turned round: J. L. Hodges and E. L. Lehmann, "Estimates
 * of location based on rank tests", 1963; Hollander and Wolfe, 4.2 and 4.3.
 * Return: 0; -ENOMEM.
 */
int shift_find(const double *a, size_t n, const double *b, size_t m, double effect,
	       struct shift *shift);

/**
 * signed_rank() - of differences, the probability of what is seen if each could as well be the
 * other way round
 * @differences: @n of them, at most STATS_MAX
 *
 * Two-sided; F. Wilcoxon, "Individual comparisons by ranking methods", 1945, without those that
 * are 0: of up to 30 the exact distribution, with ties, too; else the normal approximation,
 * corrected for continuity and for ties as in Hollander and Wolfe, 3.1.
 */
double signed_rank(const double *differences, size_t n);

/**
 * shift_pairs() - how much @b is slower than @a, where each time has a counterpart
 * @a: @n times, at least STATS_LEAST_PAIRS, at most STATS_MAX, all above 0
 * @b: likewise, of the same rounds
 * @effect: as of shift_find()
 * @shift: out
 *
 * The ratio is the estimate of Hodges and Lehmann for pairs: the median of the means of any two
 * differences, of the logarithms; Hollander and Wolfe, 3.2 and 3.3.
 * Return: 0; -ENOMEM.
 */
int shift_pairs(const double *a, const double *b, size_t n, double effect,
		struct shift *shift);

/**
 * shift_rounds() - how much @b is slower than @a, where both have a time of each round
 * @n: of @a; when one has more than the other, the last ones are of rounds without a pair
 * @m: of @b
 *
 * What changes from round to round is the same for both: so they are compared as pairs, where
 * there are enough of them, else as of shift_find().  The order within a round being random, a
 * pair of what does not differ is as likely either way round.
 * Return: 0; -ENOMEM.
 */
int shift_rounds(const double *a, size_t n, const double *b, size_t m, double effect,
		 struct shift *shift);

/** shift_judge() - the verdict, of @p and @ratio of @shift, and the least @effect */
void shift_judge(struct shift *shift, double effect);

/** verdict_name() - in words */
const char *verdict_name(enum verdict verdict);

#endif /* BENCH_STATS_H */
