/* SPDX-License-Identifier: GPL-2.0 */
/* Where the two processes run, found from the topology of the machine. */
#ifndef BENCH_PLACEMENT_H
#define BENCH_PLACEMENT_H

#include <stdbool.h>

/**
 * enum placement_kind - how the CPUs of the two processes lie to each other
 * @PLACE_SAME: one CPU for both
 * @PLACE_SMT: two hardware threads of a core
 * @PLACE_CACHE: two cores that share a cache
 * @PLACE_FAR: two cores that share none, of two packages or nodes if there are
 * @PLACE_FREE: not pinned, the scheduler decides
 * @PLACE_BETWEEN: as a probe may find that a hypervisor has placed two virtual CPUs:
 *	farther than cores that share a cache, nearer than those that do not
 * @PLACE_REMOTE: of another host; each scheduler decides
 */
enum placement_kind {
	PLACE_SAME,
	PLACE_SMT,
	PLACE_CACHE,
	PLACE_FAR,
	PLACE_FREE,
	PLACE_BETWEEN,
	PLACE_REMOTE,
	PLACE_NR,
};

/**
 * struct placement
 * @kind: as asked for
 * @present: this machine, and the CPUs this process may use, have it
 * @cpu: of side 0 and 1, as the kernel numbers them; -1 where it is not pinned
 */
struct placement {
	enum placement_kind kind;
	bool present;
	int cpu[2];
};

/** placement_name() - as given to --placement */
const char *placement_name(enum placement_kind kind);

/** placement_missing() - why a machine has no placement of this kind */
const char *placement_missing(enum placement_kind kind);

/**
 * placement_find_all() - look every kind of placement up
 * @found: out, by kind
 *
 * Return: number of CPUs that this process may use; negative errno.
 */
int placement_find_all(struct placement found[PLACE_NR]);

/**
 * placement_pin() - pin the calling process to the CPU of a side
 *
 * Return: 0; negative errno.
 */
int placement_pin(const struct placement *placement, int side);

#endif /* BENCH_PLACEMENT_H */
