// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting on a ring of slots: who is woken, and how many system calls that takes.
 * Linked with --wrap: the library's calls of the bell come through here and are
 * counted.
 */
#include <pthread.h>

#include "slots-util.h"
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

static struct ipcchan_slots_shared *shared;
static struct ipcchan_slots prod, cons;
static char buf[64];

static void setup(size_t count, enum ipcchan_wait_mode mode)
{
	shared = slots_new(count, 24, 0, 0);
	EXPECT_EQ(slots_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(slots_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	EXPECT_EQ(ipcchan_slots_set_wait(&prod, mode), 0);
	EXPECT_EQ(ipcchan_slots_set_wait(&cons, mode), 0);
	waits = 0;
	wakes = 0;
}

static void fill(void)
{
	while (!ipcchan_slots_send(&prod, pattern(0), 24, 0))
		;
}

static void test_timeouts(void)
{
	int64_t start;

	setup(4, IPCCHAN_WAIT_SLEEP);
	start = now_ns();
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, 10 * MSEC), -ETIMEDOUT);
	fill();
	EXPECT_EQ(ipcchan_slots_send(&prod, buf, 24, 10 * MSEC), -ETIMEDOUT);
	EXPECT(now_ns() - start >= 20 * MSEC);
	EXPECT_EQ(waits, 2);
	EXPECT_EQ(shared->peers.waiting[0], 0);
	EXPECT_EQ(shared->peers.waiting[1], 0);
	signal_every(10000);
	EXPECT_EQ(ipcchan_slots_send(&prod, buf, 24, 5 * SEC), -EINTR);
	signal_every(0);
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, INT64_MAX), 24);
}

/* a system call only for a peer that waits, and then one */
static void test_wake_count(void)
{
	void *room;

	setup(16, IPCCHAN_WAIT_SLEEP);
	EXPECT_EQ(ipcchan_slots_send(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, 0), 8);
	EXPECT_EQ(wakes, 0);
	shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 1;
	shared->peers.waiting[IPCCHAN_RING_PRODUCER] = 1;
	EXPECT_EQ(ipcchan_slots_send(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(ipcchan_slots_send(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_PRODUCER], 1);
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, 0), 8);
	EXPECT_EQ(wakes, 2);
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, 0), 8);
	EXPECT_EQ(wakes, 2);

	/* commit_more wakes one that is seen to wait, and flush one that is not yet */
	shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 1;
	EXPECT_EQ(ipcchan_slots_reserve(&prod, 8, &room), 0);
	EXPECT_EQ(ipcchan_slots_commit_more(&prod), 0);
	EXPECT_EQ(wakes, 3);
	EXPECT_EQ(ipcchan_slots_reserve(&prod, 8, &room), 0);
	EXPECT_EQ(ipcchan_slots_commit_more(&prod), 0);
	EXPECT_EQ(wakes, 3);
	shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 1;
	EXPECT_EQ(ipcchan_slots_flush(&prod), 0);
	EXPECT_EQ(wakes, 4);
	EXPECT_EQ(ipcchan_slots_flush(&prod), 0);
	EXPECT_EQ(wakes, 4);
	/* so does a reserve that finds no room, and a wait */
	while (!ipcchan_slots_reserve(&prod, 8, &room)) {
		shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 0;
		EXPECT_EQ(ipcchan_slots_commit_more(&prod), 0);
		shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 1;
	}
	EXPECT_EQ(wakes, 5);
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, 0), 8);
	EXPECT_EQ(ipcchan_slots_reserve(&prod, 8, &room), 0);
	EXPECT_EQ(ipcchan_slots_commit_more(&prod), 0);
	shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 1;
	EXPECT_EQ(ipcchan_slots_wait(&prod, 0), -ETIMEDOUT);
	EXPECT_EQ(wakes, 6);
	/* a peek that finds nothing gives back what is held, and wakes for it */
	setup(16, IPCCHAN_WAIT_SLEEP);
	EXPECT_EQ(ipcchan_slots_send(&prod, pattern(0), 8, 0), 0);
	shared->peers.waiting[IPCCHAN_RING_PRODUCER] = 1;
	EXPECT_EQ(ipcchan_slots_recv_many(&cons, buf, 8, 1, 0), 1);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(waits, 0);
}

