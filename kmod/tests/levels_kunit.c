// SPDX-License-Identifier: GPL-2.0
/* Levels of priority: where a message goes, and what is known of the list after it. */

#include "fixture.h"
#include "levels.h"
#include "queue_locked.h"

#define MSGS	8

/* A queue that has levels. */
static struct ipcchan_queue *ipcchan_levels_queue(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 64, 64, 4096);

	KUNIT_ASSERT_EQ(test, ipcchan_queue_prioritise(q), 0);
	return q;
}

/* The list is sorted, and the levels say where each of them ends. */
static void ipcchan_levels_expect(struct kunit *test, struct ipcchan_queue *q)
{
	const struct ipcchan_levels *l = q->levels;
	struct ipcchan_msg *msg, *last = NULL;
	u32 mask = 0;

	KUNIT_ASSERT_PTR_NE(test, l, NULL);
	list_for_each_entry(msg, &q->msgs, node) {
		if (last)
			KUNIT_ASSERT_LE(test, msg->prio, last->prio);
		mask |= BIT(msg->prio);
		if (list_is_last(&msg->node, &q->msgs) ||
		    list_next_entry(msg, node)->prio != msg->prio)
			KUNIT_ASSERT_PTR_EQ(test, l->last[msg->prio], &msg->node);
		last = msg;
	}
	KUNIT_ASSERT_EQ(test, l->mask, mask);
}

static struct ipcchan_msg *ipcchan_levels_sent(struct kunit *test, u16 prio)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 1);

	msg->prio = prio;
	KUNIT_ASSERT_EQ(test, ipcchan_test_send(&t->q, msg), 0);
	ipcchan_levels_expect(test, &t->q);
	return msg;
}

/* Highest first, and the oldest of it; also before there was any priority. */
static void ipcchan_levels_order(struct kunit *test)
{
	static const u16 prios[MSGS] = { 0, 3, IPCCHAN_PRIO_MAX, 3, 0, 31, 1, 3 };
	static const u8 order[MSGS] = { 2, 5, 1, 3, 7, 6, 0, 4 };
	struct ipcchan_queue *q = ipcchan_test_queue(test, 64, 64, 4096);
	struct ipcchan_msg *msg[MSGS];
	unsigned int i;

	msg[0] = ipcchan_test_sent(test, 1);
	KUNIT_EXPECT_PTR_EQ(test, q->levels, NULL);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_prioritise(q), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_queue_prioritise(q), 0);
	ipcchan_levels_expect(test, q);
	for (i = 1; i < MSGS; i++)
		msg[i] = ipcchan_levels_sent(test, prios[i]);
	for (i = 0; i < MSGS; i++) {
		ipcchan_test_recv(test, msg[order[i]]);
		ipcchan_levels_expect(test, q);
	}
}

/* The first, the middle, the last one of a level, and all there is of it. */
static void ipcchan_levels_unlinks(struct kunit *test)
{
	static const u16 prios[MSGS] = { 9, 9, 9, 5, 5, 5, 0, 0 };
	struct ipcchan_queue *q = ipcchan_levels_queue(test);
	struct ipcchan_msg *msg[MSGS];
	unsigned int first, i;

	for (first = 0; first < MSGS; first++) {
		for (i = 0; i < MSGS; i++)
			msg[i] = ipcchan_levels_sent(test, prios[i]);
		for (i = 0; i < MSGS; i++) {
			struct ipcchan_msg *victim = msg[(first + 3 * i) % MSGS];

			spin_lock(&q->lock);
			ipcchan_queue_unlink_locked(q, victim, true);
			spin_unlock(&q->lock);
			ipcchan_msg_free(victim);
			ipcchan_levels_expect(test, q);
		}
		KUNIT_ASSERT_TRUE(test, list_empty(&q->msgs));
	}
}

