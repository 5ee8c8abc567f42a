// SPDX-License-Identifier: GPL-2.0
/*
 * The queue with tasks waiting: who gets what, in which order.  The test's own
 * task waits, several times over, and never sleeps.
 */

#include "fixture.h"

/* Still waiting, or told this outcome. */
static void ipcchan_expect_result(struct kunit *test, struct ipcchan_waiter *w,
				  int result)
{
	KUNIT_EXPECT_EQ(test, READ_ONCE(w->result), result);
}

static void ipcchan_handover_oldest(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_waiter *a = ipcchan_test_receiver(test, 0, 64);
	struct ipcchan_waiter *b = ipcchan_test_receiver(test, 1, 64);
	struct ipcchan_test *t = test->priv;
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8);
	struct ipcchan_stats stats;

	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, msg), 0);
	ipcchan_expect_result(test, a, 0);
	KUNIT_ASSERT_PTR_EQ(test, a->msg, msg);
	ipcchan_expect_result(test, b, -EINPROGRESS);
	KUNIT_EXPECT_EQ(test, ipcchan_test_waiting(q, &q->receivers), 1);

	/* It never was in the queue, and pollers do not hear of it. */
	KUNIT_EXPECT_EQ(test, ipcchan_queue_next_len(q, ipcchan_test_any), 0);
	KUNIT_EXPECT_EQ(test, t->in.wakes, 0);
	stats = ipcchan_test_stats(q);
	KUNIT_EXPECT_EQ(test, stats.handovers, 1);
	KUNIT_EXPECT_EQ(test, stats.received, 1);
	KUNIT_EXPECT_EQ(test, stats.received_bytes, 8);
	KUNIT_EXPECT_EQ(test, stats.wakeups, 1);
	ipcchan_msg_free(msg);
}

/* Those before the one that has the room are told; those behind it wait on. */
static void ipcchan_handover_room(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_waiter *a = ipcchan_test_receiver(test, 0, 0);
	struct ipcchan_waiter *b = ipcchan_test_receiver(test, 1, 7);
	struct ipcchan_waiter *c = ipcchan_test_receiver(test, 2, 8);
	struct ipcchan_waiter *d = ipcchan_test_receiver(test, 3, 1);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8);

	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, msg), 0);
	ipcchan_expect_result(test, a, -EMSGSIZE);
	ipcchan_expect_result(test, b, -EMSGSIZE);
	KUNIT_EXPECT_PTR_EQ(test, b->msg, NULL);
	ipcchan_expect_result(test, c, 0);
	KUNIT_ASSERT_PTR_EQ(test, c->msg, msg);
	ipcchan_expect_result(test, d, -EINPROGRESS);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 3);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).handovers, 1);
	ipcchan_msg_free(msg);
}

/* Nobody has the room: it waits in the queue, so nobody waits for it. */
static void ipcchan_handover_none(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_waiter *a = ipcchan_test_receiver(test, 0, 7);
	struct ipcchan_waiter *b = ipcchan_test_receiver(test, 1, 6);
	struct ipcchan_test *t = test->priv;
	struct ipcchan_msg *msg = ipcchan_test_sent(test, 8);

	ipcchan_expect_result(test, a, -EMSGSIZE);
	ipcchan_expect_result(test, b, -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, ipcchan_test_waiting(q, &q->receivers), 0);
	KUNIT_EXPECT_EQ(test, t->in.wakes, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 2);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).handovers, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received, 0);
	ipcchan_test_recv(test, msg);
}

/* A completed waiter does not sleep. */
static void ipcchan_handover_before_sleep(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_waiter *a = ipcchan_test_receiver(test, 0, 7);
	struct ipcchan_waiter *b = ipcchan_test_receiver(test, 1, 8);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8);

	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, msg), 0);
	KUNIT_ASSERT_NE(test, READ_ONCE(a->result), -EINPROGRESS);
	KUNIT_ASSERT_NE(test, READ_ONCE(b->result), -EINPROGRESS);
	KUNIT_EXPECT_EQ(test, ipcchan_waiter_sleep(a, q, IPCCHAN_FOREVER, true), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, ipcchan_waiter_sleep(b, q, IPCCHAN_FOREVER, true), 0);
	KUNIT_ASSERT_PTR_EQ(test, b->msg, msg);
	ipcchan_msg_free(msg);
}

