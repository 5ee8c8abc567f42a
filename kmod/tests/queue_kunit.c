// SPDX-License-Identifier: GPL-2.0
/* The queue with nobody waiting: order, limits, what poll() sees, putback. */

#include "fixture.h"

#define READABLE	((__force u32)(EPOLLIN | EPOLLRDNORM))
#define WRITABLE	((__force u32)(EPOLLOUT | EPOLLWRNORM))

static void ipcchan_queue_expect(struct kunit *test, struct ipcchan_queue *q,
				 u32 expected_nr, u64 expected_bytes)
{
	struct ipcchan_snapshot s;

	ipcchan_queue_snapshot(q, &s);
	KUNIT_EXPECT_EQ(test, s.nr, expected_nr);
	KUNIT_EXPECT_EQ(test, s.bytes, expected_bytes);
}

/* A message that does not go stays the sender's and changes nothing. */
static void ipcchan_queue_refuses(struct kunit *test, struct ipcchan_queue *q,
				  size_t len)
{
	struct ipcchan_msg *msg = ipcchan_test_msg(test, len);
	u32 nr = q->nr;
	u64 bytes = q->bytes;

	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, msg), -EAGAIN);
	KUNIT_EXPECT_EQ(test, msg->len, len);
	ipcchan_queue_expect(test, q, nr, bytes);
	ipcchan_msg_free(msg);
}

static void ipcchan_queue_fresh(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);

	ipcchan_queue_expect(test, q, 0, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_next_len(q, ipcchan_test_any), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, SIZE_MAX), -EAGAIN);
	KUNIT_EXPECT_EQ(test, ipcchan_test_poll(q), WRITABLE);
}

static void ipcchan_queue_fifo(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_msg *msg[3];
	struct ipcchan_stats stats;
	unsigned int i;

	for (i = 0; i < 3; i++)
		msg[i] = ipcchan_test_sent(test, 10 + i);
	ipcchan_queue_expect(test, q, 3, 10 + 11 + 12);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, ipcchan_queue_next_len(q, ipcchan_test_any), 10 + i);
		ipcchan_test_recv(test, msg[i]);
	}
	ipcchan_queue_expect(test, q, 0, 0);
	stats = ipcchan_test_stats(q);
	KUNIT_EXPECT_EQ(test, stats.received, 3);
	KUNIT_EXPECT_EQ(test, stats.received_bytes, 10 + 11 + 12);
	KUNIT_EXPECT_EQ(test, stats.handovers, 0);
	KUNIT_EXPECT_EQ(test, stats.wakeups, 0);
}

static void ipcchan_queue_room(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_msg *msg = ipcchan_test_sent(test, 64);

	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 0), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 63), -EMSGSIZE);
	ipcchan_queue_expect(test, q, 1, 64);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received, 0);
	/* Its room is its length, exactly. */
	ipcchan_test_recv(test, msg);
}

static void ipcchan_queue_max_nr(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 2, 64, 256);

	ipcchan_test_sent(test, 1);
	ipcchan_test_sent(test, 1);
	ipcchan_queue_refuses(test, q, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 1), 0);
	ipcchan_test_sent(test, 1);
	ipcchan_queue_refuses(test, q, 1);
}

static void ipcchan_queue_max_bytes(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 9, 100, 100);

	ipcchan_test_sent(test, 64);
	ipcchan_queue_refuses(test, q, 37);
	ipcchan_test_sent(test, 36);
	ipcchan_queue_expect(test, q, 2, 100);
	ipcchan_queue_refuses(test, q, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 64), 0);
	ipcchan_queue_refuses(test, q, 65);
	ipcchan_test_sent(test, 64);
}

/* One message fills it, to the last byte. */
static void ipcchan_queue_smallest(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 1, 64, 64);
	struct ipcchan_msg *msg = ipcchan_test_sent(test, 64);

	ipcchan_queue_refuses(test, q, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_test_poll(q), READABLE);
	ipcchan_test_recv(test, msg);
	KUNIT_EXPECT_EQ(test, ipcchan_test_poll(q), WRITABLE);
}

/* Beyond what 32 bits count, where the sum of the lengths is. */
static void ipcchan_queue_wide_bytes(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 66, U32_MAX + 65ULL);
	const u64 before = U32_MAX;

	q->bytes = before;
	ipcchan_queue_refuses(test, q, 66);
	ipcchan_test_sent(test, 64);
	ipcchan_queue_expect(test, q, 1, before + 64);
	KUNIT_EXPECT_EQ(test, ipcchan_test_poll(q), READABLE);
	ipcchan_queue_refuses(test, q, 2);
	ipcchan_test_sent(test, 1);
	ipcchan_queue_refuses(test, q, 1);
	q->bytes -= before;
}

/* A limit of all the bytes there are does not wrap round to none. */
static void ipcchan_queue_no_limit(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, U32_MAX, U32_MAX,
						     U64_MAX);

	ipcchan_test_sent(test, 64);
	ipcchan_test_sent(test, 0x10000);
	KUNIT_EXPECT_EQ(test, ipcchan_test_poll(q), READABLE | WRITABLE);
}

/* Writable is: a message of any length would go. */
static void ipcchan_queue_writable(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 3, 64, 128);

	ipcchan_test_sent(test, 64);
	KUNIT_EXPECT_EQ(test, ipcchan_test_poll(q), READABLE | WRITABLE);
	ipcchan_test_sent(test, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_test_poll(q), READABLE);
	ipcchan_test_sent(test, 63);
	KUNIT_EXPECT_EQ(test, ipcchan_test_poll(q), READABLE);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 64), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_poll(q), READABLE | WRITABLE);
}

