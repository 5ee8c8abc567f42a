// SPDX-License-Identifier: GPL-2.0
/*
 * Batches: what is held back, until when, and that nobody sleeps through it.
 * Linked with --wrap: the library's wakes come through here and are counted.
 */
#include "count-bell.h"
#include "ring-util.h"

#define CAPACITY	1024U

static struct ipcchan_ring_shared *shared;
static struct ipcchan_ring prod, cons;

static void setup(size_t capacity, uint64_t start)
{
	shared = ring_new(capacity, 0, start);
	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	count_bell_reset();
}

/* Build message @seq of 24 bytes, a record of 32. */
static int build(uint64_t seq)
{
	void *room;
	int ret = ipcchan_ring_reserve(&prod, 24, &room);

	if (!ret)
		msg_fill(room, 24, seq);
	return ret;
}

static void expect_msg(uint64_t seq)
{
	const void *msg = NULL;
	ssize_t len = ipcchan_ring_peek(&cons, &msg);

	EXPECT_EQ(len, 24);
	if (len == 24)
		EXPECT(msg_ok(msg, 24, seq));
}

static void test_commit_more(void)
{
	const void *msg;

	setup(CAPACITY, -64ULL);
	EXPECT_EQ(ipcchan_ring_commit_more(&prod), -EINVAL);
	EXPECT_EQ(ipcchan_ring_flush(&prod), 0);
	EXPECT_EQ(build(0), 0);
	EXPECT_EQ(ipcchan_ring_commit_more(&prod), 0);
	EXPECT_EQ(ipcchan_ring_commit_more(&prod), -EINVAL);
	EXPECT_EQ(build(1), 0);
	EXPECT_EQ(ipcchan_ring_commit_more(&prod), 0);
	EXPECT_EQ(shared->tail, -64ULL);
	EXPECT_EQ(ipcchan_ring_peek(&cons, &msg), -EAGAIN);
	/* one that is only reserved is not published by a flush */
	EXPECT_EQ(build(2), 0);
	EXPECT_EQ(ipcchan_ring_flush(&prod), 0);
	EXPECT_EQ(shared->tail, 0);
	EXPECT_EQ(ipcchan_ring_commit_more(&prod), 0);
	EXPECT_EQ(build(3), 0);
	EXPECT_EQ(ipcchan_ring_commit(&prod), 0);
	EXPECT_EQ(shared->tail, 64);
	for (uint64_t i = 0; i < 4; i++) {
		expect_msg(i);
		EXPECT_EQ(ipcchan_ring_release(&cons), 0);
	}
	EXPECT_EQ(ipcchan_ring_peek(&cons, &msg), -EAGAIN);
}

/* an eighth of the ring is the most that is held back, on either side */
static void test_eighth(void)
{
	uint64_t i;

	setup(CAPACITY, 0);
	for (i = 1; i <= 8; i++) {
		EXPECT_EQ(build(i), 0);
		EXPECT_EQ(ipcchan_ring_commit_more(&prod), 0);
		EXPECT_EQ(shared->tail, i / 4 * 128);
	}
	for (i = 1; i <= 8; i++) {
		expect_msg(i);
		EXPECT_EQ(ipcchan_ring_release_more(&cons), 0);
		EXPECT_EQ(shared->head, i / 4 * 128);
	}
	/* the last known message, before an eighth is full */
	EXPECT_EQ(build(9), 0);
	EXPECT_EQ(ipcchan_ring_commit_more(&prod), 0);
	EXPECT_EQ(build(10), 0);
	EXPECT_EQ(ipcchan_ring_commit(&prod), 0);
	expect_msg(9);
	EXPECT_EQ(ipcchan_ring_release_more(&cons), 0);
	EXPECT_EQ(ipcchan_ring_release_more(&cons), -EINVAL);
	EXPECT_EQ(shared->head, 256);
	expect_msg(10);
	EXPECT_EQ(ipcchan_ring_release_more(&cons), 0);
	EXPECT_EQ(shared->head, 320);
	/* by a flush, and by a release */
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(build(i), 0);
		EXPECT_EQ(ipcchan_ring_commit(&prod), 0);
	}
	expect_msg(0);
	EXPECT_EQ(ipcchan_ring_release_more(&cons), 0);
	EXPECT_EQ(ipcchan_ring_flush(&cons), 0);
	EXPECT_EQ(shared->head, 352);
	expect_msg(1);
	EXPECT_EQ(ipcchan_ring_release_more(&cons), 0);
	EXPECT_EQ(shared->head, 352);
	expect_msg(2);
	EXPECT_EQ(ipcchan_ring_release(&cons), 0);
	EXPECT_EQ(shared->head, 416);
}

