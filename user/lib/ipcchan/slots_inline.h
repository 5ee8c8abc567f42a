/* SPDX-License-Identifier: MIT */
/*
 * The fast paths of the ring of slots, included by <ipcchan/slots.h>, which says
 * how it works and what threads may do.
 */
#ifndef IPCCHAN_SLOTS_INLINE_H
#define IPCCHAN_SLOTS_INLINE_H

#ifdef __cplusplus
extern "C" {
#endif

/**
 * ipcchan_slots_max_len() - longest message that the ring takes
 * @slots: either side's handle
 *
 * Return: bytes.
 */
static inline size_t ipcchan_slots_max_len(const struct ipcchan_slots *slots)
{
	return slots->max_len;
}

static inline ipcchan_ring_word *ipcchan_slots_at(const struct ipcchan_slots *slots,
						  uint64_t pos)
{
	return (ipcchan_ring_word *)(void *)
	       (slots->data + ((pos & slots->mask) << slots->shift));
}

/*
 * Take note of the consumer's position, a private copy that nobody has checked.  It
 * is looked for only when nothing is known to be free, @limit is @own then: so one that
 * is behind what it had said before leaves less than nothing, and is refused as one
 * before this side's is; own + 0 to the number of slots bounds @limit.
 */
static inline int ipcchan_slots_look(struct ipcchan_slots *slots, uint64_t head)
{
	uint64_t limit = head + slots->mask + 1;
	uint64_t room = limit - slots->own;

	if (__builtin_expect(room > slots->mask + 1, 0)) {
		ipcchan_slots_fail(slots, -EBADMSG);
		return -EBADMSG;
	}
	slots->limit = limit;
	return 0;
}

/* Is there a free slot?  The consumer's line is touched when none is known. */
static inline int ipcchan_slots_has_room(struct ipcchan_slots *slots)
{
	int ret;

	if (slots->limit != slots->own)
		return 0;
	ret = ipcchan_slots_look(slots, __atomic_load_n(slots->head,
							__ATOMIC_ACQUIRE));
	if (ret)
		return ret;
	return slots->limit != slots->own ? 0 : -EAGAIN;
}

/*
 * What does the next slot's word say?  Return: 0 and the length; -EAGAIN when it
 * is the word of the round before.
 */
static inline int ipcchan_slots_has_msg(struct ipcchan_slots *slots, uint32_t *len)
{
	uint64_t word = __atomic_load_n(ipcchan_slots_at(slots, slots->own),
					__ATOMIC_ACQUIRE);
	uint32_t behind = (uint32_t)slots->own + 1 - (uint32_t)word;

	*len = (uint32_t)(word >> 32);
	if (__builtin_expect(behind != 0, 0)) {
		if (behind == slots->mask + 1)
			return -EAGAIN;
	} else if (__builtin_expect(*len - 1 < slots->max_len, 1)) {
		return 0;
	}
	ipcchan_slots_fail(slots, -EBADMSG);
	return -EBADMSG;
}

/* the consumer's position is known to the producer, which is woken if it sleeps */
static inline int ipcchan_slots_publish(struct ipcchan_slots *slots)
{
	slots->done = slots->own;
	__atomic_store_n(slots->head, slots->own, __ATOMIC_RELEASE);
	return ipcchan_peer_waits(&slots->peer) ? ipcchan_slots_wake(slots) : 0;
}

/**
 * ipcchan_slots_flush() - make up for what commit_more or release_more left out
 * @slots: either side's handle
 *
 * Return: 0, also when there is nothing; -EBADMSG, or what the bell's wake says.
 */
static inline int ipcchan_slots_flush(struct ipcchan_slots *slots)
{
	if (__builtin_expect(slots->err < 0, 0))
		return slots->err;
	if (slots->own == slots->done)
		return 0;
	if (slots->side == IPCCHAN_RING_CONSUMER)
		return ipcchan_slots_publish(slots);
	slots->done = slots->own;
	return ipcchan_peer_waits(&slots->peer) ? ipcchan_slots_wake(slots) : 0;
}

/* there is nothing to do: the peer does not wait for this side either */
static inline int ipcchan_slots_idle(struct ipcchan_slots *slots)
{
	int ret = ipcchan_slots_flush(slots);

	return ret < 0 ? ret : -EAGAIN;
}

/**
 * ipcchan_slots_reserve() - room to build the next message in place
 * @slots: the producer's handle
 * @len: bytes, 1 to ipcchan_slots_max_len()
 * @msg: out, 8-aligned, @len bytes that the consumer does not see yet
 *
 * Return: 0; -EAGAIN (full), -EMSGSIZE, -EBADMSG.  A second reserve before the
 * commit replaces the first.
 */
static inline int ipcchan_slots_reserve(struct ipcchan_slots *slots, size_t len,
					void **msg)
{
	int ret;

	if (__builtin_expect(slots->err < 0, 0))
		return slots->err;
	if (__builtin_expect((uint64_t)len - 1 >= slots->max_len, 0))
		return -EMSGSIZE;
	ret = ipcchan_slots_has_room(slots);
	if (__builtin_expect(ret, 0))
		return ret == -EAGAIN ? ipcchan_slots_idle(slots) : ret;
	slots->len = (uint32_t)len;
	*msg = ipcchan_slots_at(slots, slots->own) + 1;
	return 0;
}

/* write the word of the pending message */
static inline int ipcchan_slots_put(struct ipcchan_slots *slots)
{
	uint64_t len = slots->len;

	if (__builtin_expect(!len, 0))
		return slots->err ? slots->err : -EINVAL;
	__atomic_store_n(ipcchan_slots_at(slots, slots->own),
			 len << 32 | (uint32_t)(slots->own + 1), __ATOMIC_RELEASE);
	slots->own++;
	slots->len = 0;
	return 0;
}

/**
 * ipcchan_slots_commit() - publish the reserved message, wake a sleeping consumer
 * @slots: the producer's handle
 *
 * Return: 0; -EINVAL (nothing reserved), or what the bell's wake says: the
 * message is published all the same, and every later call says so again.
 */
static inline int ipcchan_slots_commit(struct ipcchan_slots *slots)
{
	int ret = ipcchan_slots_put(slots);

	if (ret)
		return ret;
	slots->done = slots->own;
	return ipcchan_peer_waits(&slots->peer) ? ipcchan_slots_wake(slots) : 0;
}

/**
 * ipcchan_slots_commit_more() - publish the reserved message, more follow
 * @slots: the producer's handle
 *
 * A consumer that is just going to sleep may be woken by the next commit or
 * flush only: see "Batches" in <ipcchan/slots.h>.
 *
 * Return: as ipcchan_slots_commit().
 */
static inline int ipcchan_slots_commit_more(struct ipcchan_slots *slots)
{
	int ret = ipcchan_slots_put(slots);

	if (ret)
		return ret;
	return ipcchan_peer_seems_waiting(&slots->peer) ?
	       ipcchan_slots_wake(slots) : 0;
}

/**
 * ipcchan_slots_peek() - the oldest message, in place
 * @slots: the consumer's handle
 * @msg: out, 8-aligned, valid until ipcchan_slots_release()
 *
 * A hostile producer may change the bytes while they are read, though not
 * their number: copy what is checked and then used.
 *
 * Return: bytes; -EAGAIN (empty), -EBADMSG.
 */
static inline ssize_t ipcchan_slots_peek(struct ipcchan_slots *slots,
					 const void **msg)
{
	uint32_t len;
	int ret;

	if (__builtin_expect(slots->err < 0, 0))
		return slots->err;
	ret = ipcchan_slots_has_msg(slots, &len);
	if (__builtin_expect(ret, 0)) {
		slots->limit = slots->own;
		return ret == -EAGAIN ? ipcchan_slots_idle(slots) : ret;
	}
	/* not on the heels of the producer, whose lines those ahead would be */
	if (slots->own - slots->limit > slots->close)
		__builtin_prefetch(ipcchan_slots_at(slots, slots->own +
						    (IPCCHAN_RING_READ_AHEAD >> slots->shift)));
	slots->len = len;
	*msg = ipcchan_slots_at(slots, slots->own) + 1;
	return (ssize_t)len;
}

/* the pending message is done with */
static inline int ipcchan_slots_take(struct ipcchan_slots *slots)
{
	if (__builtin_expect(!slots->len, 0))
		return slots->err ? slots->err : -EINVAL;
	slots->own++;
	slots->len = 0;
	return 0;
}

/**
 * ipcchan_slots_release() - give the peeked message back, and what was held back
 * @slots: the consumer's handle
 *
 * A producer that sleeps is woken.
 *
 * Return: 0; -EINVAL (nothing peeked), or as ipcchan_slots_commit().
 */
static inline int ipcchan_slots_release(struct ipcchan_slots *slots)
{
	int ret = ipcchan_slots_take(slots);

	return ret ? ret : ipcchan_slots_publish(slots);
}

/**
 * ipcchan_slots_release_more() - the peeked message is done with, more are peeked
 * @slots: the consumer's handle
 *
 * The producer may get the slot back only when an eighth of them has been
 * released, when a peek finds nothing, or by ipcchan_slots_release() or
 * ipcchan_slots_flush(); until then the bytes stay, and they come again when
 * another process takes this side over.
 *
 * Return: as ipcchan_slots_release().
 */
static inline int ipcchan_slots_release_more(struct ipcchan_slots *slots)
{
	int ret = ipcchan_slots_take(slots);

	if (ret)
		return ret;
	return slots->own - slots->done < slots->hold ? 0 :
	       ipcchan_slots_publish(slots);
}

#ifdef __cplusplus
}
#endif

#endif /* IPCCHAN_SLOTS_INLINE_H */