/* A message that is put back finds the next receiver, too. */
static void ipcchan_handover_putback(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_msg *msg = ipcchan_test_sent(test, 8), *got;
	struct ipcchan_waiter *a, *b;

	got = ipcchan_test_take(q, 8, NULL);
	KUNIT_ASSERT_PTR_EQ(test, got, msg);
	a = ipcchan_test_receiver(test, 0, 7);
	b = ipcchan_test_receiver(test, 1, 8);
	ipcchan_queue_putback(q, msg);
	ipcchan_expect_result(test, a, -EMSGSIZE);
	ipcchan_expect_result(test, b, 0);
	KUNIT_ASSERT_PTR_EQ(test, b->msg, msg);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_next_len(q, ipcchan_test_any), 0);
	/* Received once, by the one who has it. */
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received_bytes, 8);
	ipcchan_msg_free(msg);
}

/* Room for one lets in one: the oldest. */
static void ipcchan_admit_oldest(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 1, 64, 256);
	struct ipcchan_msg *first = ipcchan_test_sent(test, 1);
	struct ipcchan_msg *msg_a = ipcchan_test_msg(test, 2);
	struct ipcchan_msg *msg_b = ipcchan_test_msg(test, 3);
	struct ipcchan_waiter *a = ipcchan_test_sender(test, 0, msg_a);
	struct ipcchan_waiter *b = ipcchan_test_sender(test, 1, msg_b);
	struct ipcchan_test *t = test->priv;

	ipcchan_test_recv(test, first);
	ipcchan_expect_result(test, a, 0);
	ipcchan_expect_result(test, b, -EINPROGRESS);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 1);
	KUNIT_EXPECT_EQ(test, t->in.wakes, 2);
	ipcchan_test_recv(test, msg_a);
	ipcchan_expect_result(test, b, 0);
	KUNIT_EXPECT_EQ(test, t->out.wakes, 0);
	ipcchan_test_recv(test, msg_b);
	KUNIT_EXPECT_EQ(test, t->out.wakes, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 2);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).handovers, 0);
}

/* The oldest is too long for the room: the short one behind it waits. */
static void ipcchan_admit_in_order(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 9, 64, 100);
	struct ipcchan_msg *x = ipcchan_test_sent(test, 50);
	struct ipcchan_msg *y = ipcchan_test_sent(test, 50);
	struct ipcchan_msg *msg_a = ipcchan_test_msg(test, 64);
	struct ipcchan_msg *msg_b = ipcchan_test_msg(test, 1);
	struct ipcchan_msg *late = ipcchan_test_msg(test, 1);
	struct ipcchan_waiter *a = ipcchan_test_sender(test, 0, msg_a);
	struct ipcchan_waiter *b = ipcchan_test_sender(test, 1, msg_b);

	ipcchan_test_recv(test, x);
	ipcchan_expect_result(test, a, -EINPROGRESS);
	ipcchan_expect_result(test, b, -EINPROGRESS);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 0);
	/* Nobody overtakes them, and poll() knows. */
	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, late), -EAGAIN);
	KUNIT_EXPECT_EQ(test, ipcchan_test_poll(q) & (__force u32)EPOLLOUT, 0);

	ipcchan_test_recv(test, y);
	ipcchan_expect_result(test, a, 0);
	ipcchan_expect_result(test, b, 0);
	ipcchan_test_recv(test, msg_a);
	ipcchan_test_recv(test, msg_b);
	ipcchan_msg_free(late);
}

/* One receive may let in several, and stops at the first that does not fit. */
static void ipcchan_admit_many(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 9, 64, 64);
	struct ipcchan_msg *first = ipcchan_test_sent(test, 64);
	struct ipcchan_msg *msg[4];
	struct ipcchan_waiter *w[4];
	struct ipcchan_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		msg[i] = ipcchan_test_msg(test, 20 + i);
		w[i] = ipcchan_test_sender(test, i, msg[i]);
	}
	ipcchan_test_recv(test, first);
	for (i = 0; i < 3; i++)
		ipcchan_expect_result(test, w[i], 0);
	ipcchan_expect_result(test, w[3], -EINPROGRESS);
	KUNIT_EXPECT_EQ(test, q->bytes, 20 + 21 + 22);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 3);
	KUNIT_EXPECT_EQ(test, t->out.wakes, 0);
	for (i = 0; i < 4; i++)
		ipcchan_test_recv(test, msg[i]);
	KUNIT_EXPECT_EQ(test, ipcchan_test_waiting(q, &q->senders), 0);
}

