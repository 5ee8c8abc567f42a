// SPDX-License-Identifier: GPL-2.0
/* Calls that sleep, in threads: how they end, also by signals. */

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/sched/signal.h>

#include "fixture.h"

/* A thread that sleeps in a receive. */
static struct ipcchan_sleeper *ipcchan_wait_recv(struct kunit *test,
						 unsigned int i)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *s = &t->sleepers[i];
	unsigned int nr = ipcchan_test_waiting(&t->q, &t->q.receivers);

	s->run = ipcchan_sleeper_recv;
	s->q = &t->q;
	ipcchan_sleeper_start(test, s);
	ipcchan_test_until(test,
			   ipcchan_test_waiting(&t->q, &t->q.receivers) == nr + 1 &&
			   ipcchan_sleeper_asleep(s));
	return s;
}

/* A thread that sleeps in a send, with a message of @len bytes. */
static struct ipcchan_sleeper *ipcchan_wait_send(struct kunit *test,
						 unsigned int i, size_t len)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *s = &t->sleepers[i];
	unsigned int nr = ipcchan_test_waiting(&t->q, &t->q.senders);

	s->run = ipcchan_sleeper_send;
	s->q = &t->q;
	s->msg = ipcchan_test_msg(test, len);
	ipcchan_sleeper_start(test, s);
	ipcchan_test_until(test,
			   ipcchan_test_waiting(&t->q, &t->q.senders) == nr + 1 &&
			   ipcchan_sleeper_asleep(s));
	return s;
}

static void ipcchan_wait_for_message(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_sleeper *a = ipcchan_wait_recv(test, 0);
	struct ipcchan_sleeper *b = ipcchan_wait_recv(test, 1);
	struct ipcchan_msg *first = ipcchan_test_msg(test, 8);
	struct ipcchan_msg *second = ipcchan_test_msg(test, 8);

	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).recv_waits, 2);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 0);
	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, first), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, second), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, a), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, b), 0);
	KUNIT_ASSERT_PTR_EQ(test, a->msg, first);
	KUNIT_ASSERT_PTR_EQ(test, b->msg, second);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 2);
	ipcchan_msg_free(first);
	ipcchan_msg_free(second);
}

static void ipcchan_wait_for_room(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 1, 64, 256);
	struct ipcchan_msg *first = ipcchan_test_sent(test, 1);
	struct ipcchan_sleeper *a = ipcchan_wait_send(test, 0, 2);
	struct ipcchan_sleeper *b = ipcchan_wait_send(test, 1, 3);

	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).send_waits, 2);
	ipcchan_test_recv(test, first);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, a), 0);
	KUNIT_EXPECT_FALSE(test, completion_done(&b->done));
	ipcchan_test_recv(test, a->msg);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, b), 0);
	ipcchan_test_recv(test, b->msg);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 2);
}

/* One receive lets in several, and wakes each of them. */
static void ipcchan_wait_for_room_many(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 9, 64, 64);
	struct ipcchan_msg *first = ipcchan_test_sent(test, 64);
	struct ipcchan_sleeper *s[3];
	unsigned int i;

	for (i = 0; i < 3; i++)
		s[i] = ipcchan_wait_send(test, i, 20 + i);
	ipcchan_test_recv(test, first);
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s[i]), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 3);
	for (i = 0; i < 3; i++)
		ipcchan_test_recv(test, s[i]->msg);
}

/* Who is woken for nothing sleeps on, in its place. */
static void ipcchan_wait_spurious(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_sleeper *a = ipcchan_wait_recv(test, 0);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8);
	unsigned int i;

	for (i = 0; i < 3; i++)
		ipcchan_sleeper_disturb(test, a);
	KUNIT_EXPECT_FALSE(test, completion_done(&a->done));
	KUNIT_EXPECT_EQ(test, ipcchan_test_waiting(q, &q->receivers), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).recv_waits, 1);
	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, msg), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, a), 0);
	KUNIT_ASSERT_PTR_EQ(test, a->msg, msg);
	ipcchan_msg_free(msg);
}

/* A receiver that is interrupted is gone: the message is for the next one. */
static void ipcchan_wait_recv_signal(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_sleeper *a = ipcchan_wait_recv(test, 0);
	struct ipcchan_sleeper *b = ipcchan_wait_recv(test, 1);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8);

	ipcchan_sleeper_signal(a, SIGUSR1);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, a), -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, ipcchan_test_waiting(q, &q->receivers), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).wakeups, 0);
	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, msg), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, b), 0);
	KUNIT_ASSERT_PTR_EQ(test, b->msg, msg);
	ipcchan_msg_free(msg);
}

