// SPDX-License-Identifier: MIT
/*
 * The slow paths of the ring of slots: format, attach, wait, copies.  The layout
 * and what is trusted are described in <ipcchan/slots.h>.
 */
#include <stdbool.h>
#include <string.h>

#include <ipcchan/slots.h>

#include "call_time.h"
#include "internal.h"
#include "peer.h"

/* bytes of a cache line */
#define LINE		64U

/* of a deadline, which is never negative */
#define PAST		(-1)

/* messages that are copied in before it is looked whether the consumer sleeps */
#define RUN_MAX		64

#define MIN_SHIFT	4
#define MAX_SHIFT	10

_Static_assert(offsetof(struct ipcchan_slots_shared, head) == 128, "layout");
_Static_assert(offsetof(struct ipcchan_slots_shared, peers) == 256, "layout");
_Static_assert(offsetof(struct ipcchan_slots_shared, data) == 384, "layout");
_Static_assert((1 << MAX_SHIFT) - sizeof(ipcchan_ring_word) ==
	       IPCCHAN_SLOTS_MAX_LEN, "layout");

/* Return: log2 of the size of a slot for messages of @len bytes, 0 for none */
static uint32_t shift_for(size_t len)
{
	uint32_t shift = MIN_SHIFT;

	if (!len || len > IPCCHAN_SLOTS_MAX_LEN)
		return 0;
	while (((size_t)1 << shift) < len + sizeof(ipcchan_ring_word))
		shift++;
	return shift;
}

size_t ipcchan_slots_mem_size(size_t count, size_t len)
{
	uint32_t shift = shift_for(len);
	size_t pow2 = IPCCHAN_SLOTS_MIN_COUNT;

	if (!shift || !count || count > IPCCHAN_SLOTS_MAX_COUNT)
		return 0;
	while (pow2 < count)
		pow2 *= 2;
	if (pow2 > (SIZE_MAX / 2) >> shift)
		return 0;
	return sizeof(struct ipcchan_slots_shared) + (pow2 << shift);
}

int ipcchan_slots_format(void *mem, size_t size, size_t len, uint32_t flags)
{
	struct ipcchan_slots_shared *shared = mem;
	uint32_t count = IPCCHAN_SLOTS_MAX_COUNT, shift = shift_for(len), i;

	if (!ipcchan_aligned(mem) || !shift || (flags & ~IPCCHAN_RING_SPIN) ||
	    size < sizeof(*shared) + ((size_t)IPCCHAN_SLOTS_MIN_COUNT << shift))
		return -EINVAL;
	while (count > (size - sizeof(*shared)) >> shift)
		count /= 2;
	memset(shared, 0, sizeof(*shared) + ((size_t)count << shift));
	shared->layout = IPCCHAN_SLOTS_LAYOUT;
	shared->count = count;
	shared->slot_size = 1U << shift;
	shared->flags = flags;
	/* as if each had held the message one round before its first */
	for (i = 0; i < count; i++)
		*(ipcchan_ring_word *)(void *)(shared->data + ((size_t)i << shift)) =
			(uint32_t)(i + 1 - count);
	/* a peer that finds the magic finds the rest */
	__atomic_store_n(&shared->magic, IPCCHAN_SLOTS_MAGIC, __ATOMIC_RELEASE);
	return 0;
}

