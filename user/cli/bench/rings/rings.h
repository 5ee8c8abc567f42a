/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bench-rings: the options, and the cases made from the kinds of rings.
 *
 * A case is a kind of ring under a workload, at a size of messages, a depth and a burst.
 * It has results for each placement that the probes beside its runs have found.
 */
#ifndef BENCH_RINGS_RINGS_H
#define BENCH_RINGS_RINGS_H

#include "../bench.h"
#include "run.h"

#define MAX_KINDS	32
#define MAX_CPU		65535

#define CREWS		3

/**
 * struct ring_teams - a kind of ring
 * @of: of each of ring_crews
 */
struct ring_teams {
	struct ring_transport of[CREWS];
};

/**
 * struct ring_case
 * @depth: bytes of messages that a direction holds
 * @burst: messages published at once
 * @runs: kept, at any placement
 * @discarded: runs thrown away
 * @given_up: it was refused, or failed
 * @by: results by placement, those without a run are all zero
 * @none: the row when there is no result: why
 */
struct ring_case {
	const struct ring_transport *transport;
	enum workload workload;
	size_t size;
	size_t depth;
	unsigned int burst;
	unsigned int runs;
	unsigned int discarded;
	bool given_up;
	struct bench_case by[PLACE_NR];
	struct bench_case none;
};

/**
 * struct ring_bench - all of it
 * @cpus: asked for, of the two sides; -1 to choose
 * @kinds: names to measure, separated by commas; NULL for all
 * @limit_ns: longest time of all runs, once each case has one; 0 for none
 * @bench: what the driver and the report of the benchmark need
 * @pair: where the processes run, as the topology has it
 * @usual_ns: what a probe mostly says of it
 * @runs_at: kept, by placement
 * @last: where the last run was
 * @hist: of what has no result
 */
struct ring_bench {
	int cpus[SIDES];
	char *kinds;
	uint64_t limit_ns;
	struct bench bench;
	struct placement pair;
	double usual_ns;
	unsigned int runs_at[PLACE_NR];
	enum placement_kind last;
	struct ring_teams transports[MAX_KINDS];
	size_t n_transports;
	struct ring_case *cases;
	size_t n_cases;
	struct hist hist;
};

/**
 * rings_options() - read the command line; ends the program where it is wrong
 * @all: out, what was asked for
 */
void rings_options(struct ring_bench *all, int argc, char **argv);

/**
 * ring_cases_make() - all cases of the kinds
 * @transports: @n of them
 * @cases: out, to be freed
 *
 * Return: how many; 0 without memory.
 */
size_t ring_cases_make(const struct ring_teams *transports, size_t n,
		       struct ring_case **cases);

/* One producer and one consumer; several */
extern const struct crew ring_crews[CREWS];

/**
 * ring_bench_run() - measure all cases
 *
 * Signals to end are held back from then on, until runner_stop().
 * Return: false without memory.
 */
bool ring_bench_run(struct ring_bench *all);

/**
 * ring_case_none() - take note of a run without a result
 * @run: what there is to say of it
 */
void ring_case_none(struct ring_bench *all, struct ring_case *c,
		    const struct bench_case *run);

#endif /* BENCH_RINGS_RINGS_H */
