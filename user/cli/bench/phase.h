/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of a run that is the same for a workload's both sides: the warm-up, or what is
 * measured.  A workload is one small file, pingpong.c and its like, named in workload.c; those
 * between two hosts are in remote_work.c.
 */
#ifndef BENCH_PHASE_H
#define BENCH_PHASE_H

#include "worker.h"

/**
 * struct phase - the warm-up or what is measured
 * @begin: of struct run_shared, for this phase
 * @end: likewise
 * @least: messages, even after @until
 * @count: messages, 0 to go on until @until
 * @until: clock_ns() after which no other than the last message is sent
 * @until_last: likewise, even when there are fewer than @least; both are counted
 *	from the start of the phase until it starts
 * @gap_ns: mean time between two messages of an open loop, 0 when all are due at once
 * @batch: messages a sample
 * @hist: of the samples, NULL for none
 * @messages: out
 * @wall_ns: out, that they took; 0 where that tells nothing
 */
struct phase {
	_Atomic uint64_t *begin;
	_Atomic uint64_t *end;
	uint64_t least;
	uint64_t count;
	uint64_t until;
	uint64_t until_last;
	double gap_ns;
	uint32_t batch;
	struct hist *hist;
	uint64_t messages;
	uint64_t wall_ns;
};

/**
 * struct workload_ops - what the two sides do
 * @timed: the side that takes the samples
 * @apart: the other side shares nothing with this one: only the messages tell where it is
 * @side0: the whole of a phase, of side 0; false, with the worker's status, when it failed
 * @side1: likewise
 * @batch: messages a sample, after the warm-up @warm of the timed side; NULL for 1
 */
struct workload_ops {
	int timed;
	bool apart;
	bool (*side0)(struct worker *w, struct phase *p);
	bool (*side1)(struct worker *w, struct phase *p);
	double (*batch)(const struct worker *w, const struct phase *warm);
};

/** workload_run_by() - as workload_run(), the phases by @ops */
int workload_run_by(const struct workload_ops *ops, const struct run_plan *plan,
		    struct run_shared *shared, struct link *link, int side);

extern const struct workload_ops workload_pingpong;
extern const struct workload_ops workload_stream;
extern const struct workload_ops workload_oneway;
extern const struct workload_ops workload_openloop;

/**
 * phase_tell_end() - side 0 tells the end before it sends the last message
 *
 * Not earlier: what is missing from then on was lost.
 *
 * Return: how many it may send before it comes here again, with @now as it is.
 */
static inline uint64_t phase_tell_end(const struct phase *p, uint64_t sent, uint64_t now)
{
	uint64_t end = p->count;

	if (!end) {
		if (now < p->until)
			return UINT64_MAX;
		end = sent + 1;
		if (end < p->least && now < p->until_last)
			end = p->least;
	}
	if (sent + 1 < end)
		return end - 1 - sent;
	atomic_store_explicit(p->end, end, memory_order_release);
	return 1;
}

/** phase_at_end() - was this the last of the messages? */
static inline bool phase_at_end(const struct phase *p, uint64_t index)
{
	return index == atomic_load_explicit(p->end, memory_order_acquire);
}

/**
 * phase_compare() - worker_compare(), which no user of the transport would do
 * @apart: gets longer by the time that it takes
 */
static inline bool phase_compare(struct worker *w, uint64_t *apart)
{
	uint64_t start = clock_ns();
	bool good = worker_compare(w);

	*apart += clock_ns() - start;
	return good;
}

#endif /* BENCH_PHASE_H */
