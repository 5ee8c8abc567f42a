// SPDX-License-Identifier: GPL-2.0
/*
 * The dead are found in bounded time by those who wait, whatever the living do meanwhile.
 *
 * Linked with --wrap: the bell is one that always wakes soon, and in vain, as where others
 * send behind the slot of one that has died. The clock is the test's own, too: it goes on as
 * it is looked at, and while somebody sleeps.
 */
#include "mring-util.h"
#include "wrap-bell.h"

static struct mring_mem mem;
static struct ipcchan_mring prod, cons, victim;
static char buf[64];
static int64_t clock_ns = SEC;
/* what a wait that was woken returns */
static int woken;
/* a message is sent so often, nanoseconds; 0 for never */
static int64_t traffic;

static void send_in_time(void)
{
	static int64_t last;

	if (!traffic || clock_ns - last < traffic)
		return;
	last = clock_ns;
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(1), 8, 0), 0);
}

int __wrap_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_sched_getcpu(void);

/* whoever asks is on another one */
int __wrap_sched_getcpu(void)
{
	static int cpu;

	return cpu++ & 0xff;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	(void)id;
	clock_ns += 1000;
	send_in_time();
	ts->tv_sec = clock_ns / SEC;
	ts->tv_nsec = clock_ns % SEC;
	return 0;
}

int __wrap_ipcchan_bell_wait(const struct ipcchan_bell *bell, const uint32_t *word,
			     uint32_t expected, int64_t timeout_ns)
{
	(void)bell;
	(void)expected;
	clock_ns += timeout_ns > 0 && timeout_ns < MSEC ? timeout_ns : MSEC;
	__atomic_store_n((uint32_t *)(uintptr_t)word, 0, __ATOMIC_RELAXED);
	return woken;
}

int __wrap_ipcchan_bell_wake(const struct ipcchan_bell *bell, const uint32_t *word,
			     uint32_t count)
{
	return __real_ipcchan_bell_wake(bell, word, count);
}

/* A message behind the slot of a producer that is dead */
static void setup(void)
{
	void *room;

	mem = mring_new(4, 56, 0);
	woken = 0;
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_producer(&victim, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	EXPECT_EQ(ipcchan_mring_reserve(&victim, 8, &room), 0);
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(1), 8, 0), 0);
	ipcchan_mring_close(&victim);
}

static void test_in_vain(void)
{
	setup();
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, sizeof(buf), 2 * SEC), 8);
}

/* Each call ends before it would be time for a look. */
static void call_again(int result)
{
	int64_t end = now_ns() + 2 * SEC;
	ssize_t len;

	setup();
	woken = result;
	do {
		len = ipcchan_mring_recv(&cons, buf, sizeof(buf), 4 * MSEC);
	} while ((len == -ETIMEDOUT || len == result) && now_ns() < end);
	EXPECT_EQ(len, 8);
}

static void test_short(void)
{
	call_again(0);
	call_again(-ETIMEDOUT);
}

static void test_signals(void)
{
	call_again(-EINTR);
}

static void test_broadcast(void)
{
	struct ipcchan_bring dead, other, reader;
	void *room;

	mem = bring_new(4, 56, 0);
	woken = 0;
	EXPECT_EQ(bring_producer(&other, &mem), 0);
	EXPECT_EQ(bring_producer(&dead, &mem), 0);
	EXPECT_EQ(bring_reader(&reader, &mem), 0);
	EXPECT_EQ(ipcchan_bring_reserve(&dead, 8, &room), 0);
	EXPECT_EQ(ipcchan_bring_send(&other, pattern(1), 8, 0), 0);
	ipcchan_bring_close(&dead);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, sizeof(buf), 2 * SEC, NULL), 8);
}

/*
 * A dead consumer has a message, and the ring is full. A producer that waits finds it; it is
 * the busy consumer's, which never waits, before what is new.
 */
