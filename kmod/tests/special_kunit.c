// SPDX-License-Identifier: GPL-2.0
/* Special queues: what the short way of a message leaves out, and who takes the long one. */

#include <linux/err.h>
#include <net/net_namespace.h>

#include "channel.h"
#include "fixture.h"
#include "share.h"
#include "sub.h"

/* Without it nobody looks at @hangup: that is what makes the way short. */
static void ipcchan_special_send(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_msg *first = ipcchan_test_msg(test, 8);
	struct ipcchan_msg *second = ipcchan_test_msg(test, 8);

	KUNIT_EXPECT_FALSE(test, q->special);
	q->hangup = IPCCHAN_NO_RECEIVERS;
	KUNIT_EXPECT_EQ(test, ipcchan_test_send(q, first), 0);
	ipcchan_queue_specialise(q);
	KUNIT_EXPECT_TRUE(test, q->special);
	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, second), -EPIPE);
	KUNIT_EXPECT_EQ(test, q->nr, 1);
	ipcchan_msg_free(second);
	/* What is queued is there for one who comes back. */
	ipcchan_test_recv(test, first);
}

static void ipcchan_special_recv(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_msg *msg = ipcchan_test_sent(test, 8);

	q->hangup = IPCCHAN_NO_SENDERS;
	ipcchan_test_recv(test, msg);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_test_take(q, 8, NULL), ERR_PTR(-EAGAIN));
	msg = ipcchan_test_sent(test, 8);
	ipcchan_queue_specialise(q);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_test_take(q, 7, NULL), ERR_PTR(-EMSGSIZE));
	ipcchan_test_recv(test, msg);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_test_take(q, 8, NULL), NULL);
}

/* Nor at what a receiver wants: one that does not want all makes its queue special. */
static void ipcchan_special_match(struct kunit *test)
{
	struct ipcchan_match match = { .by_type = 1, .type = 7 };
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_waiter *a = ipcchan_test_receiver(test, 0, 64);
	struct ipcchan_waiter *b = ipcchan_test_receiver(test, 1, 64);
	struct ipcchan_msg *first = ipcchan_test_msg(test, 8);
	struct ipcchan_msg *second;

	a->match = match;
	b->match = match;
	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, first), 0);
	KUNIT_ASSERT_PTR_EQ(test, a->msg, first);
	ipcchan_queue_specialise(q);
	second = ipcchan_test_sent(test, 8);
	KUNIT_EXPECT_EQ(test, READ_ONCE(b->result), -EINPROGRESS);
	KUNIT_EXPECT_PTR_EQ(test,
			    ipcchan_queue_recv(q, 64, match, IPCCHAN_NO_WAIT, NULL),
			    ERR_PTR(-EAGAIN));
	ipcchan_test_recv(test, second);
	ipcchan_msg_free(first);
}

/* Where nothing is special, both ways do the same. */
static void ipcchan_special_same(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 3, 64, 256);
	struct ipcchan_test *t = test->priv;
	struct ipcchan_stats before, after;
	struct ipcchan_waiter *w, *r;
	unsigned int i, k;

	for (i = 0; i < 2; i++) {
		struct ipcchan_msg *msg[4];

		t->in.wakes = 0;
		t->out.wakes = 0;
		before = ipcchan_test_stats(q);
		for (k = 0; k < 3; k++)
			msg[k] = ipcchan_test_sent(test, 8 + k);
		KUNIT_EXPECT_EQ(test, t->in.wakes, 3);
		msg[3] = ipcchan_test_msg(test, 11);
		KUNIT_EXPECT_EQ(test, ipcchan_test_send(q, msg[3]), -EAGAIN);
		w = ipcchan_test_sender(test, 0, msg[3]);
		ipcchan_test_recv(test, msg[0]);
		KUNIT_EXPECT_EQ(test, READ_ONCE(w->result), 0);
		KUNIT_EXPECT_EQ(test, t->out.wakes, 0);
		for (k = 1; k < 4; k++)
			ipcchan_test_recv(test, msg[k]);
		/* Of any more room only a special queue tells again. */
		KUNIT_EXPECT_GE(test, t->out.wakes, 1);
		KUNIT_EXPECT_EQ(test, q->bytes, 0);
		r = ipcchan_test_receiver(test, 1, 8);
		msg[0] = ipcchan_test_msg(test, 8);
		KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, msg[0]), 0);
		KUNIT_ASSERT_PTR_EQ(test, r->msg, msg[0]);
		ipcchan_msg_free(msg[0]);
		after = ipcchan_test_stats(q);
		KUNIT_EXPECT_EQ(test, after.received - before.received, 5);
		KUNIT_EXPECT_EQ(test, after.handovers - before.handovers, 1);
		KUNIT_EXPECT_EQ(test, after.wakeups - before.wakeups, 2);
		ipcchan_queue_specialise(q);
	}
}

