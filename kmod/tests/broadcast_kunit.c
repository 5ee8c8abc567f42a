// SPDX-License-Identifier: GPL-2.0
/* Broadcast: who gets what, one payload for all, and what is lost for the slow. */

#include <linux/err.h>
#include <linux/sched/signal.h>
#include <net/net_namespace.h>

#include "broadcast.h"
#include "channel.h"
#include "fixture.h"
#include "sub.h"

#define SUBS	2

/* What each test has, beside the fixture. */
static struct ipcchan_broadcast_test {
	struct ipcchan_chan *chan;
	struct ipcchan_sub *sub[SUBS];
	struct ipcchan_sender *sender;
} ipcchan_b;

static const struct ipcchan_watermark ipcchan_b_low;

/* A channel whose subscribers hold @max_nr messages each. */
static struct ipcchan_chan *ipcchan_broadcast_chan(struct kunit *test, u32 slow,
						   u32 max_nr)
{
	struct ipcchan_params p = {
		.kind = IPCCHAN_KIND_BROADCAST, .mode = 0600, .slow = slow,
		.max_msgs = max_nr, .max_msg_size = 4096, .max_bytes = 0x10000,
	};
	unsigned int i;

	ipcchan_b.sender = ipcchan_test_endpoint(test);
	ipcchan_b.chan = ipcchan_chan_create(&init_net, &p);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ipcchan_b.chan);
	for (i = 0; i < SUBS; i++) {
		ipcchan_b.sub[i] = ipcchan_sub_create(ipcchan_b.chan, NULL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ipcchan_b.sub[i]);
	}
	return ipcchan_b.chan;
}

static void ipcchan_broadcast_unsubscribe(unsigned int i)
{
	ipcchan_sub_destroy(ipcchan_b.chan, ipcchan_b.sub[i]);
	ipcchan_b.sub[i] = NULL;
}

static int ipcchan_broadcast_begin(struct kunit *test)
{
	int err = ipcchan_test_begin(test);

	memset(&ipcchan_b, 0, sizeof(ipcchan_b));
	return err ?: ipcchan_chan_cache_init();
}

static void ipcchan_broadcast_end(struct kunit *test)
{
	struct ipcchan_test *t = test->priv;
	unsigned int i;

	if (!t)
		return;
	ipcchan_test_mem.refuse = 0;
	/* They use the channel. */
	for (i = 0; i < IPCCHAN_TEST_SLEEPERS; i++) {
		if (!ipcchan_sleeper_end(test, &t->sleepers[i]))
			return;
	}
	for (i = 0; i < SUBS; i++) {
		if (!IS_ERR_OR_NULL(ipcchan_b.sub[i]))
			ipcchan_broadcast_unsubscribe(i);
	}
	if (!IS_ERR_OR_NULL(ipcchan_b.chan))
		ipcchan_chan_destroy(ipcchan_b.chan);
	ipcchan_chan_cache_exit();
	ipcchan_test_end(test);
}

static struct ipcchan_msg *ipcchan_broadcast_msg(struct kunit *test, u64 cookie,
						 u16 prio)
{
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8);

	KUNIT_ASSERT_EQ(test, ipcchan_ident_stamp(msg, ipcchan_b.sender), 0);
	msg->cookie = cookie;
	msg->prio = prio;
	msg->time_ns = 0;
	return msg;
}

static int ipcchan_broadcast_post(struct ipcchan_msg *msg, ktime_t until)
{
	return ipcchan_broadcast_send(ipcchan_b.chan, msg, ipcchan_b.sender, until);
}

static int ipcchan_broadcast_try(struct kunit *test, u64 cookie, u16 prio)
{
	struct ipcchan_msg *msg = ipcchan_broadcast_msg(test, cookie, prio);
	int err = ipcchan_broadcast_post(msg, IPCCHAN_NO_WAIT);

	if (err)
		ipcchan_msg_free(msg);
	return err;
}

static struct ipcchan_stats ipcchan_broadcast_stats(struct ipcchan_chan *chan)
{
	struct ipcchan_snapshot s;

	ipcchan_queue_snapshot(&chan->queue, &s);
	ipcchan_broadcast_snapshot(chan, &s);
	return s.stats;
}