/* What is put back comes before those who wait for room, and takes none. */
static void ipcchan_admit_after_putback(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 1, 64, 64);
	struct ipcchan_msg *x = ipcchan_test_sent(test, 1), *y;
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 3);
	struct ipcchan_waiter *w;

	KUNIT_ASSERT_PTR_EQ(test, ipcchan_test_take(q, 1, NULL), x);
	y = ipcchan_test_sent(test, 2);
	w = ipcchan_test_sender(test, 0, msg);
	ipcchan_queue_putback(q, x);
	ipcchan_expect_result(test, w, -EINPROGRESS);
	ipcchan_test_recv(test, x);
	ipcchan_expect_result(test, w, -EINPROGRESS);
	ipcchan_test_recv(test, y);
	ipcchan_expect_result(test, w, 0);
	ipcchan_test_recv(test, msg);
}

/* A receiver of one type looks also at those who wait, whom poll() does not know. */
static void ipcchan_take_waiting(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 9, 64, 64);
	struct ipcchan_match match = { .by_type = 1, .type = 7 };
	struct ipcchan_msg *first = ipcchan_test_sent(test, 32);
	struct ipcchan_msg *msg[3];
	struct ipcchan_waiter *w[3];
	unsigned int i;

	ipcchan_queue_specialise(q);
	for (i = 0; i < 3; i++) {
		msg[i] = ipcchan_test_msg(test, i ? 16 : 64);
		w[i] = ipcchan_test_sender(test, i, msg[i]);
	}
	msg[0]->type = 7;
	KUNIT_EXPECT_PTR_EQ(test,
			    ipcchan_queue_recv(q, 63, match, IPCCHAN_NO_WAIT, NULL),
			    ERR_PTR(-EMSGSIZE));
	ipcchan_expect_result(test, w[0], -EINPROGRESS);
	KUNIT_ASSERT_PTR_EQ(test,
			    ipcchan_queue_recv(q, 64, match, IPCCHAN_NO_WAIT, NULL),
			    msg[0]);
	/* It was all that held back the ones behind it. */
	for (i = 0; i < 3; i++)
		ipcchan_expect_result(test, w[i], 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_waiting(q, &q->senders), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 3);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).handovers, 1);
	ipcchan_msg_free(msg[0]);
	ipcchan_test_recv(test, first);
	ipcchan_test_recv(test, msg[1]);
	ipcchan_test_recv(test, msg[2]);
}

/* The oldest that wants it, over those who want something else. */
static void ipcchan_handover_match(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_waiter *a = ipcchan_test_receiver(test, 0, 64);
	struct ipcchan_waiter *b = ipcchan_test_receiver(test, 1, 64);
	struct ipcchan_waiter *c = ipcchan_test_receiver(test, 2, 64);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8);
	struct ipcchan_msg *other = ipcchan_test_msg(test, 8);

	ipcchan_queue_specialise(q);
	a->match = (struct ipcchan_match) { .by_type = 1, .type = 7 };
	b->match = (struct ipcchan_match) { .min_prio = 1 };
	msg->type = 8;
	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, msg), 0);
	ipcchan_expect_result(test, a, -EINPROGRESS);
	ipcchan_expect_result(test, b, -EINPROGRESS);
	KUNIT_ASSERT_PTR_EQ(test, c->msg, msg);
	/* Of the priority of one and the type of the other. */
	other->type = 7;
	other->prio = 1;
	KUNIT_ASSERT_EQ(test, ipcchan_queue_prioritise(q), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, other), 0);
	KUNIT_ASSERT_PTR_EQ(test, a->msg, other);
	ipcchan_expect_result(test, b, -EINPROGRESS);
	ipcchan_msg_free(msg);
	ipcchan_msg_free(other);
}

static struct kunit_case ipcchan_handover_cases[] = {
	KUNIT_CASE(ipcchan_handover_oldest),
	KUNIT_CASE(ipcchan_handover_room),
	KUNIT_CASE(ipcchan_handover_none),
	KUNIT_CASE(ipcchan_handover_before_sleep),
	KUNIT_CASE(ipcchan_handover_putback),
	KUNIT_CASE(ipcchan_admit_oldest),
	KUNIT_CASE(ipcchan_admit_in_order),
	KUNIT_CASE(ipcchan_admit_many),
	KUNIT_CASE(ipcchan_admit_after_putback),
	KUNIT_CASE(ipcchan_take_waiting),
	KUNIT_CASE(ipcchan_handover_match),
	{}
};

static struct kunit_suite ipcchan_handover_suite = {
	.name = "ipcchan_handover",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_handover_cases,
};

kunit_test_suite(ipcchan_handover_suite);
