// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting on a ring for several: time-outs, signals, who is woken, and how many system
 * calls that takes.  Linked with --wrap: the library's calls of the bell come through
 * here and are counted.
 */
#include <pthread.h>

#include "count-bell.h"
#include "mring-util.h"

static struct mring_mem mem;
static struct ipcchan_mring prod, cons, second;
static char buf[64];

static void setup(size_t slots, uint32_t flags)
{
	mem = mring_new(slots, 56, flags);
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	count_bell_reset();
}

static void fill(void)
{
	while (!ipcchan_mring_send(&prod, pattern(0), 24, 0))
		;
}

static void check_timeouts(uint32_t flags)
{
	int64_t start;

	setup(2, flags);
	EXPECT_EQ(ipcchan_mring_wait(&cons, 0), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_mring_wait(&prod, 0), 0);
	start = now_ns();
	EXPECT_EQ(ipcchan_mring_wait(&cons, 30 * MSEC), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, 10 * MSEC), -ETIMEDOUT);
	EXPECT(now_ns() - start >= 40 * MSEC);

	fill();
	EXPECT_EQ(ipcchan_mring_wait(&cons, IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(ipcchan_mring_wait(&prod, 0), -ETIMEDOUT);
	start = now_ns();
	EXPECT_EQ(ipcchan_mring_wait(&prod, 10 * MSEC), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_mring_send(&prod, buf, 24, 10 * MSEC), -ETIMEDOUT);
	EXPECT(now_ns() - start >= 20 * MSEC);
	EXPECT_EQ(mem.shared->sleepers[0] | mem.shared->sleepers[1], 0);
	/* the largest time-outs do not overflow into the past */
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, INT64_MAX), 24);
	EXPECT_EQ(ipcchan_mring_send(&prod, buf, 24, INT64_MAX), 0);
}

static void test_timeout_sleep(void)
{
	check_timeouts(0);
	EXPECT(waits >= 4);
}

static void test_timeout_spin(void)
{
	check_timeouts(IPCCHAN_MRING_SPIN);
	EXPECT_EQ(waits, 0);
	EXPECT_EQ(wakes, 0);
}

static void test_signals(void)
{
	setup(2, 0);
	signal_every(5000);
	EXPECT_EQ(ipcchan_mring_wait(&cons, IPCCHAN_WAIT_FOREVER), -EINTR);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, 5 * SEC), -EINTR);
	fill();
	EXPECT_EQ(ipcchan_mring_wait(&prod, IPCCHAN_WAIT_FOREVER), -EINTR);
	EXPECT_EQ(ipcchan_mring_send(&prod, buf, 1, 5 * SEC), -EINTR);
	signal_every(0);
	EXPECT_EQ(mem.shared->sleepers[0] | mem.shared->sleepers[1], 0);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, 0), 24);
	EXPECT_EQ(ipcchan_mring_send(&prod, buf, 24, 0), 0);
}

/* as if it slept */
static void asleep(struct ipcchan_mring *ring)
{
	mem.shared->sleepers[ring->c.side] |= 1ULL << (ring->c.owner - 1);
	ring->c.own->waiting = 1;
}

/* a system call only for one that waits, and then one */
static void test_wake_count(void)
{
	setup(4, 0);
	EXPECT_EQ(mring_producer(&second, &mem), 0);
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, 0), 8);
	EXPECT_EQ(wakes, 0);
	fill();
	asleep(&second);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, 0), 24);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(second.c.own->waiting, 0);
	while (ipcchan_mring_recv(&cons, buf, 64, 0) > 0)
		;
	EXPECT_EQ(wakes, 1);
	wakes = 0;
	asleep(&cons);
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(cons.c.own->waiting, 0);
	EXPECT_EQ(mem.shared->sleepers[IPCCHAN_CLAIM_CONSUMER], 0);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, 0), 8);
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, 0), 8);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(waits, 0);
}

