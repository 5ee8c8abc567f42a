// SPDX-License-Identifier: GPL-2.0
/*
 * A bell that fails where a claim passes a wake on, or where the dead are looked for.  What
 * is claimed is published all the same, or it is not claimed.  Linked with --wrap: the
 * library's calls of the bell come through here.
 */
#include "mring-util.h"
#include "wrap-bell.h"

/* what the next wakes return instead of being made, 0 for none */
static int wake_fails;

int __wrap_ipcchan_bell_wait(const struct ipcchan_bell *bell, const uint32_t *word,
			     uint32_t expected, int64_t timeout_ns)
{
	return __real_ipcchan_bell_wait(bell, word, expected, timeout_ns);
}

int __wrap_ipcchan_bell_wake(const struct ipcchan_bell *bell, const uint32_t *word,
			     uint32_t count)
{
	return wake_fails ? wake_fails : __real_ipcchan_bell_wake(bell, word, count);
}

static struct mring_mem mem;
static struct ipcchan_mring prod, second, cons, other;
static char buf[64];

static void setup(void)
{
	mem = mring_new(4, 56, 0);
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_producer(&second, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	EXPECT_EQ(mring_consumer(&other, &mem), 0);
}

/* as if it slept */
static void asleep(struct ipcchan_claim *c)
{
	mem.shared->sleepers[c->side] |= 1ULL << (c->owner - 1);
	c->own->waiting = 1;
}

static int send_byte(struct ipcchan_mring *ring, char byte)
{
	return ipcchan_mring_send(ring, &byte, 1, 0);
}

static void expect_byte(struct ipcchan_mring *ring, char byte)
{
	EXPECT_EQ(ipcchan_mring_recv(ring, buf, sizeof(buf), 0), 1);
	EXPECT_EQ(buf[0], byte);
	EXPECT_EQ(ipcchan_mring_again(ring), 0);
}

static void test_send(void)
{
	struct iovec vec[2] = { { NULL, 1 }, { NULL, 1 } };

	setup();
	asleep(&second.c);
	wake_fails = -EBADF;
	EXPECT_EQ(send_byte(&prod, 1), -EBADF);
	wake_fails = 0;
	EXPECT_EQ(send_byte(&prod, 9), -EBADF);
	asleep(&prod.c);
	wake_fails = -EBADF;
	EXPECT_EQ(ipcchan_mring_reserve_batch(&second, vec, 2), 2);
	wake_fails = 0;
	*(char *)vec[0].iov_base = 2;
	*(char *)vec[1].iov_base = 3;
	EXPECT_EQ(ipcchan_mring_commit(&second), -EBADF);
	EXPECT_EQ(ipcchan_mring_commit(&second), -EBADF);
	expect_byte(&cons, 1);
	expect_byte(&other, 2);
	expect_byte(&cons, 3);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, sizeof(buf), 0), -ETIMEDOUT);
}

static void test_recv(void)
{
	char i;

	setup();
	for (i = 0; i < 4; i++)
		EXPECT_EQ(send_byte(&prod, i), 0);
	asleep(&other.c);
	wake_fails = -EBADF;
	expect_byte(&cons, 0);
	wake_fails = 0;
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, sizeof(buf), 0), -EBADF);
	/* its slot is free, and nobody gets the message again */
	EXPECT_EQ(send_byte(&prod, 4), 0);
	ipcchan_mring_close(&cons);
	EXPECT_EQ(ipcchan_mring_recover(&other), 1);
	for (i = 1; i < 5; i++)
		expect_byte(&other, i);
}

static void test_broadcast(void)
{
	struct ipcchan_bring one, two, reader;

	mem = bring_new(4, 56, 0);
	EXPECT_EQ(bring_producer(&one, &mem), 0);
	EXPECT_EQ(bring_producer(&two, &mem), 0);
	EXPECT_EQ(bring_reader(&reader, &mem), 0);
	asleep(&two.c);
	wake_fails = -EBADF;
	EXPECT_EQ(ipcchan_bring_send(&one, pattern(1), 8, 0), -EBADF);
	wake_fails = 0;
	EXPECT_EQ(ipcchan_bring_send(&one, pattern(1), 8, 0), -EBADF);
	EXPECT_EQ(ipcchan_bring_send(&two, pattern(1), 9, 0), 0);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, sizeof(buf), 0, NULL), 8);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, sizeof(buf), 0, NULL), 9);
}

/* What a dead one had is given out; the next look for the dead has to wake, and cannot. */
static void test_adopted(void)
{
	const void *msg;

	setup();
	EXPECT_EQ(send_byte(&prod, 1), 0);
	EXPECT_EQ(send_byte(&prod, 2), 0);
	EXPECT_EQ(ipcchan_mring_peek(&other, &msg), 1);
	ipcchan_mring_close(&other);
	EXPECT_EQ(ipcchan_mring_recover(&cons), 1);
	EXPECT_EQ(ipcchan_mring_peek(&cons, &msg), 1);
	EXPECT_EQ(ipcchan_mring_again(&cons), 1);
	EXPECT_EQ(ipcchan_mring_release(&cons), 0);
	ipcchan_mring_close(&second);
	asleep(&prod.c);
	wake_fails = -EBADF;
	EXPECT_EQ(ipcchan_mring_peek(&cons, &msg), -EBADF);
	wake_fails = 0;
	/* the other message is nobody's yet */
	EXPECT_EQ(mring_consumer(&other, &mem), 0);
	expect_byte(&other, 2);
}

/* An attach that fails keeps no descriptor. */
static void test_attach(void)
{
	struct ipcchan_bring dead, reader;
	int before, after;

	mem = bring_new(4, 56, 0);
	before = dup(0);
	close(before);
	EXPECT_EQ(bring_producer(&dead, &mem), 0);
	ipcchan_bring_close(&dead);
	mem.shared->readers = 1;
	wake_fails = -EBADF;
	EXPECT_EQ(bring_reader(&reader, &mem), -EBADF);
	wake_fails = 0;
	after = dup(0);
	close(after);
	EXPECT_EQ(after, before);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, sizeof(buf), 0, NULL), -EBADF);
}

static const struct tap_test tests[] = {
	{ "a producer's claim", test_send },
	{ "a consumer's claim", test_recv },
	{ "a claim of a broadcast", test_broadcast },
	{ "the end of what is given again", test_adopted },
	{ "an attach", test_attach },
};

int main(int argc, char **argv)
{
	pattern_init();
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
