// SPDX-License-Identifier: GPL-2.0
/* What the tests have in common: a queue, and those who wait on it. */

#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fixture.h"

const struct ipcchan_match ipcchan_test_any;

/**
 * ipcchan_test_begin() - a suite's init
 * @test: gets a struct ipcchan_test, and a slot cache with nothing in the depot
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int ipcchan_test_begin(struct kunit *test)
{
	struct ipcchan_test *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int err;

	if (!t)
		return -ENOMEM;
	memset(&ipcchan_test_mem, 0, sizeof(ipcchan_test_mem));
	err = ipcchan_msg_init();
	if (err) {
		kfree(t);
		return err;
	}
	test->priv = t;
	return 0;
}

/**
 * ipcchan_test_end() - a suite's exit, also of a test that was given up
 * @test: fails if memory is left
 * Context: process, may sleep.
 */
void ipcchan_test_end(struct kunit *test)
{
	struct ipcchan_test *t = test->priv;
	unsigned int i;

	if (!t)
		return;
	ipcchan_test_mem.refuse = 0;
	for (i = 0; i < IPCCHAN_TEST_SLEEPERS; i++) {
		if (!ipcchan_sleeper_end(test, &t->sleepers[i]))
			return;
	}
	if (t->has_queue)
		ipcchan_queue_destroy(&t->q);
	if (t->has_sender)
		ipcchan_sender_destroy(&t->sender);
	ipcchan_msg_exit();
	KUNIT_EXPECT_EQ(test, ipcchan_test_objects(), 0);
	KUNIT_EXPECT_EQ(test, ipcchan_test_pieces(), 0);
	kfree(t);
}

static int ipcchan_test_poller_wake(struct wait_queue_entry *entry,
				    unsigned int mode, int flags, void *key)
{
	struct ipcchan_test_poller *p =
		container_of(entry, struct ipcchan_test_poller, entry);

	p->wakes++;
	p->key = (__force u32)key_to_poll(key);
	return 0;
}

/**
 * ipcchan_test_queue() - the test's queue, with a poller on each side
 * @test: has not called this before
 * @max_nr: limit, messages
 * @max_len: limit, bytes of one message
 * @max_bytes: limit, bytes
 * Context: process.
 * Return: the queue, which ends with the test.
 */
struct ipcchan_queue *ipcchan_test_queue(struct kunit *test, u32 max_nr,
					 u32 max_len, u64 max_bytes)
{
	struct ipcchan_test *t = test->priv;

	ipcchan_queue_init(&t->q, max_nr, max_len, max_bytes);
	t->has_queue = true;
	init_waitqueue_func_entry(&t->in.entry, ipcchan_test_poller_wake);
	add_wait_queue(&t->q.recv_poll, &t->in.entry);
	init_waitqueue_func_entry(&t->out.entry, ipcchan_test_poller_wake);
	add_wait_queue(&t->q.send_poll, &t->out.entry);
	return &t->q;
}

/**
 * ipcchan_test_endpoint() - who sends through the test's one endpoint
 * @test: given up without memory
 * Context: process, may sleep.
 * Return: its sender, which ends with the test.
 */
struct ipcchan_sender *ipcchan_test_endpoint(struct kunit *test)
{
	struct ipcchan_test *t = test->priv;

	if (!t->has_sender) {
		KUNIT_ASSERT_EQ(test, ipcchan_sender_init(&t->sender), 0);
		t->has_sender = true;
	}
	return &t->sender;
}

/**
 * ipcchan_test_msg() - a message
 * @test: given up without memory
 * @len: bytes
 * Context: process, may sleep.
 * Return: the message, the caller's.
 */
struct ipcchan_msg *ipcchan_test_msg(struct kunit *test, size_t len)
{
	struct ipcchan_msg *msg = ipcchan_msg_alloc(len);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, msg);
	memset(msg->data, 0x5a, len);
	/* A slot has these of its last message. */
	msg->prio = 0;
	msg->type = 0;
	msg->lost = 0;
	msg->cookie = 0;
	return msg;
}

/**
 * ipcchan_test_send() - send without waiting
 * @q: queue
 * @msg: the queue's on success
 * Context: process, may sleep.
 * Return: 0; negative errno.
 */
int ipcchan_test_send(struct ipcchan_queue *q, struct ipcchan_msg *msg)
{
	struct ipcchan_msg *spare = ipcchan_queue_send(q, msg, IPCCHAN_NO_WAIT);

	if (IS_ERR(spare))
		return PTR_ERR(spare);
	ipcchan_msg_free(spare);
	return 0;
}

/**
 * ipcchan_test_sent() - a message that is in the test's queue now
 * @test: given up if it does not fit
 * @len: bytes
 * Context: process, may sleep.
 * Return: the message, the queue's.
 */
