// SPDX-License-Identifier: GPL-2.0
/* The queue: messages in order, back-pressure, direct hand-over. */

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/sched/signal.h>

#include "message.h"
#include "queue.h"
#include "waiter.h"

/* Wake-ups that a caller owes; collected under the lock, given after it. */
struct ipcchan_wakes {
	unsigned int receivers;
	unsigned int senders;
	bool same_cpu;
	__poll_t poll;
};

/**
 * ipcchan_queue_init() - make an empty queue
 * @q: out
 * @max_nr: messages, at least 1
 * @max_len: bytes of one message
 * @max_bytes: bytes of all messages, at least @max_len
 * Context: any.
 */
void ipcchan_queue_init(struct ipcchan_queue *q, u32 max_nr, u32 max_len,
			u64 max_bytes)
{
	spin_lock_init(&q->lock);
	q->max_nr = max_nr;
	q->max_len = max_len;
	q->max_bytes = max_bytes;
	INIT_LIST_HEAD(&q->msgs);
	INIT_LIST_HEAD(&q->receivers);
	INIT_LIST_HEAD(&q->senders);
	init_waitqueue_head(&q->recv_wait);
	init_waitqueue_head(&q->send_wait);
	init_waitqueue_head(&q->poll_wait);
}

/**
 * ipcchan_queue_destroy() - free what is queued
 * @q: nobody waits on it or can reach it any more
 * Context: process, may sleep.
 */
void ipcchan_queue_destroy(struct ipcchan_queue *q)
{
	struct ipcchan_msg *msg, *next;

	list_for_each_entry_safe(msg, next, &q->msgs, node)
		ipcchan_msg_free(msg);
}

static bool ipcchan_queue_fits_locked(struct ipcchan_queue *q, size_t len)
{
	return q->nr < q->max_nr && q->bytes + len <= q->max_bytes;
}

/* Writable means that a message of any allowed length would be accepted. */
static bool ipcchan_queue_writable_locked(struct ipcchan_queue *q)
{
	return list_empty(&q->senders) &&
	       ipcchan_queue_fits_locked(q, q->max_len);
}

static void ipcchan_queue_link_locked(struct ipcchan_queue *q,
				      struct ipcchan_msg *msg,
				      struct list_head *after,
				      struct ipcchan_wakes *wakes)
{
	if (!q->nr)
		wakes->poll |= EPOLLIN | EPOLLRDNORM;
	list_add(&msg->node, after);
	q->nr++;
	q->bytes += msg->len;
}

static void ipcchan_queue_count_sent_locked(struct ipcchan_queue *q, size_t len)
{
	q->stats.sent++;
	q->stats.sent_bytes += len;
}

/*
 * Give @msg to the oldest receiver that has the room; each one before it that
 * has not is told so, and so learns the length from the next message it asks
 * for.  Return: whether the message has found its receiver.
 */
static bool ipcchan_queue_handover_locked(struct ipcchan_queue *q,
					  struct ipcchan_msg *msg,
					  struct ipcchan_wakes *wakes)
{
	struct ipcchan_waiter *w;
	bool fits = false;

	while (!fits && !list_empty(&q->receivers)) {
		w = list_first_entry(&q->receivers, struct ipcchan_waiter, node);
		fits = w->room >= msg->len;
		if (fits) {
			w->msg = msg;
			q->stats.handovers++;
			q->stats.received++;
			q->stats.received_bytes += msg->len;
		}
		wakes->same_cpu =
			ipcchan_waiter_complete(w, fits ? 0 : -EMSGSIZE);
		wakes->receivers++;
		q->stats.wakeups++;
	}
	return fits;
}

/* Move the messages of waiting senders into the room there is, in order. */
static void ipcchan_queue_admit_locked(struct ipcchan_queue *q,
				       struct ipcchan_wakes *wakes)
{
	struct ipcchan_waiter *w;

	while (!list_empty(&q->senders)) {
		w = list_first_entry(&q->senders, struct ipcchan_waiter, node);
		if (!ipcchan_queue_fits_locked(q, w->msg->len))
			break;
		ipcchan_queue_link_locked(q, w->msg, q->msgs.prev, wakes);
		ipcchan_queue_count_sent_locked(q, w->msg->len);
		wakes->same_cpu = ipcchan_waiter_complete(w, 0);
		wakes->senders++;
		q->stats.wakeups++;
	}
}

