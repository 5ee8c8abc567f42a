// SPDX-License-Identifier: GPL-2.0
/*
 * The library's broadcast ring, spinning, with one producer and one reader.  Only round
 * trips: it waits for no reader, so that a stream loses messages, as it should.
 */
#include <ipcchan/bring.h>

#include <sys/mman.h>

#include "ring.h"

struct bring_tx {
	struct ipcchan_bring ring;
};

struct bring_rx {
	struct ipcchan_bring ring;
	const void *msg;
};

static size_t bring_mem_size(size_t size, size_t depth)
{
	return ipcchan_bring_mem_size(depth / ((size + 8 + 63) / 64 * 64), size);
}

/* Whose locks tell who is alive: made before the fork, of all runs */
static struct ipcchan_claim_life bring_life(const void *mem)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("ipcchan-life", MFD_CLOEXEC);
	return (struct ipcchan_claim_life){ .fd = fd, .start = (int64_t)(uintptr_t)mem };
}

static void bring_format(void *mem, size_t size, size_t depth)
{
	const struct ipcchan_claim_life life = bring_life(mem);
	int err = ipcchan_bring_format(mem, bring_mem_size(size, depth), size,
				       IPCCHAN_BRING_SPIN, &life);

	if (err)
		ring_die("format", err);
}

static void bring_tx_attach(struct bring_tx *tx, void *mem, void *room, size_t size,
			    size_t depth)
{
	const struct ipcchan_claim_life life = bring_life(mem);
	int err = ipcchan_bring_attach_producer(&tx->ring, mem, bring_mem_size(size, depth),
						NULL, &life);

	(void)room;
	if (err)
		ring_die("attach", err);
}

static void bring_rx_attach(struct bring_rx *rx, void *mem, void *room, size_t size,
			    size_t depth)
{
	const struct ipcchan_claim_life life = bring_life(mem);
	int err = ipcchan_bring_attach_reader(&rx->ring, mem, bring_mem_size(size, depth),
					      NULL, &life);

	(void)room;
	if (err)
		ring_die("attach", err);
}

/* There is nothing for this side to do */
static inline void bring_wait(struct ipcchan_bring *ring, int err)
{
	if (err == -EAGAIN)
		err = ipcchan_bring_wait(ring, IPCCHAN_WAIT_FOREVER);
	if (err)
		ring_die("wait", err);
}

RING_INLINE void *bring_room(struct bring_tx *tx, size_t size, unsigned int i,
			     unsigned int n)
{
	void *msg;
	int err;

	(void)i;
	(void)n;
	while ((err = ipcchan_bring_reserve(&tx->ring, size, &msg)))
		bring_wait(&tx->ring, err);
	return msg;
}

RING_INLINE void bring_publish(struct bring_tx *tx, size_t size, unsigned int n)
{
	int err = ipcchan_bring_commit(&tx->ring);

	(void)size;
	(void)n;
	if (err)
		ring_die("commit", err);
}

RING_INLINE unsigned int bring_arrived(struct bring_rx *rx, size_t size, unsigned int n)
{
	uint64_t lost = 0;
	ssize_t len;

	(void)n;
	while ((len = ipcchan_bring_peek(&rx->ring, &rx->msg, &lost)) != (ssize_t)size)
		bring_wait(&rx->ring, len < 0 ? (int)len : -EBADMSG);
	return 1;
}

RING_INLINE const void *bring_message(struct bring_rx *rx, size_t size, unsigned int i)
{
	(void)size;
	(void)i;
	return rx->msg;
}

RING_INLINE void bring_release(struct bring_rx *rx, size_t size, unsigned int n)
{
	int err = ipcchan_bring_release(&rx->ring);

	(void)size;
	(void)n;
	if (err)
		ring_die("release", err);
}

#define RING(name)	bring_##name
#define RING_KIND	ring_ipcchan_bring
#define RING_NAME	"ipcchan-bring"
#define RING_ABOUT	"the library's broadcast ring, with one reader"
#define RING_TRIPS	(RING_8 | RING_56 | RING_64)
#define RING_STREAMS	0
#define RING_BURSTS	false
#include "loops.h"