static void *sleeper(void *arg)
{
	struct ipcchan_mring *ring = arg;
	char mine[64];

	EXPECT_EQ(ipcchan_mring_recv(ring, mine, sizeof(mine), 20 * SEC), 8);
	return NULL;
}

static void until_asleep(int count)
{
	while (__builtin_popcountll(__atomic_load_n(&mem.shared->sleepers[1],
						    __ATOMIC_ACQUIRE)) != count)
		usleep(100);
	/* and in the kernel */
	usleep(2000);
}

/* Each message wakes one of two; it is not one of them that is awake already. */
static void test_one_each(void)
{
	pthread_t threads[2];
	int64_t start;

	setup(4, 0);
	EXPECT_EQ(mring_consumer(&second, &mem), 0);
	/* the first nap is over soon, so that this is of the later ones */
	pthread_create(&threads[0], NULL, sleeper, &cons);
	pthread_create(&threads[1], NULL, sleeper, &second);
	usleep(200000);
	until_asleep(2);
	start = now_ns();
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(0), 8, 0), 0);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	EXPECT(now_ns() - start < 100 * MSEC);
	EXPECT_EQ(wakes, 2);
}

/*
 * Two messages become visible by one commit, for the second was committed before the
 * first: the one who is woken wakes the other.
 */
static void test_passed_on(void)
{
	struct ipcchan_mring late;
	pthread_t threads[2];
	int64_t start;
	void *room;

	setup(4, 0);
	EXPECT_EQ(mring_consumer(&second, &mem), 0);
	EXPECT_EQ(mring_producer(&late, &mem), 0);
	EXPECT_EQ(ipcchan_mring_reserve(&late, 8, &room), 0);
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(0), 8, 0), 0);
	EXPECT_EQ(wakes, 0);
	pthread_create(&threads[0], NULL, sleeper, &cons);
	pthread_create(&threads[1], NULL, sleeper, &second);
	usleep(200000);
	until_asleep(2);
	start = now_ns();
	EXPECT_EQ(ipcchan_mring_commit(&late), 0);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	EXPECT(now_ns() - start < 100 * MSEC);
	EXPECT_EQ(wakes, 2);
}

static void publish_one(void)
{
	EXPECT_EQ(cons.c.own->waiting, 1);
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(3), 8, 0), 0);
}

static void release_one(void)
{
	EXPECT_EQ(prod.c.own->waiting, 1);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, 0), 24);
}

/* the peer acts between the last look and the sleep */
static void test_window(void)
{
	setup(2, 0);
	before_wait = publish_one;
	EXPECT_EQ(ipcchan_mring_wait(&cons, IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(waits, 1);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, 0), 8);
	fill();
	before_wait = release_one;
	EXPECT_EQ(ipcchan_mring_wait(&prod, IPCCHAN_WAIT_FOREVER), 0);
	EXPECT_EQ(ipcchan_mring_send(&prod, buf, 24, 0), 0);
}

static void test_bell_fails(void)
{
	const void *msg;
	void *room;

	setup(4, 0);
	asleep(&cons);
	wake_fails = -EBADF;
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(3), 8, 0), -EBADF);
	wake_fails = 0;
	EXPECT_EQ(ipcchan_mring_reserve(&prod, 8, &room), -EBADF);
	EXPECT_EQ(ipcchan_mring_commit(&prod), -EBADF);
	EXPECT_EQ(ipcchan_mring_recover(&prod), -EBADF);
	/* a message that has arrived is not lost to a wake that fails */
	asleep(&prod);
	wake_fails = -EBADF;
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, 0), 8);
	wake_fails = 0;
	EXPECT_EQ(ipcchan_mring_peek(&cons, &msg), -EBADF);
	EXPECT_EQ(ipcchan_mring_release(&cons), -EBADF);

	setup(4, 0);
	wait_fails = -ENODEV;
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, SEC), -ENODEV);
	wait_fails = 0;
	EXPECT_EQ(mem.shared->sleepers[IPCCHAN_CLAIM_CONSUMER], 0);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, SEC), -ENODEV);
}

