/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kind of ring, as bench-rings measures it: its loops are made by loops.h around its
 * inlined operations, and called once for some hundreds of messages.  Valid C and C++,
 * for there are rings in both.
 */
#ifndef BENCH_RINGS_RING_H
#define BENCH_RINGS_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lines.h"
#include "../payload.h"
#include "../relax.h"
#include "../transport.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RING_INLINE	static inline __attribute__((always_inline))

#define RING_APART	LINES_APART

#define RING_BURST	32

/* Private room of a side for the messages of a burst */
#define RING_ROOM	4096

/* Sizes of messages, as bits of @trips and @streams */
#define RING_8		(1u << 0)
#define RING_56		(1u << 1)
#define RING_64		(1u << 2)
#define RING_4096	(1u << 3)

enum ring_role {
	RING_PING,
	RING_PONG,
	RING_SEND,
	RING_RECEIVE,
	RING_TAKE,
};

/* What stands for the number of a message in one that is the last: no message has it */
#define RING_END	0

/**
 * struct ring_taken - messages of one of several producers, as one of several consumers has it
 * @next: number that the next one has at least
 * @messages: taken
 * @sum: of their numbers
 */
struct ring_taken {
	uint64_t next;
	uint64_t messages;
	uint64_t sum;
};

/**
 * struct ring_chunk - what a side does before it looks at the clock again
 * @size: bytes of a message
 * @burst: messages published at once, 1 or RING_BURST
 * @count: messages, or round trips
 * @compare: every byte; else the sum, and the first word
 * @tx_base: number of the next message to be sent, of payload.h
 * @rx_base: of the next one to be received
 * @bad: out, the message that is wrong
 * @taken: of RING_TAKE, by producer: it goes on until RING_END
 */
struct ring_chunk {
	enum ring_role role;
	size_t size;
	unsigned int burst;
	uint64_t count;
	bool compare;
	uint64_t tx_base;
	uint64_t rx_base;
	const void *bad;
	struct ring_taken taken[2];
};

/* Is it this one, of a kind that has these sizes?  With constants no is known beforehand. */
RING_INLINE bool ring_is(const struct ring_chunk *c, unsigned int sizes, unsigned int bit,
			 size_t size, unsigned int burst)
{
	return (sizes & bit) && burst && c->size == size && c->burst == burst;
}

/**
 * struct ring_kind - made by loops.h
 * @name: of the transport
 * @about: one line
 * @trips: sizes that it has round trips of
 * @streams: sizes that it has streams of
 * @bursts: it can publish many at once
 * @several: it can have several producers and consumers
 * @both: both directions share one memory
 * @side_size: bytes of a side's private handle
 * @missing: why this CPU does not have it, NULL when it does
 * @mem_size: shared memory of a direction that holds @depth bytes of @size each
 * @format: make an empty ring there
 * @attach: become a side, which sends into @tx and receives from @rx
 * @chunk: false when a message was wrong
 */
struct ring_kind {
	const char *name;
	const char *about;
	unsigned int trips;
	unsigned int streams;
	bool bursts;
	bool several;
	bool both;
	size_t side_size;
	const char *(*missing)(void);
	size_t (*mem_size)(size_t size, size_t depth);
	void (*format)(void *mem, size_t size, size_t depth);
	void (*attach)(void *side, void *tx, void *rx, void *tx_room, void *rx_room,
		       size_t size, size_t depth);
	bool (*chunk)(void *side, struct ring_chunk *chunk);
};

/* Every kind there is, in the order of the report; ends with NULL */
extern const struct ring_kind *const ring_kinds[];

/**
 * ring_die() - end this process: a ring says that it is broken
 * @what: it was doing
 * @err: negative errno
 */
void ring_die(const char *what, int err) __attribute__((noreturn, cold));

/* There are more processes than CPUs: of this process, set before it attaches */
extern bool ring_crowded;

/* One turn, and from time to time another process runs */
void ring_crowd_relax(void);

/** ring_several_relax() - spin_relax() of kinds that can have several producers, consumers */
RING_INLINE void ring_several_relax(void)
{
	if (ring_crowded)
		ring_crowd_relax();
	else
		spin_relax();
}

RING_INLINE struct payload_form ring_form(size_t size)
{
	struct payload_form form = { PAYLOAD_TOUCH, true, size, size / 8,
				     size / 8 * (size / 8 - 1) / 2 };

	return form;
}

/* As payload_write(), with a size that the compiler knows */
RING_INLINE void ring_write(void *msg, size_t size, uint64_t base)
{
	const struct payload_form form = ring_form(size);
	payload_word *w = (payload_word *)msg;
	size_t i;

	if (size % 32 == 0) {
		payload_write(&form, msg, base);
		return;
	}
	for (i = 0; i < size / 8; i++)
		w[i] = base + i;
}

/* As payload_read(), likewise */
RING_INLINE bool ring_read(const void *msg, size_t size, uint64_t base)
{
	const struct payload_form form = ring_form(size);
	const payload_word *w = (const payload_word *)msg;
	uint64_t sum = 0;
	size_t i;

	if (size % 32 == 0)
		return payload_read(&form, msg, base);
	for (i = 0; i < size / 8; i++)
		sum += w[i];
	return w[0] == base && sum == form.words * base + form.steps;
}

/* Compare every byte */
RING_INLINE bool ring_same(const void *msg, size_t size, uint64_t base)
{
	const payload_word *w = (const payload_word *)msg;
	uint64_t differ = 0;
	size_t i;

	for (i = 0; i < size / 8; i++)
		differ |= w[i] ^ (base + i);
	return !differ;
}

/* Has this message been drawn from a number that can be the next one of its producer? */
RING_INLINE bool ring_take(struct ring_taken taken[2], uint64_t base)
{
	uint64_t tag = base * PAYLOAD_INVERSE - 1, seq = tag / 2;
	struct ring_taken *t = &taken[tag % 2];

	if (seq < t->next)
		return false;
	t->next = seq + 1;
	t->messages++;
	t->sum += seq;
	return true;
}

#ifdef __cplusplus
}
#endif

#endif /* BENCH_RINGS_RING_H */