/* a producer that finds the ring full, or waits, has published before */
static void test_full(void)
{
	setup(64, 0);
	/* so that nothing is published but for what is tested here */
	prod.hold = 4096;
	EXPECT_EQ(build(0), 0);
	EXPECT_EQ(ipcchan_ring_commit_more(&prod), 0);
	EXPECT_EQ(build(1), 0);
	EXPECT_EQ(ipcchan_ring_commit_more(&prod), 0);
	EXPECT_EQ(shared->tail, 0);
	EXPECT_EQ(build(2), -EAGAIN);
	EXPECT_EQ(shared->tail, 64);
	expect_msg(0);
	EXPECT_EQ(ipcchan_ring_release(&cons), 0);
	EXPECT_EQ(build(2), 0);
	EXPECT_EQ(ipcchan_ring_commit_more(&prod), 0);
	EXPECT_EQ(shared->tail, 64);
	EXPECT_EQ(ipcchan_ring_wait(&prod, 24, 0), -ETIMEDOUT);
	EXPECT_EQ(shared->tail, 96);
}

/* the consumer waits: what was held back before is not, and one call wakes it */
static void test_waiting(void)
{
	setup(CAPACITY, 0);
	EXPECT_EQ(build(0), 0);
	EXPECT_EQ(ipcchan_ring_commit_more(&prod), 0);
	EXPECT_EQ(shared->tail, 0);
	EXPECT_EQ(wakes, 0);
	shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 1;
	EXPECT_EQ(build(1), 0);
	EXPECT_EQ(ipcchan_ring_commit_more(&prod), 0);
	EXPECT_EQ(shared->tail, 64);
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(build(2), 0);
	EXPECT_EQ(ipcchan_ring_commit_more(&prod), 0);
	EXPECT_EQ(shared->tail, 64);
	shared->peers.waiting[IPCCHAN_RING_CONSUMER] = 1;
	EXPECT_EQ(ipcchan_ring_flush(&prod), 0);
	EXPECT_EQ(wakes, 2);
	EXPECT_EQ(ipcchan_ring_flush(&prod), 0);
	EXPECT_EQ(wakes, 2);
	/* a batch of releases wakes the producer once */
	shared->peers.waiting[IPCCHAN_RING_PRODUCER] = 1;
	for (uint64_t i = 0; i < 3; i++) {
		EXPECT_EQ(wakes, 2);
		expect_msg(i);
		EXPECT_EQ(ipcchan_ring_release_more(&cons), 0);
	}
	EXPECT_EQ(wakes, 3);
}

static struct iovec out[40], in[40];
static unsigned char rooms[40][64];

/* @count messages numbered from @seq, and rooms of 64 bytes for as many */
static void make_vectors(unsigned int count, uint64_t seq)
{
	static unsigned char bytes[40][64];
	unsigned int i;

	for (i = 0; i < count; i++) {
		out[i].iov_base = bytes[i];
		out[i].iov_len = msg_len(seq + i, 64);
		msg_fill(bytes[i], out[i].iov_len, seq + i);
		in[i].iov_base = rooms[i];
		in[i].iov_len = 64;
	}
}

static void expect_vectors(unsigned int count, uint64_t seq)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		EXPECT_EQ(in[i].iov_len, msg_len(seq + i, 64));
		EXPECT(msg_ok(rooms[i], in[i].iov_len, seq + i));
	}
}

static void test_many(void)
{
	uint64_t seq = 0;
	unsigned int n;

	setup(4096, -4096ULL);
	EXPECT_EQ(ipcchan_ring_send_many(&prod, out, 0, 0), 0);
	EXPECT_EQ(ipcchan_ring_recv_many(&cons, in, 0, 0), 0);
	EXPECT_EQ(ipcchan_ring_recv_many(&cons, in, 3, 0), -ETIMEDOUT);
	EXPECT_EQ(ipcchan_ring_recv_many(&cons, in, 3, -2), -EINVAL);
	for (n = 1; n <= 40; n++) {
		make_vectors(n, seq);
		EXPECT_EQ(ipcchan_ring_send_many(&prod, out, n, 0), n);
		EXPECT_EQ(shared->tail, prod.own);
		/* no more than there are, and no waiting for more */
		EXPECT_EQ(ipcchan_ring_recv_many(&cons, in, 40, SEC), n);
		EXPECT_EQ(shared->head, shared->tail);
		expect_vectors(n, seq);
		seq += n;
	}
}

