// SPDX-License-Identifier: MIT
/*
 * Rings for several producers and consumers: format, attach, leave and wake.  Layout,
 * memory orders, the proof of death and what is trusted are described in
 * <ipcchan/claim.h>.
 */
#include <unistd.h>

#include "claim.h"
#include "internal.h"
#include "peer.h"
#include "spin.h"

#define MIN_SLOTS	2U
#define MAX_SLOTS	(1U << 24)
#define SLOT_ALIGN	64U

_Static_assert(offsetof(struct ipcchan_claim_shared, cursor) == 128, "layout");
_Static_assert(offsetof(struct ipcchan_claim_shared, sleepers) == 384, "layout");
_Static_assert(offsetof(struct ipcchan_claim_shared, orphans) == 404, "layout");
_Static_assert(offsetof(struct ipcchan_claim_shared, peers) == 512, "layout");
_Static_assert(offsetof(struct ipcchan_claim_shared, data) == 8704, "layout");
_Static_assert(offsetof(struct ipcchan_claim_shared, readers_woken) == 408, "layout");
_Static_assert(offsetof(struct ipcchan_claim_peer, woken) == 24, "layout");
_Static_assert(sizeof(struct ipcchan_claim_peer) == 128, "layout");

/* bytes of a slot, 0 when @msg_size is none */
static uint32_t slot_size_of(size_t msg_size)
{
	if (!msg_size || msg_size > IPCCHAN_SLOT_LEN_MASK)
		return 0;
	return (uint32_t)(msg_size + IPCCHAN_SLOT_HDR + SLOT_ALIGN - 1) / SLOT_ALIGN *
		SLOT_ALIGN;
}

size_t ipcchan_claim_mem_size(size_t slots, size_t msg_size)
{
	uint64_t size = slot_size_of(msg_size), pow2 = MIN_SLOTS;

	if (!size || !slots || slots > MAX_SLOTS)
		return 0;
	while (pow2 < slots)
		pow2 *= 2;
	size = sizeof(struct ipcchan_claim_shared) + pow2 * size;
	return size <= (uint64_t)PTRDIFF_MAX ? (size_t)size : 0;
}

int ipcchan_claim_format(const struct ipcchan_claim_spec *spec, size_t msg_size,
			 uint32_t flags, const struct ipcchan_claim_life *life)
{
	struct ipcchan_claim_shared *shared = spec->mem;
	uint64_t slot_size = slot_size_of(msg_size), slots = MAX_SLOTS;
	struct ipcchan_claim_file file;
	int ret;

	if (!ipcchan_aligned(spec->mem) || !slot_size || (flags & ~IPCCHAN_CLAIM_SPIN) ||
	    !life || life->start < 0 || life->start > INT64_MAX - IPCCHAN_CLAIM_PEERS ||
	    spec->size < sizeof(*shared) + MIN_SLOTS * slot_size)
		return -EINVAL;
	ret = ipcchan_claim_name(life->fd, &file);
	if (ret)
		return ret;
	while (slots > (spec->size - sizeof(*shared)) / slot_size)
		slots /= 2;
	memset(shared, 0, sizeof(*shared) + slots * slot_size);
	shared->layout = spec->kind->layout;
	shared->flags = flags;
	shared->slot_size = (uint32_t)slot_size;
	shared->slots = (uint32_t)slots;
	shared->life_id = file.id;
	shared->life_dev = file.dev;
	shared->life_ino = file.ino;
	shared->life_start = life->start;
	shared->cursor[IPCCHAN_CLAIM_PRODUCER].word =
		slots * spec->kind->first_lap << IPCCHAN_CURSOR_POS_SHIFT;
	/* a peer that finds the magic finds the rest */
	__atomic_store_n(&shared->magic, spec->kind->magic, __ATOMIC_RELEASE);
	return 0;
}

