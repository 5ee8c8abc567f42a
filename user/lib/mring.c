// SPDX-License-Identifier: MIT
/*
 * The slow paths of the ring for several producers and consumers, and what copies.
 * See <ipcchan/mring.h>.
 */
#include <ipcchan/mring.h>

#include "claim.h"

/* all that the dead of a full table can have left, one claim each */
#define SKIPS_MAX	(IPCCHAN_CLAIM_PEERS * IPCCHAN_CLAIM_BATCH)

static const struct ipcchan_claim_kind kind = {
	.magic = IPCCHAN_MRING_MAGIC,
	.layout = IPCCHAN_MRING_LAYOUT,
};

size_t ipcchan_mring_mem_size(size_t slots, size_t msg_size)
{
	return ipcchan_claim_mem_size(slots, msg_size);
}

int ipcchan_mring_format(void *mem, size_t size, size_t msg_size, uint32_t flags,
			 const struct ipcchan_claim_life *life)
{
	const struct ipcchan_claim_spec spec = { &kind, mem, size, NULL };

	return ipcchan_claim_format(&spec, msg_size, flags, life);
}

int ipcchan_mring_attach(struct ipcchan_mring *ring, void *mem, size_t size,
			 enum ipcchan_claim_side side, const struct ipcchan_bell *bell,
			 const struct ipcchan_claim_life *life)
{
	const struct ipcchan_claim_spec spec = { &kind, mem, size, bell };

	if (side != IPCCHAN_CLAIM_PRODUCER && side != IPCCHAN_CLAIM_CONSUMER) {
		memset(ring, 0, sizeof(*ring));
		ring->c.fd = -1;
		return ipcchan_claim_fail(&ring->c, -EINVAL);
	}
	return ipcchan_claim_attach(&ring->c, &spec, side == IPCCHAN_CLAIM_PRODUCER ?
				    IPCCHAN_CLAIM_PRODUCE : IPCCHAN_CLAIM_CONSUME, life);
}

void ipcchan_mring_detach(struct ipcchan_mring *ring)
{
	ipcchan_claim_detach(&ring->c);
}

void ipcchan_mring_close(struct ipcchan_mring *ring)
{
	ipcchan_claim_close(&ring->c);
}

int ipcchan_mring_recover(struct ipcchan_mring *ring)
{
	return ipcchan_claim_recover(&ring->c);
}

int ipcchan_mring_set_wait(struct ipcchan_mring *ring, enum ipcchan_wait_mode mode)
{
	return ipcchan_claim_set_wait(&ring->c, mode);
}

int ipcchan_mring_wait(struct ipcchan_mring *ring, int64_t timeout_ns)
{
	/* what is pending can be had at once */
	if (!ring->c.err && ring->c.count && timeout_ns >= IPCCHAN_WAIT_FOREVER)
		return 0;
	return ipcchan_claim_wait(&ring->c, ipcchan_claim_ready, timeout_ns);
}

int ipcchan_mring_send(struct ipcchan_mring *ring, const void *msg, size_t len,
		       int64_t timeout_ns)
{
	struct ipcchan_claim_timer timer = { 0 };
	void *room = NULL;
	int ret;

	while ((ret = ipcchan_mring_reserve(ring, len, &room)) == -EAGAIN) {
		ret = ipcchan_claim_wait_timer(&ring->c, ipcchan_claim_ready, &timer,
					       timeout_ns);
		if (ret)
			return ret;
	}
	if (ret)
		return ret;
	memcpy(room, msg, len);
	return ipcchan_mring_commit(ring);
}

ssize_t ipcchan_mring_recv(struct ipcchan_mring *ring, void *buf, size_t size,
			   int64_t timeout_ns)
{
	struct ipcchan_claim_timer timer = { 0 };
	const void *msg = NULL;
	ssize_t len;
	int ret;

	while ((len = ipcchan_mring_peek(ring, &msg)) == -EAGAIN) {
		ret = ipcchan_claim_wait_timer(&ring->c, ipcchan_claim_ready, &timer,
					       timeout_ns);
		if (ret)
			return ret;
	}
	if (len < 0)
		return len;
	if ((size_t)len > size)
		return -EMSGSIZE;
	memcpy(buf, msg, (size_t)len);
	/* a bell that fails here is reported by the next call: this message has arrived */
	(void)ipcchan_mring_release(ring);
	return len;
}

