// SPDX-License-Identifier: GPL-2.0
/*
 * The broadcast ring, one call after the other: each reader gets each message, who lags is
 * told by how much, what is overwritten while it is read is not believed, and the dead
 * hold up nobody.
 */
#include <pthread.h>

#include "mring-util.h"

#define SLOTS		8U

static struct mring_mem mem;
static struct ipcchan_bring prod, reader, second;
static unsigned char buf[256];

static void setup(uint32_t flags)
{
	mem = bring_new(SLOTS, 57, flags);
	EXPECT_EQ(bring_producer(&prod, &mem), 0);
	EXPECT_EQ(bring_reader(&reader, &mem), 0);
	EXPECT_EQ(bring_reader(&second, &mem), 0);
}

static void send_number(struct ipcchan_bring *ring, uint64_t seq)
{
	size_t len = msg_len(seq, 100);

	msg_fill(buf, len, seq);
	EXPECT_EQ(ipcchan_bring_send(ring, buf, len, 0), 0);
}

static void expect_number(struct ipcchan_bring *ring, uint64_t seq, uint64_t lost)
{
	uint64_t told = 99;
	ssize_t len = ipcchan_bring_recv(ring, buf, sizeof(buf), 0, &told);

	EXPECT_EQ(len, msg_len(seq, 100));
	EXPECT(len > 0 && msg_ok(buf, (size_t)len, seq));
	EXPECT_EQ(told, lost);
}

static void expect_none(struct ipcchan_bring *ring)
{
	EXPECT_EQ(ipcchan_bring_recv(ring, buf, sizeof(buf), 0, NULL), -ETIMEDOUT);
}

static void test_each(void)
{
	uint64_t seq;

	setup(0);
	expect_none(&reader);
	for (seq = 0; seq < 5 * SLOTS; seq++) {
		send_number(&prod, seq);
		expect_number(&reader, seq, 0);
		if (seq % SLOTS == SLOTS - 1) {
			uint64_t old;

			for (old = seq - SLOTS + 1; old <= seq; old++)
				expect_number(&second, old, 0);
		}
	}
	expect_none(&reader);
	expect_none(&second);
	/* from now on */
	ipcchan_bring_detach(&second);
	EXPECT_EQ(bring_reader(&second, &mem), 0);
	expect_none(&second);
}

static void test_lag(void)
{
	uint64_t seq;

	setup(0);
	for (seq = 0; seq < SLOTS + 1; seq++)
		send_number(&prod, seq);
	/* three quarters of a lap are left to it */
	expect_number(&reader, 3, 3);
	expect_number(&reader, 4, 0);
	for (; seq < 1000; seq++)
		send_number(&prod, seq);
	expect_number(&reader, 1000 - 6, 1000 - 6 - 5);
	for (seq = 995; seq < 1000; seq++)
		expect_number(&reader, seq, 0);
	expect_none(&reader);
	expect_number(&second, 994, 994);
}

/* the word that each call gives is of this message: what was lost is told once */
static void test_in_place(void)
{
	struct iovec vec[3] = { { NULL, 24 }, { NULL, 30 }, { NULL, 120 } };
	const void *msg;
	uint64_t lost = 99;
	void *room;
	int i;

	setup(0);
	EXPECT_EQ(ipcchan_bring_reserve(&prod, 24, &room), 0);
	msg_fill(room, 24, 5);
	EXPECT_EQ(ipcchan_bring_peek(&reader, &msg, &lost), -EAGAIN);
	EXPECT_EQ(lost, 99);
	EXPECT_EQ(ipcchan_bring_commit(&prod), 0);
	EXPECT_EQ(ipcchan_bring_peek(&reader, &msg, &lost), 24);
	EXPECT_EQ(lost, 0);
	EXPECT(msg_ok(msg, 24, 5));
	EXPECT_EQ(ipcchan_bring_peek(&reader, &msg, &lost), 24);
	EXPECT_EQ(ipcchan_bring_release(&reader), 0);
	EXPECT_EQ(ipcchan_bring_release(&reader), -EINVAL);

	EXPECT_EQ(ipcchan_bring_reserve_batch(&prod, vec, 3), 3);
	for (i = 0; i < 3; i++)
		msg_fill(vec[i].iov_base, vec[i].iov_len, (uint64_t)i);
	EXPECT_EQ(ipcchan_bring_commit(&prod), 0);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(ipcchan_bring_peek(&reader, &msg, &lost), vec[i].iov_len);
		EXPECT(msg_ok(msg, vec[i].iov_len, (uint64_t)i));
		EXPECT_EQ(ipcchan_bring_release(&reader), 0);
	}

	/* overwritten under its eyes, by a message or by one that is only begun */
	send_number(&prod, 0);
	EXPECT(ipcchan_bring_peek(&reader, &msg, &lost) > 0);
	for (i = 1; i < 8; i++)
		send_number(&prod, (uint64_t)i);
	EXPECT_EQ(ipcchan_bring_reserve(&prod, 24, &room), 0);
	EXPECT_EQ(ipcchan_bring_release(&reader), -ESTALE);
	EXPECT_EQ(ipcchan_bring_commit(&prod), 0);
	expect_number(&reader, 1, 1);
}