/* Copy what never changes into the handle.  It is not read again. */
static int read_header(struct ipcchan_claim *c, const struct ipcchan_claim_spec *spec)
{
	struct ipcchan_claim_shared *shared = spec->mem;
	uint32_t slots;

	if (__atomic_load_n(&shared->magic, __ATOMIC_ACQUIRE) != spec->kind->magic ||
	    __atomic_load_n(&shared->layout, __ATOMIC_RELAXED) != spec->kind->layout)
		return -EPROTO;
	slots = __atomic_load_n(&shared->slots, __ATOMIC_RELAXED);
	c->slot_size = __atomic_load_n(&shared->slot_size, __ATOMIC_RELAXED);
	c->flags = __atomic_load_n(&shared->flags, __ATOMIC_RELAXED);
	if (slots < MIN_SLOTS || slots > MAX_SLOTS || (slots & (slots - 1)) ||
	    c->slot_size < SLOT_ALIGN || c->slot_size % SLOT_ALIGN ||
	    c->slot_size > slot_size_of(IPCCHAN_SLOT_LEN_MASK) ||
	    c->slot_size > (spec->size - sizeof(*shared)) / slots ||
	    (c->flags & ~IPCCHAN_CLAIM_SPIN))
		return -EPROTO;
	c->mask = slots - 1;
	c->shift = (uint32_t)__builtin_ctz(slots);
	c->max_len = c->slot_size - IPCCHAN_SLOT_HDR;
	if (c->max_len > IPCCHAN_SLOT_LEN_MASK)
		c->max_len = IPCCHAN_SLOT_LEN_MASK;
	c->shared = shared;
	c->data = shared->data;
	return 0;
}

int ipcchan_claim_view(struct ipcchan_claim *c, const struct ipcchan_claim_spec *spec,
		       const struct ipcchan_claim_life *life)
{
	int ret;

	memset(c, 0, sizeof(*c));
	c->fd = -1;
	c->side = IPCCHAN_CLAIM_CONSUMER;
	ipcchan_spin_init(&c->spin);
	if (!ipcchan_aligned(spec->mem) || spec->size < sizeof(*c->shared))
		return ipcchan_claim_fail(c, -EINVAL);
	ret = read_header(c, spec);
	if (c->flags & IPCCHAN_CLAIM_SPIN)
		c->wait = IPCCHAN_WAIT_SPIN;
	if (!ret && c->wait != IPCCHAN_WAIT_SPIN && !spec->bell)
		ret = -EINVAL;
	c->bell = spec->bell ? *spec->bell : ipcchan_bell_futex();
	if (!ret && life) {
		c->life_start = life->start;
		ret = ipcchan_claim_open_life(c, life);
	}
	return ret ? ipcchan_claim_refuse(c, ret) : 0;
}

/*
 * Take the first entry whose lock is free, and settle what its last owner left.  A
 * producer leaves a dead consumer's messages to consumers.
 */
static int take_entry(struct ipcchan_claim *c)
{
	uint32_t i;
	int ret;

	for (i = 0; i < IPCCHAN_CLAIM_PEERS; i++) {
		ret = ipcchan_claim_lock(c, i);
		if (ret == -EAGAIN)
			continue;
		if (ret)
			return ret;
		if (ipcchan_claim_settle(c, i)) {
			if (c->side != IPCCHAN_CLAIM_CONSUMER) {
				ipcchan_claim_unlock(c, i);
				ipcchan_claim_offer(c);
				continue;
			}
			ipcchan_claim_adopt(c, i);
		}
		c->owner = i + 1;
		c->own = &c->shared->peers[i];
		c->last = __atomic_load_n(&c->cursor->word, __ATOMIC_ACQUIRE);
		__atomic_store_n(&c->own->role, c->side + 1U, __ATOMIC_RELEASE);
		return 0;
	}
	return -EUSERS;
}

int ipcchan_claim_attach(struct ipcchan_claim *c, const struct ipcchan_claim_spec *spec,
			 enum ipcchan_claim_mode mode, const struct ipcchan_claim_life *life)
{
	int ret = ipcchan_claim_view(c, spec, life);

	if (ret)
		return ret;
	if (!life) {
		ret = -EINVAL;
	} else {
		c->mode = mode;
		c->side = mode == IPCCHAN_CLAIM_CONSUME ? IPCCHAN_CLAIM_CONSUMER :
			IPCCHAN_CLAIM_PRODUCER;
		c->cursor = &c->shared->cursor[c->side];
		ret = take_entry(c);
	}
	if (!ret) {
		ret = ipcchan_claim_recover(c);
		if (ret >= 0)
			return 0;
	}
	return ipcchan_claim_refuse(c, ret);
}

void ipcchan_claim_close(struct ipcchan_claim *c)
{
	int saved = errno;

	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->count = 0;
	c->err = -EINVAL;
	errno = saved;
}

int ipcchan_claim_refuse(struct ipcchan_claim *c, int err)
{
	ipcchan_claim_close(c);
	c->err = err;
	return err;
}

/*
 * A consumer's pending messages are left as by one that died: another gets them.  The locks
 * are given back first, for a child of fork() may keep the file open.
 */
