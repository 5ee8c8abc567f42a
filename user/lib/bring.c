// SPDX-License-Identifier: MIT
/* The broadcast ring.  See <ipcchan/bring.h>. */
#include <ipcchan/bring.h>

#include "claim.h"

/* what a reader that has lagged behind keeps away from what is overwritten next */
#define SLACK_SHARE	4

static const struct ipcchan_claim_kind kind = {
	.magic = IPCCHAN_BRING_MAGIC,
	.layout = IPCCHAN_BRING_LAYOUT,
	/* what a reader finds in a slot that nobody has used is of the lap before */
	.first_lap = 1,
};

size_t ipcchan_bring_mem_size(size_t slots, size_t msg_size)
{
	return ipcchan_claim_mem_size(slots, msg_size);
}

int ipcchan_bring_format(void *mem, size_t size, size_t msg_size, uint32_t flags,
			 const struct ipcchan_claim_life *life)
{
	const struct ipcchan_claim_spec spec = { &kind, mem, size, NULL };

	return ipcchan_claim_format(&spec, msg_size, flags, life);
}

int ipcchan_bring_attach_producer(struct ipcchan_bring *ring, void *mem, size_t size,
				  const struct ipcchan_bell *bell,
				  const struct ipcchan_claim_life *life)
{
	const struct ipcchan_claim_spec spec = { &kind, mem, size, bell };

	ring->lost = 0;
	return ipcchan_claim_attach(&ring->c, &spec, IPCCHAN_CLAIM_BROADCAST, life);
}

/* Return: the position behind the last claim */
static uint64_t tail_of(const struct ipcchan_claim *c, int order)
{
	return __atomic_load_n(&c->cursor->word, order) >> IPCCHAN_CURSOR_POS_SHIFT;
}

int ipcchan_bring_attach_reader(struct ipcchan_bring *ring, void *mem, size_t size,
				const struct ipcchan_bell *bell,
				const struct ipcchan_claim_life *life)
{
	const struct ipcchan_claim_spec spec = { &kind, mem, size, bell };
	struct ipcchan_claim *c = &ring->c;
	int ret;

	ring->lost = 0;
	ret = ipcchan_claim_view(c, &spec, life);
	if (ret)
		return ret;
	c->mode = IPCCHAN_CLAIM_BROADCAST;
	c->cursor = &c->shared->cursor[IPCCHAN_CLAIM_PRODUCER];
	c->pos = tail_of(c, __ATOMIC_ACQUIRE);
	ret = ipcchan_claim_recover(c);
	if (ret >= 0)
		return 0;
	return ipcchan_claim_refuse(c, ret);
}

void ipcchan_bring_detach(struct ipcchan_bring *ring)
{
	ipcchan_claim_detach(&ring->c);
}

void ipcchan_bring_close(struct ipcchan_bring *ring)
{
	ipcchan_claim_close(&ring->c);
}

int ipcchan_bring_recover(struct ipcchan_bring *ring)
{
	return ipcchan_claim_recover(&ring->c);
}

int ipcchan_bring_set_wait(struct ipcchan_bring *ring, enum ipcchan_wait_mode mode)
{
	return ipcchan_claim_set_wait(&ring->c, mode);
}

/* Is there anything but the lap before, or a producer at work, at the next position? */
static bool reader_ready(struct ipcchan_claim *c, int order)
{
	uint64_t word = __atomic_load_n(ipcchan_slot_at(c, c->pos), order);

	if (ipcchan_slot_is_of(c, word, c->pos))
		return ipcchan_slot_state(word) != IPCCHAN_SLOT_WRITING;
	/* of two laps before: the producer that has claimed it has not begun */
	return !ipcchan_slot_is_of(c, word, c->pos - c->mask - 1) &&
		!ipcchan_slot_is_of(c, word, c->pos - 2 * (c->mask + 1));
}

static ipcchan_claim_ready_fn ready_of(const struct ipcchan_bring *ring)
{
	return ring->c.side == IPCCHAN_CLAIM_PRODUCER ? ipcchan_claim_ready : reader_ready;
}

int ipcchan_bring_wait(struct ipcchan_bring *ring, int64_t timeout_ns)
{
	if (!ring->c.err && ring->c.count && timeout_ns >= IPCCHAN_WAIT_FOREVER)
		return 0;
	return ipcchan_claim_wait(&ring->c, ready_of(ring), timeout_ns);
}

/*
 * Claim, and mark the slots before a byte of them changes.  The marks are behind the
 * claim: see the header.
 */