/* Copy what never changes into the handle.  It is not read again. */
static int slots_read_header(struct ipcchan_slots *slots,
			     struct ipcchan_slots_shared *shared, size_t size,
			     uint32_t *flags)
{
	uint32_t count, slot_size;

	if (__atomic_load_n(&shared->magic, __ATOMIC_ACQUIRE) !=
	    IPCCHAN_SLOTS_MAGIC ||
	    __atomic_load_n(&shared->layout, __ATOMIC_RELAXED) !=
	    IPCCHAN_SLOTS_LAYOUT)
		return -EPROTO;
	count = __atomic_load_n(&shared->count, __ATOMIC_RELAXED);
	slot_size = __atomic_load_n(&shared->slot_size, __ATOMIC_RELAXED);
	*flags = __atomic_load_n(&shared->flags, __ATOMIC_RELAXED);
	if (count < IPCCHAN_SLOTS_MIN_COUNT || count > IPCCHAN_SLOTS_MAX_COUNT ||
	    (count & (count - 1)) || (slot_size & (slot_size - 1)) ||
	    slot_size < 1U << MIN_SHIFT || slot_size > 1U << MAX_SHIFT ||
	    count > (size - sizeof(*shared)) / slot_size ||
	    (*flags & ~IPCCHAN_RING_SPIN))
		return -EPROTO;
	slots->mask = count - 1;
	slots->hold = count / 8;
	slots->max_len = slot_size - (uint32_t)sizeof(ipcchan_ring_word);
	slots->shift = (uint32_t)__builtin_ctz(slot_size);
	/* where slots share a line, what is fetched ahead is taken from the producer */
	slots->close = slot_size < LINE ? UINT64_MAX : count / 4;
	slots->data = shared->data;
	return 0;
}

/*
 * The producer's place is behind the last published slot.  What follows it may
 * have been half built by the last producer; its word says that it is not there.
 */
static void find_producer(struct ipcchan_slots *slots, uint64_t head)
{
	uint64_t word;

	slots->own = head;
	slots->limit = head + slots->mask + 1;
	while (slots->own != slots->limit) {
		word = __atomic_load_n(ipcchan_slots_at(slots, slots->own),
				       __ATOMIC_ACQUIRE);
		if ((uint32_t)word != (uint32_t)(slots->own + 1))
			break;
		slots->own++;
	}
}

int ipcchan_slots_attach(struct ipcchan_slots *slots, void *mem, size_t size,
			 enum ipcchan_ring_side side,
			 const struct ipcchan_bell *bell)
{
	struct ipcchan_slots_shared *shared = mem;
	uint64_t head;
	uint32_t flags;
	int ret;

	memset(slots, 0, sizeof(*slots));
	if (!ipcchan_aligned(mem) || size < sizeof(*shared) ||
	    (side != IPCCHAN_RING_PRODUCER && side != IPCCHAN_RING_CONSUMER))
		return ipcchan_slots_fail(slots, -EINVAL);
	ret = slots_read_header(slots, shared, size, &flags);
	if (!ret)
		ret = ipcchan_peer_init(&slots->peer, &shared->peers, side,
					flags & IPCCHAN_RING_SPIN, bell);
	if (ret)
		return ipcchan_slots_fail(slots, ret);

	slots->side = side;
	slots->head = &shared->head;
	head = __atomic_load_n(slots->head, __ATOMIC_ACQUIRE);
	if (side == IPCCHAN_RING_PRODUCER)
		find_producer(slots, head);
	else
		slots->own = head;
	slots->done = slots->own;
	ret = ipcchan_peer_greet(&slots->peer);
	return ret ? ipcchan_slots_fail(slots, ret) : 0;
}

int ipcchan_slots_set_wait(struct ipcchan_slots *slots, enum ipcchan_wait_mode mode)
{
	return slots->err ? slots->err : ipcchan_peer_set_mode(&slots->peer, mode);
}

int ipcchan_slots_fail(struct ipcchan_slots *slots, int err)
{
	slots->err = err;
	/* nothing is pending any more: commit and release say @err too */
	slots->len = 0;
	return err;
}

int ipcchan_slots_wake(struct ipcchan_slots *slots)
{
	int ret = ipcchan_peer_wake(&slots->peer);

	return ret ? ipcchan_slots_fail(slots, ret) : 0;
}

static int slots_ready(void *arg, uint64_t want)
{
	struct ipcchan_slots *slots = arg;
	uint32_t len;

	(void)want;
	return slots->side == IPCCHAN_RING_PRODUCER ?
	       ipcchan_slots_has_room(slots) : ipcchan_slots_has_msg(slots, &len);
}

