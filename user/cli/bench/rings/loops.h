/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The loops of one kind of ring.  To be included after these have been defined, once
 * for each kind:
 *
 *	RING(name)	a name of its own for each name here
 *	RING_KIND	the struct ring_kind, as table.c knows it
 *	RING_NAME, RING_ABOUT, RING_TRIPS, RING_STREAMS, RING_BURSTS
 *			of struct ring_kind; all sizes and bursts that are not in there
 *			are left out
 *	RING_MISSING	likewise, or not defined
 *	struct RING(tx), struct RING(rx)
 *			the private handle of the sender and of the receiver
 *	size_t RING(mem_size)(size_t size, size_t depth)
 *	void RING(format)(void *mem, size_t size, size_t depth)
 *	void RING(tx_attach)(struct RING(tx) *tx, void *mem, void *room, size_t size,
 *			     size_t depth)
 *	void RING(rx_attach)(struct RING(rx) *rx, ...)	likewise
 *
 * and, inline, with a size that the compiler knows,
 *
 *	void *RING(room)(struct RING(tx) *tx, size_t size, unsigned int i,
 *			 unsigned int n)
 *			where to build the message that is number i of the n that will
 *			be published next; waits
 *	void RING(publish)(struct RING(tx) *tx, size_t size, unsigned int n)
 *			send these n; may wait, when room() was of private memory
 *	unsigned int RING(arrived)(struct RING(rx) *rx, size_t size, unsigned int n)
 *			wait for messages; how many there are, 1 to n
 *	const void *RING(message)(struct RING(rx) *rx, size_t size, unsigned int i)
 *			number i of them
 *	void RING(release)(struct RING(rx) *rx, size_t size, unsigned int n)
 *			give all n of them back
 *
 * With RING_SEVERAL defined, the ring can have several producers and consumers.
 *
 * A peer that has died is not their concern: the parent ends who waits for it.
 */

RING_INLINE void RING(send)(struct RING(tx) *tx, struct ring_chunk *c, size_t size,
			    unsigned int burst)
{
	uint64_t base = c->tx_base, left;
	unsigned int n, i;

	for (left = c->count; left; left -= n) {
		n = left < burst ? (unsigned int)left : burst;
		for (i = 0; i < n; i++) {
			ring_write(RING(room)(tx, size, i, n), size, base);
			base += PAYLOAD_NEXT;
		}
		RING(publish)(tx, size, n);
	}
	c->tx_base = base;
}

RING_INLINE bool RING(receive)(struct RING(rx) *rx, struct ring_chunk *c, size_t size,
			       unsigned int burst, bool compare)
{
	uint64_t base = c->rx_base, left;
	unsigned int n, i;
	const void *msg;

	for (left = c->count; left; left -= n) {
		n = RING(arrived)(rx, size, left < burst ? (unsigned int)left : burst);
		for (i = 0; i < n; i++) {
			msg = RING(message)(rx, size, i);
			if (!(compare ? ring_same(msg, size, base) :
					ring_read(msg, size, base))) {
				c->rx_base = base;
				c->bad = msg;
				return false;
			}
			base += PAYLOAD_NEXT;
		}
		RING(release)(rx, size, n);
	}
	c->rx_base = base;
	return true;
}

/* Round trips of one side; the one that answers gives its message back after that */
RING_INLINE bool RING(trips)(struct RING(tx) *tx, struct RING(rx) *rx,
			     struct ring_chunk *c, size_t size, bool first, bool compare)
{
	uint64_t tx_base = c->tx_base, rx_base = c->rx_base, left;
	const void *msg;

	for (left = c->count; left; left--) {
		if (first) {
			ring_write(RING(room)(tx, size, 0, 1), size, tx_base);
			RING(publish)(tx, size, 1);
		}
		RING(arrived)(rx, size, 1);
		msg = RING(message)(rx, size, 0);
		if (!(compare ? ring_same(msg, size, rx_base) :
				ring_read(msg, size, rx_base))) {
			c->rx_base = rx_base;
			c->bad = msg;
			return false;
		}
		if (!first) {
			ring_write(RING(room)(tx, size, 0, 1), size, tx_base);
			RING(publish)(tx, size, 1);
		}
		RING(release)(rx, size, 1);
		tx_base += PAYLOAD_NEXT;
		rx_base += PAYLOAD_NEXT;
	}
	c->tx_base = tx_base;
	c->rx_base = rx_base;
	return true;
}

struct RING(side) {
	struct RING(tx) tx __attribute__((aligned(RING_APART)));
	struct RING(rx) rx __attribute__((aligned(RING_APART)));
};

/*
 * What follows works on copies of the handles: as the compiler sees it, who writes
 * a message might write to a handle that others know of.
 */

static void RING(chunk_send)(struct RING(side) *side, struct ring_chunk *c)
{
	struct RING(tx) tx = side->tx;

	if (ring_is(c, RING_STREAMS, RING_8, 8, 1))
		RING(send)(&tx, c, 8, 1);
	else if (ring_is(c, RING_STREAMS, RING_8, 8, RING_BURSTS ? RING_BURST : 0))
		RING(send)(&tx, c, 8, RING_BURST);
	else if (ring_is(c, RING_STREAMS, RING_64, 64, 1))
		RING(send)(&tx, c, 64, 1);
	else if (ring_is(c, RING_STREAMS, RING_64, 64, RING_BURSTS ? RING_BURST : 0))
		RING(send)(&tx, c, 64, RING_BURST);
	else if (ring_is(c, RING_STREAMS, RING_4096, 4096, 1))
		RING(send)(&tx, c, 4096, 1);
	side->tx = tx;
}

