/* SPDX-License-Identifier: GPL-2.0 */
/* One run of a kind of ring: two processes, a memfd, loops made by loops.h. */
#ifndef BENCH_RINGS_RUN_H
#define BENCH_RINGS_RUN_H

#include "crowd.h"
#include "ring.h"

/**
 * struct ring_transport - a kind of ring, as the driver of the benchmark has it
 * @transport: first
 * @crew: who works on it
 */
struct ring_transport {
	struct transport transport;
	const struct ring_kind *kind;
	struct crew crew;
};

/**
 * struct ring_probes - what the last run's probes said
 * @ns: before and after it; 0 when it did not come so far
 * @crowd: of several
 */
struct ring_probes {
	double ns[2];
	struct crowd crowd;
};

/** ring_transport() - make the transport of a kind, for these */
struct ring_transport ring_transport(const struct ring_kind *kind, struct crew crew);

/**
 * ring_probes() - where the children leave what their probes said
 *
 * Return: shared memory, the same for all runs; NULL when there is none.
 */
struct ring_probes *ring_probes(void);

#endif /* BENCH_RINGS_RUN_H */
