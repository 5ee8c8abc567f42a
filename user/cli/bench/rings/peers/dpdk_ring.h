/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DPDK's rte_ring.  Only what its headers have inline is used, over our own memory: its
 * libraries are not linked.  To be included once, with DPDK_MANY telling whether for many
 * producers and consumers or one of each.
 */
#include <rte_ring_elem.h>

#include "../ring.h"

/* One less than a power of two can be in there */
static uint32_t dpdk_slots(size_t size, size_t depth)
{
	uint32_t slots = 2;

	while (slots < depth / size)
		slots *= 2;
	return slots;
}

static size_t dpdk_mem_size(size_t size, size_t depth)
{
	return sizeof(struct rte_ring) + dpdk_slots(size, depth) * size;
}

/* As rte_ring_init(), which is in a library */
static void dpdk_format(void *mem, size_t size, size_t depth)
{
	const enum rte_ring_sync_type sync = DPDK_MANY ? RTE_RING_SYNC_MT : RTE_RING_SYNC_ST;
	struct rte_ring *ring = mem;

	ring->flags = DPDK_MANY ? 0 : RING_F_SP_ENQ | RING_F_SC_DEQ;
	ring->size = dpdk_slots(size, depth);
	ring->mask = ring->size - 1;
	ring->capacity = ring->mask;
	ring->prod.sync_type = sync;
	ring->cons.sync_type = sync;
}
