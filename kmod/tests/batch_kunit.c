// SPDX-License-Identifier: GPL-2.0
/* Many messages under one lock: how many go, in which order, what comes back. */

#include "batch.h"
#include "fixture.h"
#include "levels.h"

#define MSGS	6

struct ipcchan_batch_test {
	struct ipcchan_batch batch;
	struct ipcchan_msg *msg[MSGS];
};

/* Messages of 10, 11, ... bytes. */
static void ipcchan_batch_fill(struct kunit *test, struct ipcchan_batch_test *b,
			       unsigned int nr)
{
	unsigned int i;

	ipcchan_batch_init(&b->batch);
	for (i = 0; i < nr; i++) {
		b->msg[i] = ipcchan_test_msg(test, 10 + i);
		ipcchan_batch_add(&b->batch, b->msg[i]);
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
	KUNIT_ASSERT_EQ(test, ipcchan_queue_send_batch(q, &b.batch), 4);
	ipcchan_batch_expect(test, &b.batch.msgs, &b, 4, 6);
	ipcchan_batch_expect(test, &q->msgs, &b, 0, 4);
	KUNIT_EXPECT_EQ(test, q->bytes, 10 + 11 + 12 + 13);
	KUNIT_EXPECT_EQ(test, t->in.wakes, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_send_batch(q, &b.batch), -EAGAIN);
	ipcchan_batch_expect(test, &b.batch.msgs, &b, 4, 6);
	KUNIT_EXPECT_EQ(test, t->in.wakes, 1);
	ipcchan_batch_drop(&b.batch.msgs);
}

static void ipcchan_batch_hung_up(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_batch_test b;

	ipcchan_batch_fill(test, &b, 2);
	ipcchan_queue_hangup(q, IPCCHAN_NO_RECEIVERS);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_send_batch(q, &b.batch), -EPIPE);
	ipcchan_batch_expect(test, &b.batch.msgs, &b, 0, 2);
	ipcchan_batch_drop(&b.batch.msgs);
}

/* Those who wait get the first ones, one each; each is woken. */
static void ipcchan_batch_handover(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 2, 64, 256);
	struct ipcchan_waiter *v = ipcchan_test_receiver(test, 0, 64);
	struct ipcchan_waiter *w = ipcchan_test_receiver(test, 1, 64);
	struct ipcchan_batch_test b;

	ipcchan_batch_fill(test, &b, 5);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_send_batch(q, &b.batch), 4);
	KUNIT_ASSERT_PTR_EQ(test, v->msg, b.msg[0]);
	KUNIT_ASSERT_PTR_EQ(test, w->msg, b.msg[1]);
	ipcchan_batch_expect(test, &q->msgs, &b, 2, 4);
	ipcchan_batch_expect(test, &b.batch.msgs, &b, 4, 5);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).handovers, 2);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 2);
	ipcchan_msg_free(b.msg[0]);
	ipcchan_msg_free(b.msg[1]);
	ipcchan_batch_drop(&b.batch.msgs);
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
	KUNIT_EXPECT_EQ(test, ipcchan_queue_send_batch(q, &b.batch), -EAGAIN);
	ipcchan_test_recv(test, first);
	KUNIT_EXPECT_EQ(test, READ_ONCE(w->result), 0);
	ipcchan_test_recv(test, msg);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_send_batch(q, &b.batch), 1);
}

/* As many as there are, as were asked for, or until one is too long. */
static void ipcchan_batch_receive(struct kunit *test)
{
	static const struct ipcchan_room room[MSGS] = {
		{ .len = 64 }, { .len = 11 }, { .len = 12 }, { .len = 12 }, { .len = 64 },
		{ .len = 64 },
	};
	struct ipcchan_queue *q = ipcchan_test_queue(test, MSGS, 64, 256);
	struct ipcchan_batch_test b;
	LIST_HEAD(first);
	LIST_HEAD(then);
	LIST_HEAD(last);

	KUNIT_EXPECT_EQ(test, ipcchan_queue_recv_batch(q, ipcchan_test_any, room, 2,
						       &first), 0);
	ipcchan_batch_fill(test, &b, MSGS);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_send_batch(q, &b.batch), MSGS);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_recv_batch(q, ipcchan_test_any, room, MSGS,
						       &first), 3);
	ipcchan_batch_expect(test, &first, &b, 0, 3);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_recv_batch(q, ipcchan_test_any, room, 1,
						       &then), 1);
	ipcchan_batch_expect(test, &then, &b, 3, 4);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_recv_batch(q, ipcchan_test_any, room + 4, 2,
						       &last), 2);
	ipcchan_batch_expect(test, &last, &b, 4, 6);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received, 6);
	ipcchan_batch_drop(&first);
	ipcchan_batch_drop(&then);
	ipcchan_batch_drop(&last);
}

static void ipcchan_batch_receive_match(struct kunit *test)
{
	static const struct ipcchan_room room[MSGS] = { [0 ... MSGS - 1] = { .len = 64 } };
	struct ipcchan_match match = { .by_type = 1, .type = 7 };
	struct ipcchan_queue *q = ipcchan_test_queue(test, MSGS, 64, 256);
	struct ipcchan_batch_test b;
	unsigned int i;
	LIST_HEAD(got);

	ipcchan_queue_specialise(q);
	ipcchan_batch_fill(test, &b, MSGS);
	for (i = 0; i < MSGS; i++)
		b.msg[i]->type = i < 3 ? 7 : 8;
	KUNIT_ASSERT_EQ(test, ipcchan_queue_send_batch(q, &b.batch), MSGS);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_recv_batch(q, match, room, MSGS, &got), 3);
	ipcchan_batch_expect(test, &got, &b, 0, 3);
	ipcchan_batch_expect(test, &q->msgs, &b, 3, 6);
	ipcchan_batch_drop(&got);
}

