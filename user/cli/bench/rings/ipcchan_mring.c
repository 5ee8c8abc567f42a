// SPDX-License-Identifier: GPL-2.0
/*
 * The library's ring for several producers and consumers, spinning; with one of each, or
 * with several.  Messages are built and read in place.
 */
#include <ipcchan/mring.h>

#include <string.h>
#include <sys/mman.h>

#include "ring.h"

struct mring_tx {
	struct ipcchan_mring ring;
	struct iovec msg[RING_BURST];
	unsigned int got;	/* of them there is room for */
	unsigned int from;	/* number of the first of them */
};

struct mring_rx {
	struct ipcchan_mring ring;
	struct iovec msg[RING_BURST];
};

static size_t mring_mem_size(size_t size, size_t depth)
{
	return ipcchan_mring_mem_size(depth / ((size + 8 + 63) / 64 * 64), size);
}

/* Whose locks tell who is alive: made before the fork, of all runs */
static struct ipcchan_claim_life mring_life(const void *mem)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("ipcchan-life", MFD_CLOEXEC);
	return (struct ipcchan_claim_life){ .fd = fd, .start = (int64_t)(uintptr_t)mem };
}

static void mring_format(void *mem, size_t size, size_t depth)
{
	const struct ipcchan_claim_life life = mring_life(mem);
	int err = ipcchan_mring_format(mem, mring_mem_size(size, depth), size,
				       IPCCHAN_MRING_SPIN, &life);

	if (err)
		ring_die("format", err);
}

static void mring_attach_side(struct ipcchan_mring *ring, void *mem, size_t mem_size,
			      enum ipcchan_claim_side side)
{
	const struct ipcchan_claim_life life = mring_life(mem);
	int err = ipcchan_mring_attach(ring, mem, mem_size, side, NULL, &life);

	if (err)
		ring_die("attach", err);
}

static void mring_tx_attach(struct mring_tx *tx, void *mem, void *room, size_t size,
			    size_t depth)
{
	(void)room;
	mring_attach_side(&tx->ring, mem, mring_mem_size(size, depth),
			  IPCCHAN_CLAIM_PRODUCER);
}

static void mring_rx_attach(struct mring_rx *rx, void *mem, void *room, size_t size,
			    size_t depth)
{
	(void)room;
	mring_attach_side(&rx->ring, mem, mring_mem_size(size, depth),
			  IPCCHAN_CLAIM_CONSUMER);
}

/* There is nothing for this side to do */
static inline void mring_wait(struct ipcchan_mring *ring, int err)
{
	if (err == -EAGAIN && ring_crowded) {
		ring_several_relax();
		return;
	}
	if (err == -EAGAIN)
		err = ipcchan_mring_wait(ring, IPCCHAN_WAIT_FOREVER);
	if (err)
		ring_die("wait", err);
}

RING_INLINE void mring_publish(struct mring_tx *tx, size_t size, unsigned int n)
{
	int err = ipcchan_mring_commit(&tx->ring);

	(void)size;
	(void)n;
	if (err)
		ring_die("commit", err);
}

/* Room for the messages from number i on, as many as there is */
static inline void mring_claim(struct mring_tx *tx, size_t size, unsigned int i,
			       unsigned int n)
{
	unsigned int k;
	int got;

	if (i)
		mring_publish(tx, size, 0);
	for (k = 0; k < n - i; k++)
		tx->msg[k].iov_len = size;
	while ((got = ipcchan_mring_reserve_batch(&tx->ring, tx->msg, n - i)) < 0)
		mring_wait(&tx->ring, got);
	tx->from = i;
	tx->got = (unsigned int)got;
}

RING_INLINE void *mring_room(struct mring_tx *tx, size_t size, unsigned int i,
			     unsigned int n)
{
	void *msg;
	int err;

	if (n == 1) {
		while ((err = ipcchan_mring_reserve(&tx->ring, size, &msg)))
			mring_wait(&tx->ring, err);
		return msg;
	}
	if (!i || i == tx->from + tx->got)
		mring_claim(tx, size, i, n);
	return tx->msg[i - tx->from].iov_base;
}

RING_INLINE unsigned int mring_arrived(struct mring_rx *rx, size_t size, unsigned int n)
{
	const void *msg = NULL;
	ssize_t got;

	if (n == 1) {
		while ((got = ipcchan_mring_peek(&rx->ring, &msg)) != (ssize_t)size)
			mring_wait(&rx->ring, got < 0 ? (int)got : -EBADMSG);
		rx->msg[0].iov_base = (void *)(uintptr_t)msg;
		return 1;
	}
	while ((got = ipcchan_mring_peek_batch(&rx->ring, rx->msg, n)) < 0)
		mring_wait(&rx->ring, (int)got);
	return (unsigned int)got;
}

RING_INLINE const void *mring_message(struct mring_rx *rx, size_t size, unsigned int i)
{
	(void)size;
	return rx->msg[i].iov_base;
}

RING_INLINE void mring_release(struct mring_rx *rx, size_t size, unsigned int n)
{
	int err = ipcchan_mring_release(&rx->ring);

	(void)size;
	(void)n;
	if (err)
		ring_die("release", err);
}

#define RING(name)	mring_##name
#define RING_KIND	ring_ipcchan_mring
#define RING_NAME	"ipcchan-mring"
#define RING_ABOUT	"the library's ring for several producers and consumers"
#define RING_TRIPS	(RING_8 | RING_56 | RING_64)
#define RING_STREAMS	(RING_8 | RING_64 | RING_4096)
#define RING_BURSTS	true
#define RING_SEVERAL
#include "loops.h"