/* Pollers hear of each message, and of room only where there was too little. */
static void ipcchan_queue_pollers(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 2, 64, 256);
	struct ipcchan_test *t = test->priv;

	ipcchan_test_sent(test, 1);
	KUNIT_EXPECT_EQ(test, t->in.wakes, 1);
	KUNIT_EXPECT_EQ(test, t->in.key, READABLE);
	ipcchan_test_sent(test, 1);
	KUNIT_EXPECT_EQ(test, t->in.wakes, 2);
	ipcchan_queue_refuses(test, q, 1);
	KUNIT_EXPECT_EQ(test, t->in.wakes, 2);
	KUNIT_EXPECT_EQ(test, t->out.wakes, 0);

	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 0), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, t->out.wakes, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 1), 0);
	KUNIT_EXPECT_EQ(test, t->out.wakes, 1);
	KUNIT_EXPECT_EQ(test, t->out.key, WRITABLE);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 1), 0);
	KUNIT_EXPECT_EQ(test, t->out.wakes, 1);
	KUNIT_EXPECT_EQ(test, t->in.wakes, 2);
}

/* Room that is not enough for every message is no news. */
static void ipcchan_queue_pollers_little_room(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 9, 64, 100);
	struct ipcchan_test *t = test->priv;

	ipcchan_test_sent(test, 1);
	ipcchan_test_sent(test, 62);
	ipcchan_test_sent(test, 37);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 1), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 62), 0);
	KUNIT_EXPECT_EQ(test, t->out.wakes, 0);
	ipcchan_test_sent(test, 36);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 37), 0);
	KUNIT_EXPECT_EQ(test, t->out.wakes, 1);
}

/* What could not be delivered is the oldest again, and was not received. */
static void ipcchan_queue_putback_order(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_test *t = test->priv;
	struct ipcchan_msg *msg[3];
	unsigned int i;

	for (i = 0; i < 3; i++)
		msg[i] = ipcchan_test_sent(test, 10 + i);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_test_take(q, 64, NULL),
			    msg[0]);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_test_take(q, 64, NULL),
			    msg[1]);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received, 2);
	ipcchan_queue_putback(q, msg[1]);
	ipcchan_queue_putback(q, msg[0]);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received_bytes, 0);
	KUNIT_EXPECT_EQ(test, t->in.wakes, 5);
	ipcchan_queue_expect(test, q, 3, 10 + 11 + 12);
	for (i = 0; i < 3; i++)
		ipcchan_test_recv(test, msg[i]);
}

/* Its room may be gone by then: it goes back over the limits. */
static void ipcchan_queue_putback_over(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 2, 64, 100);
	struct ipcchan_test *t = test->priv;
	struct ipcchan_msg *msg[4];

	msg[0] = ipcchan_test_sent(test, 50);
	msg[1] = ipcchan_test_sent(test, 50);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_test_take(q, 64, NULL),
			    msg[0]);
	msg[2] = ipcchan_test_sent(test, 50);
	KUNIT_ASSERT_PTR_EQ(test, ipcchan_test_take(q, 64, NULL),
			    msg[1]);
	msg[3] = ipcchan_test_sent(test, 50);
	ipcchan_queue_putback(q, msg[1]);
	ipcchan_queue_putback(q, msg[0]);
	ipcchan_queue_expect(test, q, 4, 200);
	KUNIT_EXPECT_EQ(test, ipcchan_test_poll(q), READABLE);
	ipcchan_queue_refuses(test, q, 1);

	/* It takes three until there is room again. */
	ipcchan_test_recv(test, msg[0]);
	ipcchan_queue_refuses(test, q, 1);
	ipcchan_test_recv(test, msg[1]);
	ipcchan_queue_refuses(test, q, 1);
	KUNIT_EXPECT_EQ(test, t->out.wakes, 0);
	ipcchan_test_recv(test, msg[2]);
	KUNIT_EXPECT_EQ(test, t->out.wakes, 0);
	ipcchan_test_recv(test, msg[3]);
	KUNIT_EXPECT_EQ(test, t->out.wakes, 1);
	ipcchan_queue_expect(test, q, 0, 0);
}

/* Messages of both kinds of memory; what else is left is seen at the end. */
static void ipcchan_queue_destroy_full(struct kunit *test)
{
	ipcchan_test_queue(test, 4, 0x10000, 0x20000);
	ipcchan_test_sent(test, 1);
	ipcchan_test_sent(test, 0x10000);
	ipcchan_test_sent(test, IPCCHAN_SLOT_DATA);
}

static struct kunit_case ipcchan_queue_cases[] = {
	KUNIT_CASE(ipcchan_queue_fresh),
	KUNIT_CASE(ipcchan_queue_fifo),
	KUNIT_CASE(ipcchan_queue_room),
	KUNIT_CASE(ipcchan_queue_max_nr),
	KUNIT_CASE(ipcchan_queue_max_bytes),
	KUNIT_CASE(ipcchan_queue_smallest),
	KUNIT_CASE(ipcchan_queue_wide_bytes),
	KUNIT_CASE(ipcchan_queue_no_limit),
	KUNIT_CASE(ipcchan_queue_writable),
	KUNIT_CASE(ipcchan_queue_pollers),
	KUNIT_CASE(ipcchan_queue_pollers_little_room),
	KUNIT_CASE(ipcchan_queue_putback_order),
	KUNIT_CASE(ipcchan_queue_putback_over),
	KUNIT_CASE(ipcchan_queue_destroy_full),
	{}
};

static struct kunit_suite ipcchan_queue_suite = {
	.name = "ipcchan_queue",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_queue_cases,
};

kunit_test_suite(ipcchan_queue_suite);
