// SPDX-License-Identifier: GPL-2.0
/*
 * A ring in an event loop: what ipcchan_ring_arm() publishes, and that no wake-up is
 * lost between it and the sleep.  Linked with --wrap, for the bell of spin-bell.h, on
 * which the loop sleeps itself.
 */
#include <pthread.h>

#include "ring-util.h"
#include "spin-bell.h"

#define ROUNDS		((uint64_t)SCALE(400000))

static struct ipcchan_ring_shared *shared;
static struct ipcchan_ring prod, cons;

static void setup(size_t capacity)
{
	int i;

	shared = ring_new(capacity, 0, 0);
	for (i = 0; i < 2; i++)
		sleepers[i].word = &shared->peers.waiting[i];
	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	spin_bell_reset();
}

/* what is held back is published, whether it is armed or not */
static void test_publishes(void)
{
	const void *msg;
	void *room;
	int i;

	setup(1024);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(ipcchan_ring_reserve(&prod, 8, &room), 0);
		EXPECT_EQ(ipcchan_ring_commit_more(&prod), 0);
	}
	EXPECT_EQ(shared->tail, 0);
	EXPECT_EQ(ipcchan_ring_arm(&prod, 8), 0);
	EXPECT_EQ(shared->tail, 48);
	EXPECT_EQ(ipcchan_ring_peek(&cons, &msg), 8);
	EXPECT_EQ(ipcchan_ring_release_more(&cons), 0);
	EXPECT_EQ(shared->head, 0);
	EXPECT_EQ(ipcchan_ring_arm(&cons, 0), 0);
	EXPECT_EQ(shared->head, 16);
	EXPECT_EQ(shared->peers.waiting[0], 0);
	EXPECT_EQ(shared->peers.waiting[1], 0);
}

/* as poll() with a descriptor of ipcchan_bell_watch().  Return: 0, or the bell's error */
static int sleep_elsewhere(struct ipcchan_ring *ring, size_t len)
{
	int ret = ipcchan_ring_arm(ring, len);

	if (ret != 1)
		return ret;
	ret = ipcchan_bell_wait(NULL, ipcchan_ring_bell_word(ring), 1,
				IPCCHAN_WAIT_FOREVER);
	ipcchan_ring_disarm(ring);
	return ret == -EAGAIN ? 0 : ret;
}

static void *produce(void *arg)
{
	uint64_t i, state = 4715;
	void *room;
	int ret = 0;

	(void)arg;
	for (i = 0; i < ROUNDS && !ret; i++) {
		if (i % 4 == 0)
			dawdle(&state);
		while ((ret = ipcchan_ring_reserve(&prod, sizeof(i), &room)) == -EAGAIN) {
			ret = sleep_elsewhere(&prod, sizeof(i));
			if (ret)
				break;
		}
		if (ret)
			break;
		memcpy(room, &i, sizeof(i));
		ret = ipcchan_ring_commit(&prod);
	}
	spin_bell_complain("producer", i, ret);
	return NULL;
}

/* full and empty in turn: both sides arm, and read or write right behind it */
static void test_loop(void)
{
	uint64_t i, got, state = 4716;
	pthread_t thread;
	const void *msg;
	ssize_t ret = 0;

	setup(64);
	EXPECT_EQ(pthread_create(&thread, NULL, produce, NULL), 0);
	for (i = 0; i < ROUNDS && ret >= 0; i++) {
		if (i % 4 == 0)
			dawdle(&state);
		while ((ret = ipcchan_ring_peek(&cons, &msg)) == -EAGAIN) {
			ret = sleep_elsewhere(&cons, 0);
			if (ret)
				break;
		}
		if (ret < 0)
			break;
		memcpy(&got, msg, sizeof(got));
		ret = got == i ? ipcchan_ring_release(&cons) : -EBADMSG;
	}
	spin_bell_complain("consumer", i, ret);
	pthread_join(thread, NULL);
	EXPECT(slept > 0);
}

static const struct tap_test tests[] = {
	{ "arm publishes what is held back", test_publishes },
	{ "an event loop loses no wake-up", test_loop },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