static int claim(struct ipcchan_bring *ring, uint32_t count)
{
	struct ipcchan_claim *c = &ring->c;
	int i, n;

	n = ipcchan_claim_take(c, IPCCHAN_CLAIM_BROADCAST, count);
	for (i = 0; i < n; i++)
		__atomic_store_n(ipcchan_slot_at(c, c->pos + (uint32_t)i),
				 ipcchan_slot_make(c, c->pos + (uint32_t)i,
						   IPCCHAN_SLOT_WRITING, 0),
				 __ATOMIC_RELEASE);
	return n;
}

static int reserve(struct ipcchan_bring *ring, size_t len)
{
	struct ipcchan_claim *c = &ring->c;
	int ret;

	if (c->err)
		return c->err;
	if (c->side != IPCCHAN_CLAIM_PRODUCER)
		return -EINVAL;
	if ((uint64_t)len - 1 >= c->max_len)
		return -EMSGSIZE;
	if (c->count > 1)
		return -EBUSY;
	if (!c->count) {
		ret = claim(ring, 1);
		if (ret < 0)
			return ret;
	}
	ring->len[0] = (uint32_t)len;
	return 0;
}

int ipcchan_bring_reserve(struct ipcchan_bring *ring, size_t len, void **msg)
{
	int ret = reserve(ring, len);

	if (ret)
		return ret;
	ipcchan_claim_fence(__ATOMIC_RELEASE);
	*msg = ring->c.slot + 1;
	return 0;
}

int ipcchan_bring_reserve_batch(struct ipcchan_bring *ring, struct iovec *vec,
				uint32_t count)
{
	struct ipcchan_claim *c = &ring->c;
	int n, ret = ipcchan_claim_may_reserve(c, vec, count);

	if (ret)
		return ret;
	n = claim(ring, count);
	ipcchan_claim_rooms(c, vec, ring->len, n);
	ipcchan_claim_fence(__ATOMIC_RELEASE);
	return n;
}

int ipcchan_bring_commit(struct ipcchan_bring *ring)
{
	struct ipcchan_claim *c = &ring->c;
	uint32_t i, n = c->count;

	/* what is claimed is others' to wait for, whatever has failed since */
	if (!n || c->side != IPCCHAN_CLAIM_PRODUCER)
		return c->err ? c->err : -EINVAL;
	c->count = 0;
	for (i = 0; i < n; i++)
		__atomic_store_n(ipcchan_slot_at(c, c->pos + i),
				 ipcchan_slot_make(c, c->pos + i, IPCCHAN_SLOT_READY,
						   ring->len[i]), __ATOMIC_RELEASE);
	if (c->flags & IPCCHAN_CLAIM_SPIN)
		return c->err;
	ipcchan_peer_fence();
	ipcchan_claim_wake_readers(c);
	/* one that had come round to these slots */
	if (__atomic_load_n(&c->shared->sleepers[IPCCHAN_CLAIM_PRODUCER], __ATOMIC_SEQ_CST))
		ipcchan_claim_wake(c, IPCCHAN_CLAIM_PRODUCER, n);
	return c->err;
}

/* Relaxed would do but for the mark before it: see the header. */
static void copy_in(ipcchan_slot_word *to, const void *msg, size_t len)
{
	const char *from = msg;
	uint64_t word;

	for (; len >= sizeof(word); len -= sizeof(word), from += sizeof(word)) {
		memcpy(&word, from, sizeof(word));
		__atomic_store_n(to++, word, __ATOMIC_RELEASE);
	}
	if (!len)
		return;
	word = 0;
	memcpy(&word, from, len);
	__atomic_store_n(to, word, __ATOMIC_RELEASE);
}

static void copy_out(void *buf, const ipcchan_slot_word *from, size_t len)
{
	char *to = buf;
	uint64_t word;

	for (; len >= sizeof(word); len -= sizeof(word), to += sizeof(word)) {
		word = __atomic_load_n(from++, __ATOMIC_ACQUIRE);
		memcpy(to, &word, sizeof(word));
	}
	if (!len)
		return;
	word = __atomic_load_n(from, __ATOMIC_ACQUIRE);
	memcpy(to, &word, len);
}

