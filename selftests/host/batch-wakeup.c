// SPDX-License-Identifier: GPL-2.0
/*
 * Lost wake-ups behind batches, which have one fence for all of their messages, in the ring
 * for several.  Two threads send each other batches over a pair of rings, so that they
 * are about to sleep all the time.  Linked with --wrap, for the bell of spin-bell.h.
 */
#include <pthread.h>

#include "mring-util.h"
#include "spin-bell.h"

#define BATCH		2U
#define ROUNDS		SCALE(100000)

/* a way from one thread to the other */
struct way {
	struct mring_mem mem;
	struct ipcchan_mring prod, cons;
};

static struct way ways[2];

static void way_setup(int index)
{
	struct way *way = &ways[index];

	way->mem = mring_new(4, sizeof(uint64_t), 0);
	EXPECT_EQ(mring_producer(&way->prod, &way->mem), 0);
	EXPECT_EQ(mring_consumer(&way->cons, &way->mem), 0);
	EXPECT_EQ(ipcchan_mring_set_wait(&way->cons, IPCCHAN_WAIT_SLEEP), 0);
	sleepers[index].word = &way->cons.c.own->waiting;
}

static void way_end(struct way *way)
{
	ipcchan_mring_detach(&way->prod);
	ipcchan_mring_detach(&way->cons);
}

/* There is always room.  Return: 0 or an error. */
static int send_batch(struct ipcchan_mring *ring, uint64_t first)
{
	struct iovec vec[BATCH];
	uint32_t i;
	int n;

	for (i = 0; i < BATCH; i++)
		vec[i].iov_len = sizeof(first);
	n = ipcchan_mring_reserve_batch(ring, vec, BATCH);
	if (n != BATCH)
		return n < 0 ? n : -EXFULL;
	for (i = 0; i < BATCH; i++)
		*(uint64_t *)vec[i].iov_base = first + i;
	return ipcchan_mring_commit(ring);
}

/* Receive what send_batch() sends, in one or several pieces. */
static int expect_batch(struct ipcchan_mring *ring, uint64_t first)
{
	uint32_t i = 0;
	struct iovec vec[BATCH];
	int n, j, ret = 0;

	while (!ret && i < BATCH) {
		n = ipcchan_mring_peek_batch(ring, vec, BATCH - i);
		if (n == -EAGAIN) {
			ret = ipcchan_mring_wait(ring, IPCCHAN_WAIT_FOREVER);
			continue;
		}
		if (n < 0)
			return n;
		for (j = 0; j < n; j++)
			if (*(uint64_t *)vec[j].iov_base != first + i++)
				return -EBADMSG;
		ret = ipcchan_mring_release(ring);
	}
	return ret;
}

static void *answer(void *arg)
{
	uint64_t i, state = 4711;
	int ret = 0;

	(void)arg;
	for (i = 0; !ret && i < ROUNDS; i++) {
		dawdle(&state);
		ret = expect_batch(&ways[0].cons, BATCH * i) ?:
			send_batch(&ways[1].prod, BATCH * i);
	}
	spin_bell_complain("who answers", i, ret);
	return NULL;
}

static void test_ping(void)
{
	uint64_t i, state = 4710;
	pthread_t thread;
	int ret = 0;

	spin_bell_reset();
	way_setup(0);
	way_setup(1);
	EXPECT_EQ(pthread_create(&thread, NULL, answer, NULL), 0);
	for (i = 0; !ret && i < ROUNDS; i++) {
		dawdle(&state);
		ret = send_batch(&ways[0].prod, BATCH * i) ?:
			expect_batch(&ways[1].cons, BATCH * i);
	}
	spin_bell_complain("who asks", i, ret);
	pthread_join(thread, NULL);
	way_end(&ways[0]);
	way_end(&ways[1]);
	EXPECT(slept > 0);
}

static const struct tap_test tests[] = {
	{ "a batch loses no wake-up", test_ping },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
