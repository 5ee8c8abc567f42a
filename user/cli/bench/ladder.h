/* SPDX-License-Identifier: GPL-2.0 */
/* The rungs of a channel, each of which removes a cost of the one before. */
#ifndef BENCH_LADDER_H
#define BENCH_LADDER_H

#define LADDER_RUNGS	7

/**
 * struct rung - one of them
 * @transport: by which it is measured
 * @removes: which cost, in words
 */
struct rung {
	const char *name;
	const char *transport;
	const char *removes;
};

/* From the first, which removes nothing */
extern const struct rung ladder_rungs[LADDER_RUNGS];

#endif /* BENCH_LADDER_H */
