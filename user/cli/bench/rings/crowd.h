/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Several producers, and consumers, on one ring, with more processes than CPUs: each of
 * the two sides forks a helper.  On one CPU there are a producer and, of two, a consumer, on
 * the other one each, so that both the producers and the consumers are in each other's way.
 */
#ifndef BENCH_RINGS_CROWD_H
#define BENCH_RINGS_CROWD_H

#include "../workload.h"
#include "ring.h"

#define CROWD_MOST	2

/**
 * struct crowd_part - what a process has done, read once all are at a handshake
 * @messages: numbered from 0, by the producer that they are of
 * @sum: of their numbers
 * @measured: of these, in the second phase
 * @at_ns: when a producer began that, or a consumer had ended it
 */
struct crowd_part {
	uint64_t messages[CROWD_MOST];
	uint64_t sum[CROWD_MOST];
	uint64_t measured;
	uint64_t at_ns;
};

/**
 * struct crowd - shared by all, zero at first
 * @arrived: of workload_handshake()
 * @ended: producers that have sent all, by phase
 */
struct crowd {
	_Atomic uint32_t arrived;
	_Atomic uint32_t ended[PHASES];
	struct crowd_part producer[CROWD_MOST];
	struct crowd_part consumer[CROWD_MOST];
};

/**
 * struct crew - who works on a ring
 */
struct crew {
	unsigned int producers;
	unsigned int consumers;
};

/**
 * struct crowd_plan - what is the same for all processes of a run
 * @attach: become one more of this side, in a process of its own; NULL without memory
 * @arg: for @attach
 */
struct crowd_plan {
	const struct run_plan *run;
	struct run_shared *shared;
	struct crowd *crowd;
	const struct ring_kind *kind;
	struct crew crew;
	size_t size;
	void *(*attach)(void *arg, int side);
	void *arg;
};

/**
 * crowd_run() - the work of a side and of its helper
 * @handle: attached, of this process
 *
 * Return: CHILD_*, with why filled.
 */
int crowd_run(const struct crowd_plan *plan, void *handle, int side);

#endif /* BENCH_RINGS_CROWD_H */
