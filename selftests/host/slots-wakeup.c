// SPDX-License-Identifier: GPL-2.0
/*
 * Lost wake-ups in the ring of slots.  Two threads send each other messages over a
 * pair of small rings, and one way through one, so that they are about to sleep
 * all the time.  Linked with --wrap, for the bell of spin-bell.h.
 */
#include <pthread.h>

#include "slots-util.h"
#include "spin-bell.h"

#define ROUNDS		SCALE(400000)

static struct ipcchan_slots_shared *rings[2];

static void attach_sleeper(struct ipcchan_slots *slots,
			   struct ipcchan_slots_shared *shared,
			   enum ipcchan_ring_side side)
{
	EXPECT_EQ(slots_attach(slots, shared, side), 0);
	EXPECT_EQ(ipcchan_slots_set_wait(slots, IPCCHAN_WAIT_SLEEP), 0);
}

static void rings_setup(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		if (i % 2 == 0)
			rings[i / 2] = slots_new(4, 8, 0, -100ULL);
		sleepers[i].word = &rings[i / 2]->peers.waiting[i % 2];
	}
	spin_bell_reset();
}

static void complain(const char *who, uint64_t i, ssize_t ret)
{
	TAP_REPORT("%s %llu: %s", who, (unsigned long long)i,
		   ret == -ECANCELED ? "lost wake-up" : strerror((int)-ret));
}

/* Send round numbers over @out and expect the same over @in. */
static void ping(struct ipcchan_slots_shared *out, struct ipcchan_slots_shared *in,
		 uint64_t seed, int first)
{
	struct ipcchan_slots prod, cons;
	uint64_t i, got, state = seed;
	ssize_t ret = 0;

	attach_sleeper(&prod, out, IPCCHAN_RING_PRODUCER);
	attach_sleeper(&cons, in, IPCCHAN_RING_CONSUMER);
	for (i = 0; i < (uint64_t)ROUNDS / 4 && ret >= 0; i++) {
		dawdle(&state);
		if (first)
			ret = ipcchan_slots_send(&prod, &i, sizeof(i),
						 IPCCHAN_WAIT_FOREVER);
		if (ret >= 0)
			ret = ipcchan_slots_recv(&cons, &got, sizeof(got),
						 IPCCHAN_WAIT_FOREVER);
		if (ret >= 0 && got != i)
			ret = -EBADMSG;
		dawdle(&state);
		if (ret >= 0 && !first)
			ret = ipcchan_slots_send(&prod, &i, sizeof(i),
						 IPCCHAN_WAIT_FOREVER);
	}
	if (ret < 0)
		complain("round", i, ret);
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

/* messages that are committed together */
static unsigned int batch;

/* One way: full and empty in turn, both sides sleep. */
static void *stream_thread(void *arg)
{
	struct ipcchan_slots prod;
	uint64_t numbers[4], i, n, state = 4713;
	ssize_t ret = 0;

	(void)arg;
	attach_sleeper(&prod, rings[0], IPCCHAN_RING_PRODUCER);
	for (i = 0; i < (uint64_t)ROUNDS && ret >= 0; i += batch) {
		if (i % 4 == 0)
			dawdle(&state);
		for (n = 0; n < batch; n++)
			numbers[n] = i + n;
		ret = ipcchan_slots_send_many(&prod, numbers, 8, batch,
					      IPCCHAN_WAIT_FOREVER);
		if (ret >= 0 && ret != batch)
			ret = -EMSGSIZE;
	}
	if (ret < 0)
		complain("producer, message", i, ret);
	return NULL;
}

static void stream(unsigned int together)
{
	struct ipcchan_slots cons;
	uint64_t i, got, state = 4714;
	pthread_t thread;
	ssize_t ret = 0;

	batch = together;
	rings_setup();
	attach_sleeper(&cons, rings[0], IPCCHAN_RING_CONSUMER);
	pthread_create(&thread, NULL, stream_thread, NULL);
	for (i = 0; i < (uint64_t)ROUNDS && ret >= 0; i++) {
		if (i % 4 == 0)
			dawdle(&state);
		ret = ipcchan_slots_recv_many(&cons, &got, 8, 1, IPCCHAN_WAIT_FOREVER);
		if (ret >= 0 && got != i)
			ret = -EBADMSG;
	}
	if (ret < 0)
		complain("consumer, message", i, ret);
	pthread_join(thread, NULL);
	EXPECT(slept > 0);
}

static void test_stream(void)
{
	stream(1);
}

static void test_batches(void)
{
	stream(4);
}

static const struct tap_test tests[] = {
	{ "ping-pong loses no wake-up", test_ping },
	{ "stream loses no wake-up", test_stream },
	{ "batches lose no wake-up", test_batches },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
