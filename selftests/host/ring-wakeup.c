// SPDX-License-Identifier: GPL-2.0
/*
 * Lost wake-ups.  Two threads send each other messages over a pair of the
 * smallest rings, so that they are about to sleep all the time.
 * Linked with --wrap, for the bell of spin-bell.h.
 */
#include <pthread.h>

#include "ring-util.h"
#include "spin-bell.h"

#define ROUNDS		SCALE(400000)
static struct ipcchan_ring_shared *rings[2];

/* asleep as often as can be */
static void attach_sleeper(struct ipcchan_ring *ring,
			   struct ipcchan_ring_shared *shared,
			   enum ipcchan_ring_side side)
{
	EXPECT_EQ(ring_attach(ring, shared, side), 0);
	EXPECT_EQ(ipcchan_ring_set_wait(ring, IPCCHAN_WAIT_SLEEP), 0);
}

static void rings_setup(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (i % 2 == 0)
			rings[i / 2] = ring_new(64, 0, 0);
		sleepers[i].word = &rings[i / 2]->peers.waiting[i % 2];
	}
	spin_bell_reset();
}

/* Send round numbers over @out and expect the same over @in. */
static void ping(struct ipcchan_ring_shared *out, struct ipcchan_ring_shared *in,
		 uint64_t seed, int first)
{
	struct ipcchan_ring prod, cons;
	uint64_t i, got, state = seed;
	ssize_t ret = 0;

	attach_sleeper(&prod, out, IPCCHAN_RING_PRODUCER);
	attach_sleeper(&cons, in, IPCCHAN_RING_CONSUMER);
	for (i = 0; i < (uint64_t)ROUNDS / 4 && ret >= 0; i++) {
		dawdle(&state);
		if (first)
			ret = ipcchan_ring_send(&prod, &i, sizeof(i),
						IPCCHAN_WAIT_FOREVER);
		if (ret >= 0)
			ret = ipcchan_ring_recv(&cons, &got, sizeof(got),
						IPCCHAN_WAIT_FOREVER);
		if (ret >= 0 && got != i)
			ret = -EBADMSG;
		dawdle(&state);
		if (ret >= 0 && !first)
			ret = ipcchan_ring_send(&prod, &i, sizeof(i),
						IPCCHAN_WAIT_FOREVER);
	}
	if (ret < 0)
		TAP_REPORT("round %llu: %s", (unsigned long long)i,
			   ret == -ECANCELED ? "lost wake-up" : strerror((int)-ret));
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

/* One way: full and empty in turn, both sides sleep. */
static void *stream_thread(void *arg)
{
	struct ipcchan_ring prod;
	uint64_t i, state = 4713;
	int ret = 0;

	(void)arg;
	attach_sleeper(&prod, rings[0], IPCCHAN_RING_PRODUCER);
	for (i = 0; i < (uint64_t)ROUNDS && !ret; i++) {
		if (i % 4 == 0)
			dawdle(&state);
		ret = ipcchan_ring_send(&prod, &i, sizeof(i), IPCCHAN_WAIT_FOREVER);
	}
	if (ret)
		TAP_REPORT("producer, message %llu: %s", (unsigned long long)i,
			   ret == -ECANCELED ? "lost wake-up" : strerror(-ret));
	return NULL;
}

static void test_stream(void)
{
	struct ipcchan_ring cons;
	uint64_t i, got, state = 4714;
	pthread_t thread;
	ssize_t ret = 0;

	rings_setup();
	attach_sleeper(&cons, rings[0], IPCCHAN_RING_CONSUMER);
	pthread_create(&thread, NULL, stream_thread, NULL);
	for (i = 0; i < (uint64_t)ROUNDS && ret >= 0; i++) {
		if (i % 4 == 0)
			dawdle(&state);
		ret = ipcchan_ring_recv(&cons, &got, sizeof(got),
					IPCCHAN_WAIT_FOREVER);
		if (ret >= 0 && got != i)
			ret = -EBADMSG;
	}
	if (ret < 0)
		TAP_REPORT("consumer, message %llu: %s", (unsigned long long)i,
			   ret == -ECANCELED ? "lost wake-up" : strerror((int)-ret));
	pthread_join(thread, NULL);
	EXPECT(slept > 0);
}

static const struct tap_test tests[] = {
	{ "ping-pong loses no wake-up", test_ping },
	{ "stream loses no wake-up", test_stream },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
