/* SPDX-License-Identifier: GPL-2.0 */
/* Which rows of results are of what somebody wants, in order. */
#ifndef BENCH_RANK_H
#define BENCH_RANK_H

#include "results.h"

/**
 * struct wanted - what the transport is for
 * @size: bytes of a message
 * @rate: messages a second that it must carry; 0 for any
 * @senders: of workloads of many processes; of others 0 or 1
 * @receivers: likewise
 * @wait: as in the results; NULL for any
 * @workload: by whose figures they are put in order; NULL for round trips or, where a rate is
 *	wanted and they were measured, open loops
 * @arrivals: of an open loop; NULL for those that were measured
 * @placement: as in the results; NULL for all, each by itself
 * @unit: of the times of the results, in short
 * @per: what their rates are for, in words
 */
struct wanted {
	const char *path;
	uint64_t size;
	uint64_t rate;
	uint64_t senders;
	uint64_t receivers;
	const char *wait;
	const char *workload;
	const char *arrivals;
	const char *placement;
	const char *unit;
	const char *per;
};

/**
 * struct candidate - a transport that may be used
 * @row: by which it is put in order; of an open loop that of the lowest rate which was reached
 *	and is no lower than what is wanted, else of the highest that was
 * @time: of a round trip, or of a message, over the runs
 * @carries: messages a second in one direction, surely; 0 where it is not known
 * @knee: of an open loop, the row of its knee; NULL for none
 * @highest: of an open loop, the highest rate that was offered
 */
struct candidate {
	const struct result *row;
	struct spread time;
	double carries;
	const struct result *knee;
	double highest;
};

/** rank_figure() - by which a row is put in order */
enum figure rank_figure(const struct result *row);

/** rank_number() - a number of a row, such as "offered_per_s"; 0 where it is not known */
double rank_number(const struct result *row, const char *name);

/** rank_is_open() - is a workload an open loop? */
bool rank_is_open(const char *workload);

/** rank_is_many() - is a workload of many processes? */
bool rank_is_many(const char *workload);

/** rank_has_senders() - of several senders? */
bool rank_has_senders(const char *workload);

/** rank_has_receivers() - of several receivers? */
bool rank_has_receivers(const char *workload);

/** rank_is_each() - does each receiver get each message? */
bool rank_is_each(const char *workload);

/** rank_may_lose() - may a receiver of this row miss messages? */
bool rank_may_lose(const struct result *row);

/** rank_lost() - which part of the messages a receiver has missed, the mean of all; 0 to 1 */
double rank_lost(const struct result *row);

/**
 * rank_nearest() - the nearest sizes that were measured
 * @size: out: the next smaller and the next greater one, both @w->size where that was
 *	measured; 0 for none
 */
void rank_nearest(const struct results *results, const struct wanted *w, uint64_t size[2]);

/** rank_told() - has a row before this one its size and placement? */
bool rank_told(const struct results *results, const struct result *row);

/**
 * rank_evidence() - what of a size and a placement they are put in order by
 *
 * Return: @w with that placement, and with the workload and the arrivals that it leaves open.
 */
struct wanted rank_evidence(const struct results *results, const struct wanted *w,
			    uint64_t size, const char *placement);

/**
 * rank_find() - what was measured of a size, the fastest first
 * @w: as of rank_evidence()
 * @found: out, room for as many as there are rows
 *
 * Return: how many.
 */
size_t rank_find(const struct results *results, const struct wanted *w, uint64_t size,
		 struct candidate *found);

/**
 * rank_able_first() - of @n in order, put those first that carry the rate
 *
 * Return: how many these are.
 */
size_t rank_able_first(const struct wanted *w, struct candidate *c, size_t n);

/**
 * rank_whole_first() - of @n in order, put those first that have lost no message
 *
 * Return: how many these are.
 */
size_t rank_whole_first(const struct wanted *w, struct candidate *c, size_t n);

/**
 * rank_print() - print which of them to use, and why
 * @w: as of rank_evidence()
 * @c: as of rank_find(), @n of them; their order gets changed
 */
void rank_print(const struct wanted *w, uint64_t size, struct candidate *c, size_t n);

#endif /* BENCH_RANK_H */