int ipcchan_bring_send(struct ipcchan_bring *ring, const void *msg, size_t len,
		       int64_t timeout_ns)
{
	struct ipcchan_claim_timer timer = { 0 };
	int ret;

	while ((ret = reserve(ring, len)) == -EAGAIN) {
		ret = ipcchan_claim_wait_timer(&ring->c, ipcchan_claim_ready, &timer,
					       timeout_ns);
		if (ret)
			return ret;
	}
	if (ret)
		return ret;
	copy_in(ring->c.slot + 1, msg, len);
	return ipcchan_bring_commit(ring);
}

/* The reader's position has been overwritten.  Return: 0; -EBADMSG. */
static int catch_up(struct ipcchan_bring *ring)
{
	struct ipcchan_claim *c = &ring->c;
	uint64_t behind = (tail_of(c, __ATOMIC_ACQUIRE) - c->pos) <<
		IPCCHAN_CURSOR_POS_SHIFT >> IPCCHAN_CURSOR_POS_SHIFT;
	uint64_t keep = c->mask + 1 - (c->mask + 1) / SLACK_SHARE;

	/* whoever overwrites a slot has claimed its next lap before */
	if (behind <= c->mask + 1 || behind >> 47)
		return ipcchan_claim_fail(c, -EBADMSG);
	ring->lost += behind - keep;
	c->pos += behind - keep;
	return 0;
}

ssize_t ipcchan_bring_peek(struct ipcchan_bring *ring, const void **msg, uint64_t *lost)
{
	struct ipcchan_claim *c = &ring->c;
	uint64_t word;
	int i;

	if (c->err)
		return c->err;
	if (c->side != IPCCHAN_CLAIM_CONSUMER)
		return -EINVAL;
	c->count = 0;
	for (i = 0; i < IPCCHAN_CLAIM_TRIES; i++) {
		word = __atomic_load_n(ipcchan_slot_at(c, c->pos), __ATOMIC_ACQUIRE);
		if (!ipcchan_slot_is_of(c, word, c->pos)) {
			if (!reader_ready(c, __ATOMIC_ACQUIRE))
				return -EAGAIN;
			if (!ipcchan_slot_is_of(c, __atomic_load_n(ipcchan_slot_at(c, c->pos),
								   __ATOMIC_ACQUIRE),
						c->pos) && catch_up(ring))
				return -EBADMSG;
			continue;
		}
		if (ipcchan_slot_state(word) == IPCCHAN_SLOT_SKIP) {
			c->pos++;
			continue;
		}
		if (ipcchan_slot_state(word) != IPCCHAN_SLOT_READY)
			return -EAGAIN;
		if (ipcchan_slot_len(word) - 1 >= c->max_len)
			return ipcchan_claim_fail(c, -EBADMSG);
		c->slot = ipcchan_slot_at(c, c->pos);
		c->last = word;
		c->count = 1;
		if (lost) {
			*lost = ring->lost;
			ring->lost = 0;
		}
		*msg = c->slot + 1;
		return ipcchan_slot_len(word);
	}
	return -EAGAIN;
}

int ipcchan_bring_release(struct ipcchan_bring *ring)
{
	struct ipcchan_claim *c = &ring->c;

	if (!c->count || c->err || c->side != IPCCHAN_CLAIM_CONSUMER)
		return c->err ? c->err : -EINVAL;
	ipcchan_claim_fence(__ATOMIC_ACQUIRE);
	c->count = 0;
	c->pos++;
	if (__atomic_load_n(c->slot, __ATOMIC_RELAXED) == c->last)
		return 0;
	ring->lost++;
	return -ESTALE;
}

ssize_t ipcchan_bring_recv(struct ipcchan_bring *ring, void *buf, size_t size,
			   int64_t timeout_ns, uint64_t *lost)
{
	struct ipcchan_claim_timer timer = { 0 };
	struct ipcchan_claim *c = &ring->c;
	const void *msg;
	int ret, stale = 0;
	ssize_t len;

	for (;;) {
		len = ipcchan_bring_peek(ring, &msg, NULL);
		/* what is overwritten each time it is read ends with the time, too */
		if (len == -EAGAIN || stale == IPCCHAN_CLAIM_TRIES) {
			stale = 0;
			ret = ipcchan_claim_wait_timer(c, reader_ready, &timer, timeout_ns);
			if (ret)
				return ret;
			continue;
		}
		if (len < 0)
			return len;
		if ((size_t)len > size)
			return -EMSGSIZE;
		copy_out(buf, c->slot + 1, (size_t)len);
		ret = ipcchan_bring_release(ring);
		if (!ret)
			break;
		stale++;
	}
	if (lost) {
		*lost = ring->lost;
		ring->lost = 0;
	}
	return len;
}