static void test_misuse(void)
{
	struct iovec vec[1] = { { NULL, 8 } };
	const void *msg;
	void *room;

	setup(0);
	EXPECT_EQ(ipcchan_bring_reserve(&reader, 8, &room), -EINVAL);
	EXPECT_EQ(ipcchan_bring_reserve_batch(&reader, vec, 1), -EINVAL);
	EXPECT_EQ(ipcchan_bring_commit(&reader), -EINVAL);
	EXPECT_EQ(ipcchan_bring_peek(&prod, &msg, NULL), -EINVAL);
	EXPECT_EQ(ipcchan_bring_release(&prod), -EINVAL);
	EXPECT_EQ(ipcchan_bring_commit(&prod), -EINVAL);
	EXPECT_EQ(ipcchan_bring_reserve(&prod, 121, &room), -EMSGSIZE);
	EXPECT_EQ(ipcchan_bring_reserve(&prod, 0, &room), -EMSGSIZE);
	EXPECT_EQ(ipcchan_bring_reserve_batch(&prod, vec, 65), -EINVAL);
	EXPECT_EQ(ipcchan_bring_wait(&reader, -2), -EINVAL);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, 8, -2, NULL), -EINVAL);
	EXPECT_EQ(ipcchan_bring_reserve(&prod, 8, &room), 0);
	EXPECT_EQ(ipcchan_bring_release(&prod), -EINVAL);
	EXPECT_EQ(ipcchan_bring_reserve_batch(&prod, vec, 1), -EBUSY);
	memset(room, 7, 8);
	EXPECT_EQ(ipcchan_bring_commit(&prod), 0);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, 7, 0, NULL), -EMSGSIZE);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, 8, 0, NULL), 8);
	EXPECT_EQ(ipcchan_bring_max_len(&reader), 120);
	/* not a ring of the other kind */
	mem.shared->magic = IPCCHAN_MRING_MAGIC;
	EXPECT_EQ(bring_reader(&reader, &mem), -EPROTO);
	ipcchan_bring_detach(&prod);
	EXPECT_EQ(ipcchan_bring_send(&prod, buf, 8, 0), -EINVAL);
}

/* A producer that is in the middle of a message holds up others only after a lap. */
static void test_stopped(void)
{
	struct ipcchan_bring slow;
	uint64_t seq;
	void *room;

	setup(0);
	EXPECT_EQ(bring_producer(&slow, &mem), 0);
	EXPECT_EQ(ipcchan_bring_reserve(&slow, 24, &room), 0);
	for (seq = 1; seq < SLOTS; seq++)
		send_number(&prod, seq);
	EXPECT_EQ(ipcchan_bring_send(&prod, buf, 8, 20 * MSEC), -ETIMEDOUT);
	expect_none(&reader);
	EXPECT_EQ(ipcchan_bring_recover(&reader), 0);
	expect_none(&reader);
	/* dead: whoever waits finds it, in bounded time */
	ipcchan_bring_close(&slow);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, sizeof(buf), 2 * SEC, NULL),
		  msg_len(1, 100));
	send_number(&prod, SLOTS);
	for (seq = 2; seq <= SLOTS; seq++)
		expect_number(&reader, seq, 0);
	/* one that leaves by itself is found at once */
	EXPECT_EQ(bring_producer(&slow, &mem), 0);
	EXPECT_EQ(ipcchan_bring_reserve(&slow, 24, &room), 0);
	send_number(&prod, 9);
	ipcchan_bring_detach(&slow);
	expect_number(&reader, 9, 0);
}

