/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What no stream can be faster than: one CPU writes messages in a circle, the other
 * reads them, each tells its position, and nothing else is done.  To be included once,
 * with
 *
 *	FLOOR_AFTER(line)	what the reader does with a line once it has read it
 *	FLOOR_NT		true: the writer goes around its cache
 */
#include <string.h>

#include "ring.h"

#ifdef __x86_64__
#include <emmintrin.h>
#endif

#define FLOOR_UNUSED	__attribute__((unused))
#define FLOOR_LINE	64

/**
 * struct floor - a direction
 * @tail: messages written
 * @head: messages read, as far as the reader has told
 * @slots: in a row
 */
struct floor {
	uint64_t tail;
	_Alignas(RING_APART) uint64_t head;
	_Alignas(RING_APART) char slots[];
};

static size_t floor_mem_size(size_t size FLOOR_UNUSED, size_t depth)
{
	return sizeof(struct floor) + depth;
}

static void floor_format(void *mem FLOOR_UNUSED, size_t size FLOOR_UNUSED,
			 size_t depth FLOOR_UNUSED)
{
}

/**
 * struct floor_tx
 * @pos: messages written
 * @limit: how far @pos may go
 * @slots: in the circle, a power of two
 * @room: private memory
 */
struct floor_tx {
	struct floor *floor;
	uint64_t pos;
	uint64_t limit;
	uint64_t slots;
	char *room;
};

/**
 * struct floor_rx
 * @pos: messages read
 * @limit: how far @pos may go
 * @slots: in the circle
 */
struct floor_rx {
	struct floor *floor;
	uint64_t pos;
	uint64_t limit;
	uint64_t slots;
};

static void floor_tx_attach(struct floor_tx *tx, void *mem, void *room, size_t size,
			    size_t depth)
{
	*tx = (struct floor_tx){ mem, 0, depth / size, depth / size, room };
}

static void floor_rx_attach(struct floor_rx *rx, void *mem, void *room FLOOR_UNUSED,
			    size_t size, size_t depth)
{
	*rx = (struct floor_rx){ mem, 0, 0, depth / size };
}

RING_INLINE char *floor_slot(struct floor *floor, uint64_t pos, uint64_t slots, size_t size)
{
	return floor->slots + (pos & (slots - 1)) * size;
}

RING_INLINE void *floor_room(struct floor_tx *tx, size_t size, unsigned int i,
			     unsigned int n FLOOR_UNUSED)
{
	while (tx->pos + i >= tx->limit) {
		tx->limit = __atomic_load_n(&tx->floor->head, __ATOMIC_ACQUIRE) + tx->slots;
		if (tx->pos + i >= tx->limit)
			spin_relax();
	}
	return FLOOR_NT ? tx->room + i * size :
			  floor_slot(tx->floor, tx->pos + i, tx->slots, size);
}

/* Past the cache, and there before what follows */
RING_INLINE void floor_stream(void *to, const void *from, size_t size)
{
#ifdef __x86_64__
	size_t at;

	for (at = 0; at < size; at += sizeof(__m128i))
		_mm_stream_si128((__m128i *)(void *)((char *)to + at),
				 *(const __m128i *)(const void *)((const char *)from + at));
	_mm_sfence();
#else
	memcpy(to, from, size);
#endif
}

RING_INLINE void floor_publish(struct floor_tx *tx, size_t size, unsigned int n)
{
	unsigned int i;

	for (i = FLOOR_NT ? 0 : n; i < n; i++)
		floor_stream(floor_slot(tx->floor, tx->pos + i, tx->slots, size),
			     tx->room + i * size, size);
	tx->pos += n;
	__atomic_store_n(&tx->floor->tail, tx->pos, __ATOMIC_RELEASE);
}

RING_INLINE unsigned int floor_arrived(struct floor_rx *rx, size_t size FLOOR_UNUSED,
				       unsigned int n)
{
	uint64_t there;

	while (rx->pos == rx->limit) {
		rx->limit = __atomic_load_n(&rx->floor->tail, __ATOMIC_ACQUIRE);
		if (rx->pos == rx->limit)
			spin_relax();
	}
	there = rx->limit - rx->pos;
	return there < n ? (unsigned int)there : n;
}

RING_INLINE const void *floor_message(struct floor_rx *rx, size_t size, unsigned int i)
{
	return floor_slot(rx->floor, rx->pos + i, rx->slots, size);
}

/* It tells its position every eighth of the circle: the writer has seven more */
RING_INLINE void floor_release(struct floor_rx *rx, size_t size, unsigned int n)
{
	uint64_t before = rx->pos, eighth = rx->slots / 8;
	size_t at;
	unsigned int i;

	for (i = 0; i < n; i++)
		for (at = 0; at < size; at += FLOOR_LINE)
			FLOOR_AFTER(floor_slot(rx->floor, before + i, rx->slots, size) + at);
	rx->pos += n;
	if ((before ^ rx->pos) & ~(eighth - 1))
		__atomic_store_n(&rx->floor->head, rx->pos, __ATOMIC_RELEASE);
}

#define RING(name)	floor_##name
#define RING_TRIPS	0
#define RING_STREAMS	(RING_64 | RING_4096)
#define RING_BURSTS	true
#include "loops.h"
