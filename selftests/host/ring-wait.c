// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting on a ring: time-outs, signals, who is woken, and how many system
 * calls that takes.  Linked with --wrap: the library's calls of the bell come
 * through here and are counted.
 */
#include <pthread.h>

#include "ring-util.h"
#include "wrap-bell.h"

static int waits, wakes;
/* what the next call of the bell returns instead of being made, 0 for none */
static int wait_fails, wake_fails;
/* run by the next wait before it is made */
static void (*before_wait)(void);

int __wrap_ipcchan_bell_wait(const struct ipcchan_bell *bell,
			     const uint32_t *word, uint32_t expected,
			     int64_t timeout_ns)
{
	void (*before)(void);

	__atomic_fetch_add(&waits, 1, __ATOMIC_RELAXED);
	if (wait_fails)
		return wait_fails;
	before = __atomic_exchange_n(&before_wait, NULL, __ATOMIC_RELAXED);
	if (before)
		before();
	return __real_ipcchan_bell_wait(bell, word, expected, timeout_ns);
}

int __wrap_ipcchan_bell_wake(const struct ipcchan_bell *bell,
			     const uint32_t *word, uint32_t count)
{
	__atomic_fetch_add(&wakes, 1, __ATOMIC_RELAXED);
	if (wake_fails)
		return wake_fails;
	return __real_ipcchan_bell_wake(bell, word, count);
}

static struct ipcchan_ring_shared *shared;
static struct ipcchan_ring prod, cons;
static char buf[64];

static void setup(size_t capacity, uint32_t flags)
{
	shared = ring_new(capacity, flags, 0);
	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	if (!(flags & IPCCHAN_RING_SPIN)) {
		EXPECT_EQ(ipcchan_ring_set_wait(&prod, IPCCHAN_WAIT_SLEEP), 0);
		EXPECT_EQ(ipcchan_ring_set_wait(&cons, IPCCHAN_WAIT_SLEEP), 0);
	}
	waits = 0;
	wakes = 0;
}

static void fill(void)
{
	while (!ipcchan_ring_send(&prod, pattern(0), 24, 0))
		;
}

static void check_timeouts(uint32_t flags)
{
	int64_t start;

	setup(64, flags);
	EXPECT_EQ(ipcchan_ring_wait(&cons, 0, 0), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_ring_wait(&prod, 24, 0), 0);
	start = now_ns();
	EXPECT_EQ(ipcchan_ring_wait(&cons, 0, 10 * MSEC), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 10 * MSEC), -ETIMEDOUT);
	EXPECT(now_ns() - start >= 20 * MSEC);

	fill();
	EXPECT_EQ(ipcchan_ring_wait(&cons, 0, IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(ipcchan_ring_wait(&prod, 1, 0), -ETIMEDOUT);
	start = now_ns();
	EXPECT_EQ(ipcchan_ring_wait(&prod, 24, 10 * MSEC), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_ring_send(&prod, buf, 24, 10 * MSEC), -ETIMEDOUT);
	EXPECT(now_ns() - start >= 20 * MSEC);
	EXPECT_EQ(shared->peers.waiting[0], 0);
	EXPECT_EQ(shared->peers.waiting[1], 0);
	/* the largest time-outs do not overflow into the past */
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, INT64_MAX), 24);
	EXPECT_EQ(ipcchan_ring_send(&prod, buf, 24, INT64_MAX), 0);
}

static void test_timeout_sleep(void)
{
	check_timeouts(0);
	EXPECT(waits >= 4);
}

static void test_timeout_spin(void)
{
	check_timeouts(IPCCHAN_RING_SPIN);
	EXPECT_EQ(waits, 0);
	EXPECT_EQ(wakes, 0);
}

static void test_signals(void)
{
	setup(64, 0);
	signal_every(10000);
	EXPECT_EQ(ipcchan_ring_wait(&cons, 0, IPCCHAN_WAIT_FOREVER), -EINTR);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 5 * SEC), -EINTR);
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_CONSUMER], 0);
	fill();
	EXPECT_EQ(ipcchan_ring_wait(&prod, 1, IPCCHAN_WAIT_FOREVER), -EINTR);
	EXPECT_EQ(ipcchan_ring_send(&prod, buf, 1, 5 * SEC), -EINTR);
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_PRODUCER], 0);
	signal_every(0);
	/* and nothing is broken behind it */
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), 24);
	EXPECT_EQ(ipcchan_ring_send(&prod, buf, 24, 0), 0);
}

