/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of the ring of slots share. */
#ifndef SLOTS_UTIL_H
#define SLOTS_UTIL_H

#include <ipcchan/slots.h>

#include "ring-util.h"

/* The word of the slot that is that of position @pos. */
static inline ipcchan_ring_word *slots_word(struct ipcchan_slots_shared *shared,
					    uint64_t pos)
{
	return (ipcchan_ring_word *)(void *)
	       (shared->data + pos % shared->count * shared->slot_size);
}

/* A formatted ring of @count slots for @len bytes, empty at position @start. */
static inline struct ipcchan_slots_shared *slots_new(size_t count, size_t len,
						     uint32_t flags, uint64_t start)
{
	size_t size = ipcchan_slots_mem_size(count, len);
	struct ipcchan_slots_shared *shared = shared_mem(size, false);
	uint64_t i;

	EXPECT_EQ(ipcchan_slots_format(shared, size, len, flags), 0);
	EXPECT_EQ(shared->count, count);
	shared->head = start;
	for (i = 0; i < count; i++)
		*slots_word(shared, start + i) = (uint32_t)(start + i + 1 - count);
	return shared;
}

static inline size_t slots_size(const struct ipcchan_slots_shared *shared)
{
	return sizeof(*shared) + (size_t)shared->count * shared->slot_size;
}

/* Attach with a futex to sleep on.  Return: as ipcchan_slots_attach(). */
static inline int slots_attach(struct ipcchan_slots *slots,
			       struct ipcchan_slots_shared *shared,
			       enum ipcchan_ring_side side)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();

	return ipcchan_slots_attach(slots, shared, slots_size(shared), side, &bell);
}

#endif /* SLOTS_UTIL_H */
