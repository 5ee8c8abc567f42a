/* SPDX-License-Identifier: GPL-2.0 */
/* Two processes count up one number in shared memory, and what of it is lost. */
#ifndef CLAIMS_COUNTER_H
#define CLAIMS_COUNTER_H

#include "lab.h"

/* Each process adds one so often at least, and until the other one has */
#define COUNTER_TIMES	20000

/**
 * enum counter_order - how they take turns
 * @COUNTER_NONE: they do not
 * @COUNTER_SEMAPHORE: who has it may read, add one, and write
 */
enum counter_order {
	COUNTER_NONE,
	COUNTER_SEMAPHORE,
};

/**
 * counter_run() - let them
 * @updates: out: so often one was added; NULL for nobody wants to know
 * @lost: out: how many of these are missing in the end
 *
 * Return: 0; negative errno with @lab->why filled.
 */
int counter_run(struct lab *lab, enum counter_order order, struct claim_value *updates,
		struct claim_value *lost);

#endif /* CLAIMS_COUNTER_H */
