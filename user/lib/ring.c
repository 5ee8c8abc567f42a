// SPDX-License-Identifier: MIT
/*
 * The ring's slow paths: format, attach, sleep and wake.  The layout, the
 * memory orders and what is trusted are described in <ipcchan/ring.h>.
 */
#include <stdbool.h>
#include <string.h>

#include <ipcchan/ring.h>

#include "call_time.h"
#include "internal.h"
#include "peer.h"
#include "writeback.h"

/* a message's length has 32 bits, and a ssize_t holds it */
#define MAX_CAPACITY	(UINT64_C(1) << (sizeof(size_t) > 4 ? 32 : 30))

_Static_assert(offsetof(struct ipcchan_ring_shared, tail) == 128, "layout");
_Static_assert(offsetof(struct ipcchan_ring_shared, head) == 256, "layout");
_Static_assert(offsetof(struct ipcchan_ring_shared, peers) == 384, "layout");
_Static_assert(offsetof(struct ipcchan_ring_shared, data) == 512, "layout");

size_t ipcchan_ring_mem_size(size_t capacity)
{
	size_t pow2 = IPCCHAN_RING_MIN_CAPACITY;

	if (!capacity || capacity > MAX_CAPACITY)
		return 0;
	while (pow2 < capacity)
		pow2 *= 2;
	return sizeof(struct ipcchan_ring_shared) + pow2;
}

int ipcchan_ring_format(void *mem, size_t size, uint32_t flags)
{
	struct ipcchan_ring_shared *shared = mem;
	uint64_t capacity = MAX_CAPACITY;

	if (!ipcchan_aligned(mem) || (flags & ~IPCCHAN_RING_SPIN) ||
	    size < sizeof(*shared) + IPCCHAN_RING_MIN_CAPACITY)
		return -EINVAL;
	while (capacity > size - sizeof(*shared))
		capacity /= 2;
	memset(shared, 0, sizeof(*shared));
	shared->layout = IPCCHAN_RING_LAYOUT;
	shared->capacity = capacity;
	shared->flags = flags;
	/* a peer that finds the magic finds the rest */
	__atomic_store_n(&shared->magic, IPCCHAN_RING_MAGIC, __ATOMIC_RELEASE);
	return 0;
}

/* Copy what never changes into the handle.  It is not read again. */
static int ring_read_header(struct ipcchan_ring *ring,
			    struct ipcchan_ring_shared *shared, size_t size,
			    uint32_t *flags)
{
	uint64_t capacity;

	if (__atomic_load_n(&shared->magic, __ATOMIC_ACQUIRE) !=
	    IPCCHAN_RING_MAGIC ||
	    __atomic_load_n(&shared->layout, __ATOMIC_RELAXED) !=
	    IPCCHAN_RING_LAYOUT)
		return -EPROTO;
	capacity = __atomic_load_n(&shared->capacity, __ATOMIC_RELAXED);
	*flags = __atomic_load_n(&shared->flags, __ATOMIC_RELAXED);
	if (capacity < IPCCHAN_RING_MIN_CAPACITY || capacity > MAX_CAPACITY ||
	    (capacity & (capacity - 1)) || capacity > size - sizeof(*shared) ||
	    (*flags & ~IPCCHAN_RING_SPIN))
		return -EPROTO;
	ring->mask = capacity - 1;
	ring->max_len = capacity / 2 - IPCCHAN_RING_REC_HDR;
	ring->hold = capacity / 8;
	ring->data = shared->data;
	return 0;
}

/* Where the two sides are, as the memory says */
static int ring_find_places(struct ipcchan_ring *ring, struct ipcchan_ring_shared *shared)
{
	bool producer = ring->side == IPCCHAN_RING_PRODUCER;

	ring->own_index = producer ? &shared->tail : &shared->head;
	ring->peer_index = producer ? &shared->head : &shared->tail;
	ring->bias = producer ? ring->mask + 1 : 0;
	ring->own = __atomic_load_n(ring->own_index, __ATOMIC_ACQUIRE);
	ring->published = ring->own;
	ring->waited = ring->own;
	ring->limit = ring->own;
	ring->seen = (uint64_t)IPCCHAN_RING_REC_MSG << 32 | 1;
	ring->seen_size = ipcchan_ring_rec_size(1);
	if (ring->own & 7)
		return -EBADMSG;
	return ipcchan_ring_look(ring, __atomic_load_n(ring->peer_index,
						       __ATOMIC_ACQUIRE));
}