int ipcchan_mring_reserve_batch(struct ipcchan_mring *ring, struct iovec *vec,
				uint32_t count)
{
	struct ipcchan_claim *c = &ring->c;
	int n, ret = ipcchan_claim_may_reserve(c, vec, count);

	if (ret)
		return ret;
	n = ipcchan_claim_take(c, IPCCHAN_CLAIM_PRODUCE, count);
	ipcchan_claim_rooms(c, vec, ring->len, n);
	return n;
}

/* One message of the pending claim.  Return: 1; 0, nothing; -EBADMSG. */
static int message_at(struct ipcchan_claim *c, uint64_t pos, struct iovec *vec)
{
	ipcchan_slot_word *slot = ipcchan_slot_at(c, pos);
	uint64_t word = __atomic_load_n(slot, __ATOMIC_ACQUIRE);

	if (ipcchan_slot_state(word) == IPCCHAN_SLOT_SKIP)
		return 0;
	if (ipcchan_slot_state(word) != IPCCHAN_SLOT_READY ||
	    ipcchan_slot_len(word) - 1 >= c->max_len)
		return ipcchan_claim_fail(c, -EBADMSG);
	vec->iov_base = slot + 1;
	vec->iov_len = ipcchan_slot_len(word);
	return 1;
}

int ipcchan_mring_peek_batch(struct ipcchan_mring *ring, struct iovec *vec,
			     uint32_t count)
{
	struct ipcchan_claim *c = &ring->c;
	int i, n, found = 0, ret = ipcchan_claim_may_batch(c, IPCCHAN_CLAIM_CONSUMER, count);
	uint32_t turns;

	if (ret)
		return ret;
	if (c->adopted || c->again || ipcchan_claim_orphans(c, __ATOMIC_RELAXED)) {
		ret = ipcchan_mring_peek_slow(ring);
		if (ret < 0)
			return ret;
		ret = message_at(c, c->pos, vec);
		/* who makes nothing of a message that is pending should not write here */
		return ret ? ret : ipcchan_claim_fail(c, -EBADMSG);
	}
	/* a claim of nothing but what the dead have left is given back at once */
	for (turns = 0; turns < SKIPS_MAX; turns++) {
		n = ipcchan_claim_take(c, IPCCHAN_CLAIM_CONSUME, count);
		for (i = 0; i < n; i++) {
			ret = message_at(c, c->pos + (uint32_t)i, &vec[found]);
			if (ret < 0)
				return ret;
			found += ret;
		}
		if (n < 0 || found)
			return n < 0 ? n : found;
		ret = ipcchan_mring_release(ring);
		if (ret)
			return ret;
	}
	return -EAGAIN;
}

int ipcchan_mring_peek_slow(struct ipcchan_mring *ring)
{
	struct ipcchan_claim *c = &ring->c;
	uint64_t word;
	uint32_t i;
	int ret;

	if (c->side != IPCCHAN_CLAIM_CONSUMER)
		return -EINVAL;
	if (c->count > 1)
		return -EBUSY;
	for (i = 0; i < SKIPS_MAX; i++) {
		if (c->count) {
			word = __atomic_load_n(c->slot, __ATOMIC_ACQUIRE);
			if (ipcchan_slot_state(word) != IPCCHAN_SLOT_SKIP)
				return 1;
			ret = ipcchan_mring_release(ring);
			if (ret)
				return ret;
		}
		/* once: what a peer writes makes no call look for the dead over and over */
		ret = i ? 0 : ipcchan_claim_adopt_next(c);
		c->again = ret > 0;
		if (ret)
			return ret;
		ret = ipcchan_claim_take(c, IPCCHAN_CLAIM_CONSUME, 1);
		if (ret < 0)
			return ret;
	}
	return -EAGAIN;
}