/* The next one of a subscriber is this one, after so many that it lost. */
static void ipcchan_broadcast_expect(struct kunit *test, unsigned int i, u64 cookie,
				     u32 lost)
{
	struct ipcchan_msg *msg = ipcchan_test_take(&ipcchan_b.sub[i]->queue, 8, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, msg);
	KUNIT_EXPECT_EQ(test, msg->cookie, cookie);
	KUNIT_EXPECT_EQ(test, msg->lost, lost);
	KUNIT_EXPECT_EQ(test, msg->len, 8);
	KUNIT_EXPECT_EQ(test, *ipcchan_msg_payload(msg), 0x5a);
	ipcchan_msg_free(msg);
}

static void ipcchan_broadcast_expect_none(struct kunit *test, unsigned int i)
{
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(&ipcchan_b.sub[i]->queue, 8), -EAGAIN);
}

/* One payload, freed with the last of those who share it. */
static void ipcchan_broadcast_all(struct kunit *test)
{
	struct ipcchan_chan *chan = ipcchan_broadcast_chan(test, IPCCHAN_SLOW_BLOCK, 4);
	struct ipcchan_msg *body = ipcchan_broadcast_msg(test, 1, 0), *a, *b;

	KUNIT_ASSERT_EQ(test, ipcchan_broadcast_post(body, IPCCHAN_NO_WAIT), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(&chan->queue).received, 1);
	KUNIT_EXPECT_EQ(test, refcount_read(&body->refs), 2);
	a = ipcchan_test_take(&ipcchan_b.sub[0]->queue, 8, NULL);
	b = ipcchan_test_take(&ipcchan_b.sub[1]->queue, 8, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, a);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, b);
	KUNIT_EXPECT_PTR_NE(test, a, b);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_msg_payload(a), &body->data[0]);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_msg_payload(b), &body->data[0]);
	KUNIT_EXPECT_PTR_EQ(test, a->ident, body->ident);
	KUNIT_EXPECT_PTR_EQ(test, b->ident, body->ident);
	KUNIT_EXPECT_PTR_EQ(test, a->ident->opener, ipcchan_b.sender->opener);
	ipcchan_msg_strip(a);
	KUNIT_EXPECT_EQ(test, a->len, 0);
	KUNIT_EXPECT_EQ(test, a->flags, 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&body->refs), 1);
	ipcchan_msg_free(a);
	ipcchan_msg_free(b);
}

/* For nobody there is nobody to keep it for. */
static void ipcchan_broadcast_nobody(struct kunit *test)
{
	struct ipcchan_chan *chan = ipcchan_broadcast_chan(test, IPCCHAN_SLOW_BLOCK, 4);
	int before;

	ipcchan_broadcast_unsubscribe(0);
	ipcchan_broadcast_unsubscribe(1);
	before = ipcchan_test_objects();
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), before);
	ipcchan_broadcast_hangup(chan->broadcast, IPCCHAN_NO_RECEIVERS);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 1, 0), -EPIPE);
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), before);
}

static void ipcchan_broadcast_filter(struct kunit *test)
{
	struct ipcchan_chan *chan = ipcchan_broadcast_chan(test, IPCCHAN_SLOW_BLOCK, 1);
	struct ipcchan_match match = { .min_prio = 5 };

	ipcchan_sub_filter(chan, ipcchan_b.sub[1], match);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 1, 4), 0);
	ipcchan_broadcast_expect(test, 0, 1, 0);
	ipcchan_broadcast_expect_none(test, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 2, 5), 0);
	ipcchan_broadcast_expect(test, 0, 2, 0);
	/* One who does not want it does not hold it up. */
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 3, 4), 0);
	ipcchan_broadcast_expect(test, 0, 3, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 4, 5), -EAGAIN);
	ipcchan_broadcast_expect(test, 1, 2, 0);
	ipcchan_broadcast_expect_none(test, 1);
}

/* All or none. */
static void ipcchan_broadcast_block(struct kunit *test)
{
	struct ipcchan_chan *chan = ipcchan_broadcast_chan(test, IPCCHAN_SLOW_BLOCK, 1);

	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 1, 0), 0);
	ipcchan_broadcast_expect(test, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 2, 0), -EAGAIN);
	ipcchan_broadcast_expect_none(test, 0);
	KUNIT_EXPECT_EQ(test, (__force u32)ipcchan_broadcast_poll_send(chan), 0);
	ipcchan_broadcast_expect(test, 1, 1, 0);
	KUNIT_EXPECT_EQ(test, (__force u32)ipcchan_broadcast_poll_send(chan),
			(__force u32)(EPOLLOUT | EPOLLWRNORM));
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 2, 0), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_stats(chan).lost, 0);
}

