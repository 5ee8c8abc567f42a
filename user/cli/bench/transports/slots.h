/* SPDX-License-Identifier: GPL-2.0 */
/* A bounded buffer of one direction, without what tells of its messages. */
#ifndef BENCH_TRANSPORTS_SLOTS_H
#define BENCH_TRANSPORTS_SLOTS_H

#include "../transport.h"

/**
 * struct slots - a side's place in a buffer; each has its own
 * @mem: of all messages
 * @stride: bytes from one to the next
 * @nr: how many
 * @next: the one that is next
 */
struct slots {
	char *mem;
	size_t stride;
	unsigned int nr;
	unsigned int next;
};

/**
 * slots_count() - how many messages a direction is to hold
 * @most: of what tells of them
 *
 * Sets @link->depth to what that is.
 */
unsigned int slots_count(struct link *link, size_t most);

/** slots_bytes() - memory of a direction of @nr messages, 64-aligned */
size_t slots_bytes(const struct link *link, unsigned int nr);

/** slots_init() - the first of @nr messages in @mem is next */
void slots_init(struct slots *slots, const struct link *link, void *mem, unsigned int nr);

/** slots_at() - the next message, 8-aligned */
static inline void *slots_at(const struct slots *slots)
{
	return slots->mem + slots->next * slots->stride;
}

/** slots_go_on() - the one behind it is next */
static inline void slots_go_on(struct slots *slots)
{
	if (++slots->next == slots->nr)
		slots->next = 0;
}

#endif /* BENCH_TRANSPORTS_SLOTS_H */
