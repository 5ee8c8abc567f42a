/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How far two CPUs lie apart, measured: a hypervisor moves virtual CPUs, and tells the
 * guest nothing of it.
 */
#ifndef BENCH_PROBE_H
#define BENCH_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "lines.h"
#include "placement.h"
#include "transport.h"

/* Where a large cache has its lines depends on their addresses: many are tried */
#define PROBE_PLACES	61

struct probe_line {
	uint64_t seq __attribute__((aligned(LINES_APART)));
};

/**
 * struct probe_lines - shared by both sides, zero at first
 * @place: of each side, what it writes
 */
struct probe_lines {
	struct probe_line place[PROBE_PLACES][SIDES];
};

/**
 * probe_run() - send a bare line of the cache forth and back; both sides at once
 * @seq: private to the side, 0 at first
 *
 * Return: nanoseconds of a round trip, the median of all places, for side 0; 0 for side 1.
 */
double probe_run(struct probe_lines *lines, uint64_t *seq, int side);

/**
 * probe_label() - what such a round trip tells of the two CPUs
 * @usual: a round trip of this pair, as it mostly is; 0 when not known
 *
 * At a bound of two labels that @usual is at, too, it has the label of that: a pair whose
 * round trips are there shall not have both.
 */
enum placement_kind probe_label(double ns, double usual);

/** probe_agree() - were the two CPUs where they had been? */
bool probe_agree(double before, double after, double usual);

#endif /* BENCH_PROBE_H */