int ipcchan_slots_wait(struct ipcchan_slots *slots, int64_t timeout_ns)
{
	struct peer_look look = { slots_ready, slots, 1 };
	struct peer_end end;
	int ret;

	if (timeout_ns < IPCCHAN_WAIT_FOREVER)
		return slots->err ? slots->err : -EINVAL;
	ret = ipcchan_slots_flush(slots);
	if (ret)
		return ret;
	if (timeout_ns)
		ipcchan_peer_pace(&slots->peer, slots->own - slots->waited <= 1);
	slots->waited = slots->own;
	ret = slots_ready(slots, 1);
	if (!ret)
		ipcchan_peer_close(&slots->peer);
	if (ret != -EAGAIN)
		return ret;
	if (!timeout_ns)
		return -ETIMEDOUT;
	ret = ipcchan_peer_wait(&slots->peer, &look, timeout_ns, &end);
	return end.broken ? ipcchan_slots_fail(slots, ret) : ret;
}

/*
 * Wait until *@deadline, as ipcchan_call_time_ns() makes it; it is PAST behind the wait for
 * which no time was left: what that has found may be gone again, as often as a hostile
 * peer likes.
 */
static int slots_wait_until(struct ipcchan_slots *slots, int64_t timeout_ns,
			    int64_t *deadline)
{
	int64_t left;

	if (*deadline == PAST)
		return -ETIMEDOUT;
	left = ipcchan_call_time_ns(timeout_ns, deadline);
	if (!left)
		*deadline = PAST;
	return ipcchan_slots_wait(slots, left);
}

/* what is said to the other side; one that has failed may be no side at all */
static int wrong_side(const struct ipcchan_slots *slots)
{
	return slots->err ? slots->err : -EINVAL;
}

/* most are of a size for which the compiler knows a short way */
static void copy(void *to, const void *from, size_t len)
{
	if (len == 8)
		memcpy(to, from, 8);
	else
		memcpy(to, from, len);
}

/* Copy a message in; its word is not written. */
static int slots_build(struct ipcchan_slots *slots, const void *msg, size_t len,
		       int64_t timeout_ns, int64_t *deadline)
{
	void *room;
	int ret;

	while ((ret = ipcchan_slots_reserve(slots, len, &room)) == -EAGAIN) {
		ret = slots_wait_until(slots, timeout_ns, deadline);
		if (ret)
			return ret;
	}
	if (!ret)
		copy(room, msg, len);
	return ret;
}

/* Wait for a message.  Return: as ipcchan_slots_peek() */
static ssize_t slots_await(struct ipcchan_slots *slots, const void **msg,
			   int64_t timeout_ns)
{
	int64_t deadline = 0;
	ssize_t len;
	int ret;

	while ((len = ipcchan_slots_peek(slots, msg)) == -EAGAIN) {
		ret = slots_wait_until(slots, timeout_ns, &deadline);
		if (ret < 0)
			return ret;
	}
	return len;
}

int ipcchan_slots_send(struct ipcchan_slots *slots, const void *msg, size_t len,
		       int64_t timeout_ns)
{
	int64_t deadline = 0;
	int ret;

	if (slots->side != IPCCHAN_RING_PRODUCER)
		return wrong_side(slots);
	ret = slots_build(slots, msg, len, timeout_ns, &deadline);
	return ret ? ret : ipcchan_slots_commit(slots);
}

ssize_t ipcchan_slots_recv(struct ipcchan_slots *slots, void *buf, size_t size,
			   int64_t timeout_ns)
{
	const void *msg;
	ssize_t len;

	if (slots->side != IPCCHAN_RING_CONSUMER)
		return wrong_side(slots);
	len = slots_await(slots, &msg, timeout_ns);
	if (len < 0)
		return len;
	if ((size_t)len > size)
		return -EMSGSIZE;
	copy(buf, msg, (size_t)len);
	/* a bell that fails here is reported by the next call: this message has arrived */
	(void)ipcchan_slots_release(slots);
	return len;
}

/*
 * Copy @n messages in: there is room for them.  @len is a constant where it matters, so
 * that a small message takes few instructions.
 */
