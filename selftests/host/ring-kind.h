/* SPDX-License-Identifier: GPL-2.0 */
/* The byte ring, for the tests of either-*.h, through which each kind of ring goes. */
#ifndef RING_KIND_H
#define RING_KIND_H

#include "ring-util.h"

#define RING(verb)	ipcchan_ring_##verb
#define RING_HANDLE	ipcchan_ring
#define RING_SHARED	ipcchan_ring_shared

/* Empty, for @count messages of @len bytes, with @start messages behind it. */
static inline struct RING_SHARED *kind_new(size_t count, size_t len, uint32_t flags,
					   uint64_t start)
{
	size_t record = IPCCHAN_RING_REC_HDR + len;

	return ring_new(count * record, flags, start * record);
}

static inline int kind_attach(struct RING_HANDLE *ring, struct RING_SHARED *shared,
			      enum ipcchan_ring_side side)
{
	return ring_attach(ring, shared, side);
}

/* @len is what a producer waits to send. */
static inline int kind_wait(struct RING_HANDLE *ring, size_t len, int64_t timeout_ns)
{
	return ipcchan_ring_wait(ring, len, timeout_ns);
}

#endif /* RING_KIND_H */
