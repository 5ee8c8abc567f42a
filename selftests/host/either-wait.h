/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting on a ring of either kind, ring-kind.h or slots-kind.h, which has been included:
 * who is woken, and how many system calls that takes.  Linked with --wrap.
 */
#ifndef EITHER_WAIT_H
#define EITHER_WAIT_H

#include <pthread.h>

#include "../../user/lib/peer.h"
#include "count-bell.h"

static struct RING_SHARED *shared;
static struct RING_HANDLE prod, cons;
static char buf[64];

/* waits of both sides, whether they have slept or not */
static int begun;

int __real_ipcchan_peer_wait(struct ipcchan_peer *peer, const struct peer_look *look,
			     int64_t timeout_ns, struct peer_end *end);
int __wrap_ipcchan_peer_wait(struct ipcchan_peer *peer, const struct peer_look *look,
			     int64_t timeout_ns, struct peer_end *end);

int __wrap_ipcchan_peer_wait(struct ipcchan_peer *peer, const struct peer_look *look,
			     int64_t timeout_ns, struct peer_end *end)
{
	__atomic_fetch_add(&begun, 1, __ATOMIC_RELAXED);
	return __real_ipcchan_peer_wait(peer, look, timeout_ns, end);
}

static void set_wait(enum ipcchan_wait_mode mode)
{
	EXPECT_EQ(RING(set_wait)(&prod, mode), 0);
	EXPECT_EQ(RING(set_wait)(&cons, mode), 0);
}

/* Of @count messages of 24 bytes; both sides sleep, where they may. */
static void setup(size_t count, uint32_t flags)
{
	shared = kind_new(count, 24, flags, 0);
	EXPECT_EQ(kind_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(kind_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	if (!(flags & IPCCHAN_RING_SPIN))
		set_wait(IPCCHAN_WAIT_SLEEP);
	count_bell_reset();
	begun = 0;
}

static void fill(void)
{
	while (!RING(send)(&prod, pattern(0), 24, 0))
		;
}

/* a system call only for a peer that waits, and then one; a message is left behind */
static void check_wake_count(void)
{
	uint32_t *waiting;

	setup(8, 0);
	waiting = shared->peers.waiting;
	EXPECT_EQ(RING(send)(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(RING(send)(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(RING(recv)(&cons, buf, 64, 0), 8);
	EXPECT_EQ(wakes, 0);

	waiting[IPCCHAN_RING_CONSUMER] = 1;
	waiting[IPCCHAN_RING_PRODUCER] = 1;
	EXPECT_EQ(RING(send)(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(waiting[IPCCHAN_RING_CONSUMER], 0);
	EXPECT_EQ(RING(send)(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(waiting[IPCCHAN_RING_PRODUCER], 1);
	EXPECT_EQ(RING(recv)(&cons, buf, 64, 0), 8);
	EXPECT_EQ(wakes, 2);
	EXPECT_EQ(waiting[IPCCHAN_RING_PRODUCER], 0);
	EXPECT_EQ(RING(recv)(&cons, buf, 64, 0), 8);
	EXPECT_EQ(wakes, 2);
	EXPECT_EQ(waits, 0);
}

/* a new holder of a side wakes the peer and forgets that the old one slept */
static void test_wake_at_attach(void)
{
	setup(8, 0);
	shared->peers.waiting[IPCCHAN_RING_PRODUCER] = 1;
	EXPECT_EQ(kind_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_PRODUCER], 0);
	shared->peers.waiting[IPCCHAN_RING_PRODUCER] = 1;
	EXPECT_EQ(kind_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	EXPECT_EQ(wakes, 2);
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_PRODUCER], 0);
}

static void publish_one(void)
{
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_CONSUMER], 1);
	EXPECT_EQ(RING(send)(&prod, pattern(3), 8, 0), 0);
}

static void release_one(void)
{
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_PRODUCER], 1);
	EXPECT_EQ(RING(recv)(&cons, buf, 64, 0), 24);
}

/* the peer acts between the last look and the sleep */
static void test_window(void)
{
	setup(4, 0);
	before_wait = publish_one;
	EXPECT_EQ(kind_wait(&cons, 0, IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(waits, 1);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(RING(recv)(&cons, buf, 64, 0), 8);
	EXPECT(!memcmp(buf, pattern(3), 8));
	fill();
	before_wait = release_one;
	EXPECT_EQ(kind_wait(&prod, 24, IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(RING(send)(&prod, buf, 24, 0), 0);
}

static void test_bell_fails(void)
{
	const void *msg;
	void *room;

	/* a wake that fails: what is published is published */
	setup(8, 0);
	shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 1;
	wake_fails = -EBADF;
	EXPECT_EQ(RING(send)(&prod, pattern(3), 8, 0), -EBADF);
	wake_fails = 0;
	EXPECT_EQ(RING(reserve)(&prod, 8, &room), -EBADF);
	EXPECT_EQ(RING(commit)(&prod), -EBADF);
	EXPECT_EQ(kind_wait(&prod, 8, 0), -EBADF);
	/* a message that has arrived is not lost to a wake that fails */
	shared->peers.waiting[IPCCHAN_RING_PRODUCER] = 1;
	wake_fails = -EBADF;
	EXPECT_EQ(RING(recv)(&cons, buf, 64, 0), 8);
	wake_fails = 0;
	EXPECT_EQ(RING(peek)(&cons, &msg), -EBADF);
	EXPECT_EQ(RING(release)(&cons), -EBADF);

	setup(8, 0);
	wait_fails = -ENODEV;
	EXPECT_EQ(RING(recv)(&cons, buf, 64, SEC), -ENODEV);
	wait_fails = 0;
	EXPECT_EQ(shared->peers.waiting[IPCCHAN_RING_CONSUMER], 0);
	EXPECT_EQ(RING(recv)(&cons, buf, 64, SEC), -ENODEV);
}

#define EXCHANGED	SCALE(20000)

static void *take_all(void *arg)
{
	uint64_t seq;
	char msg[64];

	(void)arg;
	for (seq = 0; seq < EXCHANGED && !tap_failures; seq++) {
		EXPECT_EQ(RING(recv)(&cons, msg, 64, 20 * SEC), 24);
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

	setup(8, 0);
	pattern_init();
	set_wait(mode);
	EXPECT_EQ(pthread_create(&thread, NULL, take_all, NULL), 0);
	for (seq = 0; seq < EXCHANGED && !tap_failures; seq++) {
		msg_fill(msg, 24, seq);
		EXPECT_EQ(RING(send)(&prod, msg, 24, 20 * SEC), 0);
	}
	pthread_join(thread, NULL);
	printf("# %llu messages: %d waits, %d sleeps, %d wakes\n",
	       (unsigned long long)EXCHANGED, begun, waits, wakes);
}

/* one that spins is never woken, even where it might sleep */
static void check_busy_peer(void)
{
	exchange(IPCCHAN_WAIT_SPIN);
	EXPECT_EQ(waits, 0);
	EXPECT_EQ(wakes, 0);
}

/*
 * Of all that was published, only what a side had begun to wait for took a call: a wait
 * sets the word once at most.  One that finds something when it looks again has been
 * woken without a sleep, so there may be more wakes than sleeps.
 */
static void check_sleeping_peer(void)
{
	exchange(IPCCHAN_WAIT_SLEEP);
	EXPECT(waits > 0);
	EXPECT(wakes <= begun);
	exchange(IPCCHAN_WAIT_ADAPTIVE);
	EXPECT(wakes <= begun);
}

#endif /* EITHER_WAIT_H */