static inline __attribute__((always_inline)) void
put_run(struct ipcchan_slots *slots, const char *from, size_t len, uint64_t n)
{
	uint64_t own = slots->own, end = own + n;
	ipcchan_ring_word *slot;

	for (; own != end; own++, from += len) {
		slot = ipcchan_slots_at(slots, own);
		memcpy(slot + 1, from, len);
		__atomic_store_n(slot, (uint64_t)len << 32 | (uint32_t)(own + 1),
				 __ATOMIC_RELEASE);
	}
	slots->own = own;
	slots->len = 0;
}

ssize_t ipcchan_slots_send_many(struct ipcchan_slots *slots, const void *msgs,
				size_t len, unsigned int count, int64_t timeout_ns)
{
	const char *from = msgs;
	int64_t deadline = 0;
	unsigned int i = 0;
	int ret = 0, flushed;
	uint64_t n;
	void *room;

	if (slots->side != IPCCHAN_RING_PRODUCER)
		return wrong_side(slots);
	while (i < count && !ret) {
		ret = ipcchan_slots_reserve(slots, len, &room);
		if (ret == -EAGAIN) {
			ret = slots_wait_until(slots, timeout_ns, &deadline);
		} else if (!ret) {
			n = slots->limit - slots->own;
			if (n > count - i)
				n = count - i;
			if (n > RUN_MAX)
				n = RUN_MAX;
			if (len == 8)
				put_run(slots, from + (size_t)i * 8, 8, n);
			else
				put_run(slots, from + i * len, len, n);
			i += (unsigned int)n;
			if (ipcchan_peer_seems_waiting(&slots->peer))
				ret = ipcchan_slots_wake(slots);
		}
	}
	flushed = ipcchan_slots_flush(slots);
	if (i)
		return i;
	return ret ? ret : flushed;
}

/* Copy up to @n messages of one length out.  Return: how many there were */
static inline __attribute__((always_inline)) uint64_t
take_run(struct ipcchan_slots *slots, char *to, size_t len, uint64_t n)
{
	uint64_t own = slots->own, end = own + n;
	ipcchan_ring_word *slot;

	for (; own != end; own++, to += len) {
		slot = ipcchan_slots_at(slots, own);
		if (__atomic_load_n(slot, __ATOMIC_ACQUIRE) !=
		    ((uint64_t)len << 32 | (uint32_t)(own + 1)))
			break;
		memcpy(to, slot + 1, len);
	}
	n = own - slots->own;
	slots->own = own;
	slots->len = 0;
	return n;
}

/* As take_run(), released together, no more of them than may be held back */
static unsigned int take_many(struct ipcchan_slots *slots, char *to, size_t len,
			      unsigned int count)
{
	uint64_t n = slots->hold ? slots->hold : 1;

	if (n > count)
		n = count;
	n = len == 8 ? take_run(slots, to, 8, n) : take_run(slots, to, len, n);
	/* a bell that fails here is reported by the next call: these have arrived */
	if (slots->own - slots->done >= slots->hold)
		(void)ipcchan_slots_publish(slots);
	return (unsigned int)n;
}

ssize_t ipcchan_slots_recv_many(struct ipcchan_slots *slots, void *msgs, size_t len,
				unsigned int count, int64_t timeout_ns)
{
	unsigned int i = 0, n;
	const void *msg;
	char *to = msgs;
	ssize_t ret = 0;

	if (slots->side != IPCCHAN_RING_CONSUMER)
		return wrong_side(slots);
	while (i < count) {
		ret = i ? ipcchan_slots_peek(slots, &msg) :
			  slots_await(slots, &msg, timeout_ns);
		if (ret >= 0 && (size_t)ret != len)
			ret = -EMSGSIZE;
		if (ret < 0)
			break;
		n = take_many(slots, to + i * len, len, count - i);
		if (!n) {
			/* an honest producer does not take back what it has published */
			ret = ipcchan_slots_fail(slots, -EBADMSG);
			break;
		}
		i += n;
	}
	(void)ipcchan_slots_flush(slots);
	return i ? i : ret;
}