static int ipcchan_broadcast_run(struct ipcchan_sleeper *s)
{
	return ipcchan_broadcast_post(s->msg, IPCCHAN_FOREVER);
}

static bool ipcchan_broadcast_someone_waits(void)
{
	/* It is only looked at by the test, as often as it takes. */
	return waitqueue_active(&ipcchan_b.chan->broadcast->room);
}

/* A thread that sleeps until all have room. */
static struct ipcchan_sleeper *ipcchan_broadcast_sender(struct kunit *test, unsigned int i,
							u64 cookie, u16 prio)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *s = &t->sleepers[i];

	s->run = ipcchan_broadcast_run;
	s->msg = ipcchan_broadcast_msg(test, cookie, prio);
	ipcchan_sleeper_start(test, s);
	ipcchan_test_until(test, ipcchan_broadcast_someone_waits() &&
			   ipcchan_sleeper_asleep(s));
	return s;
}

/* Each change is looked at; the last one that was missing lets it go on. */
static void ipcchan_broadcast_wakes(struct kunit *test)
{
	struct ipcchan_chan *chan = ipcchan_broadcast_chan(test, IPCCHAN_SLOW_BLOCK, 1);
	struct ipcchan_sleeper *s;

	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 1, 0), 0);
	s = ipcchan_broadcast_sender(test, 0, 2, 0);
	ipcchan_sleeper_disturb(test, s);
	ipcchan_broadcast_expect(test, 0, 1, 0);
	ipcchan_test_until(test, ipcchan_sleeper_asleep(s));
	KUNIT_EXPECT_FALSE(test, completion_done(&s->done));
	ipcchan_broadcast_expect(test, 1, 1, 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(&chan->queue).send_waits, 1);

	/* The one that it waits for may be gone instead, or want it no more. */
	ipcchan_broadcast_expect(test, 0, 2, 0);
	s = ipcchan_broadcast_sender(test, 0, 3, 0);
	ipcchan_sub_filter(chan, ipcchan_b.sub[1], (struct ipcchan_match) { .min_prio = 1 });
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), 0);
	ipcchan_sub_filter(chan, ipcchan_b.sub[1], ipcchan_test_any);
	ipcchan_broadcast_expect(test, 0, 3, 0);
	s = ipcchan_broadcast_sender(test, 0, 4, 0);
	ipcchan_broadcast_unsubscribe(1);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), 0);
	ipcchan_broadcast_expect(test, 0, 4, 0);
	KUNIT_EXPECT_FALSE(test, ipcchan_broadcast_someone_waits());
}

static void ipcchan_broadcast_gives_up(struct kunit *test)
{
	struct ipcchan_chan *chan = ipcchan_broadcast_chan(test, IPCCHAN_SLOW_BLOCK, 1);
	struct ipcchan_sleeper *s;
	struct ipcchan_msg *msg;

	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 1, 0), 0);
	s = ipcchan_broadcast_sender(test, 0, 2, 0);
	msg = s->msg;
	ipcchan_sleeper_signal(s, SIGUSR1);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), -ERESTARTSYS);
	ipcchan_msg_free(msg);
	KUNIT_EXPECT_FALSE(test, ipcchan_broadcast_someone_waits());

	msg = ipcchan_broadcast_msg(test, 3, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_post(msg, ktime_add_ms(ktime_get(), 20)),
			-ETIMEDOUT);
	ipcchan_msg_free(msg);

	s = ipcchan_broadcast_sender(test, 0, 4, 0);
	msg = s->msg;
	ipcchan_broadcast_hangup(chan->broadcast, IPCCHAN_NO_RECEIVERS);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), -EPIPE);
	ipcchan_msg_free(msg);
	ipcchan_broadcast_expect(test, 0, 1, 0);
	ipcchan_broadcast_expect_none(test, 0);
}