/* a system call only for a peer that waits, and then one */
static void test_wake_count(void)
{
	setup(256, 0);
	EXPECT_EQ(ipcchan_ring_send(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(ipcchan_ring_send(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), 8);
	EXPECT_EQ(wakes, 0);

	shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 1;
	shared->peers.waiting[IPCCHAN_RING_PRODUCER] = 1;
	EXPECT_EQ(ipcchan_ring_send(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_CONSUMER], 0);
	EXPECT_EQ(ipcchan_ring_send(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_PRODUCER], 1);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), 8);
	EXPECT_EQ(wakes, 2);
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_PRODUCER], 0);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), 8);
	EXPECT_EQ(wakes, 2);
	EXPECT_EQ(waits, 0);
}

/* a new holder of a side wakes the peer and forgets that the old one slept */
static void test_wake_at_attach(void)
{
	setup(256, 0);
	shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 0;
	shared->peers.waiting[IPCCHAN_RING_PRODUCER] = 1;
	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_PRODUCER], 0);
	shared->peers.waiting[IPCCHAN_RING_PRODUCER] = 1;
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	EXPECT_EQ(wakes, 2);
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_PRODUCER], 0);
}

static void publish_one(void)
{
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_CONSUMER], 1);
	EXPECT_EQ(ipcchan_ring_send(&prod, pattern(3), 8, 0), 0);
}

static void release_one(void)
{
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_PRODUCER], 1);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), 24);
}

/* the peer acts between the last look and the sleep */
static void test_window(void)
{
	setup(64, 0);
	before_wait = publish_one;
	EXPECT_EQ(ipcchan_ring_wait(&cons, 0, IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(waits, 1);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), 8);
	EXPECT(!memcmp(buf, pattern(3), 8));
	fill();
	before_wait = release_one;
	EXPECT_EQ(ipcchan_ring_wait(&prod, 24, IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(ipcchan_ring_send(&prod, buf, 24, 0), 0);
}

static void test_bell_fails(void)
{
	const void *msg;
	void *room;

	/* a wake that fails: what is published is published */
	setup(256, 0);
	shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 1;
	wake_fails = -EBADF;
	EXPECT_EQ(ipcchan_ring_send(&prod, pattern(3), 8, 0), -EBADF);
	wake_fails = 0;
	EXPECT_EQ(ipcchan_ring_reserve(&prod, 8, &room), -EBADF);
	EXPECT_EQ(ipcchan_ring_commit(&prod), -EBADF);
	EXPECT_EQ(ipcchan_ring_wait(&prod, 8, 0), -EBADF);
	/* a message that has arrived is not lost to a wake that fails */
	shared->peers.waiting[IPCCHAN_RING_PRODUCER] = 1;
	wake_fails = -EBADF;
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), 8);
	wake_fails = 0;
	EXPECT_EQ(ipcchan_ring_peek(&cons, &msg), -EBADF);
	EXPECT_EQ(ipcchan_ring_release(&cons), -EBADF);

	setup(256, 0);
	wait_fails = -ENODEV;
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, SEC), -ENODEV);
	wait_fails = 0;
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_CONSUMER], 0);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, SEC), -ENODEV);
}

static void *late_peer(void *arg)
{
	usleep(20000);
	if (arg)
		EXPECT_EQ(ipcchan_ring_send(&prod, pattern(4), 8, 0), 0);
	else
		EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), 24);
	return NULL;
}

static void check_woken(uint32_t flags)
{
	char mine[64];
	pthread_t peer;

	setup(64, flags);
	pthread_create(&peer, NULL, late_peer, mine);
	EXPECT_EQ(ipcchan_ring_recv(&cons, mine, 64, IPCCHAN_WAIT_FOREVER), 8);
	EXPECT(!memcmp(mine, pattern(4), 8));
	pthread_join(peer, NULL);
	setup(64, flags);
	fill();
	pthread_create(&peer, NULL, late_peer, NULL);
	EXPECT_EQ(ipcchan_ring_send(&prod, pattern(4), 24, IPCCHAN_WAIT_FOREVER), 0);
	pthread_join(peer, NULL);
}

static void test_woken(void)
{
	check_woken(0);
	EXPECT(waits > 0);
	check_woken(IPCCHAN_RING_SPIN);
	EXPECT_EQ(waits, 0);
}