/* where nobody sleeps nobody is woken, whatever a hostile peer writes */
static void test_no_sleep(void)
{
	void *room;

	shared = slots_new(16, 24, IPCCHAN_RING_SPIN, 0);
	EXPECT_EQ(ipcchan_slots_attach(&prod, shared, slots_size(shared),
				       IPCCHAN_RING_PRODUCER, NULL), 0);
	wakes = 0;
	shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 1;
	EXPECT_EQ(ipcchan_slots_reserve(&prod, 8, &room), 0);
	EXPECT_EQ(ipcchan_slots_commit_more(&prod), 0);
	EXPECT_EQ(ipcchan_slots_flush(&prod), 0);
	EXPECT_EQ(ipcchan_slots_send(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(wakes, 0);
}

/* a new holder of a side wakes the peer and forgets that the old one slept */
static void test_wake_at_attach(void)
{
	setup(16, IPCCHAN_WAIT_SLEEP);
	shared->peers.waiting[IPCCHAN_RING_PRODUCER] = 1;
	EXPECT_EQ(slots_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_PRODUCER], 0);
	shared->peers.waiting[IPCCHAN_RING_PRODUCER] = 1;
	EXPECT_EQ(slots_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	EXPECT_EQ(wakes, 2);
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_PRODUCER], 0);
}

static void publish_one(void)
{
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_CONSUMER], 1);
	EXPECT_EQ(ipcchan_slots_send(&prod, pattern(3), 8, 0), 0);
}

static void release_one(void)
{
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_PRODUCER], 1);
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, 0), 24);
}

/* the peer acts between the last look and the sleep */
static void test_window(void)
{
	setup(4, IPCCHAN_WAIT_SLEEP);
	before_wait = publish_one;
	EXPECT_EQ(ipcchan_slots_wait(&cons, IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(waits, 1);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, 0), 8);
	EXPECT(!memcmp(buf, pattern(3), 8));
	fill();
	before_wait = release_one;
	EXPECT_EQ(ipcchan_slots_wait(&prod, IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(ipcchan_slots_send(&prod, buf, 24, 0), 0);
}

static void test_bell_fails(void)
{
	const void *msg;
	void *room;

	/* a wake that fails: what is published is published */
	setup(8, IPCCHAN_WAIT_SLEEP);
	shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 1;
	wake_fails = -EBADF;
	EXPECT_EQ(ipcchan_slots_send(&prod, pattern(3), 8, 0), -EBADF);
	wake_fails = 0;
	EXPECT_EQ(ipcchan_slots_reserve(&prod, 8, &room), -EBADF);
	EXPECT_EQ(ipcchan_slots_commit(&prod), -EBADF);
	EXPECT_EQ(ipcchan_slots_wait(&prod, 0), -EBADF);
	/* a message that has arrived is not lost to a wake that fails */
	shared->peers.waiting[IPCCHAN_RING_PRODUCER] = 1;
	wake_fails = -EBADF;
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, 0), 8);
	wake_fails = 0;
	EXPECT_EQ(ipcchan_slots_peek(&cons, &msg), -EBADF);
	EXPECT_EQ(ipcchan_slots_release(&cons), -EBADF);

	setup(8, IPCCHAN_WAIT_SLEEP);
	wait_fails = -ENODEV;
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, SEC), -ENODEV);
	wait_fails = 0;
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_CONSUMER], 0);
	EXPECT_EQ(ipcchan_slots_recv(&cons, buf, 64, SEC), -ENODEV);
}

#define EXCHANGED	SCALE(20000)

static void *take_all(void *arg)
{
	uint64_t seq;
	char msg[64];

	(void)arg;
	for (seq = 0; seq < EXCHANGED && !tap_failures; seq++) {
		EXPECT_EQ(ipcchan_slots_recv(&cons, msg, 64, 20 * SEC), 24);
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

	setup(8, mode);
	pattern_init();
	EXPECT_EQ(pthread_create(&thread, NULL, take_all, NULL), 0);
	for (seq = 0; seq < EXCHANGED && !tap_failures; seq++) {
		msg_fill(msg, 24, seq);
		EXPECT_EQ(ipcchan_slots_send(&prod, msg, 24, 20 * SEC), 0);
	}
	pthread_join(thread, NULL);
}

static void check_sleepers(enum ipcchan_wait_mode mode)
{
	exchange(mode);
	check_wakes(&prod.peer, &cons.peer, waits, wakes);
}

static void test_modes(void)
{
	exchange(IPCCHAN_WAIT_SPIN);
	EXPECT_EQ(waits, 0);
	EXPECT_EQ(wakes, 0);
	check_sleepers(IPCCHAN_WAIT_SLEEP);
	EXPECT(waits > 0);
	check_sleepers(IPCCHAN_WAIT_ADAPTIVE);
}

static const struct tap_test tests[] = {
	{ "time-outs and signals", test_timeouts },
	{ "one wake for a sleeper, none for nobody", test_wake_count },
	{ "no wake where nobody sleeps", test_no_sleep },
	{ "attach wakes the peer", test_wake_at_attach },
	{ "the peer acts just before the sleep", test_window },
	{ "a bell that fails", test_bell_fails },
	{ "at most one wake for a wait, none for one that spins", test_modes },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 60);
}