/* The slow one loses the oldest of lowest priority, and is told after the gap. */
static void ipcchan_broadcast_drop_oldest(struct kunit *test)
{
	struct ipcchan_chan *chan =
		ipcchan_broadcast_chan(test, IPCCHAN_SLOW_DROP_OLDEST, 3);
	u64 i;

	for (i = 1; i <= 3; i++)
		KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, i, i == 2 ? 0 : 1), 0);
	for (i = 1; i <= 3; i++)
		ipcchan_broadcast_expect(test, 0, i == 1 ? 1 : i == 2 ? 3 : 2, 0);
	/* Both 2, of priority 0, and then 1 go. */
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 4, 1), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 5, 1), 0);
	/* Less than all there is: it is the victim itself. */
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 6, 0), 0);
	ipcchan_broadcast_expect(test, 0, 4, 0);
	ipcchan_broadcast_expect(test, 0, 5, 0);
	ipcchan_broadcast_expect(test, 0, 6, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_b.sub[0]->queue.stats.lost, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_b.sub[1]->queue.stats.lost, 3);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_stats(chan).lost, 3);
	ipcchan_broadcast_expect(test, 1, 3, 1);
	ipcchan_broadcast_expect(test, 1, 4, 1);
	ipcchan_broadcast_expect(test, 1, 5, 0);
	ipcchan_broadcast_expect_none(test, 1);
	/* That one is told with the next that it gets. */
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 7, 0), 0);
	ipcchan_broadcast_expect(test, 1, 7, 1);
	ipcchan_broadcast_expect(test, 0, 7, 0);
}

static void ipcchan_broadcast_drop_newest(struct kunit *test)
{
	ipcchan_broadcast_chan(test, IPCCHAN_SLOW_DROP_NEWEST, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 1, 0), 0);
	ipcchan_broadcast_expect(test, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 2, 0), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 3, 9), 0);
	ipcchan_broadcast_expect(test, 0, 2, 0);
	ipcchan_broadcast_expect(test, 1, 1, 0);
	ipcchan_broadcast_expect_none(test, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 4, 0), 0);
	ipcchan_broadcast_expect(test, 0, 4, 1);
	ipcchan_broadcast_expect(test, 1, 4, 2);
}

/* It gets what it has, then the end, and holds up nobody. */
static void ipcchan_broadcast_disconnect(struct kunit *test)
{
	struct ipcchan_chan *chan =
		ipcchan_broadcast_chan(test, IPCCHAN_SLOW_DISCONNECT, 1);
	struct ipcchan_queue *q;

	q = &ipcchan_b.sub[1]->queue;
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 1, 0), 0);
	ipcchan_broadcast_expect(test, 0, 1, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 2, 0), 0);
	KUNIT_EXPECT_EQ(test, q->hangup, IPCCHAN_CUT_OFF);
	ipcchan_broadcast_expect(test, 0, 2, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_try(test, 3, 0), 0);
	ipcchan_broadcast_expect(test, 0, 3, 0);
	KUNIT_EXPECT_EQ(test, q->stats.lost, 1);
	/* Senders that come and go do not bring it back. */
	ipcchan_broadcast_hangup(chan->broadcast, IPCCHAN_NO_SENDERS);
	ipcchan_broadcast_hangup(chan->broadcast, 0);
	ipcchan_broadcast_expect(test, 1, 1, 0);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_test_take(q, 8, NULL), NULL);
	KUNIT_EXPECT_EQ(test, (__force u32)ipcchan_queue_poll_recv(q, ipcchan_test_any,
								   &ipcchan_b_low),
			(__force u32)EPOLLHUP);
}

/* A receiver that waits gets its copy itself. */
static void ipcchan_broadcast_handover(struct kunit *test)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *s = &t->sleepers[0];

	ipcchan_broadcast_chan(test, IPCCHAN_SLOW_BLOCK, 1);
	s->run = ipcchan_sleeper_recv;
	s->q = &ipcchan_b.sub[0]->queue;
	ipcchan_sleeper_start(test, s);
	ipcchan_test_until(test, ipcchan_test_waiting(s->q, &s->q->receivers) == 1 &&
			   ipcchan_sleeper_asleep(s));
	KUNIT_ASSERT_EQ(test, ipcchan_broadcast_try(test, 1, 0), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), 0);
	KUNIT_EXPECT_EQ(test, s->msg->cookie, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(s->q).handovers, 1);
	ipcchan_msg_free(s->msg);
	ipcchan_broadcast_expect(test, 1, 1, 0);
}

