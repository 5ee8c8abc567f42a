// SPDX-License-Identifier: GPL-2.0
/* Shares: how much of another's queue a user gets, and who waits for whom. */

#include "fixture.h"
#include "share.h"

#define OWNER	KUIDT_INIT(1000)
#define ALICE	KUIDT_INIT(1001)
#define BOB	KUIDT_INIT(1002)
#define CAROL	KUIDT_INIT(1003)

static struct ipcchan_queue *ipcchan_share_queue(struct kunit *test, u32 max_nr,
						 u64 max_bytes)
{
	struct ipcchan_queue *q = ipcchan_test_queue(test, max_nr, 16, max_bytes);

	q->owner = OWNER;
	return q;
}

static struct ipcchan_msg *ipcchan_share_msg(struct kunit *test, kuid_t uid,
					     size_t len)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_msg *msg = ipcchan_test_msg(test, len);

	if (!uid_eq(uid, OWNER))
		KUNIT_ASSERT_EQ(test, ipcchan_share_begin(&t->q, msg, uid), 0);
	return msg;
}

/* As a sender does. */
static int ipcchan_share_send(struct kunit *test, kuid_t uid, size_t len)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_msg *msg = ipcchan_share_msg(test, uid, len);
	int err = ipcchan_test_send(&t->q, msg);

	if (err) {
		ipcchan_share_end(&t->q, msg);
		ipcchan_msg_free(msg);
	}
	return err;
}

/* How many messages of @len go. */
static unsigned int ipcchan_share_fill(struct kunit *test, kuid_t uid, size_t len,
				       int end)
{
	unsigned int nr = 0;
	int err;

	while (!(err = ipcchan_share_send(test, uid, len)))
		nr++;
	KUNIT_EXPECT_EQ(test, err, end);
	return nr;
}

/* Half of what the others leave, and at least one. */
static void ipcchan_share_messages(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_share_queue(test, 8, 4096);

	KUNIT_EXPECT_EQ(test, ipcchan_share_fill(test, ALICE, 1, -EDQUOT), 4);
	KUNIT_EXPECT_EQ(test, ipcchan_share_fill(test, BOB, 1, -EDQUOT), 2);
	KUNIT_EXPECT_EQ(test, ipcchan_share_fill(test, CAROL, 1, -EDQUOT), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 3);
	/* The owner is held to the limit alone. */
	KUNIT_EXPECT_EQ(test, ipcchan_share_fill(test, OWNER, 1, -EAGAIN), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_share_send(test, ALICE, 1), -EAGAIN);

	/* Alice's are the oldest: what they leave is for all. */
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_share_fill(test, BOB, 1, -EDQUOT), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 2);
	KUNIT_EXPECT_EQ(test, ipcchan_share_fill(test, BOB, 1, -EDQUOT), 1);
}

static void ipcchan_share_bytes(struct kunit *test)
{
	ipcchan_share_queue(test, 100, 64);
	KUNIT_EXPECT_EQ(test, ipcchan_share_fill(test, ALICE, 8, -EDQUOT), 4);
	KUNIT_EXPECT_EQ(test, ipcchan_share_fill(test, BOB, 1, -EDQUOT), 16);
	/* One, however long, while it fits. */
	KUNIT_EXPECT_EQ(test, ipcchan_share_fill(test, CAROL, 16, -EAGAIN), 1);
}

static void ipcchan_share_bookkeeping(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_share_queue(test, 8, 4096);
	struct ipcchan_msg *a = ipcchan_share_msg(test, ALICE, 3);
	struct ipcchan_msg *b = ipcchan_share_msg(test, ALICE, 4);
	struct ipcchan_msg *c = ipcchan_share_msg(test, BOB, 5);

	KUNIT_EXPECT_PTR_EQ(test, a->share, b->share);
	KUNIT_EXPECT_PTR_NE(test, a->share, c->share);
	KUNIT_EXPECT_EQ(test, a->share->refs, 2);
	KUNIT_EXPECT_EQ(test, a->share->nr, 0);
	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, a), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, b), 0);
	KUNIT_EXPECT_EQ(test, b->share->nr, 2);
	KUNIT_EXPECT_EQ(test, b->share->bytes, 7);
	ipcchan_share_end(q, c);
	KUNIT_EXPECT_PTR_EQ(test, c->share, NULL);
	ipcchan_share_end(q, c);
	ipcchan_msg_free(c);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 1);

	KUNIT_ASSERT_PTR_EQ(test, ipcchan_test_take(q, 16, NULL), a);
	KUNIT_EXPECT_PTR_EQ(test, a->share, NULL);
	KUNIT_EXPECT_EQ(test, b->share->nr, 1);
	KUNIT_EXPECT_EQ(test, b->share->bytes, 4);
	/* What was received once is nobody's share any more. */
	ipcchan_queue_putback(q, a);
	KUNIT_EXPECT_EQ(test, b->share->nr, 1);
	ipcchan_test_recv(test, a);
	ipcchan_test_recv(test, b);
	KUNIT_EXPECT_TRUE(test, list_empty(&q->shares));
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
}