RING_INLINE bool RING(receive_sizes)(struct RING(rx) *rx, struct ring_chunk *c,
				     bool compare)
{
	if (ring_is(c, RING_STREAMS, RING_8, 8, 1))
		return RING(receive)(rx, c, 8, 1, compare);
	if (ring_is(c, RING_STREAMS, RING_8, 8, RING_BURSTS ? RING_BURST : 0))
		return RING(receive)(rx, c, 8, RING_BURST, compare);
	if (ring_is(c, RING_STREAMS, RING_64, 64, 1))
		return RING(receive)(rx, c, 64, 1, compare);
	if (ring_is(c, RING_STREAMS, RING_64, 64, RING_BURSTS ? RING_BURST : 0))
		return RING(receive)(rx, c, 64, RING_BURST, compare);
	if (ring_is(c, RING_STREAMS, RING_4096, 4096, 1))
		return RING(receive)(rx, c, 4096, 1, compare);
	return false;
}

static bool RING(chunk_receive)(struct RING(side) *side, struct ring_chunk *c)
{
	struct RING(rx) rx = side->rx;
	bool good;

	if (c->compare)
		good = RING(receive_sizes)(&rx, c, true);
	else
		good = RING(receive_sizes)(&rx, c, false);
	side->rx = rx;
	return good;
}

RING_INLINE bool RING(trips_sizes)(struct RING(tx) *tx, struct RING(rx) *rx,
				   struct ring_chunk *c, bool first, bool compare)
{
	if (ring_is(c, RING_TRIPS, RING_8, 8, 1))
		return RING(trips)(tx, rx, c, 8, first, compare);
	if (ring_is(c, RING_TRIPS, RING_56, 56, 1))
		return RING(trips)(tx, rx, c, 56, first, compare);
	if (ring_is(c, RING_TRIPS, RING_64, 64, 1))
		return RING(trips)(tx, rx, c, 64, first, compare);
	return false;
}

static bool RING(chunk_trips)(struct RING(side) *side, struct ring_chunk *c)
{
	bool first = c->role == RING_PING, good;
	struct RING(tx) tx = side->tx;
	struct RING(rx) rx = side->rx;

	if (first && c->compare)
		good = RING(trips_sizes)(&tx, &rx, c, true, true);
	else if (first)
		good = RING(trips_sizes)(&tx, &rx, c, true, false);
	else if (c->compare)
		good = RING(trips_sizes)(&tx, &rx, c, false, true);
	else
		good = RING(trips_sizes)(&tx, &rx, c, false, false);
	side->tx = tx;
	side->rx = rx;
	return good;
}

#ifdef RING_SEVERAL
/* Of 64 bytes, one at a time, until the last; which those are, they tell */
RING_INLINE bool RING(take)(struct RING(rx) *rx, struct ring_chunk *c, bool compare)
{
	const void *msg;
	uint64_t base;
	bool good;

	do {
		RING(arrived)(rx, 64, 1);
		msg = RING(message)(rx, 64, 0);
		base = *(const payload_word *)msg;
		good = compare ? ring_same(msg, 64, base) : ring_read(msg, 64, base);
		if (!good || (base != RING_END && !ring_take(c->taken, base))) {
			c->bad = msg;
			return false;
		}
		RING(release)(rx, 64, 1);
	} while (base != RING_END);
	return true;
}

static bool RING(chunk_take)(struct RING(side) *side, struct ring_chunk *c)
{
	struct RING(rx) rx = side->rx;
	bool good = c->compare ? RING(take)(&rx, c, true) : RING(take)(&rx, c, false);

	side->rx = rx;
	return good;
}
#endif

static bool RING(chunk)(void *handle, struct ring_chunk *c)
{
	struct RING(side) *side = (struct RING(side) *)handle;

#ifdef RING_SEVERAL
	if (c->role == RING_TAKE)
		return RING(chunk_take)(side, c);
#endif
	if (c->role == RING_RECEIVE)
		return RING(chunk_receive)(side, c);
	if (c->role != RING_SEND)
		return RING(chunk_trips)(side, c);
	RING(chunk_send)(side, c);
	return true;
}

static void RING(attach)(void *handle, void *tx, void *rx, void *tx_room, void *rx_room,
			 size_t size, size_t depth)
{
	struct RING(side) *side = (struct RING(side) *)handle;

	RING(tx_attach)(&side->tx, tx, tx_room, size, depth);
	RING(rx_attach)(&side->rx, rx, rx_room, size, depth);
}

#ifdef __cplusplus
extern "C"
#endif
const struct ring_kind RING_KIND;
const struct ring_kind RING_KIND = {
	.name = RING_NAME,
	.about = RING_ABOUT,
	.trips = RING_TRIPS,
	.streams = RING_STREAMS,
	.bursts = RING_BURSTS,
#ifdef RING_SEVERAL
	.several = true,
#else
	.several = false,
#endif
	.both = false,
	.side_size = sizeof(struct RING(side)),
#ifdef RING_MISSING
	.missing = RING_MISSING,
#else
	.missing = NULL,
#endif
	.mem_size = RING(mem_size),
	.format = RING(format),
	.attach = RING(attach),
	.chunk = RING(chunk),
};

#undef RING
#undef RING_KIND
#undef RING_NAME
#undef RING_ABOUT
#undef RING_TRIPS
#undef RING_STREAMS
#undef RING_BURSTS
#undef RING_MISSING
#undef RING_SEVERAL