/* Each of these needs the long way, and a queue that was special once stays so. */
static void ipcchan_special_causes(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8);

	KUNIT_EXPECT_FALSE(test, q->special);
	KUNIT_ASSERT_EQ(test, ipcchan_share_begin(q, msg, KUIDT_INIT(1001)), 0);
	KUNIT_EXPECT_TRUE(test, q->special);
	ipcchan_share_end(q, msg);
	ipcchan_msg_free(msg);
	KUNIT_EXPECT_TRUE(test, list_empty(&q->shares));
	KUNIT_EXPECT_TRUE(test, q->special);

	q->special = false;
	KUNIT_ASSERT_EQ(test, ipcchan_queue_prioritise(q), 0);
	KUNIT_EXPECT_TRUE(test, q->special);

	q->special = false;
	ipcchan_queue_hangup(q, IPCCHAN_NO_SENDERS);
	KUNIT_EXPECT_TRUE(test, q->special);
	ipcchan_queue_hangup(q, 0);
	KUNIT_EXPECT_TRUE(test, q->special);
}

static void ipcchan_special_expect_chan(struct kunit *test, u32 kind, u32 options,
					u32 spin_ns, bool special)
{
	struct ipcchan_params p = {
		.kind = kind, .max_msgs = 1, .max_msg_size = 64, .max_bytes = 64,
		.options = options, .spin_ns = spin_ns,
	};
	struct ipcchan_chan *chan = ipcchan_chan_create(&init_net, &p);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chan);
	if (kind == IPCCHAN_KIND_BROADCAST) {
		struct ipcchan_sub *sub = ipcchan_sub_create(chan, NULL);

		if (IS_ERR(sub)) {
			KUNIT_FAIL(test, "no subscriber");
		} else {
			KUNIT_EXPECT_EQ(test, sub->queue.special, special);
			ipcchan_sub_destroy(chan, sub);
		}
	} else {
		KUNIT_EXPECT_EQ(test, chan->queue.special, special);
	}
	ipcchan_chan_destroy(chan);
}

/* Some are so from the beginning. */
static void ipcchan_special_channels(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, ipcchan_chan_cache_init(), 0);
	ipcchan_special_expect_chan(test, IPCCHAN_KIND_QUEUE, 0, 0, false);
	ipcchan_special_expect_chan(test, IPCCHAN_KIND_QUEUE, 0, 1, true);
	ipcchan_special_expect_chan(test, IPCCHAN_KIND_QUEUE, IPCCHAN_OPT_SYNC_WAKE, 0,
				    true);
	ipcchan_special_expect_chan(test, IPCCHAN_KIND_QUEUE, IPCCHAN_OPT_HANGUP, 0,
				    false);
	ipcchan_special_expect_chan(test, IPCCHAN_KIND_BROADCAST, 0, 0, true);
	ipcchan_chan_cache_exit();
}

/* A thread that sleeps in a receive gets a message, and is woken. */
static void ipcchan_special_wake(struct kunit *test, struct ipcchan_queue *q)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *s = &t->sleepers[0];
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8);

	s->run = ipcchan_sleeper_recv;
	s->q = q;
	s->msg = NULL;
	ipcchan_sleeper_start(test, s);
	ipcchan_test_until(test, ipcchan_test_waiting(q, &q->receivers) == 1 &&
			   ipcchan_sleeper_asleep(s));
	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, msg), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), 0);
	KUNIT_ASSERT_PTR_EQ(test, s->msg, msg);
	ipcchan_msg_free(msg);
}

/* The scheduler is told that the sender will sleep only where that was asked for. */
static void ipcchan_special_sync_wake(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 1, 64, 64);
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *s = &t->sleepers[1];
	int before = atomic_read(&ipcchan_test_sync_wakes);
	struct ipcchan_msg *first;

	ipcchan_special_wake(test, q);
	ipcchan_queue_specialise(q);
	ipcchan_special_wake(test, q);
	KUNIT_EXPECT_EQ(test, atomic_read(&ipcchan_test_sync_wakes), before);
	q->sync_wake = true;
	ipcchan_special_wake(test, q);
	KUNIT_EXPECT_EQ(test, atomic_read(&ipcchan_test_sync_wakes), before + 1);

	/* A receiver wakes a sender so, too. */
	first = ipcchan_test_sent(test, 8);
	s->run = ipcchan_sleeper_send;
	s->q = q;
	s->msg = ipcchan_test_msg(test, 8);
	ipcchan_sleeper_start(test, s);
	ipcchan_test_until(test, ipcchan_test_waiting(q, &q->senders) == 1 &&
			   ipcchan_sleeper_asleep(s));
	ipcchan_test_recv(test, first);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&ipcchan_test_sync_wakes), before + 2);
	ipcchan_test_recv(test, s->msg);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 4);
}

static struct kunit_case ipcchan_special_cases[] = {
	KUNIT_CASE(ipcchan_special_send),
	KUNIT_CASE(ipcchan_special_recv),
	KUNIT_CASE(ipcchan_special_match),
	KUNIT_CASE(ipcchan_special_same),
	KUNIT_CASE(ipcchan_special_causes),
	KUNIT_CASE(ipcchan_special_channels),
	KUNIT_CASE(ipcchan_special_sync_wake),
	{}
};

static struct kunit_suite ipcchan_special_suite = {
	.name = "ipcchan_special",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_special_cases,
};

kunit_test_suite(ipcchan_special_suite);