/* What is put back is the first of its level, whichever that is. */
static void ipcchan_levels_requeue(struct kunit *test)
{
	static const u16 prios[] = { 0, 1, 15, IPCCHAN_PRIO_MAX - 1, IPCCHAN_PRIO_MAX };
	struct ipcchan_queue *q = ipcchan_levels_queue(test);
	struct ipcchan_msg *first, *second, *got;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(prios); i++) {
		/* Alone, then before another one of it; among all the other levels. */
		first = ipcchan_levels_sent(test, prios[i]);
		for (k = 0; k < ARRAY_SIZE(prios); k++) {
			if (k != i)
				ipcchan_levels_sent(test, prios[k]);
		}
		spin_lock(&q->lock);
		ipcchan_queue_take_locked(q, first, true);
		spin_unlock(&q->lock);
		ipcchan_levels_expect(test, q);
		ipcchan_queue_putback(q, first);
		ipcchan_levels_expect(test, q);
		second = ipcchan_levels_sent(test, prios[i]);
		spin_lock(&q->lock);
		ipcchan_queue_take_locked(q, first, true);
		spin_unlock(&q->lock);
		ipcchan_queue_putback(q, first);
		ipcchan_levels_expect(test, q);
		KUNIT_EXPECT_PTR_EQ(test, list_next_entry(first, node), second);

		while (!IS_ERR(got = ipcchan_test_take(q, 64, NULL)))
			ipcchan_msg_free(got);
		ipcchan_levels_expect(test, q);
	}
}

/* A floor is as good as the highest message; nothing below it is taken. */
static void ipcchan_levels_floor(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_levels_queue(test);
	struct ipcchan_match match = { .min_prio = 4 };
	struct ipcchan_msg *low, *high;

	low = ipcchan_levels_sent(test, 3);
	KUNIT_EXPECT_PTR_EQ(test,
			    ipcchan_queue_recv(q, 64, match, IPCCHAN_NO_WAIT, NULL),
			    ERR_PTR(-EAGAIN));
	high = ipcchan_levels_sent(test, 4);
	KUNIT_ASSERT_PTR_EQ(test,
			    ipcchan_queue_recv(q, 64, match, IPCCHAN_NO_WAIT, NULL),
			    high);
	ipcchan_msg_free(high);
	KUNIT_EXPECT_PTR_EQ(test,
			    ipcchan_queue_recv(q, 64, match, IPCCHAN_NO_WAIT, NULL),
			    ERR_PTR(-EAGAIN));
	ipcchan_test_recv(test, low);
}

static struct ipcchan_msg *ipcchan_levels_nth(struct ipcchan_queue *q, unsigned int n)
{
	struct ipcchan_msg *msg;

	list_for_each_entry(msg, &q->msgs, node) {
		if (!n--)
			return msg;
	}
	return NULL;
}

/* Whatever comes and goes. */
static void ipcchan_levels_mixed(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_levels_queue(test);
	struct ipcchan_msg *msg;
	unsigned int i, k;
	u32 seed = 1;

	for (i = 0; i < 2000; i++) {
		seed = seed * 1664525 + 1013904223;
		if (q->nr < 8 || (q->nr < 56 && seed >> 31)) {
			ipcchan_levels_sent(test, (seed >> 16) % 8 * 4 + 3);
			continue;
		}
		k = (seed >> 8) % q->nr;
		msg = ipcchan_levels_nth(q, k);
		KUNIT_ASSERT_PTR_NE(test, msg, NULL);
		spin_lock(&q->lock);
		ipcchan_queue_take_locked(q, msg, true);
		spin_unlock(&q->lock);
		if (seed & BIT(30))
			ipcchan_queue_putback(q, msg);
		else
			ipcchan_msg_free(msg);
		ipcchan_levels_expect(test, q);
	}
}

static void ipcchan_levels_no_memory(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 64, 64, 4096);

	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_KMALLOC;
	KUNIT_EXPECT_EQ(test, ipcchan_queue_prioritise(q), -ENOMEM);
	KUNIT_EXPECT_PTR_EQ(test, q->levels, NULL);
}

static struct kunit_case ipcchan_levels_cases[] = {
	KUNIT_CASE(ipcchan_levels_order),
	KUNIT_CASE(ipcchan_levels_unlinks),
	KUNIT_CASE(ipcchan_levels_requeue),
	KUNIT_CASE(ipcchan_levels_floor),
	KUNIT_CASE(ipcchan_levels_mixed),
	KUNIT_CASE(ipcchan_levels_no_memory),
	{}
};

static struct kunit_suite ipcchan_levels_suite = {
	.name = "ipcchan_levels",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_levels_cases,
};

kunit_test_suite(ipcchan_levels_suite);