/* All who waited for the room that it makes get theirs. */
static void ipcchan_batch_makes_room(struct kunit *test)
{
	static const struct ipcchan_room room[2] = { { .len = 64 }, { .len = 64 } };
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
	static const struct ipcchan_room room[MSGS] = { [0 ... MSGS - 1] = { .len = 64 } };
	struct ipcchan_queue *q = ipcchan_test_queue(test, MSGS, 64, 256);
	struct ipcchan_batch_test b;
	LIST_HEAD(got);

	ipcchan_batch_fill(test, &b, MSGS);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_send_batch(q, &b.batch), MSGS);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_recv_batch(q, ipcchan_test_any, room, 4,
						       &got), 4);
	ipcchan_queue_putback_batch(q, &got);
	KUNIT_EXPECT_TRUE(test, list_empty(&got));
	ipcchan_batch_expect(test, &q->msgs, &b, 0, MSGS);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received_bytes, 0);
}

/* The first of them for who has come to wait meanwhile. */
static void ipcchan_batch_putback_waiter(struct kunit *test)
{
	static const struct ipcchan_room room[MSGS] = { [0 ... MSGS - 1] = { .len = 64 } };
	struct ipcchan_queue *q = ipcchan_test_queue(test, MSGS, 64, 256);
	struct ipcchan_batch_test b;
	struct ipcchan_waiter *w;
	LIST_HEAD(got);

	ipcchan_batch_fill(test, &b, MSGS);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_send_batch(q, &b.batch), MSGS);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_recv_batch(q, ipcchan_test_any, room, MSGS,
						       &got), MSGS);
	w = ipcchan_test_receiver(test, 0, 64);
	ipcchan_queue_putback_batch(q, &got);
	KUNIT_ASSERT_EQ(test, READ_ONCE(w->result), 0);
	KUNIT_EXPECT_PTR_EQ(test, w->msg, b.msg[0]);
	ipcchan_msg_free(w->msg);
	ipcchan_batch_expect(test, &q->msgs, &b, 1, MSGS);
}

/* In a special queue each one goes the long way: to its priority's end. */
static void ipcchan_batch_special(struct kunit *test)
{
	static const struct ipcchan_room room[MSGS] = { [0 ... MSGS - 1] = { .len = 64 } };
	static const u8 order[MSGS] = { 4, 1, 3, 5, 0, 2 };
	static const u16 prios[MSGS] = { 0, 2, 0, 2, 9, 2 };
	struct ipcchan_queue *q = ipcchan_test_queue(test, MSGS, 64, 256);
	struct ipcchan_batch_test b, sorted;
	unsigned int i;
	LIST_HEAD(got);

	ipcchan_batch_fill(test, &b, MSGS);
	for (i = 0; i < MSGS; i++)
		b.msg[i]->prio = prios[i];
	for (i = 0; i < MSGS; i++)
		sorted.msg[i] = b.msg[order[i]];
	KUNIT_ASSERT_EQ(test, ipcchan_queue_prioritise(q), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_send_batch(q, &b.batch), MSGS);
	KUNIT_EXPECT_EQ(test, b.batch.nr, 0);
	KUNIT_EXPECT_EQ(test, b.batch.bytes, 0);
	ipcchan_batch_expect(test, &q->msgs, &sorted, 0, MSGS);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_recv_batch(q, ipcchan_test_any, room, MSGS,
						       &got), MSGS);
	ipcchan_batch_expect(test, &got, &sorted, 0, MSGS);
	KUNIT_EXPECT_EQ(test, q->levels->mask, 0);
	ipcchan_batch_drop(&got);
}

static void ipcchan_batch_slots(struct kunit *test)
{
	struct ipcchan_sender *sender = ipcchan_test_endpoint(test);
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_slots slots;

	slots = ipcchan_queue_slots(q, IPCCHAN_SLOTS_BATCH + 1, sender);
	KUNIT_EXPECT_GE(test, slots.nr, IPCCHAN_SLOTS_BATCH + 1);
	ipcchan_queue_recycle(q, &slots);
	KUNIT_EXPECT_EQ(test, slots.nr, 0);
	KUNIT_EXPECT_EQ(test, q->slots.nr, ipcchan_test_objects());
	ipcchan_queue_recycle(q, &slots);
	/* Those of the queue first; without memory those only. */
	slots = ipcchan_queue_slots(q, 3, sender);
	KUNIT_EXPECT_EQ(test, slots.nr, 3);
	ipcchan_queue_recycle(q, &slots);
	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_BATCH;
	slots = ipcchan_queue_slots(q, 1000, sender);
	KUNIT_EXPECT_EQ(test, slots.nr, ipcchan_test_objects());
	ipcchan_test_mem.refuse = 0;
	ipcchan_queue_recycle(q, &slots);

	/* More than a queue keeps goes to the depot. */
	slots = ipcchan_queue_slots(q, IPCCHAN_SLOTS_MAX + 5, sender);
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
	KUNIT_CASE(ipcchan_batch_putback_waiter),
	KUNIT_CASE(ipcchan_batch_special),
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