/* A sender that is interrupted keeps its message. */
static void ipcchan_wait_send_signal(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 1, 64, 256);
	struct ipcchan_msg *first = ipcchan_test_sent(test, 1);
	struct ipcchan_sleeper *a = ipcchan_wait_send(test, 0, 2);

	ipcchan_sleeper_signal(a, SIGUSR1);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, a), -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, ipcchan_test_waiting(q, &q->senders), 0);
	ipcchan_msg_free(a->msg);
	ipcchan_test_recv(test, first);
	KUNIT_EXPECT_EQ(test, ipcchan_queue_next_len(q, ipcchan_test_any), 0);
}

/* It may have been all that held back others, which are let in, and pollers. */
static void ipcchan_wait_send_signal_first(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 9, 64, 100);
	struct ipcchan_test *t = test->priv;
	struct ipcchan_msg *first = ipcchan_test_sent(test, 37);
	struct ipcchan_sleeper *a = ipcchan_wait_send(test, 0, 64);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 60);
	struct ipcchan_waiter *w = ipcchan_test_sender(test, 0, msg);

	ipcchan_sleeper_signal(a, SIGUSR1);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, a), -ERESTARTSYS);
	KUNIT_ASSERT_EQ(test, READ_ONCE(w->result), 0);
	ipcchan_msg_free(a->msg);
	ipcchan_test_recv(test, first);
	ipcchan_test_recv(test, msg);

	/* With nobody behind it there is room for the pollers. */
	first = ipcchan_test_sent(test, 64);
	a = ipcchan_wait_send(test, 0, 37);
	spin_lock(&q->lock);
	q->max_bytes = 128;
	spin_unlock(&q->lock);
	KUNIT_EXPECT_EQ(test, ipcchan_test_poll(q) & (__force u32)EPOLLOUT, 0);
	t->out.wakes = 0;
	ipcchan_sleeper_signal(a, SIGUSR1);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, a), -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, t->out.wakes, 1);
	ipcchan_msg_free(a->msg);
	ipcchan_test_recv(test, first);
}

/*
 * Give a receiver a message after the signal has woken it and before it can
 * take itself off the list.
 */
static void ipcchan_wait_signal_then_give(struct kunit *test,
					  struct ipcchan_sleeper *s,
					  int sig, struct ipcchan_msg *msg)
{
	struct ipcchan_queue *q = s->q;
	struct ipcchan_waiter *w;
	struct task_struct *woken;
	unsigned int us;

	spin_lock(&q->lock);
	ipcchan_sleeper_signal(s, sig);
	/* On another CPU it is now on its way to the lock; here it cannot run. */
	for (us = 0; us < 100000 && num_online_cpus() > 1; us++) {
		if (spin_is_contended(&q->lock))
			break;
		udelay(1);
	}
	w = list_first_entry(&q->receivers, struct ipcchan_waiter, node);
	w->msg = msg;
	q->stats.received++;
	q->stats.received_bytes += msg->len;
	woken = ipcchan_waiter_complete(w, 0);
	spin_unlock(&q->lock);
	KUNIT_EXPECT_PTR_EQ(test, woken, s->task);
	ipcchan_task_wake(woken);
}

/* Who has got the message has got it, signal or not. */
static void ipcchan_wait_given_signal(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 4, 64, 256);
	struct ipcchan_sleeper *a = ipcchan_wait_recv(test, 0);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8);

	ipcchan_wait_signal_then_give(test, a, SIGUSR1, msg);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, a), 0);
	KUNIT_ASSERT_PTR_EQ(test, a->msg, msg);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received, 1);
	ipcchan_msg_free(msg);
}

/* Unless it is killed: then the message goes back, before those behind it. */
static void ipcchan_wait_given_kill(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, 1, 64, 64);
	struct ipcchan_sleeper *a = ipcchan_wait_recv(test, 0);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 8);

	ipcchan_wait_signal_then_give(test, a, SIGKILL, msg);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, a), -EINTR);
	KUNIT_EXPECT_PTR_EQ(test, a->msg, NULL);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_stats(q).received_bytes, 0);
	ipcchan_test_recv(test, msg);
}

static struct kunit_case ipcchan_wait_cases[] = {
	KUNIT_CASE(ipcchan_wait_for_message),
	KUNIT_CASE(ipcchan_wait_for_room),
	KUNIT_CASE(ipcchan_wait_for_room_many),
	KUNIT_CASE(ipcchan_wait_spurious),
	KUNIT_CASE(ipcchan_wait_recv_signal),
	KUNIT_CASE(ipcchan_wait_send_signal),
	KUNIT_CASE(ipcchan_wait_send_signal_first),
	KUNIT_CASE(ipcchan_wait_given_signal),
	KUNIT_CASE(ipcchan_wait_given_kill),
	{}
};

static struct kunit_suite ipcchan_wait_suite = {
	.name = "ipcchan_wait",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_wait_cases,
};

kunit_test_suite(ipcchan_wait_suite);
