/* SPDX-License-Identifier: GPL-2.0 */
/* The pieces of struct stages that tracepoints tell, in a ping-pong of their own. */
#ifndef BENCH_STAGES_EVENTS_H
#define BENCH_STAGES_EVENTS_H

#include "bench.h"
#include "worker.h"

struct tracer;

/* Round trips of a ping-pong; the first ones are the warm-up */
#define EVENTS_TRIPS	150
#define EVENTS_WARM_UP	10

/**
 * struct events_stamps - what the two sides tell, clock_ns(), by round trip
 * @begin: when the call began by which each side sent
 * @end: when that had returned by which each side received
 * @trip: of side 0: the beginning and the end of a round trip
 */
struct events_stamps {
	uint64_t begin[SIDES][EVENTS_TRIPS];
	uint64_t end[SIDES][EVENTS_TRIPS];
	uint64_t trip[2][EVENTS_TRIPS];
};

/**
 * struct events_transport - a transport whose @run is stages_events_run()
 * @stamps: of aside_memory()
 */
struct events_transport {
	struct transport transport;
	struct events_stamps *stamps;
};

/**
 * stages_events_open() - may the tracepoints be used?
 * @why: out, WHY_SIZE: why not
 *
 * Return: to be given to tracer_close(); NULL.
 */
struct tracer *stages_events_open(char *why);

/**
 * stages_events() - measure one repetition
 * @s: sets the pieces of repetition @n, or @s->events_why
 *
 * Sets @bench->interrupted when a signal ended it.
 */
void stages_events(struct bench *bench, struct tracer *tracer, struct events_stamps *stamps,
		   struct stages *s, size_t n);

/** stages_events_run() - as @run of struct transport */
int stages_events_run(const struct run_plan *plan, struct run_shared *shared, struct link *link,
		      int side);

#endif /* BENCH_STAGES_EVENTS_H */
