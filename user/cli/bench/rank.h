/* SPDX-License-Identifier: GPL-2.0 */
/* Which rows of results are of what somebody wants, in order. */
#ifndef BENCH_RANK_H
#define BENCH_RANK_H

#include "results.h"

/**
 * struct wanted - what the transport is for
 * @size: bytes of a message
 * @rate: messages a second that it must carry; 0 for any
 * @wait: as in the results; NULL for any
 * @workload: by whose figures they are put in order
 * @placement: as in the results; NULL for all, each by itself
 * @unit: of the times of the results, in short
 * @per: what their rates are for, in words
 */
struct wanted {
	const char *path;
	uint64_t size;
	uint64_t rate;
	const char *wait;
	const char *workload;
	const char *placement;
	const char *unit;
	const char *per;
};

/**
 * struct candidate - a transport that may be used
 * @row: by which it is put in order
 * @time: of a round trip, or of a message of a stream, over the runs
 * @carries: messages a second in one direction, surely; 0 where it is not known
 */
struct candidate {
	const struct result *row;
	struct spread time;
	double carries;
};

/** rank_figure() - by which a row is put in order */
enum figure rank_figure(const struct result *row);

/**
 * rank_nearest() - the nearest sizes that were measured
 * @size: out: the next smaller and the next greater one, both @w->size where that was
 *	measured; 0 for none
 */
void rank_nearest(const struct results *results, const struct wanted *w, uint64_t size[2]);

/** rank_told() - has a row before this one its size and placement? */
bool rank_told(const struct results *results, const struct result *row);

/**
 * rank_find() - what was measured of a size and a placement, the fastest first
 * @found: out, room for as many as there are rows
 *
 * Return: how many.
 */
size_t rank_find(const struct results *results, const struct wanted *w, uint64_t size,
		 const char *placement, struct candidate *found);

/**
 * rank_able_first() - of @n in order, put those first that carry the rate
 *
 * Return: how many these are.
 */
size_t rank_able_first(const struct wanted *w, struct candidate *c, size_t n);

#endif /* BENCH_RANK_H */
