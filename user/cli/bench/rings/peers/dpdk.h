/* SPDX-License-Identifier: GPL-2.0 */
/* DPDK's rte_ring, whose messages are copied in and out; as dpdk_ring.h is to be included */
#include "dpdk_ring.h"

struct dpdk_tx {
	struct rte_ring *ring;
	char *room;
};

struct dpdk_rx {
	struct rte_ring *ring;
	char *room;
};

static void dpdk_tx_attach(struct dpdk_tx *tx, void *mem, void *room, size_t size,
			   size_t depth)
{
	(void)size;
	(void)depth;
	*tx = (struct dpdk_tx){ mem, room };
}

static void dpdk_rx_attach(struct dpdk_rx *rx, void *mem, void *room, size_t size,
			   size_t depth)
{
	(void)size;
	(void)depth;
	*rx = (struct dpdk_rx){ mem, room };
}

RING_INLINE void dpdk_relax(void)
{
	if (DPDK_MANY)
		ring_several_relax();
	else
		spin_relax();
}

RING_INLINE void *dpdk_room(struct dpdk_tx *tx, size_t size, unsigned int i, unsigned int n)
{
	(void)n;
	return tx->room + i * size;
}

RING_INLINE void dpdk_publish(struct dpdk_tx *tx, size_t size, unsigned int n)
{
	const char *from = tx->room;
	unsigned int took;

	for (;;) {
		if (DPDK_MANY)
			took = rte_ring_mp_enqueue_burst_elem(tx->ring, from,
							      (unsigned int)size, n, NULL);
		else
			took = rte_ring_sp_enqueue_burst_elem(tx->ring, from,
							      (unsigned int)size, n, NULL);
		n -= took;
		if (!n)
			return;
		from += took * size;
		dpdk_relax();
	}
}

RING_INLINE unsigned int dpdk_arrived(struct dpdk_rx *rx, size_t size, unsigned int n)
{
	unsigned int got;

	for (;;) {
		if (DPDK_MANY)
			got = rte_ring_mc_dequeue_burst_elem(rx->ring, rx->room,
							     (unsigned int)size, n, NULL);
		else
			got = rte_ring_sc_dequeue_burst_elem(rx->ring, rx->room,
							     (unsigned int)size, n, NULL);
		if (got)
			return got;
		dpdk_relax();
	}
}

RING_INLINE const void *dpdk_message(struct dpdk_rx *rx, size_t size, unsigned int i)
{
	return rx->room + i * size;
}

RING_INLINE void dpdk_release(struct dpdk_rx *rx, size_t size, unsigned int n)
{
	(void)rx;
	(void)size;
	(void)n;
}

#define RING(name)	dpdk_##name
#define RING_TRIPS	(RING_8 | RING_56 | RING_64)
#define RING_STREAMS	(RING_8 | RING_64 | RING_4096)
#define RING_BURSTS	true
#if DPDK_MANY
#define RING_SEVERAL
#endif
#include "../loops.h"
