// SPDX-License-Identifier: GPL-2.0
/* The library's ring of slots, spinning: messages up to a size, built and read in place */
#include <ipcchan/slots.h>

#include "ring.h"

/**
 * struct slots_tx
 * @room: private memory for a burst
 */
struct slots_tx {
	struct ipcchan_slots slots;
	char *room;
};

/**
 * struct slots_rx
 * @msg: the message that was found, in place
 * @room: private memory for a burst
 * @copied: messages are in @room, and are released
 */
struct slots_rx {
	struct ipcchan_slots slots;
	const void *msg;
	char *room;
	bool copied;
};

/* Words are copied by the burst: that takes less than to find each in place */
RING_INLINE bool slots_copies(size_t size, unsigned int n)
{
	return size == sizeof(uint64_t) && n > 1;
}

/* Slots have a word each, and are a power of two: of the same memory, there are fewer */
static size_t slots_mem_size(size_t size, size_t depth)
{
	size_t slot = 16;

	while (slot < size + 8)
		slot *= 2;
	return ipcchan_slots_mem_size(depth / slot, size);
}

static void slots_format(void *mem, size_t size, size_t depth)
{
	int err = ipcchan_slots_format(mem, slots_mem_size(size, depth), size,
				       IPCCHAN_RING_SPIN);

	if (err)
		ring_die("format", err);
}

static void slots_attach_side(struct ipcchan_slots *slots, void *mem, size_t mem_size,
			      enum ipcchan_ring_side side)
{
	int err = ipcchan_slots_attach(slots, mem, mem_size, side, NULL);

	if (err)
		ring_die("attach", err);
}

static void slots_tx_attach(struct slots_tx *tx, void *mem, void *room, size_t size,
			    size_t depth)
{
	tx->room = room;
	slots_attach_side(&tx->slots, mem, slots_mem_size(size, depth),
			  IPCCHAN_RING_PRODUCER);
}

static void slots_rx_attach(struct slots_rx *rx, void *mem, void *room, size_t size,
			    size_t depth)
{
	rx->room = room;
	slots_attach_side(&rx->slots, mem, slots_mem_size(size, depth),
			  IPCCHAN_RING_CONSUMER);
}

/* There is nothing for this side to do */
static inline void slots_wait(struct ipcchan_slots *slots, int err)
{
	if (err == -EAGAIN)
		err = ipcchan_slots_wait(slots, IPCCHAN_WAIT_FOREVER);
	if (err)
		ring_die("wait", err);
}

RING_INLINE void *slots_room(struct slots_tx *tx, size_t size, unsigned int i,
			     unsigned int n)
{
	void *msg;
	int err;

	if (slots_copies(size, n))
		return tx->room + i * size;
	err = i ? ipcchan_slots_commit_more(&tx->slots) : 0;
	if (err)
		ring_die("commit", err);
	while ((err = ipcchan_slots_reserve(&tx->slots, size, &msg)))
		slots_wait(&tx->slots, err);
	return msg;
}

RING_INLINE void slots_publish(struct slots_tx *tx, size_t size, unsigned int n)
{
	int err;

	if (slots_copies(size, n))
		err = ipcchan_slots_send_many(&tx->slots, tx->room, size, n,
					      IPCCHAN_WAIT_FOREVER) == (ssize_t)n ? 0 : -EIO;
	else
		err = ipcchan_slots_commit(&tx->slots);
	if (err)
		ring_die("commit", err);
}

RING_INLINE unsigned int slots_arrived(struct slots_rx *rx, size_t size, unsigned int n)
{
	ssize_t len;

	rx->copied = slots_copies(size, n);
	if (rx->copied) {
		len = ipcchan_slots_recv_many(&rx->slots, rx->room, size, n,
					      IPCCHAN_WAIT_FOREVER);
		if (len <= 0)
			ring_die("receive", (int)len);
		return (unsigned int)len;
	}
	while ((len = ipcchan_slots_peek(&rx->slots, &rx->msg)) != (ssize_t)size)
		slots_wait(&rx->slots, len < 0 ? (int)len : -EBADMSG);
	return 1;
}

RING_INLINE const void *slots_message(struct slots_rx *rx, size_t size, unsigned int i)
{
	return rx->copied ? rx->room + i * size : rx->msg;
}

/* A consumer that finds nothing holds nothing back */
RING_INLINE void slots_release(struct slots_rx *rx, size_t size, unsigned int n)
{
	int err = rx->copied ? 0 : ipcchan_slots_release_more(&rx->slots);

	(void)size;
	(void)n;
	if (err)
		ring_die("release", err);
}

#define RING(name)	slots_##name
#define RING_KIND	ring_ipcchan_slots
#define RING_NAME	"ipcchan-slots"
#define RING_ABOUT	"the library's ring of slots: message and its word in one line"
#define RING_TRIPS	(RING_8 | RING_56 | RING_64)
#define RING_STREAMS	(RING_8 | RING_64)
#define RING_BURSTS	true
#include "loops.h"
