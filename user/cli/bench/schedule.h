/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When the messages of an open loop are meant to be sent, whatever becomes of those before
 * them.  Each side computes it by itself, from the same seed.
 */
#ifndef BENCH_SCHEDULE_H
#define BENCH_SCHEDULE_H

#include <math.h>
#include <stdint.h>

#include "random.h"

/**
 * enum arrivals - how the messages follow each other
 * @ARRIVALS_FIXED: one each gap
 * @ARRIVALS_POISSON: each gap is drawn from an exponential distribution, as of many senders
 *	that know nothing of each other
 */
enum arrivals {
	ARRIVALS_FIXED,
	ARRIVALS_POISSON,
	ARRIVALS_NR,
};

/**
 * struct schedule
 * @gap_ns: mean, 0 for all at once
 * @random: state
 * @nr: messages so far
 * @at_ns: of the next one, of Poisson arrivals
 */
struct schedule {
	enum arrivals arrivals;
	double gap_ns;
	uint64_t random;
	uint64_t nr;
	double at_ns;
};

static inline struct schedule schedule_start(enum arrivals arrivals, double gap_ns,
					     uint64_t seed)
{
	return (struct schedule){ .arrivals = arrivals, .gap_ns = gap_ns, .random = seed };
}

/* 2^53: so many different numbers from 0 to 1 has a double */
#define SCHEDULE_STEPS	9007199254740992.0

/** schedule_next() - nanoseconds from the start to the next message; the first is at 0 */
static inline uint64_t schedule_next(struct schedule *s)
{
	double at = s->at_ns;

	if (s->arrivals == ARRIVALS_FIXED)
		return (uint64_t)((double)s->nr++ * s->gap_ns);
	s->at_ns -= log1p(-(double)(random_next(&s->random) >> 11) / SCHEDULE_STEPS) * s->gap_ns;
	return (uint64_t)at;
}

#endif /* BENCH_SCHEDULE_H */
