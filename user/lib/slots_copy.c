// SPDX-License-Identifier: MIT
/* Messages copied into the ring of slots, and out of it, one or many at a time. */
#include <string.h>

#include <ipcchan/slots.h>

#include "call_time.h"

/* of a deadline, which is never negative */
#define PAST		(-1)

/* messages that are copied in before it is looked whether the consumer sleeps */
#define RUN_MAX		64

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
