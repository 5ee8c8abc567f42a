/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hostile peer of a ring for several or of a broadcast ring: whatever is in the shared
 * memory, a call gives an error that is documented or a message that lies inside of a
 * slot, and ends.  The memory ends at a page that nobody may touch.
 */
#ifndef CLAIM_HOSTILE_H
#define CLAIM_HOSTILE_H

#include "hostile.h"
#include "mring-util.h"

#define SLOTS		4U
#define MSG_SIZE	120U
#define SLOT_SIZE	128U

static struct mring_mem mem;
/* of the handles that are attached to it */
static struct ipcchan_claim *claims[2];

/* A new ring, to which both sides are attached */
static void setup(void);
/* One hostile write of a kind that a hostile peer would think of. */
static void scribble(uint64_t *state);
/* Calls of both sides; with @between it scribbles before some of them. */
static void use_both(uint64_t *state, bool between);

static uint64_t *word_at(uint64_t slot)
{
	return (uint64_t *)(void *)(mem.shared->data + slot * SLOT_SIZE);
}

static uint64_t *slot_word(uint64_t pos)
{
	return word_at(pos % SLOTS);
}

#define WORD(lap, state, len)	\
	((uint64_t)(lap) << IPCCHAN_SLOT_LAP_SHIFT |	\
	 (uint64_t)(state) << IPCCHAN_SLOT_STATE_SHIFT | (len))

/* Nearly what position @near is: a cursor, a claim or, else, the word of a slot */
static uint64_t near_cursor(uint64_t near, uint64_t value)
{
	return (near + value % 8 - 4) << 16 | (value >> 8 & 0x307);
}

static uint64_t near_claim(uint64_t near, uint64_t value)
{
	return (near + value % 8 - 4) << 16 | (value >> 8 & 0x3ff);
}

static uint64_t near_slot(uint64_t near, uint64_t value)
{
	return WORD((near + value % 8 - 4) / SLOTS, value >> 8 & 3, value >> 16 & 127);
}

/* @also is one more that is, 0 for none */
static void check_error(long ret, long also)
{
	seen.refused += ret == -EBADMSG;
	/* a handle that was not attached again */
	if (claims[0]->fd < 0 || claims[1]->fd < 0)
		return;
	if (ret < 0 && ret != -EAGAIN && ret != -EBADMSG && ret != -ETIMEDOUT && ret != also)
		TAP_REPORT("an error that is not documented, %ld", ret);
}

/* Have they had enough, so that one begins anew?  At times they attach to what there is. */
static bool worn_out(uint64_t r)
{
	return claims[0]->err || claims[1]->err || r % 64 == 0;
}

static void test_between(void)
{
	const struct hostile hostile = { setup, scribble, use_both };
	const struct hostile_length length = {
		.rounds = SCALE(100000), .enough = 101, .most_ns = 20 * SEC, .least = 101,
	};

	hostile_between(&hostile, &length);
}

/* the other thread may be slow to begin */
static void test_beside(void)
{
	const struct hostile hostile = { setup, scribble, use_both };
	const struct hostile_length length = {
		.rounds = SCALE(20000), .enough = 101, .most_ns = 20 * SEC, .least = 101,
	};

	hostile_beside(&hostile, &length);
}

#endif /* CLAIM_HOSTILE_H */