static void *late_send(void *arg)
{
	usleep(5000);
	EXPECT_EQ(ipcchan_mring_send(arg, pattern(4), 8, 0), 0);
	return NULL;
}

/* one who spins is not woken */
static void test_spin_first(void)
{
	pthread_t thread;

	setup(4, 0);
	EXPECT_EQ(ipcchan_mring_set_wait(&cons, IPCCHAN_WAIT_SPIN), 0);
	pthread_create(&thread, NULL, late_send, &prod);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, IPCCHAN_WAIT_FOREVER), 8);
	pthread_join(thread, NULL);
	EXPECT_EQ(waits, 0);
	EXPECT_EQ(wakes, 0);
	EXPECT_EQ(ipcchan_mring_set_wait(&cons, IPCCHAN_WAIT_SLEEP), 0);
	EXPECT_EQ(ipcchan_mring_wait(&cons, MSEC), -ETIMEDOUT);
	EXPECT_EQ(waits, 1);
}

/* A consumer sleeps behind a slot whose producer dies: bounded by the naps. */
static void test_death_asleep(void)
{
	int64_t start = now_ns();
	void *room;

	setup(4, 0);
	EXPECT_EQ(mring_producer(&second, &mem), 0);
	EXPECT_EQ(ipcchan_mring_reserve(&second, 8, &room), 0);
	EXPECT_EQ(ipcchan_mring_send(&prod, pattern(4), 8, 0), 0);
	/* it lives, however long it takes */
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, 100 * MSEC), -ETIMEDOUT);
	ipcchan_mring_close(&second);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, 64, IPCCHAN_WAIT_FOREVER), 8);
	EXPECT(now_ns() - start < 2 * IPCCHAN_CLAIM_NAP_NS);
}

static struct ipcchan_bring broadcaster, reader, other_reader;

/* The message comes, the other reader gets it and is about to sleep for the next. */
static void send_and_sleep(void)
{
	EXPECT_EQ(ipcchan_bring_send(&broadcaster, pattern(0), 24, 0), 0);
	EXPECT_EQ(ipcchan_bring_recv(&other_reader, buf, sizeof(buf), 0, NULL), 24);
	EXPECT_EQ(ipcchan_bring_wait(&other_reader, MSEC), -ETIMEDOUT);
}

/* Readers sleep on one word: that another says so again keeps nobody asleep. */
static void test_readers(void)
{
	int64_t start;

	mem = bring_new(4, 56, 0);
	EXPECT_EQ(bring_producer(&broadcaster, &mem), 0);
	EXPECT_EQ(bring_reader(&reader, &mem), 0);
	EXPECT_EQ(bring_reader(&other_reader, &mem), 0);
	start = now_ns();
	/* no look for the dead ends the sleep soon */
	reader.c.look_ns = start + SEC;
	reader.c.look_pos = reader.c.pos;
	before_wait = send_and_sleep;
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, sizeof(buf), 5 * SEC, NULL), 24);
	EXPECT(now_ns() - start < SEC / 2);
}

static const struct tap_test tests[] = {
	{ "time-outs, sleeping", test_timeout_sleep },
	{ "time-outs, spinning", test_timeout_spin },
	{ "signals", test_signals },
	{ "one wake for a sleeper, none for nobody", test_wake_count },
	{ "each of two sleepers is woken for one message", test_one_each },
	{ "a wake is passed on", test_passed_on },
	{ "the peer acts just before the sleep", test_window },
	{ "another reader does, too", test_readers },
	{ "a bell that fails", test_bell_fails },
	{ "spin before sleep", test_spin_first },
	{ "a death is found by who sleeps", test_death_asleep },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 60);
}