static void check_orphan(uint32_t flags, int (*find)(void), ssize_t (*take)(void))
{
	const void *msg;

	mem = mring_new(4, 56, flags);
	EXPECT_EQ(mring_consumer(&victim, &mem), 0);
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	while (!ipcchan_mring_send(&prod, pattern(1), 8, 0))
		;
	EXPECT_EQ(ipcchan_mring_peek(&victim, &msg), 8);
	ipcchan_mring_close(&victim);
	EXPECT_EQ(take(), 8);
	EXPECT_EQ(ipcchan_mring_again(&cons), 0);
	EXPECT_EQ(find(), 0);
	EXPECT_EQ(take(), 8);
	EXPECT_EQ(ipcchan_mring_again(&cons), 1);
	EXPECT_EQ(take(), 8);
	EXPECT_EQ(ipcchan_mring_again(&cons), 0);
	ipcchan_mring_detach(&prod);
	ipcchan_mring_detach(&cons);
}

static int find_by_waiting(void)
{
	return ipcchan_mring_wait(&prod, 50 * MSEC) == -ETIMEDOUT ? 0 : -1;
}

static int find_by_looking(void)
{
	return ipcchan_mring_recover(&prod) == 1 ? 0 : -1;
}

/* who comes tries the dead one's place first */
static int find_by_attaching(void)
{
	ipcchan_mring_detach(&prod);
	return mring_producer(&prod, &mem);
}

static ssize_t take_one(void)
{
	return ipcchan_mring_recv(&cons, buf, sizeof(buf), 0);
}

static ssize_t take_batch(void)
{
	struct iovec vec[1];
	int n = ipcchan_mring_peek_batch(&cons, vec, 1);

	EXPECT_EQ(ipcchan_mring_release(&cons), 0);
	return n == 1 ? (ssize_t)vec[0].iov_len : n;
}

static void test_orphan(void)
{
	check_orphan(0, find_by_waiting, take_one);
	check_orphan(0, find_by_looking, take_batch);
	check_orphan(0, find_by_attaching, take_one);
	check_orphan(IPCCHAN_MRING_SPIN, find_by_waiting, take_one);
}

/* Each wait ends before it would be time for a look, and is for another position. */
static void check_traffic(enum ipcchan_wait_mode mode, int64_t every_ns)
{
	int64_t end = now_ns() + 2 * SEC;
	const void *msg;
	ssize_t len;

	/* more than are sent */
	mem = mring_new(1 << 18, 56, 0);
	woken = 0;
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_consumer(&victim, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	EXPECT_EQ(ipcchan_mring_set_wait(&cons, mode), 0);
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(1), 8, 0), 0);
	EXPECT_EQ(ipcchan_mring_peek(&victim, &msg), 8);
	ipcchan_mring_close(&victim);
	traffic = every_ns;
	do {
		len = ipcchan_mring_recv(&cons, buf, sizeof(buf), SEC);
	} while (len == 8 && !ipcchan_mring_again(&cons) && now_ns() < end);
	traffic = 0;
	EXPECT_EQ(len, 8);
	EXPECT_EQ(ipcchan_mring_again(&cons), 1);
}

static void test_traffic(void)
{
	check_traffic(IPCCHAN_WAIT_ADAPTIVE, 5 * MSEC);
	/* so that it is enough to spin */
	check_traffic(IPCCHAN_WAIT_ADAPTIVE, 10000);
	check_traffic(IPCCHAN_WAIT_SLEEP, 5 * MSEC);
	check_traffic(IPCCHAN_WAIT_SPIN, 5 * MSEC);
}

static const struct tap_test tests[] = {
	{ "by who is woken in vain", test_in_vain },
	{ "by who waits for a moment at a time", test_short },
	{ "by who is disturbed by signals", test_signals },
	{ "by a reader of a broadcast", test_broadcast },
	{ "by the other consumer, though messages come all the time", test_traffic },
	{ "by a producer, for consumers that never wait", test_orphan },
};

int main(int argc, char **argv)
{
	pattern_init();
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 120);
}
