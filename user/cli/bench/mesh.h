/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The workloads of many processes: several senders, several receivers, or both, on one
 * link, one way.  Each message goes to one receiver, or, of a broadcast, to each.
 *
 * A message holds who sent it and its number there.  Who sends last of all in a phase tells
 * each receiver the end, by a message, behind all others: a receiver that has taken one
 * takes no more in that phase.  So nobody waits for what does not come, and whatever comes
 * too often meets a receiver, in the next phase at the latest: the last is of one message a
 * sender.  Of a broadcast one message tells the end to all, and each receiver gets all
 * that was sent, or, where a slow one loses some, all but these: how many is told.
 */
#ifndef BENCH_MESH_H
#define BENCH_MESH_H

#include "workload.h"

/* Bytes of a message that tell whose it is */
#define MESH_LEAST	sizeof(uint64_t)

/* Warm-up, what is measured, one message each */
#define MESH_PHASES	3
#define MESH_MEASURED	1

/**
 * struct mesh_tally - of messages of one sender
 * @squares: sum of the squares of their numbers
 */
struct mesh_tally {
	uint64_t messages;
	uint64_t squares;
};

/**
 * struct mesh_part - what a process has done, read when it has ended
 * @sent: messages in all phases, of a sender
 * @measured: messages of the phase that counts
 * @at_ns: clock_ns() at the end of that, of a receiver
 */
struct mesh_part {
	uint64_t sent;
	uint64_t measured;
	uint64_t at_ns;
};

/**
 * struct mesh - shared by all processes
 * @ended: senders that have sent all, by phase
 * @crew: processes of each side
 * @each: every receiver gets every message
 * @drops: but for what it has no room for
 * @lost: of what was measured, what a receiver has not got, the mean of all, told by
 *	mesh_settle()
 * @size: bytes of all this
 * @part: by process, senders first
 * @taken: by receiver and, within that, sender
 */
struct mesh {
	_Atomic uint32_t ended[MESH_PHASES];
	unsigned int crew[SIDES];
	bool each;
	bool drops;
	uint64_t lost;
	size_t size;
	struct mesh_part *part;
	struct mesh_tally *taken;
};

/**
 * mesh_new() - before the fork
 * @link: tells the crew, and what it gets
 *
 * Return: NULL without memory.
 */
struct mesh *mesh_new(const struct link *link);

/** mesh_free() - NULL is left alone */
void mesh_free(struct mesh *mesh);

/**
 * mesh_run() - the whole work of process @index, from the handshake on
 * @link: attached
 *
 * Return: CHILD_*, with why filled.
 */
int mesh_run(const struct run_plan *plan, struct run_shared *shared, struct link *link,
	     unsigned int index);

/**
 * mesh_settle() - when all processes have ended well: has every message come, once, or once
 *	to each receiver?
 * @why: out, what has not, of WHY_SIZE bytes
 *
 * Sets the messages of @shared, of a broadcast those of a receiver, the mean of all, and the
 * time they took: from when the first sender began until the last receiver was told the end.
 */
bool mesh_settle(struct run_shared *shared, char *why);

/**
 * mesh_fairness() - of what was measured: Jain's index of the messages of each process
 *
 * Return: 1 when all of @side had as many; 1 divided by their number when one had all.
 */
double mesh_fairness(const struct mesh *mesh, int side);

#endif /* BENCH_MESH_H */