/* What is handed over takes no room, and is in no share. */
static void ipcchan_share_handover(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_share_queue(test, 2, 64);
	struct ipcchan_waiter *w;
	struct ipcchan_msg *msg;

	KUNIT_ASSERT_EQ(test, ipcchan_share_send(test, ALICE, 1), 0);
	w = ipcchan_test_receiver(test, 0, 16);
	msg = ipcchan_share_msg(test, ALICE, 2);
	KUNIT_ASSERT_EQ(test, ipcchan_test_send(q, msg), 0);
	KUNIT_ASSERT_EQ(test, READ_ONCE(w->result), 0);
	KUNIT_ASSERT_PTR_EQ(test, w->msg, msg);
	KUNIT_EXPECT_PTR_EQ(test, msg->share, NULL);
	ipcchan_msg_free(msg);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
}

/* A thread that sleeps in a send. */
static struct ipcchan_sleeper *ipcchan_share_sleeper(struct kunit *test,
						     unsigned int i,
						     struct list_head *senders,
						     struct ipcchan_msg *msg)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_sleeper *s = &t->sleepers[i];
	unsigned int nr = ipcchan_test_waiting(&t->q, senders);

	s->run = ipcchan_sleeper_send;
	s->q = &t->q;
	s->msg = msg;
	ipcchan_sleeper_start(test, s);
	ipcchan_test_until(test, ipcchan_test_waiting(&t->q, senders) == nr + 1 &&
			   ipcchan_sleeper_asleep(s));
	return s;
}

/* Who has enough waits apart: there is room for others, and poll() says so. */
static void ipcchan_share_waits_apart(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_share_queue(test, 4, 64);
	struct ipcchan_msg *msg = ipcchan_share_msg(test, ALICE, 1);
	struct ipcchan_sleeper *s;

	KUNIT_EXPECT_EQ(test, ipcchan_share_fill(test, ALICE, 1, -EDQUOT), 2);
	s = ipcchan_share_sleeper(test, 0, &msg->share->senders, msg);
	KUNIT_EXPECT_EQ(test, ipcchan_test_waiting(q, &q->senders), 0);
	KUNIT_EXPECT_NE(test, ipcchan_test_poll(q) & (__force u32)EPOLLOUT, 0);
	KUNIT_EXPECT_EQ(test, ipcchan_share_send(test, OWNER, 1), 0);
	KUNIT_EXPECT_FALSE(test, completion_done(&s->done));

	/* Others leave less now: it takes both of hers. */
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	KUNIT_EXPECT_FALSE(test, completion_done(&s->done));
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), 0);
	KUNIT_EXPECT_EQ(test, msg->share->nr, 1);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	ipcchan_test_recv(test, msg);
}

/* One who has enough when it is her turn lets the next ones pass. */
static void ipcchan_share_steps_aside(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_share_queue(test, 2, 64);
	struct ipcchan_msg *first = ipcchan_share_msg(test, ALICE, 1);
	struct ipcchan_msg *second = ipcchan_share_msg(test, ALICE, 1);
	struct ipcchan_sleeper *a, *b, *c;

	KUNIT_ASSERT_EQ(test, ipcchan_share_send(test, OWNER, 1), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_share_send(test, OWNER, 1), 0);
	/* It is full: they wait in one line. */
	a = ipcchan_share_sleeper(test, 0, &q->senders, first);
	b = ipcchan_share_sleeper(test, 1, &q->senders, second);
	c = ipcchan_share_sleeper(test, 2, &q->senders,
				  ipcchan_share_msg(test, OWNER, 2));
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, a), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_waiting(q, &second->share->senders), 1);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, c), 0);
	KUNIT_EXPECT_FALSE(test, completion_done(&b->done));
	ipcchan_test_recv(test, first);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, b), 0);
	ipcchan_test_recv(test, c->msg);
	ipcchan_test_recv(test, second);
}

