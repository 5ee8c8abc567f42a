// SPDX-License-Identifier: GPL-2.0
/*
 * Lost wake-ups among several.  Producers and consumers share the smallest ring, so that
 * they are about to sleep all the time.
 *
 * Linked with --wrap: the bell is replaced by one that keeps its contract to the letter,
 * but sleeps by spinning, and for as long as nobody wakes it: a wake-up that is lost is not
 * made up for by the end of a nap.
 */
#include <pthread.h>
#include <sched.h>

#include "mring-util.h"
#include "wrap-bell.h"

#define MAX_SIDE	2
#define ROUNDS		SCALE(100000)
#define LOST_NS		(5 * SEC)

/* by entry: each sleeps on a word of its own */
static struct {
	uint64_t wakes;
	uint64_t asleep;
	char pad[112];
} sleepers[IPCCHAN_CLAIM_PEERS];

static struct mring_mem mem;
static int lost;
static uint64_t slept, received, share;

static size_t entry_of(const uint32_t *word)
{
	return (size_t)((const char *)word - (const char *)mem.shared->peers) /
		sizeof(mem.shared->peers[0]);
}

int __wrap_ipcchan_bell_wait(const struct ipcchan_bell *bell, const uint32_t *word,
			     uint32_t expected, int64_t timeout_ns)
{
	size_t me = entry_of(word);
	uint64_t before;
	int64_t start = 0;
	int i = 0;

	(void)bell;
	(void)timeout_ns;
	__atomic_store_n(&sleepers[me].asleep, 1, __ATOMIC_SEQ_CST);
	before = __atomic_load_n(&sleepers[me].wakes, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != expected) {
		__atomic_store_n(&sleepers[me].asleep, 0, __ATOMIC_SEQ_CST);
		return -EAGAIN;
	}
	__atomic_fetch_add(&slept, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&sleepers[me].wakes, __ATOMIC_SEQ_CST) == before) {
		if (++i % 256)
			continue;
		if (__atomic_load_n(&lost, __ATOMIC_RELAXED))
			return -ECANCELED;
		if (!start)
			start = now_ns();
		if (now_ns() - start > LOST_NS) {
			__atomic_store_n(&lost, 1, __ATOMIC_RELAXED);
			return -ECANCELED;
		}
		sched_yield();
	}
	__atomic_store_n(&sleepers[me].asleep, 0, __ATOMIC_SEQ_CST);
	return 0;
}

/* Return: how many were woken: one that was not asleep yet is none */
int __wrap_ipcchan_bell_wake(const struct ipcchan_bell *bell, const uint32_t *word,
			     uint32_t count)
{
	size_t who = entry_of(word);

	(void)bell;
	(void)count;
	__atomic_fetch_add(&sleepers[who].wakes, 1, __ATOMIC_SEQ_CST);
	return (int)__atomic_load_n(&sleepers[who].asleep, __ATOMIC_SEQ_CST);
}

/* so that they meet at every distance */
static void dawdle(uint64_t *state)
{
	volatile unsigned int i = rnd(state) % 64;

	while (i)
		i--;
}

static void *produce(void *arg)
{
	uint64_t i, state = (uintptr_t)arg;
	struct ipcchan_mring ring;
	int ret = mring_producer(&ring, &mem);

	ipcchan_mring_set_wait(&ring, IPCCHAN_WAIT_SLEEP);
	for (i = 0; !ret && i < ROUNDS; i++) {
		dawdle(&state);
		ret = ipcchan_mring_send(&ring, &i, sizeof(i), IPCCHAN_WAIT_FOREVER);
	}
	if (ret && ret != -ECANCELED)
		TAP_REPORT("producer: %s", strerror(-ret));
	ipcchan_mring_detach(&ring);
	return NULL;
}

/* Each takes its share: so nobody is left asleep when all is done. */
static void *consume(void *arg)
{
	uint64_t i, msg, state = (uintptr_t)arg;
	struct ipcchan_mring ring;
	ssize_t len = mring_consumer(&ring, &mem);

	ipcchan_mring_set_wait(&ring, IPCCHAN_WAIT_SLEEP);
	for (i = 0; len >= 0 && i < share; i++) {
		dawdle(&state);
		len = ipcchan_mring_recv(&ring, &msg, sizeof(msg), IPCCHAN_WAIT_FOREVER);
		__atomic_fetch_add(&received, len > 0, __ATOMIC_RELAXED);
	}
	if (len < 0 && len != -ECANCELED)
		TAP_REPORT("consumer: %s", strerror((int)-len));
	ipcchan_mring_detach(&ring);
	return NULL;
}

static void run(size_t slots, int producers, int consumers)
{
	pthread_t threads[2 * MAX_SIDE];
	int i;

	mem = mring_new(slots, 8, 0);
	lost = 0;
	slept = 0;
	received = 0;
	share = ROUNDS * (uint64_t)producers / (uint64_t)consumers;
	for (i = 0; i < producers + consumers; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, i < producers ? produce : consume,
					 (void *)(uintptr_t)(i + 1)), 0);
	for (i = 0; i < producers + consumers; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(lost, 0);
	EXPECT(slept > 0);
	EXPECT_EQ(received, ROUNDS * producers);
	printf("# slept %llu times\n", (unsigned long long)slept);
}

static void test_one(void)
{
	run(2, 1, 1);
}

static void test_two(void)
{
	run(2, 2, 2);
}

static void test_mixed(void)
{
	run(4, 2, 1);
	run(4, 1, 2);
}

static const struct tap_test tests[] = {
	{ "one and one lose no wake-up", test_one },
	{ "two and two lose no wake-up", test_two },
	{ "one and two lose no wake-up", test_mixed },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
