/* SPDX-License-Identifier: MIT */
/*
 * The ring's fast paths, included by <ipcchan/ring.h>, which says how the ring
 * works and what threads may do.
 */
#ifndef IPCCHAN_RING_INLINE_H
#define IPCCHAN_RING_INLINE_H

#ifdef __cplusplus
extern "C" {
#endif

/* how far ahead of a side the lines are fetched that it is going to touch, bytes */
#define IPCCHAN_RING_READ_AHEAD		1024U
#define IPCCHAN_RING_WRITE_AHEAD	512U

/* bytes of the record of a message of @len bytes, which is at most max_len */
static inline uint64_t ipcchan_ring_rec_size(uint64_t len)
{
	return IPCCHAN_RING_REC_HDR + ((len + 7) & ~(uint64_t)7);
}

/* bytes from @pos to the end of the data area */
static inline uint64_t ipcchan_ring_contig(const struct ipcchan_ring *ring,
					   uint64_t pos)
{
	return ring->mask + 1 - (pos & ring->mask);
}

static inline ipcchan_ring_word *ipcchan_ring_at(const struct ipcchan_ring *ring,
						 uint64_t pos)
{
	return (ipcchan_ring_word *)(void *)(ring->data + (pos & ring->mask));
}

/*
 * How far a consumer gets before there is something to do but to move on: publish,
 * or take a step of the probe.
 */
static inline void ipcchan_ring_plan(struct ipcchan_ring *ring)
{
	uint64_t ahead = ring->limit - ring->own;
	uint64_t held = ring->published + ring->hold - ring->own;
	uint64_t probe = ring->writer.next - ring->own;

	if (held < ahead)
		ahead = held;
	if (probe < ahead)
		ahead = probe;
	ring->due = ring->own + ahead;
}

/*
 * Take note of the peer's position, a private copy that nobody has checked.  A
 * position that is unaligned, behind what the peer had said before or further
 * than the ring is long is refused; so own + 0 to capacity bounds @limit.
 */
static inline int ipcchan_ring_look(struct ipcchan_ring *ring, uint64_t index)
{
	uint64_t limit = index + ring->bias;
	uint64_t avail = limit - ring->own;

	if (__builtin_expect(avail > ring->mask + 1 || (index & 7) ||
			     avail < ring->limit - ring->own, 0)) {
		ipcchan_ring_fail(ring, -EBADMSG);
		return -EBADMSG;
	}
	ring->limit = limit;
	ipcchan_ring_plan(ring);
	return 0;
}

/*
 * Is there @want bytes from @own to the limit?  The peer's line is only touched
 * when the answer by the copy is no.
 */
static inline int ipcchan_ring_has(struct ipcchan_ring *ring, uint64_t want)
{
	int ret;

	if (ring->limit - ring->own >= want)
		return 0;
	ret = ipcchan_ring_look(ring, __atomic_load_n(ring->peer_index,
						      __ATOMIC_ACQUIRE));
	if (ret)
		return ret;
	return ring->limit - ring->own >= want ? 0 : -EAGAIN;
}

/* bytes that a record of @need bytes takes at @own, with the padding before it */
static inline uint64_t ipcchan_ring_span(const struct ipcchan_ring *ring,
					 uint64_t need)
{
	uint64_t contig = ipcchan_ring_contig(ring, ring->own);

	return need <= contig ? need : contig + need;
}

/* tell the peer of @own, and wake it if it sleeps */
static inline int ipcchan_ring_publish(struct ipcchan_ring *ring)
{
	ring->published = ring->own;
	if (ring->side == IPCCHAN_RING_CONSUMER)
		ipcchan_ring_plan(ring);
	__atomic_store_n(ring->own_index, ring->own, __ATOMIC_RELEASE);
	return ipcchan_peer_waits(&ring->peer) ? ipcchan_ring_wake(ring) : 0;
}

/**
 * ipcchan_ring_flush() - publish what is held back, wake a peer that sleeps
 * @ring: either side's handle
 *
 * Return: 0, also when nothing is held back; -EBADMSG, or as
 * ipcchan_ring_commit().
 */
static inline int ipcchan_ring_flush(struct ipcchan_ring *ring)
{
	if (__builtin_expect(ring->err < 0, 0))
		return ring->err;
	return ring->own == ring->published ? 0 : ipcchan_ring_publish(ring);
}

/* take the pending message over the line: it is published next, or held back */
static inline int ipcchan_ring_advance(struct ipcchan_ring *ring)
{
	if (__builtin_expect(!ring->pending, 0))
		return ring->err ? ring->err : -EINVAL;
	ring->own += ring->pending;
	ring->pending = 0;
	return 0;
}

/* a reserve has found the ring full: no room appears before this is published */
static inline int ipcchan_ring_full(struct ipcchan_ring *ring)
{
	int ret = ipcchan_ring_flush(ring);

	return ret < 0 ? ret : -EAGAIN;
}

/**
 * ipcchan_ring_reserve() - room to build the next message in place
 * @ring: the producer's handle
 * @len: bytes, 1 to ipcchan_ring_max_len()
 * @msg: out, 8-aligned, @len bytes that the consumer does not see yet
 *
 * Return: 0; -EAGAIN (full), -EMSGSIZE, -EBADMSG.  A second reserve before the
 * commit replaces the first.
 */
static inline int ipcchan_ring_reserve(struct ipcchan_ring *ring, size_t len,
				       void **msg)
{
	ipcchan_ring_word *rec;
	uint64_t need, span;
	int ret;

	if (__builtin_expect(ring->err < 0, 0))
		return ring->err;
	if (__builtin_expect((uint64_t)len - 1 >= ring->max_len, 0))
		return -EMSGSIZE;
	need = ipcchan_ring_rec_size(len);
	span = ipcchan_ring_span(ring, need);
	ret = ipcchan_ring_has(ring, span);
	if (__builtin_expect(ret, 0))
		return ret == -EAGAIN ? ipcchan_ring_full(ring) : ret;
	/* relaxed: the commit orders these; the peer may be reading wildly */
	if (__builtin_expect(span != need, 0))
		__atomic_store_n(ipcchan_ring_at(ring, ring->own),
				 (uint64_t)IPCCHAN_RING_REC_PAD << 32 |
				 (span - need - IPCCHAN_RING_REC_HDR),
				 __ATOMIC_RELAXED);
	rec = ipcchan_ring_at(ring, ring->own + span - need);
	__atomic_store_n(rec, (uint64_t)IPCCHAN_RING_REC_MSG << 32 | len,
			 __ATOMIC_RELAXED);
	/* the consumer is done with it: that it has a copy is what takes the time */
	if (ring->limit - ring->own > IPCCHAN_RING_WRITE_AHEAD)
		ipcchan_peer_prefetch_write(ipcchan_ring_at(ring, ring->own +
							    IPCCHAN_RING_WRITE_AHEAD));
	ring->pending = span;
	*msg = rec + 1;
	return 0;
}

/**
 * ipcchan_ring_commit() - publish the reserved message and what was held back
 * @ring: the producer's handle
 *
 * A consumer that sleeps is woken.
 *
 * Return: 0; -EINVAL (nothing reserved), or what the bell's wake says: the
 * message is published all the same, and every later call says so again.
 */
static inline int ipcchan_ring_commit(struct ipcchan_ring *ring)
{
	int ret = ipcchan_ring_advance(ring);

	return ret ? ret : ipcchan_ring_publish(ring);
}

/**
 * ipcchan_ring_commit_more() - the reserved message is ready, more follow
 * @ring: the producer's handle
 *
 * It may be held back until the next ipcchan_ring_commit() or
 * ipcchan_ring_flush(): see "Batches" in <ipcchan/ring.h>.
 *
 * Return: as ipcchan_ring_commit().
 */
static inline int ipcchan_ring_commit_more(struct ipcchan_ring *ring)
{
	int ret = ipcchan_ring_advance(ring);

	if (ret)
		return ret;
	if (ring->own - ring->published < ring->hold &&
	    !ipcchan_peer_seems_waiting(&ring->peer))
		return 0;
	return ipcchan_ring_publish(ring);
}

/**
 * ipcchan_ring_peek() - the oldest message, in place
 * @ring: the consumer's handle
 * @msg: out, 8-aligned, valid until ipcchan_ring_release()
 *
 * A hostile producer may change the bytes while they are read, though not
 * their number: copy what is checked and then used.
 *
 * Return: bytes; -EAGAIN (empty), -EBADMSG.
 */
static inline ssize_t ipcchan_ring_peek(struct ipcchan_ring *ring,
					const void **msg)
{
	uint64_t pos = ring->own, word;
	int ret;

	if (__builtin_expect(ring->err < 0, 0))
		return ring->err;
	ret = ipcchan_ring_has(ring, 1);
	if (ret < 0)
		return ret;
	word = __atomic_load_n(ipcchan_ring_at(ring, pos), __ATOMIC_RELAXED);
	if (__builtin_expect(word != ring->seen, 0)) {
		if (word >> 32 == IPCCHAN_RING_REC_PAD) {
			/* published together with what is behind it, at offset 0 */
			pos += ipcchan_ring_contig(ring, pos);
			if ((uint32_t)word != pos - ring->own - IPCCHAN_RING_REC_HDR ||
			    pos - ring->own >= ring->limit - ring->own)
				goto bad;
			word = __atomic_load_n(ipcchan_ring_at(ring, pos),
					       __ATOMIC_RELAXED);
		}
		if (word >> 32 != IPCCHAN_RING_REC_MSG ||
		    (uint64_t)(uint32_t)word - 1 >= ring->max_len)
			goto bad;
		ring->seen = word;
		ring->seen_size = ipcchan_ring_rec_size((uint32_t)word);
	}
	if (__builtin_expect(ring->seen_size > ring->limit - pos ||
			     ring->seen_size > ipcchan_ring_contig(ring, pos), 0))
		goto bad;
	/* the line comes while those before it are read; the producer is done with it */
	if (ring->limit - pos > IPCCHAN_RING_READ_AHEAD)
		__builtin_prefetch(ipcchan_ring_at(ring, pos + IPCCHAN_RING_READ_AHEAD));
	ring->pending = pos + ring->seen_size - ring->own;
	*msg = ipcchan_ring_at(ring, pos) + 1;
	return (ssize_t)(uint32_t)word;

bad:
	ipcchan_ring_fail(ring, -EBADMSG);
	return -EBADMSG;
}

/* every line that lies before this side's position was read */
static inline void ipcchan_ring_write_back(struct ipcchan_ring *ring)
{
	uint64_t end = ring->own & ~(uint64_t)63;

	for (; ring->writer.from != end; ring->writer.from += 64)
		ipcchan_writeback_line(ipcchan_ring_at(ring, ring->writer.from),
				       ring->writer.how);
}

/* the pending message has been read */
static inline int ipcchan_ring_consume(struct ipcchan_ring *ring)
{
	int ret = ipcchan_ring_advance(ring);

	if (ret)
		return ret;
	if (ring->writer.how != IPCCHAN_WRITEBACK_OFF)
		ipcchan_ring_write_back(ring);
	return 0;
}

/* take a step of the probe if one is due */
static inline void ipcchan_ring_try_probe(struct ipcchan_ring *ring)
{
	if (__builtin_expect((int64_t)(ring->own - ring->writer.next) >= 0, 0))
		ipcchan_ring_probe(ring);
}

/* @due has been reached */
static inline int ipcchan_ring_give_back(struct ipcchan_ring *ring)
{
	ipcchan_ring_try_probe(ring);
	if (ring->own - ring->published >= ring->hold || ring->own == ring->limit)
		return ipcchan_ring_publish(ring);
	ipcchan_ring_plan(ring);
	return 0;
}

/**
 * ipcchan_ring_release() - give the peeked message back, and what was held back
 * @ring: the consumer's handle
 *
 * A producer that sleeps is woken.
 *
 * Return: 0; -EINVAL (nothing peeked), or as ipcchan_ring_commit().
 */
static inline int ipcchan_ring_release(struct ipcchan_ring *ring)
{
	int ret = ipcchan_ring_consume(ring);

	if (ret)
		return ret;
	ipcchan_ring_try_probe(ring);
	return ipcchan_ring_publish(ring);
}

/**
 * ipcchan_ring_release_more() - the peeked message is done with, more are peeked
 * @ring: the consumer's handle
 *
 * The next peek gives the next message.  The producer may get the room back only
 * when an eighth of the ring, or the last message, has been released, or by
 * ipcchan_ring_release() or ipcchan_ring_flush(); until then the bytes stay, and
 * they come again when another process takes this side over.
 *
 * Return: as ipcchan_ring_release().
 */
static inline int ipcchan_ring_release_more(struct ipcchan_ring *ring)
{
	int ret = ipcchan_ring_consume(ring);

	if (ret)
		return ret;
	return __builtin_expect((int64_t)(ring->own - ring->due) < 0, 1) ? 0 :
	       ipcchan_ring_give_back(ring);
}

#ifdef __cplusplus
}
#endif

#endif /* IPCCHAN_RING_INLINE_H */
