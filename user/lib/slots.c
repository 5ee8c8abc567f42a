// SPDX-License-Identifier: MIT
/*
 * The slow paths of the ring of slots: format, attach, wait; slots_copy.c copies.
 * The layout and what is trusted are described in <ipcchan/slots.h>.
 */
#include <string.h>

#include <ipcchan/slots.h>

#include "internal.h"
#include "peer.h"

/* bytes of a cache line */
#define LINE		64U

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
	if (err == -EBADMSG && slots->err != err)
		ipcchan_bell_report(&slots->peer.bell, slots->data -
				    offsetof(struct ipcchan_slots_shared, data));
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