/* The room that there is for her at last is hers before that of who came later. */
static void ipcchan_share_in_turn(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_share_queue(test, 2, 64);
	struct ipcchan_msg *msg = ipcchan_share_msg(test, ALICE, 1);
	struct ipcchan_sleeper *a, *b;

	KUNIT_ASSERT_EQ(test, ipcchan_share_send(test, ALICE, 1), 0);
	a = ipcchan_share_sleeper(test, 0, &msg->share->senders, msg);
	KUNIT_ASSERT_EQ(test, ipcchan_share_send(test, OWNER, 2), 0);
	b = ipcchan_share_sleeper(test, 1, &q->senders,
				  ipcchan_share_msg(test, OWNER, 3));
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, a), 0);
	KUNIT_EXPECT_FALSE(test, completion_done(&b->done));
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, b), 0);
	ipcchan_test_recv(test, msg);
	ipcchan_test_recv(test, b->msg);
}

/* A receiver of one type finds it also with one who has enough. */
static void ipcchan_share_taken(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_share_queue(test, 4, 64);
	struct ipcchan_match match = { .by_type = 1, .type = 7 };
	struct ipcchan_msg *msg = ipcchan_share_msg(test, ALICE, 1);
	struct ipcchan_sleeper *s;

	msg->type = 7;
	KUNIT_EXPECT_EQ(test, ipcchan_share_fill(test, ALICE, 1, -EDQUOT), 2);
	s = ipcchan_share_sleeper(test, 0, &msg->share->senders, msg);
	KUNIT_ASSERT_PTR_EQ(test,
			    ipcchan_queue_recv(q, 16, match, IPCCHAN_NO_WAIT, NULL),
			    msg);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), 0);
	KUNIT_EXPECT_PTR_EQ(test, msg->share, NULL);
	ipcchan_msg_free(msg);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&q->shares));
}

static void ipcchan_share_signal(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_share_queue(test, 2, 64);
	struct ipcchan_msg *msg = ipcchan_share_msg(test, ALICE, 1);
	struct ipcchan_sleeper *s;

	KUNIT_ASSERT_EQ(test, ipcchan_share_send(test, ALICE, 1), 0);
	s = ipcchan_share_sleeper(test, 0, &msg->share->senders, msg);
	ipcchan_sleeper_signal(s, SIGUSR1);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), -ERESTARTSYS);
	ipcchan_share_end(q, msg);
	ipcchan_msg_free(msg);
	KUNIT_EXPECT_EQ(test, ipcchan_test_recv_err(q, 16), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
}

/* Those who wait apart hear that nobody receives any more. */
static void ipcchan_share_hangup(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_share_queue(test, 2, 64);
	struct ipcchan_msg *msg = ipcchan_share_msg(test, ALICE, 1);
	struct ipcchan_sleeper *s;

	KUNIT_ASSERT_EQ(test, ipcchan_share_send(test, ALICE, 1), 0);
	s = ipcchan_share_sleeper(test, 0, &msg->share->senders, msg);
	ipcchan_queue_hangup(q, IPCCHAN_NO_RECEIVERS);
	KUNIT_ASSERT_EQ(test, ipcchan_sleeper_join(test, s), -EPIPE);
	ipcchan_share_end(q, msg);
	ipcchan_msg_free(msg);
}

static void ipcchan_share_no_memory(struct kunit *test)
{
	struct ipcchan_queue *q = ipcchan_share_queue(test, 2, 64);
	struct ipcchan_msg *msg = ipcchan_test_msg(test, 1);

	ipcchan_test_mem.refuse = IPCCHAN_REFUSE_KMALLOC;
	KUNIT_EXPECT_EQ(test, ipcchan_share_begin(q, msg, ALICE), -ENOMEM);
	KUNIT_EXPECT_PTR_EQ(test, msg->share, NULL);
	ipcchan_msg_free(msg);
}

static struct kunit_case ipcchan_share_cases[] = {
	KUNIT_CASE(ipcchan_share_messages),
	KUNIT_CASE(ipcchan_share_bytes),
	KUNIT_CASE(ipcchan_share_bookkeeping),
	KUNIT_CASE(ipcchan_share_handover),
	KUNIT_CASE(ipcchan_share_waits_apart),
	KUNIT_CASE(ipcchan_share_steps_aside),
	KUNIT_CASE(ipcchan_share_in_turn),
	KUNIT_CASE(ipcchan_share_taken),
	KUNIT_CASE(ipcchan_share_signal),
	KUNIT_CASE(ipcchan_share_hangup),
	KUNIT_CASE(ipcchan_share_no_memory),
	{}
};

static struct kunit_suite ipcchan_share_suite = {
	.name = "ipcchan_share",
	.init = ipcchan_test_begin,
	.exit = ipcchan_test_end,
	.test_cases = ipcchan_share_cases,
};

kunit_test_suite(ipcchan_share_suite);
