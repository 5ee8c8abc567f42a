// SPDX-License-Identifier: GPL-2.0
/*
 * Lost wake-ups in the broadcast ring.  One sends numbers to readers, and each of them
 * sends them back over a ring of its own, so that all are about to sleep all the time.
 * Linked with --wrap, for the bell of spin-bell.h.
 */
#include <pthread.h>

#include "mring-util.h"
#include "spin-bell.h"

#define MAX_READERS	2

/* a ring, who sends over it, and who reads it */
struct way {
	struct mring_mem mem;
	struct ipcchan_bring prod;
	struct ipcchan_bring readers[MAX_READERS];
};

/* there, and back from each reader */
static struct way there, back[MAX_READERS];
static uint64_t rounds;

static void way_setup(struct way *way, int readers, int index)
{
	int i;

	way->mem = bring_new(4, sizeof(uint64_t), 0);
	sleepers[index].word = &way->mem.shared->readers;
	EXPECT_EQ(bring_producer(&way->prod, &way->mem), 0);
	for (i = 0; i < readers; i++) {
		EXPECT_EQ(bring_reader(&way->readers[i], &way->mem), 0);
		EXPECT_EQ(ipcchan_bring_set_wait(&way->readers[i], IPCCHAN_WAIT_SLEEP), 0);
	}
}

static void way_end(struct way *way, int readers)
{
	int i;

	ipcchan_bring_detach(&way->prod);
	for (i = 0; i < readers; i++)
		ipcchan_bring_detach(&way->readers[i]);
}

/* Receive @want.  Return: 0 or an error. */
static int expect_number(struct ipcchan_bring *reader, uint64_t want)
{
	uint64_t got = ~want;
	ssize_t len = ipcchan_bring_recv(reader, &got, sizeof(got), IPCCHAN_WAIT_FOREVER, NULL);

	return len < 0 ? (int)len : got == want ? 0 : -EBADMSG;
}

static void *answer(void *arg)
{
	size_t me = (uintptr_t)arg;
	uint64_t i, state = 4711 + me;
	int ret = 0;

	for (i = 0; !ret && i < rounds; i++) {
		dawdle(&state);
		ret = expect_number(&there.readers[me], i) ?:
			ipcchan_bring_send(&back[me].prod, &i, sizeof(i), 0);
	}
	spin_bell_complain("reader", i, ret);
	return NULL;
}

static void ping(int readers, uint64_t count)
{
	pthread_t threads[MAX_READERS];
	uint64_t i, state = 4710;
	int j, ret = 0;

	rounds = count;
	spin_bell_reset();
	way_setup(&there, readers, readers);
	for (j = 0; j < readers; j++)
		way_setup(&back[j], 1, j);
	for (j = 0; j < readers; j++)
		EXPECT_EQ(pthread_create(&threads[j], NULL, answer, (void *)(uintptr_t)j), 0);
	for (i = 0; !ret && i < rounds; i++) {
		dawdle(&state);
		ret = ipcchan_bring_send(&there.prod, &i, sizeof(i), 0);
		for (j = 0; !ret && j < readers; j++)
			ret = expect_number(&back[j].readers[0], i);
	}
	spin_bell_complain("producer", i, ret);
	for (j = 0; j < readers; j++) {
		pthread_join(threads[j], NULL);
		way_end(&back[j], 1);
	}
	way_end(&there, readers);
	EXPECT(slept > 0);
}

static void test_one(void)
{
	ping(1, SCALE(100000));
}

/* With fewer processors than threads they take turns. */
static void test_two(void)
{
	ping(2, SCALE(5000));
}

static const struct tap_test tests[] = {
	{ "one reader loses no wake-up", test_one },
	{ "two readers lose no wake-up", test_two },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
