/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The library's byte ring, spinning: messages of any size, built and read in place.  To
 * be included once, with BYTE_WRITEBACK telling what the consumer does with lines that
 * it has read.
 */
#include <ipcchan/ring.h>

#include "ring.h"

struct byte_tx {
	struct ipcchan_ring ring;
};

struct byte_rx {
	struct ipcchan_ring ring;
	const void *msg;
};

/* Records have headers: of the same memory, they leave less to the messages */
static size_t byte_mem_size(size_t size, size_t depth)
{
	(void)size;
	return ipcchan_ring_mem_size(depth);
}

static void byte_format(void *mem, size_t size, size_t depth)
{
	int err = ipcchan_ring_format(mem, byte_mem_size(size, depth), IPCCHAN_RING_SPIN);

	if (err)
		ring_die("format", err);
}

static void byte_attach_side(struct ipcchan_ring *ring, void *mem, size_t depth,
			     enum ipcchan_ring_side side)
{
	int err = ipcchan_ring_attach(ring, mem, ipcchan_ring_mem_size(depth), side, NULL);

	if (err)
		ring_die("attach", err);
}

static void byte_tx_attach(struct byte_tx *tx, void *mem, void *room, size_t size,
			   size_t depth)
{
	(void)room;
	(void)size;
	byte_attach_side(&tx->ring, mem, depth, IPCCHAN_RING_PRODUCER);
}

static void byte_rx_attach(struct byte_rx *rx, void *mem, void *room, size_t size,
			   size_t depth)
{
	int err;

	(void)room;
	(void)size;
	byte_attach_side(&rx->ring, mem, depth, IPCCHAN_RING_CONSUMER);
	err = ipcchan_ring_set_writeback(&rx->ring, BYTE_WRITEBACK);
	if (err)
		ring_die("write-back", err);
}

/* There is nothing for this side to do */
static inline void byte_wait(struct ipcchan_ring *ring, size_t size, int err)
{
	if (err == -EAGAIN)
		err = ipcchan_ring_wait(ring, size, IPCCHAN_WAIT_FOREVER);
	if (err)
		ring_die("wait", err);
}

RING_INLINE void *byte_room(struct byte_tx *tx, size_t size, unsigned int i,
			    unsigned int n)
{
	void *msg;
	int err;

	(void)n;
	err = i ? ipcchan_ring_commit_more(&tx->ring) : 0;
	if (err)
		ring_die("commit", err);
	while ((err = ipcchan_ring_reserve(&tx->ring, size, &msg)))
		byte_wait(&tx->ring, size, err);
	return msg;
}

RING_INLINE void byte_publish(struct byte_tx *tx, size_t size, unsigned int n)
{
	int err = ipcchan_ring_commit(&tx->ring);

	(void)size;
	(void)n;
	if (err)
		ring_die("commit", err);
}

RING_INLINE unsigned int byte_arrived(struct byte_rx *rx, size_t size, unsigned int n)
{
	ssize_t len;

	(void)n;
	while ((len = ipcchan_ring_peek(&rx->ring, &rx->msg)) != (ssize_t)size)
		byte_wait(&rx->ring, 0, len < 0 ? (int)len : -EBADMSG);
	return 1;
}

RING_INLINE const void *byte_message(struct byte_rx *rx, size_t size, unsigned int i)
{
	(void)size;
	(void)i;
	return rx->msg;
}

/* A consumer that finds nothing holds nothing back */
RING_INLINE void byte_release(struct byte_rx *rx, size_t size, unsigned int n)
{
	int err = ipcchan_ring_release_more(&rx->ring);

	(void)size;
	(void)n;
	if (err)
		ring_die("release", err);
}

#define RING(name)	byte_##name
#define RING_TRIPS	(RING_8 | RING_56 | RING_64)
#define RING_STREAMS	(RING_8 | RING_64 | RING_4096)
#define RING_BURSTS	true
#include "loops.h"
