/* SPDX-License-Identifier: GPL-2.0 */
/* What the processes of a run do. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stdatomic.h>

#include "bench.h"
#include "ledger.h"
#include "load.h"

/* Exit status of a child */
#define CHILD_OK	0
#define CHILD_FAILED	1	/* the transport failed: see why */
#define CHILD_REFUSED	2	/* it could not attach: see why */
#define CHILD_CORRUPT	3	/* a message was wrong: see why */

/* A run that goes by time and has too few samples yet lasts up to so many times it */
#define RUN_LONGER	16

/* What has no median with fewer than twice HIST_MIN_BEYOND samples, and some to spare */
#define SAMPLES_WANTED	(2 * HIST_MIN_BEYOND + HIST_MIN_BEYOND / 2)

struct mesh;

#define NO_END		UINT64_MAX
#define PHASES		2

/**
 * struct run_plan - what a run is to do; fixed before the fork
 * @messages: to measure, 0 to go by @duration_ns
 * @batch: messages a sample, 0 to decide after the warm-up
 * @runs: that will be made of this case
 * @gap_ns: mean time between two messages of an open loop, 0 when all are due at once
 * @seed: of its schedule
 * @timeout_ns: after which the run is ended
 * @counts: this is the run of the ledger that would disturb times: none is told
 */
struct run_plan {
	enum workload workload;
	enum payload_mode payload;
	struct placement placement;
	uint64_t messages;
	uint64_t duration_ns;
	uint64_t warmup_ns;
	uint32_t batch;
	unsigned int runs;
	enum arrivals arrivals;
	double gap_ns;
	uint64_t seed;
	uint64_t timeout_ns;
	bool counts;
	struct clock_info clock;
};

/**
 * run_plan_samples() - how many a run is to have at least
 *
 * Each run of what is compared by its median has all of them; of a stream all runs together.
 * A run goes on, up to RUN_LONGER times its length, until it has its part.
 */
static inline uint64_t run_plan_samples(const struct run_plan *plan)
{
	return plan->workload == WORKLOAD_STREAM ? SAMPLES_WANTED / plan->runs + 1ull :
						   SAMPLES_WANTED;
}

/**
 * struct run_shared - memory of the parent and its children
 * @arrived: how often a side came to the handshake
 * @begin: clock_ns() when side 0 began each phase, before its first message
 * @end: messages of each phase, NO_END until side 0 sends the last one
 * @received: by side 1 in the phase under way, for the watchdog; between two hosts since the
 *	fork
 * @read_ns: clock_ns() when the last message had been read, of one way; two are never read
 *	at the same time
 * @phase: under way: 0 the warm-up, 1 what is measured
 * @messages: measured
 * @wall_ns: that they took
 * @batch: messages a sample of @hist
 * @load: of an open loop, of the phase that has ended last
 * @mesh: of workloads of many processes, NULL for others
 * @ledger: of what was measured, by process: that of side 0 is the first
 * @why: of a child that did not exit with CHILD_OK, likewise
 */
struct run_shared {
	_Atomic uint32_t arrived;
	_Alignas(128) _Atomic uint64_t begin[PHASES];
	_Atomic uint64_t end[PHASES];
	_Alignas(128) _Atomic uint64_t received;
	_Alignas(128) _Atomic uint64_t read_ns;
	_Alignas(128) _Atomic uint32_t phase;
	uint64_t messages;
	uint64_t wall_ns;
	_Atomic uint32_t batch;
	struct load_run load;
	struct mesh *mesh;
	struct ledger *ledger;
	char (*why)[WHY_SIZE];
	struct hist hist;
};

/** run_shared_new() - for @nr processes, cleared; NULL without memory */
struct run_shared *run_shared_new(unsigned int nr);

/** run_shared_clear() - as it was, for the next run of @nr processes */
void run_shared_clear(struct run_shared *shared, unsigned int nr);

/** run_shared_free() - give back what run_shared_new() made for @nr processes */
void run_shared_free(struct run_shared *shared, unsigned int nr);

/**
 * workload_handshake() - nobody goes on before all are here
 * @arrived: shared, 0 at first, of these @parties only
 */
void workload_handshake(_Atomic uint32_t *arrived, uint32_t parties);

/**
 * workload_run() - the whole work of a side, from the handshake on
 * @link: attached
 *
 * Return: CHILD_*, with why filled.
 */
int workload_run(const struct run_plan *plan, struct run_shared *shared,
		 struct link *link, int side);

#endif /* BENCH_WORKLOAD_H */
