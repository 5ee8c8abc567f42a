/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Concurrency Kit's ck_ring, whose messages are copied out.  To be included once, with
 *
 *	CK_MANY		for many producers and consumers, or one of each
 *	CK_PLACE	of these, messages are built in place, or copied in
 */
#include <ck_ring.h>
#include <string.h>

#include "../ring.h"

struct ck_8 {
	char bytes[8];
};

struct ck_56 {
	char bytes[56];
};

struct ck_64 {
	char bytes[64];
};

struct ck_4096 {
	char bytes[4096];
};

CK_RING_PROTOTYPE(8, ck_8)
CK_RING_PROTOTYPE(56, ck_56)
CK_RING_PROTOTYPE(64, ck_64)
CK_RING_PROTOTYPE(4096, ck_4096)

struct ck_tx {
	struct ck_ring *ring;
	void *slots;
	void *room;
};

struct ck_rx {
	struct ck_ring *ring;
	void *slots;
	void *room;
};

/* One less than a power of two can be in there */
static size_t ck_slots(size_t size, size_t depth)
{
	size_t slots = 4;

	while (slots < depth / size)
		slots *= 2;
	return slots;
}

static size_t ck_head(void)
{
	return (sizeof(struct ck_ring) + RING_APART - 1) / RING_APART * RING_APART;
}

static size_t ck_mem_size(size_t size, size_t depth)
{
	return ck_head() + ck_slots(size, depth) * size;
}

static void ck_format(void *mem, size_t size, size_t depth)
{
	ck_ring_init(mem, (unsigned int)ck_slots(size, depth));
}

static void ck_tx_attach(struct ck_tx *tx, void *mem, void *room, size_t size, size_t depth)
{
	(void)size;
	(void)depth;
	*tx = (struct ck_tx){ mem, (char *)mem + ck_head(), room };
}

static void ck_rx_attach(struct ck_rx *rx, void *mem, void *room, size_t size, size_t depth)
{
	(void)size;
	(void)depth;
	*rx = (struct ck_rx){ mem, (char *)mem + ck_head(), room };
}

#if CK_MANY
#define ck_relax	ring_several_relax
#define CK_DO(op, size)	ck_ring_##op##_mpmc_##size
#else
#define ck_relax	spin_relax
#define CK_DO(op, size)	ck_ring_##op##_spsc_##size
#endif

RING_INLINE bool ck_enqueue(struct ck_tx *tx, size_t size)
{
	switch (size) {
	case 8:
		return CK_DO(enqueue, 8)(tx->ring, tx->slots, tx->room);
	case 56:
		return CK_DO(enqueue, 56)(tx->ring, tx->slots, tx->room);
	case 64:
		return CK_DO(enqueue, 64)(tx->ring, tx->slots, tx->room);
	default:
		return CK_DO(enqueue, 4096)(tx->ring, tx->slots, tx->room);
	}
}

RING_INLINE bool ck_dequeue(struct ck_rx *rx, size_t size)
{
	switch (size) {
	case 8:
		return CK_DO(dequeue, 8)(rx->ring, rx->slots, rx->room);
	case 56:
		return CK_DO(dequeue, 56)(rx->ring, rx->slots, rx->room);
	case 64:
		return CK_DO(dequeue, 64)(rx->ring, rx->slots, rx->room);
	default:
		return CK_DO(dequeue, 4096)(rx->ring, rx->slots, rx->room);
	}
}

/* NULL when there is no room */
RING_INLINE void *ck_reserve(struct ck_tx *tx, size_t size)
{
	switch (size) {
	case 8:
		return ck_ring_enqueue_reserve_spsc_8(tx->ring, tx->slots);
	case 56:
		return ck_ring_enqueue_reserve_spsc_56(tx->ring, tx->slots);
	case 64:
		return ck_ring_enqueue_reserve_spsc_64(tx->ring, tx->slots);
	default:
		return ck_ring_enqueue_reserve_spsc_4096(tx->ring, tx->slots);
	}
}

RING_INLINE void *ck_room(struct ck_tx *tx, size_t size, unsigned int i, unsigned int n)
{
	void *msg;

	(void)n;
	(void)i;
	if (!CK_PLACE)
		return tx->room;
	while (!(msg = ck_reserve(tx, size)))
		ck_relax();
	return msg;
}

RING_INLINE void ck_publish(struct ck_tx *tx, size_t size, unsigned int n)
{
	(void)n;
	if (CK_PLACE) {
		ck_ring_enqueue_commit_spsc(tx->ring);
		return;
	}
	while (!ck_enqueue(tx, size))
		ck_relax();
}

RING_INLINE unsigned int ck_arrived(struct ck_rx *rx, size_t size, unsigned int n)
{
	(void)n;
	while (!ck_dequeue(rx, size))
		ck_relax();
	return 1;
}

RING_INLINE const void *ck_message(struct ck_rx *rx, size_t size, unsigned int i)
{
	(void)size;
	(void)i;
	return rx->room;
}

RING_INLINE void ck_release(struct ck_rx *rx, size_t size, unsigned int n)
{
	(void)rx;
	(void)size;
	(void)n;
}

#define RING(name)	ck_##name
#define RING_TRIPS	(RING_8 | RING_56 | RING_64)
#define RING_STREAMS	(RING_8 | RING_64 | RING_4096)
#define RING_BURSTS	false
#if CK_MANY
#define RING_SEVERAL
#endif
#include "../loops.h"