static int ipcchan_broadcast_run_recv(struct ipcchan_sleeper *s)
{
	struct ipcchan_match match = { .min_prio = 5 };
	struct ipcchan_msg *msg = ipcchan_queue_recv(s->q, 8, match, IPCCHAN_FOREVER,
						     NULL);

	if (IS_ERR(msg))
		return PTR_ERR(msg);
	s->msg = msg;
	return 0;
}

/* What a subscriber does not want any more does not keep what it waits for from it. */
static void ipcchan_broadcast_past_the_unwanted(struct kunit *test)
{
	struct ipcchan_chan *chan = ipcchan_broadcast_chan(test, IPCCHAN_SLOW_BLOCK, 1);
	struct ipcchan_match match = { .min_prio = 5 };
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *r = &t->sleepers[1], *s;
	unsigned int i;

	ipcchan_broadcast_unsubscribe(0);
	KUNIT_ASSERT_EQ(test, ipcchan_broadcast_try(test, 1, 0), 0);
	ipcchan_sub_filter(chan, ipcchan_b.sub[1], match);
	r->run = ipcchan_broadcast_run_recv;
	r->q = &ipcchan_b.sub[1]->queue;
	for (i = 0; i < 2; i++) {
		if (!i) {
			/* The sender is first, then the receiver. */
			s = ipcchan_broadcast_sender(test, 0, 2, 5);
			ipcchan_sleeper_start(test, r);
			KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), 0);
		} else {
			ipcchan_sleeper_start(test, r);
			ipcchan_test_until(test,
					   ipcchan_test_waiting(r->q, &r->q->receivers) == 1);
			KUNIT_ASSERT_EQ(test, ipcchan_broadcast_try(test, 3, 5), 0);
		}
		KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, r), 0);
		KUNIT_EXPECT_EQ(test, r->msg->cookie, 2 + i);
		ipcchan_msg_free(r->msg);
	}
	ipcchan_broadcast_expect(test, 1, 1, 0);
}

/* Without memory for all of them nobody gets it. */
static void ipcchan_broadcast_no_memory(struct kunit *test)
{
	struct ipcchan_chan *chan = ipcchan_broadcast_chan(test, IPCCHAN_SLOW_BLOCK, 4);
	struct ipcchan_msg *msg = ipcchan_broadcast_msg(test, 1, 0);

	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_OBJECT | IPCCHAN_REFUSE_BATCH;
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_post(msg, IPCCHAN_NO_WAIT), -ENOMEM);
	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_KMALLOC;
	msg->prio = 1;
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_post(msg, IPCCHAN_NO_WAIT), -ENOMEM);
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_sub_create(chan, NULL), ERR_PTR(-ENOMEM));
	KUNIT_EXPECT_PTR_EQ(test, ipcchan_broadcast_create(), NULL);
	ipcchan_broadcast_expect_none(test, 0);
	ipcchan_broadcast_expect_none(test, 1);
	/* Without it for who sends them: the payload says that. */
	msg->prio = 0;
	KUNIT_EXPECT_EQ(test, ipcchan_broadcast_post(msg, IPCCHAN_NO_WAIT), 0);
	ipcchan_test_mem.refuse = 0;
	ipcchan_broadcast_expect(test, 0, 1, 0);
	ipcchan_broadcast_expect(test, 1, 1, 0);
}

static struct kunit_case ipcchan_broadcast_cases[] = {
	KUNIT_CASE(ipcchan_broadcast_all),
	KUNIT_CASE(ipcchan_broadcast_nobody),
	KUNIT_CASE(ipcchan_broadcast_filter),
	KUNIT_CASE(ipcchan_broadcast_block),
	KUNIT_CASE(ipcchan_broadcast_wakes),
	KUNIT_CASE(ipcchan_broadcast_gives_up),
	KUNIT_CASE(ipcchan_broadcast_drop_oldest),
	KUNIT_CASE(ipcchan_broadcast_drop_newest),
	KUNIT_CASE(ipcchan_broadcast_disconnect),
	KUNIT_CASE(ipcchan_broadcast_handover),
	KUNIT_CASE(ipcchan_broadcast_past_the_unwanted),
	KUNIT_CASE(ipcchan_broadcast_no_memory),
	{}
};

static struct kunit_suite ipcchan_broadcast_suite = {
	.name = "ipcchan_broadcast",
	.init = ipcchan_broadcast_begin,
	.exit = ipcchan_broadcast_end,
	.test_cases = ipcchan_broadcast_cases,
};

kunit_test_suite(ipcchan_broadcast_suite);
