/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lost wake-ups in a ring of either kind, ring-kind.h or slots-kind.h, which has been
 * included.  Two threads send each other numbers over a pair of small rings, and one way
 * through one, so that they are about to sleep all the time.  Linked with --wrap, for
 * the bell of spin-bell.h.
 */
#ifndef EITHER_WAKEUP_H
#define EITHER_WAKEUP_H

#include <pthread.h>

#include "spin-bell.h"

#define ROUNDS		SCALE(400000)
#define MAX_BATCH	4U

static struct RING_SHARED *rings[2];

/* The calls that carry a stream.  Return: messages, or an error. */
static ssize_t send_numbers(struct RING_HANDLE *ring, const uint64_t *numbers, unsigned int count);
static ssize_t recv_number(struct RING_HANDLE *ring, uint64_t *number);

/* asleep as often as can be */
static void attach_sleeper(struct RING_HANDLE *ring, struct RING_SHARED *shared,
			   enum ipcchan_ring_side side)
{
	EXPECT_EQ(kind_attach(ring, shared, side), 0);
	EXPECT_EQ(RING(set_wait)(ring, IPCCHAN_WAIT_SLEEP), 0);
}

static void rings_setup(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (i % 2 == 0)
			rings[i / 2] = kind_new(4, sizeof(uint64_t), 0, -100ULL);
		sleepers[i].word = &rings[i / 2]->peers.waiting[i % 2];
	}
	spin_bell_reset();
}

/* Send round numbers over @out and expect the same over @in. */
static void ping(struct RING_SHARED *out, struct RING_SHARED *in, uint64_t seed, int first)
{
	uint64_t i, got, state = seed;
	struct RING_HANDLE prod, cons;
	ssize_t ret = 0;

	attach_sleeper(&prod, out, IPCCHAN_RING_PRODUCER);
	attach_sleeper(&cons, in, IPCCHAN_RING_CONSUMER);
	for (i = 0; i < (uint64_t)ROUNDS / 4 && ret >= 0; i++) {
		dawdle(&state);
		if (first)
			ret = RING(send)(&prod, &i, sizeof(i), IPCCHAN_WAIT_FOREVER);
		if (ret >= 0)
			ret = RING(recv)(&cons, &got, sizeof(got), IPCCHAN_WAIT_FOREVER);
		if (ret >= 0 && got != i)
			ret = -EBADMSG;
		dawdle(&state);
		if (ret >= 0 && !first)
			ret = RING(send)(&prod, &i, sizeof(i), IPCCHAN_WAIT_FOREVER);
	}
	spin_bell_complain("one of both", i, ret);
}

static void *ping_thread(void *arg)
{
	(void)arg;
	ping(rings[1], rings[0], 4712, 0);
	return NULL;
}

static void test_ping(void)
{
	pthread_t thread;

	rings_setup();
	pthread_create(&thread, NULL, ping_thread, NULL);
	ping(rings[0], rings[1], 4711, 1);
	pthread_join(thread, NULL);
	EXPECT(slept > 0);
}

/* One way: full and empty in turn, both sides sleep.  @arg is how many go at once. */
static void *stream_thread(void *arg)
{
	uint64_t numbers[MAX_BATCH], i, n, state = 4713;
	const unsigned int batch = (unsigned int)(uintptr_t)arg;
	struct RING_HANDLE prod;
	ssize_t ret = 0;

	attach_sleeper(&prod, rings[0], IPCCHAN_RING_PRODUCER);
	for (i = 0; i < (uint64_t)ROUNDS && ret >= 0; i += batch) {
		if (i % 4 == 0)
			dawdle(&state);
		for (n = 0; n < batch; n++)
			numbers[n] = i + n;
		ret = send_numbers(&prod, numbers, batch);
		if (ret >= 0 && ret != batch)
			ret = -EMSGSIZE;
	}
	spin_bell_complain("producer", i, ret);
	return NULL;
}

static void check_stream(unsigned int batch)
{
	uint64_t i, got, state = 4714;
	struct RING_HANDLE cons;
	pthread_t thread;
	ssize_t ret = 0;

	rings_setup();
	attach_sleeper(&cons, rings[0], IPCCHAN_RING_CONSUMER);
	pthread_create(&thread, NULL, stream_thread, (void *)(uintptr_t)batch);
	for (i = 0; i < (uint64_t)ROUNDS && ret >= 0; i++) {
		if (i % 4 == 0)
			dawdle(&state);
		ret = recv_number(&cons, &got);
		if (ret >= 0 && got != i)
			ret = -EBADMSG;
	}
	spin_bell_complain("consumer", i, ret);
	pthread_join(thread, NULL);
	EXPECT(slept > 0);
}

static void test_stream(void)
{
	check_stream(1);
}

#endif /* EITHER_WAKEUP_H */
