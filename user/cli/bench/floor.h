/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What no transport between two CPUs can be faster than: a bare line of the cache, sent
 * forth and back, one flag each way, before and after all runs.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stdbool.h>
#include <stddef.h>

#include "placement.h"
#include "transport.h"

struct bench;

/* Probes each time; each is a median of its own: see probe.h */
#define FLOOR_PROBES	7
#define FLOOR_TIMES	2

/**
 * struct floor - of one placement
 * @ns: round trips in nanoseconds, of all probes
 * @n: how many there are
 * @middle: the median of those before the benchmark, and of those after it; 0 for none
 * @why: there is none, or none afterwards; "" when there are both
 */
struct floor {
	double ns[FLOOR_TIMES * FLOOR_PROBES];
	size_t n;
	double middle[FLOOR_TIMES];
	char why[WHY_SIZE];
};

/**
 * floor_probe() - probe each placement of the benchmark
 * @bench: has its placements; @bench->floor is filled
 * @time: 0 before all runs, 1 after them
 *
 * Takes some milliseconds for each.  Sets @bench->interrupted when a signal ended it; where
 * that is set already nothing is probed, and @why of each says so.
 */
void floor_probe(struct bench *bench, int time);

/**
 * floor_ns() - the floor of a placement
 * @ns: out: smallest, median and largest round trip
 *
 * Return: false when there is none: @why of it says so.
 */
bool floor_ns(const struct floor *floor, double ns[3]);

/**
 * floor_label() - how far apart the CPUs are, as measured
 * @time: of floor_probe()
 *
 * Return: a kind; PLACE_NR when it was not measured then.
 */
enum placement_kind floor_label(const struct floor *floor, int time);

/** floor_moved() - were they not as far apart after the benchmark as before? */
bool floor_moved(const struct floor *floor);

/** floor_judge() - tell @bench->env of CPUs that are not where they are said to be */
void floor_judge(struct bench *bench);

#endif /* BENCH_FLOOR_H */
