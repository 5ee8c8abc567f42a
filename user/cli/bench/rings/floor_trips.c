// SPDX-License-Identifier: GPL-2.0
/*
 * What no round trip can be faster than: lines of a cache that go from CPU to CPU and
 * back, without a queue.
 */
#include "ring.h"

#define FLOOR_UNUSED	__attribute__((unused))

/* One line, taken from the peer with its message and given back with an answer */
static size_t cas_mem_size(size_t size FLOOR_UNUSED, size_t depth FLOOR_UNUSED)
{
	return RING_APART;
}

static void cas_format(void *mem FLOOR_UNUSED, size_t size FLOOR_UNUSED,
		       size_t depth FLOOR_UNUSED)
{
}

/**
 * struct cas_side
 * @line: of both
 * @seen: the last value that the peer is known to have put there
 */
struct cas_side {
	uint64_t *line;
	uint64_t seen;
};

static void cas_attach(void *handle, void *tx, void *rx FLOOR_UNUSED,
		       void *tx_room FLOOR_UNUSED, void *rx_room FLOOR_UNUSED,
		       size_t size FLOOR_UNUSED, size_t depth FLOOR_UNUSED)
{
	*(struct cas_side *)handle = (struct cas_side){ .line = tx };
}

static void cas_exchange(uint64_t *line, uint64_t from, uint64_t to)
{
	uint64_t was = from;

	while (!__atomic_compare_exchange_n(line, &was, to, false, __ATOMIC_ACQ_REL,
					    __ATOMIC_RELAXED)) {
		was = from;
		spin_relax();
	}
}

/* Only the value that is due is exchanged: there is nothing else to compare */
static bool cas_chunk(void *handle, struct ring_chunk *c)
{
	struct cas_side *side = handle;
	uint64_t *line = side->line, left;

	for (left = c->count; left; left--) {
		if (c->role == RING_PING)
			cas_exchange(line, side->seen, c->tx_base);
		else
			cas_exchange(line, c->rx_base, c->tx_base);
		side->seen = c->rx_base;
		c->tx_base += PAYLOAD_NEXT;
		c->rx_base += PAYLOAD_NEXT;
	}
	/* The last trip ends, too. */
	while (c->role == RING_PING && __atomic_load_n(line, __ATOMIC_ACQUIRE) != side->seen)
		spin_relax();
	return true;
}

const struct ring_kind ring_floor_cas = {
	.name = "floor-cas",
	.about = "floor: one line, compared and exchanged both ways",
	.trips = RING_8,
	.both = true,
	.side_size = sizeof(struct cas_side),
	.mem_size = cas_mem_size,
	.format = cas_format,
	.attach = cas_attach,
	.chunk = cas_chunk,
};

/**
 * struct line - what one side writes
 * @seq: how many messages there have been
 * @words: of a message, in the same line where it fits
 * @far: in a line of its own
 */
struct line {
	uint64_t seq;
	uint64_t words[7];
	uint64_t far[8] __attribute__((aligned(RING_APART)));
};

static size_t line_mem_size(size_t size FLOOR_UNUSED, size_t depth FLOOR_UNUSED)
{
	return sizeof(struct line);
}

static void line_format(void *mem FLOOR_UNUSED, size_t size FLOOR_UNUSED,
			size_t depth FLOOR_UNUSED)
{
}

struct line_tx {
	struct line *line;
	uint64_t seq;
	uint64_t *room;
};

struct line_rx {
	struct line *line;
	uint64_t seq;
	uint64_t *room;
};

static void line_tx_attach(struct line_tx *tx, void *mem, void *room,
			   size_t size FLOOR_UNUSED, size_t depth FLOOR_UNUSED)
{
	*tx = (struct line_tx){ mem, 0, room };
}

static void line_rx_attach(struct line_rx *rx, void *mem, void *room,
			   size_t size FLOOR_UNUSED, size_t depth FLOOR_UNUSED)
{
	*rx = (struct line_rx){ mem, 0, room };
}

RING_INLINE void *line_room(struct line_tx *tx, size_t size,
			    unsigned int i FLOOR_UNUSED, unsigned int n FLOOR_UNUSED)
{
	return size > sizeof(tx->line->words) ? tx->line->far : tx->line->words;
}

RING_INLINE void line_publish(struct line_tx *tx, size_t size FLOOR_UNUSED,
			      unsigned int n FLOOR_UNUSED)
{
	__atomic_store_n(&tx->line->seq, ++tx->seq, __ATOMIC_RELEASE);
}

RING_INLINE unsigned int line_arrived(struct line_rx *rx, size_t size FLOOR_UNUSED,
				      unsigned int n FLOOR_UNUSED)
{
	while (__atomic_load_n(&rx->line->seq, __ATOMIC_ACQUIRE) == rx->seq)
		spin_relax();
	rx->seq++;
	return 1;
}

RING_INLINE const void *line_message(struct line_rx *rx, size_t size,
				     unsigned int i FLOOR_UNUSED)
{
	return size > sizeof(rx->line->words) ? rx->line->far : rx->line->words;
}

RING_INLINE void line_release(struct line_rx *rx FLOOR_UNUSED, size_t size FLOOR_UNUSED,
			      unsigned int n FLOOR_UNUSED)
{
}

#define RING(name)	line_##name
#define RING_KIND	ring_floor_lines
#define RING_NAME	"floor-lines"
#define RING_ABOUT	"floor: message and sequence number in a line, or each in one"
#define RING_TRIPS	(RING_56 | RING_64)
#define RING_STREAMS	0
#define RING_BURSTS	false
#include "loops.h"

/* The message itself is the flag: each differs from the one before */
#define flag_mem_size	line_mem_size
#define flag_format	line_format
#define flag_tx		line_tx
#define flag_rx		line_rx
#define flag_tx_attach	line_tx_attach
#define flag_rx_attach	line_rx_attach
#define flag_release	line_release

RING_INLINE void *flag_room(struct flag_tx *tx, size_t size FLOOR_UNUSED,
			    unsigned int i FLOOR_UNUSED, unsigned int n FLOOR_UNUSED)
{
	return tx->room;
}

RING_INLINE void flag_publish(struct flag_tx *tx, size_t size FLOOR_UNUSED,
			      unsigned int n FLOOR_UNUSED)
{
	__atomic_store_n(&tx->line->seq, *tx->room, __ATOMIC_RELEASE);
}

RING_INLINE unsigned int flag_arrived(struct flag_rx *rx, size_t size FLOOR_UNUSED,
				      unsigned int n FLOOR_UNUSED)
{
	uint64_t word;

	while ((word = __atomic_load_n(&rx->line->seq, __ATOMIC_ACQUIRE)) == rx->seq)
		spin_relax();
	rx->seq = word;
	*rx->room = word;
	return 1;
}

RING_INLINE const void *flag_message(struct flag_rx *rx, size_t size FLOOR_UNUSED,
				     unsigned int i FLOOR_UNUSED)
{
	return rx->room;
}

#define RING(name)	flag_##name
#define RING_KIND	ring_floor_flags
#define RING_NAME	"floor-flags"
#define RING_ABOUT	"floor: two lines, stored by one side and loaded by the other"
#define RING_TRIPS	RING_8
#define RING_STREAMS	0
#define RING_BURSTS	false
#include "loops.h"