struct ipcchan_msg *ipcchan_test_sent(struct kunit *test, size_t len)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_msg *msg = ipcchan_test_msg(test, len);

	KUNIT_ASSERT_EQ(test, ipcchan_test_send(&t->q, msg), 0);
	return msg;
}

/**
 * ipcchan_test_take() - receive without waiting
 * @q: queue
 * @room: of the receiver, bytes
 * @used: a slot, the queue's from now on, or NULL
 * Context: process, may sleep.
 * Return: as ipcchan_queue_recv().
 */
struct ipcchan_msg *ipcchan_test_take(struct ipcchan_queue *q, size_t room,
				      struct ipcchan_msg *used)
{
	return ipcchan_queue_recv(q, room, ipcchan_test_any, IPCCHAN_NO_WAIT, used);
}

/**
 * ipcchan_test_recv_err() - how a receive that does not wait ends
 * @q: queue
 * @room: of the receiver, bytes
 * Context: process, may sleep.
 * Return: 0, and the message is freed; negative errno.
 */
int ipcchan_test_recv_err(struct ipcchan_queue *q, size_t room)
{
	struct ipcchan_msg *msg = ipcchan_test_take(q, room, NULL);

	if (IS_ERR(msg))
		return PTR_ERR(msg);
	ipcchan_msg_free(msg);
	return 0;
}

/**
 * ipcchan_test_recv() - take the oldest message of the test's queue, and free it
 * @test: given up if it is another
 * @expected: which it is
 * Context: process, may sleep.
 */
void ipcchan_test_recv(struct kunit *test, struct ipcchan_msg *expected)
{
	struct ipcchan_test *t = test->priv;
	struct ipcchan_msg *msg = ipcchan_test_take(&t->q, expected->len, NULL);

	KUNIT_ASSERT_PTR_EQ(test, msg, expected);
	ipcchan_msg_free(msg);
}

/**
 * ipcchan_test_stats() - counters of a queue
 * @q: queue
 * Context: process.
 * Return: a copy.
 */
struct ipcchan_stats ipcchan_test_stats(struct ipcchan_queue *q)
{
	struct ipcchan_snapshot s;

	ipcchan_queue_snapshot(q, &s);
	return s.stats;
}

/**
 * ipcchan_test_poll() - what poll() sees, as a plain number that KUnit can print
 * @q: queue
 * Context: process.
 * Return: EPOLLIN and EPOLLOUT with their companions.
 */
u32 ipcchan_test_poll(struct ipcchan_queue *q)
{
	static const struct ipcchan_watermark any;

	return (__force u32)(ipcchan_queue_poll_recv(q, ipcchan_test_any, &any) |
			     ipcchan_queue_poll_send(q));
}

static struct ipcchan_waiter *ipcchan_test_waiter(struct kunit *test,
						  unsigned int i, bool sender,
						  struct ipcchan_msg *msg,
						  size_t room)
{
	struct ipcchan_test *t = test->priv;

	t->w[i] = (struct ipcchan_waiter) {};
	spin_lock(&t->q.lock);
	ipcchan_waiter_add(&t->w[i],
			   sender ? &t->q.senders : &t->q.receivers, msg, room);
	spin_unlock(&t->q.lock);
	return &t->w[i];
}

/**
 * ipcchan_test_receiver() - the test's own task waits for a message
 * @test: has a queue
 * @i: which of its waiters
 * @room: bytes
 * Context: process.
 * Return: the waiter.
 */
struct ipcchan_waiter *ipcchan_test_receiver(struct kunit *test,
					     unsigned int i, size_t room)
{
	return ipcchan_test_waiter(test, i, false, NULL, room);
}

/**
 * ipcchan_test_sender() - the test's own task waits for room
 * @test: has a queue
 * @i: which of its waiters
 * @msg: to be sent
 * Context: process.
 * Return: the waiter.
 */
struct ipcchan_waiter *ipcchan_test_sender(struct kunit *test, unsigned int i,
					   struct ipcchan_msg *msg)
{
	return ipcchan_test_waiter(test, i, true, msg, 0);
}

/**
 * ipcchan_test_waiting() - how many wait
 * @q: queue
 * @waiters: its receivers or senders
 * Context: process.
 * Return: their number.
 */
unsigned int ipcchan_test_waiting(struct ipcchan_queue *q,
				  struct list_head *waiters)
{
	struct list_head *pos;
	unsigned int nr = 0;

	spin_lock(&q->lock);
	list_for_each(pos, waiters)
		nr++;
	spin_unlock(&q->lock);
	return nr;
}

MODULE_DESCRIPTION("KUnit tests of ipcchan");
MODULE_LICENSE("GPL");
