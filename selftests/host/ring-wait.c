// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting on a ring: time-outs, signals, who is woken, and how many system
 * calls that takes.  Linked with --wrap: the library's calls of the bell come
 * through here and are counted.
 */
#include "ring-kind.h"
#include "either-wait.h"

static void check_timeouts(uint32_t flags)
{
	int64_t start;

	setup(2, flags);
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
	setup(2, 0);
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

	setup(2, flags);
	pthread_create(&peer, NULL, late_peer, mine);
	EXPECT_EQ(ipcchan_ring_recv(&cons, mine, 64, IPCCHAN_WAIT_FOREVER), 8);
	EXPECT(!memcmp(mine, pattern(4), 8));
	pthread_join(peer, NULL);
	setup(2, flags);
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
	setup(2, 0);
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
	setup(2, IPCCHAN_RING_SPIN);
	EXPECT_EQ(ipcchan_ring_arm(&cons, 0), -EOPNOTSUPP);
	ipcchan_ring_disarm(&cons);
}

static void test_set_wait(void)
{
	setup(2, 0);
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, IPCCHAN_WAIT_ADAPTIVE), 0);
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, IPCCHAN_WAIT_SPIN), 0);
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, (enum ipcchan_wait_mode)3), -EINVAL);
	setup(2, IPCCHAN_RING_SPIN);
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, IPCCHAN_WAIT_SPIN), 0);
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, IPCCHAN_WAIT_SLEEP), -EINVAL);
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, IPCCHAN_WAIT_ADAPTIVE), -EINVAL);
	shared->head = 4;
	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), -EBADMSG);
	EXPECT_EQ(ipcchan_ring_set_wait(&prod, IPCCHAN_WAIT_SPIN), -EBADMSG);
}

static void test_busy_peer(void)
{
	signal_every(0);
	check_busy_peer();
}

static const struct tap_test tests[] = {
	{ "time-outs, sleeping", test_timeout_sleep },
	{ "time-outs, spinning", test_timeout_spin },
	{ "signals", test_signals },
	{ "one wake for a sleeper, none for nobody", check_wake_count },
	{ "attach wakes the peer", test_wake_at_attach },
	{ "the peer acts just before the sleep", test_window },
	{ "a bell that fails", test_bell_fails },
	{ "a sleeper and a spinner see what comes late", test_woken },
	{ "armed for an event loop", test_arm },
	{ "the mode of a handle", test_set_wait },
	{ "no call for a peer that spins", test_busy_peer },
	{ "at most one wake for a wait", check_sleeping_peer },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
