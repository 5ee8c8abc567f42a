/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hostile peer of a ring of either kind, ring-kind.h or slots-kind.h, which has been
 * included: whatever is in the shared memory, a call gives an error that is documented or
 * a message that lies inside of the data, and ends.  The memory ends at a page that
 * nobody may touch.
 */
#ifndef EITHER_HOSTILE_H
#define EITHER_HOSTILE_H

#include "hostile.h"

static struct RING_SHARED *shared;
static size_t mem_size;
static struct RING_HANDLE prod, cons;

/* One hostile write of a kind that a hostile peer would think of. */
static void scribble(uint64_t *state);

/* One that both kinds have, by some of the values that @r has.  Return: whether it is done */
static bool scribble_either(uint64_t r, uint64_t value)
{
	switch (r % 16) {
	case 0:
		scribble_byte(shared, mem_size, r >> 8, value);
		return true;
	case 1:
		scribble_word(shared, mem_size, r >> 8, value);
		return true;
	case 2:
		__atomic_store_n(&shared->peers.waiting[r >> 8 & 1], (uint32_t)value & 1,
				 __ATOMIC_RELAXED);
		return true;
	default:
		return false;
	}
}

/* An empty ring, in memory that there is or is not yet */
static void make_ring(void);

/* Look at what attach has said.  Return: whether the ring is as it was made. */
static bool attached(const struct RING_HANDLE *ring, int ret);

/* Behind a peek that found something, and a reserve of @len bytes.  Return: the last error */
static ssize_t release_and_recv(void);
static ssize_t commit_and_send(size_t len);

static bool inside(const void *msg, size_t len, size_t max)
{
	const char *at = msg;

	return at >= shared->data && (uintptr_t)at % 8 == 0 && len > 0 && len <= max &&
	       at + len <= (const char *)shared + mem_size;
}

/* a time-out: a nanosecond of sleep takes 50 microseconds */
static int64_t seldom(void)
{
	static unsigned int calls;

	return ++calls % 64 == 0;
}

/* Where there was nothing to do.  Return: what the wait for it said */
static ssize_t idle(struct RING_HANDLE *ring, size_t len, ssize_t ret)
{
	EXPECT(ret == -EAGAIN || ret == -EBADMSG);
	if (ret == -EAGAIN)
		ret = kind_wait(ring, len, seldom());
	EXPECT(ret == 0 || ret == -ETIMEDOUT || ret == -EBADMSG);
	return ret;
}

static bool use_consumer(void)
{
	const void *msg;
	ssize_t len;

	len = RING(peek)(&cons, &msg);
	if (len <= 0)
		return idle(&cons, 0, len) == -EBADMSG;
	EXPECT(inside(msg, (size_t)len, RING(max_len)(&cons)));
	if (tap_failures)
		return true;
	read_all(msg, (size_t)len);
	seen.received++;
	return release_and_recv() == -EBADMSG;
}

static bool use_producer(uint64_t *state)
{
	size_t max = RING(max_len)(&prod), len = 1 + rnd(state) % max;
	void *room;
	int ret;

	ret = RING(reserve)(&prod, len, &room);
	if (ret)
		return idle(&prod, len, ret) == -EBADMSG;
	EXPECT(inside(room, len, max));
	if (tap_failures)
		return true;
	memset(room, 0x5a, len);
	seen.sent++;
	return commit_and_send(len) == -EBADMSG;
}

/* Attach, on a ring that is made anew where the old one is beyond use. */
static void attach_again(struct RING_HANDLE *ring, enum ipcchan_ring_side side)
{
	struct ipcchan_bell bell = ipcchan_bell_futex();

	seen.refused++;
	while (!attached(ring, RING(attach)(ring, shared, mem_size, side, &bell))) {
		make_ring();
		if (tap_failures)
			return;
	}
}

static void setup(void)
{
	shared = NULL;
	make_ring();
	attach_again(&prod, IPCCHAN_RING_PRODUCER);
	attach_again(&cons, IPCCHAN_RING_CONSUMER);
}

/* One round of both sides, with less than 4 hostile writes before it. */
static void hostile_round(uint64_t *state, bool between)
{
	unsigned int n = between ? (unsigned int)(rnd(state) % 4) : 0;

	while (n--)
		scribble(state);
	if (use_producer(state))
		attach_again(&prod, IPCCHAN_RING_PRODUCER);
	if (use_consumer())
		attach_again(&cons, IPCCHAN_RING_CONSUMER);
}

static const struct hostile hostile = { setup, scribble, hostile_round };

static void test_random(void)
{
	const uint64_t rounds = SCALE(800000);
	const struct hostile_length length = { .rounds = rounds, .least = rounds / 100 + 1 };

	hostile_between(&hostile, &length);
}

static void test_concurrent(void)
{
	const struct hostile_length length = {
		.enough = SCALE(40000), .most_ns = 3 * SEC, .least = 100,
	};

	hostile_beside(&hostile, &length);
}

#endif /* EITHER_HOSTILE_H */