int ipcchan_ring_attach(struct ipcchan_ring *ring, void *mem, size_t size,
			enum ipcchan_ring_side side,
			const struct ipcchan_bell *bell)
{
	struct ipcchan_ring_shared *shared = mem;
	uint32_t flags;
	int ret;

	memset(ring, 0, sizeof(*ring));
	if (!ipcchan_aligned(mem) || size < sizeof(*shared) ||
	    (side != IPCCHAN_RING_PRODUCER && side != IPCCHAN_RING_CONSUMER))
		return ipcchan_ring_fail(ring, -EINVAL);
	ret = ring_read_header(ring, shared, size, &flags);
	if (!ret)
		ret = ipcchan_peer_init(&ring->peer, &shared->peers, side,
					flags & IPCCHAN_RING_SPIN, bell);
	if (ret)
		return ipcchan_ring_fail(ring, ret);

	ring->side = side;
	ret = ring_find_places(ring, shared);
	if (ret)
		goto fail;
	if (side == IPCCHAN_RING_CONSUMER)
		(void)ipcchan_ring_set_writeback(ring, IPCCHAN_WRITEBACK_PROBE);
	ret = ipcchan_peer_greet(&ring->peer);
	if (ret)
		goto fail;
	return 0;

fail:
	/* the caller may take the memory away, and disarm */
	ring->peer.shared = NULL;
	return ipcchan_ring_fail(ring, ret);
}

int ipcchan_ring_set_wait(struct ipcchan_ring *ring, enum ipcchan_wait_mode mode)
{
	return ring->err ? ring->err : ipcchan_peer_set_mode(&ring->peer, mode);
}

int ipcchan_ring_set_writeback(struct ipcchan_ring *ring, enum ipcchan_writeback how)
{
	int ret;

	if (ring->err)
		return ring->err;
	if (ring->side != IPCCHAN_RING_CONSUMER)
		return -EINVAL;
	ret = ipcchan_writer_set(&ring->writer, how, ipcchan_writer_cpu(), ring->own);
	ipcchan_ring_plan(ring);
	return ret;
}

enum ipcchan_writeback ipcchan_ring_writeback(const struct ipcchan_ring *ring)
{
	return ring->writer.probing ? IPCCHAN_WRITEBACK_PROBE :
	       (enum ipcchan_writeback)ring->writer.how;
}

void ipcchan_ring_probe(struct ipcchan_ring *ring)
{
	ipcchan_writer_step(&ring->writer, ring->own, ring->mask + 1,
			    ipcchan_now_ns());
}

int ipcchan_ring_fail(struct ipcchan_ring *ring, int err)
{
	if (err == -EBADMSG && ring->err != err)
		ipcchan_bell_report(&ring->peer.bell, ring->data -
				    offsetof(struct ipcchan_ring_shared, data));
	ring->err = err;
	/* nothing is pending any more: commit and release say @err too */
	ring->pending = 0;
	return err;
}

int ipcchan_ring_wake(struct ipcchan_ring *ring)
{
	int ret = ipcchan_peer_wake(&ring->peer);

	return ret ? ipcchan_ring_fail(ring, ret) : 0;
}

/*
 * What the consumer has waited for is most likely read next: its two first lines are
 * fetched at once, where otherwise the second waits for what the first says.
 */
static int ring_ready(void *arg, uint64_t want)
{
	struct ipcchan_ring *ring = arg;
	int ret = ipcchan_ring_has(ring, want);

	if (!ret && ring->side == IPCCHAN_RING_CONSUMER) {
		__builtin_prefetch(ipcchan_ring_at(ring, ring->own));
		__builtin_prefetch(ipcchan_ring_at(ring, ring->own + 64));
	}
	return ret;
}

int ipcchan_ring_wait(struct ipcchan_ring *ring, size_t len, int64_t timeout_ns)
{
	struct peer_look look = { ring_ready, ring, 1 };
	uint64_t one = ring->seen_size;
	struct peer_end end;
	int ret;

	if (ring->err)
		return ring->err;
	if (timeout_ns < IPCCHAN_WAIT_FOREVER)
		return -EINVAL;
	ret = ipcchan_ring_flush(ring);
	if (ret)
		return ret;
	if (ring->side == IPCCHAN_RING_PRODUCER) {
		if ((uint64_t)len - 1 >= ring->max_len)
			return -EMSGSIZE;
		look.want = ipcchan_ring_span(ring, ipcchan_ring_rec_size(len));
		one = look.want;
	}
	if (timeout_ns)
		ipcchan_peer_pace(&ring->peer, ring->own - ring->waited <= one);
	ring->waited = ring->own;
	ret = ring_ready(ring, look.want);
	if (!ret)
		ipcchan_peer_close(&ring->peer);
	if (ret != -EAGAIN)
		return ret;
	if (!timeout_ns)
		return -ETIMEDOUT;
	ret = ipcchan_peer_wait(&ring->peer, &look, timeout_ns, &end);
	if (end.idle_since && ring->writer.probing)
		ipcchan_writer_idle(&ring->writer, ipcchan_now_ns() - end.idle_since);
	return end.broken ? ipcchan_ring_fail(ring, ret) : ret;
}