static void *late_send(void *arg)
{
	usleep(20000);
	EXPECT_EQ(ipcchan_bring_send(arg, pattern(4), 8, 0), 0);
	return NULL;
}

static void *late_reader(void *arg)
{
	char mine[64];

	EXPECT_EQ(ipcchan_bring_recv(arg, mine, sizeof(mine), 20 * SEC, NULL), 8);
	return NULL;
}

static void check_woken(uint32_t flags)
{
	pthread_t threads[2];

	setup(flags);
	pthread_create(&threads[0], NULL, late_send, &prod);
	pthread_create(&threads[1], NULL, late_reader, &second);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, 64, IPCCHAN_WAIT_FOREVER, NULL), 8);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	expect_none(&reader);
}

static void test_woken(void)
{
	check_woken(0);
	check_woken(IPCCHAN_BRING_SPIN);
}

/* where nobody sleeps, a reader needs no right to write */
static void test_read_only(void)
{
	setup(IPCCHAN_BRING_SPIN);
	EXPECT_EQ(ipcchan_bring_attach_reader(&reader, mem.shared, mem.size, NULL, NULL), 0);
	send_number(&prod, 1);
	EXPECT_EQ(mprotect((char *)mem.shared - (uintptr_t)mem.shared % 4096,
			   mem.size + (uintptr_t)mem.shared % 4096, PROT_READ), 0);
	expect_number(&reader, 1, 0);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, 8, 15 * MSEC, NULL), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_bring_recover(&reader), 0);
	ipcchan_bring_detach(&reader);
	EXPECT_EQ(mprotect((char *)mem.shared - (uintptr_t)mem.shared % 4096,
			   mem.size + (uintptr_t)mem.shared % 4096,
			   PROT_READ | PROT_WRITE), 0);
}

/* A lap before the end of what a position has, and on */
static void test_wrap(void)
{
	uint64_t start = (1ULL << 48) - 3 * SLOTS, seq, next = 0, told = 0, lost = 0;
	ssize_t len;

	mem = bring_new(SLOTS, 57, 0);
	mring_start_at(&mem, start - SLOTS);
	mem.shared->cursor[IPCCHAN_CLAIM_PRODUCER].word = start << IPCCHAN_CURSOR_POS_SHIFT;
	EXPECT_EQ(bring_producer(&prod, &mem), 0);
	EXPECT_EQ(bring_reader(&reader, &mem), 0);
	EXPECT_EQ(bring_reader(&second, &mem), 0);
	for (seq = 0; seq < 6 * SLOTS; seq++) {
		send_number(&prod, seq);
		expect_number(&reader, seq, 0);
		/* one that lags, over the end, too */
		if (seq % 13 != 12)
			continue;
		while ((len = ipcchan_bring_recv(&second, buf, sizeof(buf), 0, &told)) > 0) {
			next += told;
			lost += told;
			EXPECT_EQ(len, msg_len(next, 100));
			EXPECT(msg_ok(buf, (size_t)len, next));
			next++;
		}
		EXPECT_EQ(len, -ETIMEDOUT);
		EXPECT_EQ(next, seq + 1);
	}
	EXPECT(lost > 0);
}

static const struct tap_test tests[] = {
	{ "each reader gets each message", test_each },
	{ "who lags is told", test_lag },
	{ "in place", test_in_place },
	{ "calls of the other side, errors", test_misuse },
	{ "a producer that is stopped, and dies", test_stopped },
	{ "a sleeper and a spinner see what comes late", test_woken },
	{ "memory for reading only", test_read_only },
	{ "positions that wrap", test_wrap },
};

int main(int argc, char **argv)
{
	pattern_init();
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 60);
}
