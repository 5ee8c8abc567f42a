// SPDX-License-Identifier: MIT
/*
 * Settling what the dead had claimed.  Whoever does it holds the entry's lock: it is
 * his proof, and keeps others out.  He may die at any step himself; each step can be
 * done again, and the entry is given up last.
 */
#include "claim.h"

/* Give up @pos if its producer has not published it.  Return: whether. */
static bool abandon(struct ipcchan_claim *c, uint64_t pos)
{
	ipcchan_slot_word *slot = ipcchan_slot_at(c, pos);
	uint64_t word = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
	bool pending = word == ipcchan_slot_make(c, pos, IPCCHAN_SLOT_FREE, 0);

	if (c->mode == IPCCHAN_CLAIM_BROADCAST)
		pending = ipcchan_slot_is_of(c, word, pos - c->mask - 1) ||
			word == ipcchan_slot_make(c, pos, IPCCHAN_SLOT_WRITING, 0);
	if (!pending)
		return false;
	/* when it fails, somebody writes here who should not */
	__atomic_compare_exchange_n(slot, &word,
				    ipcchan_slot_make(c, pos, IPCCHAN_SLOT_SKIP, 0), 0,
				    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
	return true;
}

/* Is there a message at @pos that its consumer has not released?  Frees what is none. */
static bool unreleased(struct ipcchan_claim *c, uint64_t pos)
{
	ipcchan_slot_word *slot = ipcchan_slot_at(c, pos);
	uint64_t word = __atomic_load_n(slot, __ATOMIC_ACQUIRE);

	if (!ipcchan_slot_is_of(c, word, pos))
		return false;
	if (ipcchan_slot_state(word) == IPCCHAN_SLOT_READY)
		return true;
	if (ipcchan_slot_state(word) == IPCCHAN_SLOT_SKIP)
		__atomic_compare_exchange_n(slot, &word,
					    ipcchan_slot_make(c, pos + c->mask + 1,
							      IPCCHAN_SLOT_FREE, 0),
					    0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
	return false;
}

/* The last claim of an entry: its first position, and the number of positions */
static uint32_t claim_of(struct ipcchan_claim *c, uint32_t index,
			 enum ipcchan_claim_side side, uint64_t *pos)
{
	uint64_t claim = __atomic_load_n(&c->shared->peers[index].claim[side],
					 __ATOMIC_ACQUIRE);
	uint32_t count = (uint32_t)claim & IPCCHAN_CURSOR_COUNT_MASK;

	*pos = claim >> IPCCHAN_CURSOR_POS_SHIFT;
	return count < IPCCHAN_CLAIM_BATCH ? count : IPCCHAN_CLAIM_BATCH;
}

/*
 * Write down the claim that only a cursor tells of.  When the cursor moves on meanwhile,
 * somebody else has done it.
 */
static void record(struct ipcchan_claim *c, uint32_t index, enum ipcchan_claim_side side)
{
	uint64_t word = __atomic_load_n(&c->shared->cursor[side].word, __ATOMIC_ACQUIRE);

	if (((word >> IPCCHAN_CURSOR_OWNER_SHIFT) & 0xff) == index + 1)
		ipcchan_claim_record(c, side, word);
}

/*
 * Make up for wakes that the owner of an entry did not come to make, or that it got and
 * can do nothing with any more.
 */
static void pass_wakes(struct ipcchan_claim *c, uint32_t slots)
{
	if (c->flags & IPCCHAN_CLAIM_SPIN)
		return;
	ipcchan_claim_wake(c, IPCCHAN_CLAIM_PRODUCER, 1 + slots);
	ipcchan_claim_wake(c, IPCCHAN_CLAIM_CONSUMER, 1 + slots);
	ipcchan_claim_wake_readers(c);
}

uint32_t ipcchan_claim_settle(struct ipcchan_claim *c, uint32_t index)
{
	struct ipcchan_claim_peer *peer = &c->shared->peers[index];
	uint32_t role = __atomic_load_n(&peer->role, __ATOMIC_ACQUIRE);
	uint32_t i, count, left = 0, changed = 0;
	enum ipcchan_claim_side side;
	uint64_t pos;

	if (role != IPCCHAN_CLAIM_PRODUCER + 1 && role != IPCCHAN_CLAIM_CONSUMER + 1) {
		__atomic_store_n(&peer->role, 0, __ATOMIC_RELEASE);
		return 0;
	}
	side = (enum ipcchan_claim_side)(role - 1);
	record(c, index, side);
	count = claim_of(c, index, side, &pos);
	for (i = 0; i < count; i++) {
		if (side == IPCCHAN_CLAIM_PRODUCER)
			changed += abandon(c, pos + i);
		else
			left += unreleased(c, pos + i);
	}
	__atomic_fetch_and(&c->shared->sleepers[side], ~(UINT64_C(1) << index),
			   __ATOMIC_RELAXED);
	if (!left)
		__atomic_store_n(&peer->role, 0, __ATOMIC_RELEASE);
	pass_wakes(c, changed);
	return left;
}

void ipcchan_claim_adopt(struct ipcchan_claim *c, uint32_t index)
{
	uint32_t count = claim_of(c, index, IPCCHAN_CLAIM_CONSUMER, &c->adopt_pos);

	c->adopt_end = c->adopt_pos + count;
	c->adopted = index + 1;
}

void ipcchan_claim_offer(struct ipcchan_claim *c)
{
	/* ordered with sleepers as a slot that is published: see the header */
	__atomic_store_n(&c->shared->orphans, 1, __ATOMIC_SEQ_CST);
	if (!(c->flags & IPCCHAN_CLAIM_SPIN))
		ipcchan_claim_wake(c, IPCCHAN_CLAIM_CONSUMER, 1);
}

int ipcchan_claim_adopt_next(struct ipcchan_claim *c)
{
	uint32_t i;
	int ret;

	/* who takes the last offer back finds all that were made in the entries */
	if (!c->adopted && ipcchan_claim_orphans(c, __ATOMIC_RELAXED) &&
	    __atomic_exchange_n(&c->shared->orphans, 0, __ATOMIC_SEQ_CST)) {
		ret = ipcchan_claim_recover(c);
		if (ret < 0)
			return ret;
	}
	/*
	 * When one's messages are all given out, there may be another who has died.  He has some,
	 * or somebody writes here who should not.
	 */
	for (i = 0; c->adopted && i < 2; i++) {
		while (c->adopt_pos != c->adopt_end) {
			c->pos = c->adopt_pos++;
			if (!unreleased(c, c->pos))
				continue;
			c->slot = ipcchan_slot_at(c, c->pos);
			c->count = 1;
			return 1;
		}
		if (c->adopted != c->owner) {
			__atomic_store_n(&c->shared->peers[c->adopted - 1].role, 0,
					 __ATOMIC_RELEASE);
			ipcchan_claim_unlock(c, c->adopted - 1);
		}
		c->adopted = 0;
		ret = ipcchan_claim_recover(c);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int ipcchan_claim_recover(struct ipcchan_claim *c)
{
	uint32_t i, left;
	int ret, found = 0;

	if (c->err)
		return c->err;
	if (c->fd < 0)
		return 0;
	for (i = 0; i < IPCCHAN_CLAIM_PEERS; i++) {
		/* one's own lock would be granted again */
		if (i + 1 == c->owner || i + 1 == c->adopted ||
		    !__atomic_load_n(&c->shared->peers[i].role, __ATOMIC_RELAXED))
			continue;
		ret = ipcchan_claim_lock(c, i);
		if (ret == -EAGAIN)
			continue;
		if (ret)
			return ipcchan_claim_fail(c, ret);
		found++;
		left = ipcchan_claim_settle(c, i);
		if (left && c->mode == IPCCHAN_CLAIM_CONSUME && !c->adopted) {
			ipcchan_claim_adopt(c, i);
			continue;
		}
		ipcchan_claim_unlock(c, i);
		if (left)
			ipcchan_claim_offer(c);
	}
	return c->err ? c->err : found;
}