void ipcchan_claim_detach(struct ipcchan_claim *c)
{
	bool left;

	if (c->fd >= 0 && c->owner) {
		left = ipcchan_claim_settle(c, c->owner - 1) || c->adopted;
		ipcchan_claim_unlock(c, c->owner - 1);
		if (c->adopted)
			ipcchan_claim_unlock(c, c->adopted - 1);
		if (left)
			ipcchan_claim_offer(c);
	}
	ipcchan_claim_close(c);
}

int ipcchan_claim_fail(struct ipcchan_claim *c, int err)
{
	if (err == -EBADMSG && c->err != err)
		ipcchan_bell_report(&c->bell, c->shared);
	c->err = err;
	return err;
}

int ipcchan_claim_record(struct ipcchan_claim *c, enum ipcchan_claim_side side,
			 uint64_t word)
{
	uint32_t owner = (uint32_t)(word >> IPCCHAN_CURSOR_OWNER_SHIFT) & 0xff;
	uint32_t count = (uint32_t)word & IPCCHAN_CURSOR_COUNT_MASK;
	uint64_t want = ipcchan_claim_make((word >> IPCCHAN_CURSOR_POS_SHIFT) - count, count);
	uint64_t have, *claim;

	/* a ring on which nobody has claimed yet */
	if (!owner)
		return 0;
	if (owner > IPCCHAN_CLAIM_PEERS)
		return ipcchan_claim_fail(c, -EBADMSG);
	claim = &c->shared->peers[owner - 1].claim[side];
	have = __atomic_load_n(claim, __ATOMIC_ACQUIRE);
	if (have == want)
		return 0;
	/*
	 * It may be newer than what is wanted, but not while the cursor has not moved.  Where
	 * it has, the claim that is to be read next is written down.
	 */
	if (__atomic_load_n(&c->shared->cursor[side].word, __ATOMIC_ACQUIRE) != word)
		return -EAGAIN;
	/* when it changes now, then to what is wanted or is newer */
	__atomic_compare_exchange_n(claim, &have, want, 0, __ATOMIC_RELEASE,
				    __ATOMIC_RELAXED);
	return 0;
}

static void tell_woken(struct ipcchan_claim_woken *woken)
{
	__atomic_store_n(&woken->ns, (uint64_t)ipcchan_now_ns(), __ATOMIC_RELAXED);
	__atomic_store_n(&woken->cpu, ipcchan_cpu(), __ATOMIC_RELAXED);
}

/*
 * The one whose bit is cleared here is woken here.  Nobody is woken where it has died,
 * or was only about to sleep: then the next one is, too.
 */
int ipcchan_claim_wake(struct ipcchan_claim *c, enum ipcchan_claim_side side,
		       uint32_t count)
{
	uint64_t *sleepers = &c->shared->sleepers[side], mask, bit;
	struct ipcchan_claim_peer *peer;
	uint32_t i;
	int ret;

	for (i = 0; count && i < IPCCHAN_CLAIM_PEERS; i++) {
		mask = __atomic_load_n(sleepers, __ATOMIC_SEQ_CST);
		if (!mask)
			break;
		bit = mask & -mask;
		if (!(__atomic_fetch_and(sleepers, ~bit, __ATOMIC_SEQ_CST) & bit))
			continue;
		peer = &c->shared->peers[__builtin_ctzll(bit)];
		tell_woken(&peer->woken);
		__atomic_store_n(&peer->waiting, 0, __ATOMIC_RELEASE);
		ret = ipcchan_bell_wake(&c->bell, &peer->waiting, 1);
		if (ret < 0)
			return ipcchan_claim_fail(c, ret);
		count -= ret > 0;
	}
	return 0;
}

/*
 * Their word is changed before they are woken: one wake is enough for all.  It is not what it
 * was when the next one is about to sleep: who has not come to sleep yet does not.
 */
void ipcchan_claim_wake_readers(struct ipcchan_claim *c)
{
	uint32_t *readers = &c->shared->readers;
	uint32_t word = __atomic_load_n(readers, __ATOMIC_SEQ_CST);
	int ret;

	if (!(word & 1))
		return;
	tell_woken(&c->shared->readers_woken);
	/* when it fails, another one wakes them */
	if (!__atomic_compare_exchange_n(readers, &word, word + 1, 0, __ATOMIC_SEQ_CST,
					 __ATOMIC_RELAXED))
		return;
	ret = ipcchan_bell_wake(&c->bell, readers, UINT32_MAX);
	if (ret < 0)
		ipcchan_claim_fail(c, ret);
}
