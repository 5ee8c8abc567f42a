/* SPDX-License-Identifier: GPL-2.0 */
/* The ring of slots, for the tests of either-*.h, through which each kind of ring goes. */
#ifndef SLOTS_KIND_H
#define SLOTS_KIND_H

#include "slots-util.h"

#define RING(verb)	ipcchan_slots_##verb
#define RING_HANDLE	ipcchan_slots
#define RING_SHARED	ipcchan_slots_shared

/* Empty, for @count messages of @len bytes, with @start messages behind it. */
static inline struct RING_SHARED *kind_new(size_t count, size_t len, uint32_t flags,
					   uint64_t start)
{
	return slots_new(count, len, flags, start);
}

static inline int kind_attach(struct RING_HANDLE *slots, struct RING_SHARED *shared,
			      enum ipcchan_ring_side side)
{
	return slots_attach(slots, shared, side);
}

/* There is room for a message of any length, or for none. */
static inline int kind_wait(struct RING_HANDLE *slots, size_t len, int64_t timeout_ns)
{
	(void)len;
	return ipcchan_slots_wait(slots, timeout_ns);
}

#endif /* SLOTS_KIND_H */
