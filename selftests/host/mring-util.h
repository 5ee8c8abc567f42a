/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of rings for several producers and consumers share. */
#ifndef MRING_UTIL_H
#define MRING_UTIL_H

#include <fcntl.h>

#include <ipcchan/bring.h>
#include <ipcchan/mring.h>

#include "ring-util.h"

/* Where a ring is, of what size, and the file whose locks tell who is alive */
struct mring_mem {
	struct ipcchan_claim_shared *shared;
	size_t size;
	struct ipcchan_claim_life life;
};

/* Memory that has no file any more, and a file that has no memory */
static inline struct mring_mem mring_mem_new(size_t size)
{
	struct mring_mem mem = {
		.shared = shared_mem(size, false),
		.size = size,
		.life.fd = memfd_create("life", MFD_CLOEXEC),
	};

	if (mem.life.fd < 0) {
		printf("Bail out! no memfd\n");
		exit(1);
	}
	return mem;
}

static inline int mring_format(const struct mring_mem *mem, size_t msg_size, uint32_t flags)
{
	return ipcchan_mring_format(mem->shared, mem->size, msg_size, flags, &mem->life);
}

/* An empty ring of @slots messages of up to @msg_size bytes */
static inline struct mring_mem mring_new(size_t slots, size_t msg_size, uint32_t flags)
{
	struct mring_mem mem = mring_mem_new(ipcchan_mring_mem_size(slots, msg_size));

	EXPECT_EQ(mring_format(&mem, msg_size, flags), 0);
	return mem;
}

/* Go on at position @pos, as if all before had been sent and received. */
static inline void mring_start_at(const struct mring_mem *mem, uint64_t pos)
{
	struct ipcchan_claim_shared *shared = mem->shared;
	uint32_t shift = (uint32_t)__builtin_ctz(shared->slots), i;

	for (i = 0; i < shared->slots; i++) {
		uint64_t p = pos + i, at = p % shared->slots;

		*(uint64_t *)(void *)(shared->data + at * shared->slot_size) =
			(p & ((1ULL << 48) - 1)) >> shift << IPCCHAN_SLOT_LAP_SHIFT;
	}
	shared->cursor[0].word = pos << IPCCHAN_CURSOR_POS_SHIFT;
	shared->cursor[1].word = pos << IPCCHAN_CURSOR_POS_SHIFT;
}

/* Attach with a futex to sleep on.  Return: as ipcchan_mring_attach(). */
static inline int mring_attach(struct ipcchan_mring *ring, const struct mring_mem *mem,
			       enum ipcchan_claim_side side)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();

	return ipcchan_mring_attach(ring, mem->shared, mem->size, side, &bell, &mem->life);
}

static inline int mring_producer(struct ipcchan_mring *ring, const struct mring_mem *mem)
{
	return mring_attach(ring, mem, IPCCHAN_CLAIM_PRODUCER);
}

static inline int mring_consumer(struct ipcchan_mring *ring, const struct mring_mem *mem)
{
	return mring_attach(ring, mem, IPCCHAN_CLAIM_CONSUMER);
}

/* The broadcast ring's */
static inline struct mring_mem bring_new(size_t slots, size_t msg_size, uint32_t flags)
{
	struct mring_mem mem = mring_mem_new(ipcchan_bring_mem_size(slots, msg_size));

	EXPECT_EQ(ipcchan_bring_format(mem.shared, mem.size, msg_size, flags, &mem.life), 0);
	return mem;
}

static inline int bring_producer(struct ipcchan_bring *ring, const struct mring_mem *mem)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();

	return ipcchan_bring_attach_producer(ring, mem->shared, mem->size, &bell, &mem->life);
}

static inline int bring_reader(struct ipcchan_bring *ring, const struct mring_mem *mem)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();

	return ipcchan_bring_attach_reader(ring, mem->shared, mem->size, &bell, &mem->life);
}

#endif /* MRING_UTIL_H */