static void ipcchan_queue_take_locked(struct ipcchan_queue *q,
				      struct ipcchan_msg *msg,
				      struct ipcchan_wakes *wakes)
{
	bool writable = ipcchan_queue_writable_locked(q);

	list_del(&msg->node);
	q->nr--;
	q->bytes -= msg->len;
	q->stats.received++;
	q->stats.received_bytes += msg->len;
	if (likely(writable))
		return;

	ipcchan_queue_admit_locked(q, wakes);
	if (ipcchan_queue_writable_locked(q))
		wakes->poll |= EPOLLOUT | EPOLLWRNORM;
}

/* The sync hint tells the scheduler that the waker is about to sleep itself. */
static void ipcchan_queue_wake_one(wait_queue_head_t *head, bool sync)
{
	if (sync)
		wake_up_interruptible_sync(head);
	else
		wake_up_interruptible(head);
}

/*
 * poll() adds itself to poll_wait before it looks at the queue under the lock
 * that the caller has just dropped: whoever saw the old state is visible here,
 * so that waitqueue_active() needs no barrier of its own.
 */
static void ipcchan_queue_wake(struct ipcchan_queue *q,
			       const struct ipcchan_wakes *wakes)
{
	unsigned int i;

	for (i = 0; i < wakes->receivers; i++)
		ipcchan_queue_wake_one(&q->recv_wait, wakes->same_cpu);
	for (i = 0; i < wakes->senders; i++)
		ipcchan_queue_wake_one(&q->send_wait, wakes->same_cpu);
	/* No barrier: see above. */
	if (wakes->poll && waitqueue_active(&q->poll_wait))
		wake_up_interruptible_poll(&q->poll_wait, wakes->poll);
}

static int ipcchan_queue_wait_room(struct ipcchan_queue *q,
				   struct ipcchan_waiter *w)
{
	struct ipcchan_wakes wakes = {};
	int err = ipcchan_waiter_sleep(w, &q->lock, &q->send_wait);

	if (likely(!err))
		return 0;

	/* The one who gave up may have been all that held the next ones back. */
	spin_lock(&q->lock);
	ipcchan_queue_admit_locked(q, &wakes);
	if (ipcchan_queue_writable_locked(q))
		wakes.poll |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock(&q->lock);
	ipcchan_queue_wake(q, &wakes);
	return err;
}

/**
 * ipcchan_queue_send() - hand a message over, queue it, or wait for room
 * @q: queue
 * @msg: at most @q->max_len bytes; the queue's on success, else still the caller's
 * @nonblock: do not wait
 *
 * Context: process, may sleep.
 * Return: 0; -EAGAIN, -ERESTARTSYS.
 */
int ipcchan_queue_send(struct ipcchan_queue *q, struct ipcchan_msg *msg,
		       bool nonblock)
{
	struct ipcchan_wakes wakes = {};
	size_t len = msg->len;
	struct ipcchan_waiter w;
	int err = 0;

	spin_lock(&q->lock);
	if (ipcchan_queue_handover_locked(q, msg, &wakes)) {
		ipcchan_queue_count_sent_locked(q, len);
	} else if (list_empty(&q->senders) && ipcchan_queue_fits_locked(q, len)) {
		ipcchan_queue_link_locked(q, msg, q->msgs.prev, &wakes);
		ipcchan_queue_count_sent_locked(q, len);
	} else if (nonblock) {
		err = -EAGAIN;
	} else {
		ipcchan_waiter_init(&w, msg, 0);
		list_add_tail(&w.node, &q->senders);
		q->stats.send_waits++;
		spin_unlock(&q->lock);
		return ipcchan_queue_wait_room(q, &w);
	}
	spin_unlock(&q->lock);
	ipcchan_queue_wake(q, &wakes);
	return err;
}

static struct ipcchan_msg *ipcchan_queue_wait_msg(struct ipcchan_queue *q,
						  struct ipcchan_waiter *w)
{
	int err = ipcchan_waiter_sleep(w, &q->lock, &q->recv_wait);

