// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile peer that changes one word between any two loads of it: what a consumer is
 * given of a dead one's claim.
 */
#include <pthread.h>

#include "mring-util.h"

#define ROUNDS		SCALE(20000)

static struct mring_mem mem;
static struct ipcchan_mring prod, cons, victim;
static uint64_t message, skip;
static bool stop;

static void *flip(void *arg)
{
	uint64_t *word = arg, state = 31, i;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		__atomic_store_n(word, rnd(&state) % 2 ? message : skip, __ATOMIC_RELAXED);
		for (i = rnd(&state) % 8; i; i--)
			ipcchan_ring_relax();
	}
	return NULL;
}

/* A peek gives a message, says that there is none, or that this cannot be. */
static void test_adopted(void)
{
	uint64_t state = 4711, i, refused = 0, given = 0, *word;
	struct iovec vec[4];
	pthread_t thread;
	const void *msg;
	int64_t end = now_ns() + 20 * SEC;
	int n;

	mem = mring_new(4, 56, 0);
	word = (uint64_t *)(void *)mem.shared->data;
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	EXPECT_EQ(mring_consumer(&victim, &mem), 0);
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(1), 8, 0), 0);
	EXPECT_EQ(ipcchan_mring_peek(&victim, &msg), 8);
	ipcchan_mring_close(&victim);
	message = *word;
	skip = message ^ (IPCCHAN_SLOT_READY ^ IPCCHAN_SLOT_SKIP) << IPCCHAN_SLOT_STATE_SHIFT;
	EXPECT_EQ(pthread_create(&thread, NULL, flip, word), 0);
	for (i = 0; !tap_failures && now_ns() < end && (i < ROUNDS || !refused); i++) {
		/* as if it had not been released, and its owner had just died */
		mem.shared->peers[2].role = IPCCHAN_CLAIM_CONSUMER + 1;
		EXPECT(ipcchan_mring_recover(&cons) >= 0);
		n = ipcchan_mring_peek_batch(&cons, vec, 1 + (uint32_t)(rnd(&state) % 4));
		given += n == 1;
		refused += n == -EBADMSG;
		if (n == 1)
			EXPECT_EQ(ipcchan_mring_release(&cons), 0);
		else if (n != -EAGAIN && n != -EBADMSG)
			TAP_REPORT("a peek says %d", n);
		if (n != -EBADMSG)
			continue;
		ipcchan_mring_close(&cons);
		EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	printf("# given %llu, refused %llu\n", (unsigned long long)given,
	       (unsigned long long)refused);
	EXPECT(given > 0 && refused > 0);
}

static const struct tap_test tests[] = {
	{ "a message that is given again", test_adopted },
};

int main(int argc, char **argv)
{
	pattern_init();
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 60);
}
