/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Libraries that carry messages, as peers of the kernel's mechanisms: used where they are
 * installed, and the command needs none of them.  They have threads of their own, which no
 * fork() would take along: so the benchmark's own process never loads one, each side does.
 */
#ifndef BENCH_TRANSPORTS_LIBRARY_H
#define BENCH_TRANSPORTS_LIBRARY_H

#include "../../dynlib.h"
#include "../transport.h"
#include "unique.h"

/**
 * struct library_link - what both sides know; @priv, or the first of what it is
 * @name: unique, without a slash: of an abstract socket, which ends with who has it
 * @queue: messages that each side's queue shall hold, half of what was asked for
 */
struct library_link {
	int queue;
	char name[UNIQUE_NAME_SIZE];
};

/**
 * library_setup() - as struct transport, but for what @priv holds
 * @size: of @priv, zeroed behind its struct library_link
 * @fill: in a process of its own: load the library, connect both sides, and return for how
 *	many messages there is room while nobody receives, up to @most; negative errno, with
 *	@link->why filled
 *
 * Sets @link->depth to what that is.
 */
int library_setup(struct link *link, size_t size,
		  ssize_t (*fill)(struct link *link, size_t most));

/** library_teardown() - as struct transport */
void library_teardown(struct link *link);

/**
 * library_full() - in @fill: has there been no room for long?
 * @since: when that began, 0 before; a message that was taken sets it to 0
 *
 * Naps before it says no: threads of the library may be making room.
 */
bool library_full(uint64_t *since);

#endif /* BENCH_TRANSPORTS_LIBRARY_H */
