// SPDX-License-Identifier: GPL-2.0
/* DPDK's rte_ring by its calls that build and read messages in place */
#define DPDK_MANY	0
#include "dpdk_ring.h"

/**
 * struct dpdk_tx
 * @at: the room there is
 * @got: for so many messages
 * @from: number of the first of them in the burst
 */
struct dpdk_tx {
	struct rte_ring *ring;
	struct rte_ring_zc_data at;
	unsigned int got;
	unsigned int from;
};

struct dpdk_rx {
	struct rte_ring *ring;
	struct rte_ring_zc_data at;
};

static void dpdk_tx_attach(struct dpdk_tx *tx, void *mem, void *room, size_t size,
			   size_t depth)
{
	(void)room;
	(void)size;
	(void)depth;
	*tx = (struct dpdk_tx){ .ring = mem };
}

static void dpdk_rx_attach(struct dpdk_rx *rx, void *mem, void *room, size_t size,
			   size_t depth)
{
	(void)room;
	(void)size;
	(void)depth;
	*rx = (struct dpdk_rx){ .ring = mem };
}

/* The ring may end among them */
RING_INLINE void *dpdk_at(const struct rte_ring_zc_data *at, size_t size, unsigned int i)
{
	return i < at->n1 ? (char *)at->ptr1 + i * size :
			    (char *)at->ptr2 + (i - at->n1) * size;
}

RING_INLINE unsigned int dpdk_start(struct dpdk_tx *tx, size_t size, unsigned int n)
{
	return rte_ring_enqueue_zc_burst_elem_start(tx->ring, (unsigned int)size, n, &tx->at,
						    NULL);
}

RING_INLINE void *dpdk_room(struct dpdk_tx *tx, size_t size, unsigned int i, unsigned int n)
{
	if (!i || i == tx->from + tx->got) {
		if (i)
			rte_ring_enqueue_zc_elem_finish(tx->ring, tx->got);
		while (!(tx->got = dpdk_start(tx, size, n - i)))
			spin_relax();
		tx->from = i;
	}
	return dpdk_at(&tx->at, size, i - tx->from);
}

RING_INLINE void dpdk_publish(struct dpdk_tx *tx, size_t size, unsigned int n)
{
	(void)size;
	(void)n;
	rte_ring_enqueue_zc_elem_finish(tx->ring, tx->got);
}

RING_INLINE unsigned int dpdk_arrived(struct dpdk_rx *rx, size_t size, unsigned int n)
{
	unsigned int got;

	while (!(got = rte_ring_dequeue_zc_burst_elem_start(rx->ring, (unsigned int)size, n,
							    &rx->at, NULL)))
		spin_relax();
	return got;
}

RING_INLINE const void *dpdk_message(struct dpdk_rx *rx, size_t size, unsigned int i)
{
	return dpdk_at(&rx->at, size, i);
}

RING_INLINE void dpdk_release(struct dpdk_rx *rx, size_t size, unsigned int n)
{
	(void)size;
	rte_ring_dequeue_zc_elem_finish(rx->ring, n);
}

#define RING(name)	dpdk_##name
#define RING_KIND	ring_dpdk_spsc_place
#define RING_NAME	"dpdk-spsc-place"
#define RING_ABOUT	"likewise, one of each, built and read in place (zero copy)"
#define RING_TRIPS	(RING_8 | RING_56 | RING_64)
#define RING_STREAMS	(RING_8 | RING_64 | RING_4096)
#define RING_BURSTS	true
#include "../loops.h"
