// SPDX-License-Identifier: GPL-2.0
/* Many messages under one lock: how many go, in which order, what comes back. */

#include "fixture.h"

#define MSGS	6

struct ipcchan_batch_test {
	struct list_head list;
	struct ipcchan_msg *msg[MSGS];
};

/* Messages of 10, 11, ... bytes. */
static void ipcchan_batch_fill(struct kunit *test, struct ipcchan_batch_test *b,
			       unsigned int nr)
{
	unsigned int i;

	INIT_LIST_HEAD(&b->list);
	for (i = 0; i < nr; i++) {
		b->msg[i] = ipcchan_test_msg(test, 10 + i);
		list_add_tail(&b->msg[i]->node, &b->list);
	}
}

static void ipcchan_batch_drop(struct list_head *batch)
{
	struct ipcchan_msg *msg, *next;

	list_for_each_entry_safe(msg, next, batch, node) {
		list_del(&msg->node);
		ipcchan_msg_free(msg);
	}
}

/* These messages of @b and no others are in @batch. */
static void ipcchan_batch_expect(struct kunit *test, struct list_head *batch,
				 const struct ipcchan_batch_test *b,
				 unsigned int from, unsigned int to)
{
	struct ipcchan_msg *msg;

	list_for_each_entry(msg, batch, node) {
		KUNIT_ASSERT_LT(test, from, to);
		KUNIT_ASSERT_PTR_EQ(test, msg, b->msg[from]);
		from++;
	}
	KUNIT_ASSERT_EQ(test, from, to);
}

/* What does not fit stays the caller's, in order. */
static void ipcchan_batch_part(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_test *t = test->priv;
	struct ipcchan_batch_test b;

	ipcchan_batch_fill(test, &b, MSGS);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_send_batch(q, &b.list), 4);
	ipcchan_batch_expect(test, &b.list, &b, 4, 6);
	ipcchan_batch_expect(test, &q->msgs, &b, 0, 4);
	KUNIT_EXPECT_EQ(test, q->bytes, 10 + 11 + 12 + 13);
	KUNIT_EXPECT_EQ(test, t->in.wakes, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_send_batch(q, &b.list), -EAGAIN);
	ipcchan_batch_expect(test, &b.list, &b, 4, 6);
	KUNIT_EXPECT_EQ(test, t->in.wakes, 1);
	ipcchan_batch_drop(&b.list);
}

static void ipcchan_batch_hung_up(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_batch_test b;

	ipcchan_batch_fill(test, &b, 2);
	ipcchan_queue_hangup(q, IPCCHAN_NO_RECEIVERS);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_send_batch(q, &b.list), -EPIPE);
	ipcchan_batch_expect(test, &b.list, &b, 0, 2);
	ipcchan_batch_drop(&b.list);
}

/* Those who wait get the first ones, one each; each is woken. */
static void ipcchan_batch_handover(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 2, 64, 256);
	struct ipcchan_waiter *v = ipcchan_test_receiver(test, 0, 64);
	struct ipcchan_waiter *w = ipcchan_test_receiver(test, 1, 64);
	struct ipcchan_batch_test b;

	ipcchan_batch_fill(test, &b, 5);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_send_batch(q, &b.list), 4);
	KUNIT_ASSERT_PTR_EQ(test, v->msg, b.msg[0]);
	KUNIT_ASSERT_PTR_EQ(test, w->msg, b.msg[1]);
	ipcchan_batch_expect(test, &q->msgs, &b, 2, 4);
	ipcchan_batch_expect(test, &b.list, &b, 4, 5);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).handovers, 2);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 2);
	ipcchan_msg_free(b.msg[0]);
	ipcchan_msg_free(b.msg[1]);
	ipcchan_batch_drop(&b.list);
}

/* Nobody is overtaken. */
static void ipcchan_batch_behind(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 9, 64, 64);
	struct ipcchan_msg *first = ipcchan_test_sent(test, 32);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 64);
	struct ipcchan_waiter *w = ipcchan_test_sender(test, 0, msg);
	struct ipcchan_batch_test b;

	ipcchan_batch_fill(test, &b, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_send_batch(q, &b.list), -EAGAIN);
	ipcchan_test_recv(test, first);
	KUNIT_EXPECT_EQ(test, READ_ONCE(w->result), 0);
	ipcchan_test_recv(test, msg);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_send_batch(q, &b.list), 1);
}

/* As many as there are, as were asked for, or until one is too long. */
static void ipcchan_batch_receive(struct kunit *test)
{
	static const u32 room[MSGS] = { 64, 11, 12, 12, 64, 64 };
	struct ipcchan_queue *q = ipcchan_test_queue(test, MSGS, 64, 256);
	struct ipcchan_batch_test b;
	LIST_HEAD(got);

	KUNIT_EXPECT_EQ(test, ipcchan_queue_recv_batch(q, ipcchan_test_any, room, 2,
						       &got), 0);
	ipcchan_batch_fill(test, &b, MSGS);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_send_batch(q, &b.list), MSGS);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_recv_batch(q, ipcchan_test_any, room, MSGS,
						       &got), 3);
	ipcchan_batch_expect(test, &got, &b, 0, 3);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_recv_batch(q, ipcchan_test_any, room, 1,
						       &got), 1);
	ipcchan_batch_expect(test, &got, &b, 0, 4);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_recv_batch(q, ipcchan_test_any, room + 4, 2,
						       &got), 2);
	ipcchan_batch_expect(test, &got, &b, 0, 6);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received, 6);
	ipcchan_batch_drop(&got);
}