static void test_many_ends(void)
{
	unsigned int i;

	/* full: what fits is sent, and seen */
	setup(64, 0);
	make_vectors(3, 0);
	for (i = 0; i < 3; i++)
		out[i].iov_len = 24;
	EXPECT_EQ(ipcchan_ring_send_many(&prod, out, 3, MSEC), 2);
	EXPECT_EQ(ipcchan_ring_send_many(&prod, out + 2, 1, MSEC), -ETIMEDOUT);
	/* one that does not fit its room stays, and those before it are taken */
	in[1].iov_len = 23;
	EXPECT_EQ(ipcchan_ring_recv_many(&cons, in, 2, 0), 1);
	EXPECT_EQ(shared->head, 32);
	EXPECT_EQ(ipcchan_ring_recv_many(&cons, in + 1, 1, 0), -EMSGSIZE);
	in[1].iov_len = 24;
	EXPECT_EQ(ipcchan_ring_recv_many(&cons, in + 1, 1, 0), 1);
	EXPECT(!memcmp(rooms[1], out[1].iov_base, 24));
	/* one that is too long ends it, too */
	out[1].iov_len = 25;
	EXPECT_EQ(ipcchan_ring_send_many(&prod, out, 3, 0), 1);
	EXPECT_EQ(ipcchan_ring_send_many(&prod, out + 1, 1, 0), -EMSGSIZE);
	EXPECT_EQ(shared->tail, 96);
}

static void take_two(void)
{
	EXPECT_EQ(ipcchan_ring_recv_many(&cons, in, 2, 0), 2);
	EXPECT(!memcmp(rooms[0], out[0].iov_base, 24));
	EXPECT(!memcmp(rooms[1], out[1].iov_base, 24));
}

/* a batch longer than the ring, whose consumer comes while it waits */
static void test_many_wait(void)
{
	unsigned int i;

	setup(64, 0);
	make_vectors(4, 0);
	for (i = 0; i < 4; i++)
		out[i].iov_len = 24;
	before_wait = take_two;
	EXPECT_EQ(ipcchan_ring_send_many(&prod, out, 4, SEC), 4);
	EXPECT_EQ(ipcchan_ring_recv_many(&cons, in, 2, 0), 2);
	EXPECT(!memcmp(rooms[1], out[3].iov_base, 24));
}

/* what was held back is lost with the handle; what was not released comes again */
static void test_reattach(void)
{
	uint64_t i;

	setup(CAPACITY, -32ULL);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(build(i), 0);
		if (i < 2)
			EXPECT_EQ(ipcchan_ring_commit(&prod), 0);
		else
			EXPECT_EQ(ipcchan_ring_commit_more(&prod), 0);
	}
	expect_msg(0);
	EXPECT_EQ(ipcchan_ring_release_more(&cons), 0);
	EXPECT_EQ(ring_attach(&cons, shared, IPCCHAN_RING_CONSUMER), 0);
	EXPECT_EQ(ring_attach(&prod, shared, IPCCHAN_RING_PRODUCER), 0);
	EXPECT_EQ(build(7), 0);
	EXPECT_EQ(ipcchan_ring_commit(&prod), 0);
	for (i = 0; i < 3; i++) {
		expect_msg(i < 2 ? i : 7);
		EXPECT_EQ(ipcchan_ring_release_more(&cons), 0);
	}
	EXPECT_EQ(shared->head, shared->tail);
}

static const struct tap_test tests[] = {
	{ "commit_more holds back, commit and flush publish", test_commit_more },
	{ "an eighth of the ring, or the last message", test_eighth },
	{ "a full ring, and a wait, publish", test_full },
	{ "a consumer that waits: nothing is held back, one wake", test_waiting },
	{ "send and receive many", test_many },
	{ "many: full, too long, no room", test_many_ends },
	{ "many: a batch longer than the ring", test_many_wait },
	{ "what was held back, and another holder", test_reattach },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
