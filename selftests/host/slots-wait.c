// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting on a ring of slots: who is woken, and how many system calls that takes.
 * Linked with --wrap: the library's calls of the bell come through here and are
 * counted.
 */
#include "slots-kind.h"
#include "either-wait.h"

static void test_timeouts(void)
{
	int64_t start;

	setup(4, 0);
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

static void test_wake_count(void)
{
	void *room;

	check_wake_count();
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
	setup(16, 0);
	EXPECT_EQ(ipcchan_slots_send(&prod, pattern(0), 8, 0), 0);
	shared->peers.waiting[IPCCHAN_RING_PRODUCER] = 1;
	EXPECT_EQ(ipcchan_slots_recv_many(&cons, buf, 8, 1, 0), 1);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(waits, 0);
}

/* who sleeps is not woken only behind all that there is room for */
static void test_wake_in_run(void)
{
	static const char msgs[200 * 8];

	setup(256, 0);
	shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 1;
	EXPECT_EQ(ipcchan_slots_send_many(&prod, msgs, 8, 200, 0), 200);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(ipcchan_slots_recv_many(&cons, buf, 8, 8, 0), 8);

	/* it stops behind a wake that fails */
	setup(256, 0);
	shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 1;
	wake_fails = -EBADF;
	EXPECT_EQ(ipcchan_slots_send_many(&prod, msgs, 8, 200, 0), 64);
	wake_fails = 0;
	EXPECT_EQ(wakes, 1);
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

static void test_modes(void)
{
	check_busy_peer();
	check_sleeping_peer();
}

static const struct tap_test tests[] = {
	{ "time-outs and signals", test_timeouts },
	{ "one wake for a sleeper, none for nobody", test_wake_count },
	{ "a wake before the end of many", test_wake_in_run },
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