/* Armed is what a sleeper is, so that the peer wakes it once, and nobody else is. */
static void test_arm(void)
{
	setup(64, 0);
	EXPECT_EQ(ipcchan_ring_arm(&prod, 24), 0);
	EXPECT_EQ(shared->peers.waiting[0], 0);
	EXPECT_EQ(ipcchan_ring_arm(&cons, 0), 1);
	EXPECT(ipcchan_ring_bell_word(&cons) == &shared->peers.waiting[1]);
	EXPECT_EQ(shared->peers.waiting[1], 1);
	fill();
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(shared->peers.waiting[1], 0);
	EXPECT_EQ(ipcchan_ring_arm(&cons, 0), 0);
	EXPECT_EQ(shared->peers.waiting[1], 0);
	EXPECT_EQ(ipcchan_ring_arm(&prod, 1), 1);
	ipcchan_ring_disarm(&prod);
	EXPECT_EQ(ipcchan_ring_recv(&cons, buf, 64, 0), 24);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(ipcchan_ring_arm(&prod, ipcchan_ring_max_len(&prod) + 1), -EMSGSIZE);
	__atomic_store_n(&shared->tail, 1, __ATOMIC_RELAXED);
	EXPECT_EQ(ipcchan_ring_arm(&cons, 0), -EBADMSG);
	EXPECT_EQ(shared->peers.waiting[1], 0);
	EXPECT_EQ(waits, 0);
	setup(64, IPCCHAN_RING_SPIN);
	EXPECT_EQ(ipcchan_ring_arm(&cons, 0), -EOPNOTSUPP);
	ipcchan_ring_disarm(&cons);
}

static void test_set_wait(void)
{
	setup(64, 0);
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, IPCCHAN_WAIT_ADAPTIVE), 0);
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, IPCCHAN_WAIT_SPIN), 0);
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, (enum ipcchan_wait_mode)3), -EINVAL);
	setup(64, IPCCHAN_RING_SPIN);
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, IPCCHAN_WAIT_SPIN), 0);
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, IPCCHAN_WAIT_SLEEP), -EINVAL);
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, IPCCHAN_WAIT_ADAPTIVE), -EINVAL);
	shared->head = 4;
	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), -EBADMSG);
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, IPCCHAN_WAIT_SPIN), -EBADMSG);
}

#define EXCHANGED	SCALE(20000)

static void *take_all(void *arg)
{
	uint64_t seq;
	char msg[64];

	(void)arg;
	for (seq = 0; seq < EXCHANGED && !tap_failures; seq++) {
		EXPECT_EQ(ipcchan_ring_recv(&cons, msg, 64, 20 * SEC), 24);
		EXPECT(msg_ok(msg, 24, seq));
	}
	return NULL;
}

/* Send so many messages to a thread, both waiting by @mode. */
static void exchange(enum ipcchan_wait_mode mode)
{
	pthread_t thread;
	uint64_t seq;
	char msg[24];

	setup(256, 0);
	pattern_init();
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, mode), 0);
	EXPECT_EQ(ipcchan_ring_set_wait(&cons, mode), 0);
	EXPECT_EQ(pthread_create(&thread, NULL, take_all, NULL), 0);
	for (seq = 0; seq < EXCHANGED && !tap_failures; seq++) {
		msg_fill(msg, 24, seq);
		EXPECT_EQ(ipcchan_ring_send(&prod, msg, 24, 20 * SEC), 0);
	}
	pthread_join(thread, NULL);
}

/* one that spins is never woken, even where it might sleep */
static void test_busy_peer(void)
{
	signal_every(0);
	exchange(IPCCHAN_WAIT_SPIN);
	EXPECT_EQ(waits, 0);
	EXPECT_EQ(wakes, 0);
}

static void check_sleepers(enum ipcchan_wait_mode mode)
{
	exchange(mode);
	check_wakes(&prod.peer, &cons.peer, waits, wakes);
}

static void test_sleeping_peer(void)
{
	check_sleepers(IPCCHAN_WAIT_SLEEP);
	EXPECT(waits > 0);
	check_sleepers(IPCCHAN_WAIT_ADAPTIVE);
}

static const struct tap_test tests[] = {
	{ "time-outs, sleeping", test_timeout_sleep },
	{ "time-outs, spinning", test_timeout_spin },
	{ "signals", test_signals },
	{ "one wake for a sleeper, none for nobody", test_wake_count },
	{ "attach wakes the peer", test_wake_at_attach },
	{ "the peer acts just before the sleep", test_window },
	{ "a bell that fails", test_bell_fails },
	{ "a sleeper and a spinner see what comes late", test_woken },
	{ "armed for an event loop", test_arm },
	{ "the mode of a handle", test_set_wait },
	{ "no call for a peer that spins", test_busy_peer },
	{ "at most one wake for a wait", test_sleeping_peer },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