static void ipcchan_batch_receive_match(struct kunit *test)
{
	static const u32 room[MSGS] = { 64, 64, 64, 64, 64, 64 };
	struct ipcchan_match match = { .by_type = 1, .type = 7 };
	struct ipcchan_queue *q = ipcchan_test_queue(test, MSGS, 64, 256);
	struct ipcchan_batch_test b;
	unsigned int i;
	LIST_HEAD(got);

	ipcchan_batch_fill(test, &b, MSGS);
	for (i = 0; i < MSGS; i++)
		b.msg[i]->type = i < 3 ? 7 : 8;
	KUNIT_ASSERT_EQ(test, ipcchan_queue_send_batch(q, &b.list), MSGS);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_recv_batch(q, match, room, MSGS, &got), 3);
	ipcchan_batch_expect(test, &got, &b, 0, 3);
	ipcchan_batch_expect(test, &q->msgs, &b, 3, 6);
	ipcchan_batch_drop(&got);
}

/* All who waited for the room that it makes get theirs. */
static void ipcchan_batch_makes_room(struct kunit *test)
{
	static const u32 room[2] = { 64, 64 };
	struct ipcchan_queue *q = ipcchan_test_queue(test, 2, 64, 256);
	struct ipcchan_test *t = test->priv;
	struct ipcchan_waiter *w[3];
	struct ipcchan_msg *msg[3];
	unsigned int i;
	LIST_HEAD(got);

	ipcchan_test_sent(test, 1);
	ipcchan_test_sent(test, 1);
	for (i = 0; i < 3; i++) {
		msg[i] = ipcchan_test_msg(test, 2);
		w[i] = ipcchan_test_sender(test, i, msg[i]);
	}
	KUNIT_ASSERT_EQ(test, ipcchan_queue_recv_batch(q, ipcchan_test_any, room, 2,
						       &got), 2);
	KUNIT_EXPECT_EQ(test, READ_ONCE(w[0]->result), 0);
	KUNIT_EXPECT_EQ(test, READ_ONCE(w[1]->result), 0);
	KUNIT_EXPECT_EQ(test, READ_ONCE(w[2]->result), -EINPROGRESS);
	KUNIT_EXPECT_EQ(test, t->out.wakes, 0);
	ipcchan_batch_drop(&got);
	for (i = 0; i < 3; i++)
		ipcchan_test_recv(test, msg[i]);
}

/* In the order that they were in. */
static void ipcchan_batch_putback(struct kunit *test)
{
	static const u32 room[MSGS] = { 64, 64, 64, 64, 64, 64 };
	struct ipcchan_queue *q = ipcchan_test_queue(test, MSGS, 64, 256);
	struct ipcchan_batch_test b;
	LIST_HEAD(got);

	ipcchan_batch_fill(test, &b, MSGS);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_send_batch(q, &b.list), MSGS);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_recv_batch(q, ipcchan_test_any, room, 4,
						       &got), 4);
	ipcchan_queue_putback_batch(q, &got);
	KUNIT_EXPECT_TRUE(test, list_empty(&got));
	ipcchan_batch_expect(test, &q->msgs, &b, 0, MSGS);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received_bytes, 0);
}

static void ipcchan_batch_slots(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_slots slots;

	slots = ipcchan_queue_slots(q, IPCCHAN_SLOTS_BATCH + 1);
	KUNIT_EXPECT_GE(test, slots.nr, IPCCHAN_SLOTS_BATCH + 1);
	ipcchan_queue_recycle(q, &slots);
	KUNIT_EXPECT_EQ(test, slots.nr, 0);
	KUNIT_EXPECT_EQ(test, q->slots.nr, ipcchan_test_objects());
	ipcchan_queue_recycle(q, &slots);
	/* Those of the queue first; without memory those only. */
	slots = ipcchan_queue_slots(q, 3);
	KUNIT_EXPECT_EQ(test, slots.nr, 3);
	ipcchan_queue_recycle(q, &slots);
	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_BATCH;
	slots = ipcchan_queue_slots(q, 1000);
	KUNIT_EXPECT_EQ(test, slots.nr, ipcchan_test_objects());
	ipcchan_test_mem.refuse = 0;
	ipcchan_queue_recycle(q, &slots);

	/* More than a queue keeps goes to the depot. */
	slots = ipcchan_queue_slots(q, IPCCHAN_SLOTS_MAX + 5);
	ipcchan_queue_recycle(q, &slots);
	KUNIT_EXPECT_EQ(test, slots.nr, 0);
	KUNIT_EXPECT_EQ(test, q->slots.nr, IPCCHAN_SLOTS_MAX);
	KUNIT_EXPECT_GE(test, ipcchan_test_objects(), IPCCHAN_SLOTS_MAX + 5);
}

static struct kunit_case ipcchan_batch_cases[] = {
	KUNIT_CASE(ipcchan_batch_part),
	KUNIT_CASE(ipcchan_batch_hung_up),
	KUNIT_CASE(ipcchan_batch_handover),
	KUNIT_CASE(ipcchan_batch_behind),
	KUNIT_CASE(ipcchan_batch_receive),
	KUNIT_CASE(ipcchan_batch_receive_match),
	KUNIT_CASE(ipcchan_batch_makes_room),
	KUNIT_CASE(ipcchan_batch_putback),
	KUNIT_CASE(ipcchan_batch_slots),
	{}
};

static struct kunit_suite ipcchan_batch_suite = {
	.name = "ipcchan_batch",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_batch_cases,
};

kunit_test_suite(ipcchan_batch_suite);