/* what is said to the other side; one that has failed may be no side at all */
static int wrong_side(const struct ipcchan_ring *ring)
{
	return ring->err ? ring->err : -EINVAL;
}

/* Copy a message in; it is not published. */
static int ring_put(struct ipcchan_ring *ring, const void *msg, size_t len,
		    int64_t timeout_ns, int64_t *deadline)
{
	void *room;
	int ret;

	while ((ret = ipcchan_ring_reserve(ring, len, &room)) == -EAGAIN) {
		ret = ipcchan_ring_wait(ring, len, ipcchan_call_time_ns(timeout_ns, deadline));
		if (ret)
			return ret;
	}
	if (!ret)
		memcpy(room, msg, len);
	return ret;
}

/* Copy the oldest message out, if there is one; it is not released. */
static ssize_t ring_take(struct ipcchan_ring *ring, void *buf, size_t size)
{
	const void *msg;
	ssize_t len = ipcchan_ring_peek(ring, &msg);

	if (len < 0)
		return len;
	if ((size_t)len > size)
		return -EMSGSIZE;
	memcpy(buf, msg, (size_t)len);
	return len;
}

static ssize_t ring_take_waiting(struct ipcchan_ring *ring, void *buf,
				 size_t size, int64_t timeout_ns)
{
	int64_t deadline = 0;
	ssize_t len;
	int ret;

	while ((len = ring_take(ring, buf, size)) == -EAGAIN) {
		ret = ipcchan_ring_wait(ring, 0, ipcchan_call_time_ns(timeout_ns, &deadline));
		if (ret)
			return ret;
	}
	return len;
}

int ipcchan_ring_send(struct ipcchan_ring *ring, const void *msg, size_t len,
		      int64_t timeout_ns)
{
	int64_t deadline = 0;
	int ret;

	if (ring->side != IPCCHAN_RING_PRODUCER)
		return wrong_side(ring);
	ret = ring_put(ring, msg, len, timeout_ns, &deadline);
	return ret ? ret : ipcchan_ring_commit(ring);
}

ssize_t ipcchan_ring_recv(struct ipcchan_ring *ring, void *buf, size_t size,
			  int64_t timeout_ns)
{
	ssize_t len;

	if (ring->side != IPCCHAN_RING_CONSUMER)
		return wrong_side(ring);
	len = ring_take_waiting(ring, buf, size, timeout_ns);
	/* a bell that fails here is reported by the next call: this message has arrived */
	if (len > 0)
		(void)ipcchan_ring_release(ring);
	return len;
}

ssize_t ipcchan_ring_send_many(struct ipcchan_ring *ring,
			       const struct iovec *msgs, unsigned int count,
			       int64_t timeout_ns)
{
	int64_t deadline = 0;
	unsigned int i;
	int ret = 0, flushed;

	if (ring->side != IPCCHAN_RING_PRODUCER)
		return wrong_side(ring);
	for (i = 0; i < count && !ret; i++) {
		ret = ring_put(ring, msgs[i].iov_base, msgs[i].iov_len, timeout_ns,
			       &deadline);
		if (ret)
			break;
		ret = ipcchan_ring_commit_more(ring);
	}
	flushed = ipcchan_ring_flush(ring);
	if (i)
		return i;
	return ret ? ret : flushed;
}

ssize_t ipcchan_ring_recv_many(struct ipcchan_ring *ring, struct iovec *msgs,
			       unsigned int count, int64_t timeout_ns)
{
	unsigned int i;
	ssize_t len = 0;

	if (ring->side != IPCCHAN_RING_CONSUMER)
		return wrong_side(ring);
	for (i = 0; i < count; i++) {
		if (!i)
			len = ring_take_waiting(ring, msgs[i].iov_base,
						msgs[i].iov_len, timeout_ns);
		else
			len = ring_take(ring, msgs[i].iov_base, msgs[i].iov_len);
		if (len < 0)
			break;
		msgs[i].iov_len = (size_t)len;
		(void)ipcchan_ring_release_more(ring);
	}
	(void)ipcchan_ring_flush(ring);
	return i ? i : len;
}
