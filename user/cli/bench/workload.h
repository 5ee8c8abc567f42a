/* SPDX-License-Identifier: GPL-2.0 */
/* What the two processes of a run do. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stdatomic.h>

#include "bench.h"
#include "ledger.h"

/* Exit status of a child */
#define CHILD_OK	0
#define CHILD_FAILED	1	/* the transport failed: see why */
#define CHILD_REFUSED	2	/* it could not attach: see why */
#define CHILD_CORRUPT	3	/* a message was wrong: see why */

/* A run that goes by time and has too few samples yet lasts up to so many times it */
#define RUN_LONGER	16

struct mesh;

#define NO_END		UINT64_MAX
#define PHASES		2

/**
 * struct run_plan - what a run is to do; fixed before the fork
 * @messages: to measure, 0 to go by @duration_ns
 * @batch: messages a sample, 0 to decide after the warm-up
 * @runs: that will be made of this case
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
	bool counts;
	struct clock_info clock;
};

/**
 * struct run_shared - memory of the parent and its children
 * @arrived: how often a side came to the handshake
 * @begin: clock_ns() when side 0 began each phase, before its first message
 * @end: messages of each phase, NO_END until side 0 sends the last one
 * @received: by side 1 in the phase under way, for the watchdog
 * @phase: under way: 0 the warm-up, 1 what is measured
 * @messages: measured
 * @wall_ns: that they took
 * @batch: messages a sample of @hist
 * @mesh: of workloads of many processes, NULL for others
 * @ledger: of what was measured, by process: that of side 0 is the first
 * @why: of a child that did not exit with CHILD_OK, likewise
 */
struct run_shared {
	_Atomic uint32_t arrived;
	_Alignas(128) _Atomic uint64_t begin[PHASES];
	_Atomic uint64_t end[PHASES];
	_Alignas(128) _Atomic uint64_t received;
	_Atomic uint32_t phase;
	uint64_t messages;
	uint64_t wall_ns;
	_Atomic uint32_t batch;
	struct mesh *mesh;
	struct ledger *ledger;
	char (*why)[WHY_SIZE];
	struct hist hist;
};

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