	if (unlikely(err))
		return ERR_PTR(err);
	if (unlikely(fatal_signal_pending(current))) {
		/* Nobody will ever see it here. */
		ipcchan_queue_putback(q, w->msg);
		return ERR_PTR(-EINTR);
	}
	return w->msg;
}

/**
 * ipcchan_queue_recv() - take the oldest message, or wait for one
 * @q: queue
 * @room: longest message that the caller can take, bytes
 * @nonblock: do not wait
 *
 * Context: process, may sleep.
 * Return: the message, now the caller's; ERR_PTR of -EAGAIN, -EMSGSIZE (it is
 * longer than @room and stays), -ERESTARTSYS.
 */
struct ipcchan_msg *ipcchan_queue_recv(struct ipcchan_queue *q, size_t room,
				       bool nonblock)
{
	struct ipcchan_wakes wakes = {};
	struct ipcchan_waiter w;
	struct ipcchan_msg *msg;

	spin_lock(&q->lock);
	msg = list_first_entry_or_null(&q->msgs, struct ipcchan_msg, node);
	if (!msg && !nonblock) {
		ipcchan_waiter_init(&w, NULL, room);
		list_add_tail(&w.node, &q->receivers);
		q->stats.recv_waits++;
		spin_unlock(&q->lock);
		return ipcchan_queue_wait_msg(q, &w);
	}
	if (!msg)
		msg = ERR_PTR(-EAGAIN);
	else if (msg->len > room)
		msg = ERR_PTR(-EMSGSIZE);
	else
		ipcchan_queue_take_locked(q, msg, &wakes);
	spin_unlock(&q->lock);
	ipcchan_queue_wake(q, &wakes);
	return msg;
}

/**
 * ipcchan_queue_putback() - undo a receive
 * @q: queue
 * @msg: taken from @q and not delivered; the queue's again
 *
 * It is the oldest message once more, whatever the limits say: it had its room.
 *
 * Context: process.
 */
void ipcchan_queue_putback(struct ipcchan_queue *q, struct ipcchan_msg *msg)
{
	struct ipcchan_wakes wakes = {};

	spin_lock(&q->lock);
	q->stats.received--;
	q->stats.received_bytes -= msg->len;
	if (!ipcchan_queue_handover_locked(q, msg, &wakes))
		ipcchan_queue_link_locked(q, msg, &q->msgs, &wakes);
	spin_unlock(&q->lock);
	ipcchan_queue_wake(q, &wakes);
}

/**
 * ipcchan_queue_next_len() - length of the oldest message
 * @q: queue
 * Context: process.
 * Return: bytes, 0 when there is none.
 */
size_t ipcchan_queue_next_len(struct ipcchan_queue *q)
{
	struct ipcchan_msg *msg;
	size_t len;

	spin_lock(&q->lock);
	msg = list_first_entry_or_null(&q->msgs, struct ipcchan_msg, node);
	len = msg ? msg->len : 0;
	spin_unlock(&q->lock);
	return len;
}

/**
 * ipcchan_queue_poll() - what could be done now without waiting
 * @q: queue
 * Context: process, after poll_wait() on @q->poll_wait.
 * Return: EPOLLIN and EPOLLOUT with their companions.
 */
__poll_t ipcchan_queue_poll(struct ipcchan_queue *q)
{
	__poll_t mask = 0;

	spin_lock(&q->lock);
	if (q->nr)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (ipcchan_queue_writable_locked(q))
		mask |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock(&q->lock);
	return mask;
}

/**
 * ipcchan_queue_snapshot() - consistent copy of state and counters
 * @q: queue
 * @nr: out, messages queued
 * @bytes: out, bytes queued
 * @stats: out
 * Context: process.
 */
void ipcchan_queue_snapshot(struct ipcchan_queue *q, u32 *nr, u64 *bytes,
			    struct ipcchan_stats *stats)
{
	spin_lock(&q->lock);
	*nr = q->nr;
	*bytes = q->bytes;
	*stats = q->stats;
	spin_unlock(&q->lock);
}
