// SPDX-License-Identifier: GPL-2.0
/* Broadcast: each subscriber has a queue of its own, and all share the payload. */

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "broadcast.h"
#include "channel.h"
#include "queue_locked.h"
#include "sub.h"

/**
 * ipcchan_broadcast_create() - no subscribers yet
 * Context: process, may sleep.
 * Return: owned by the channel; NULL without memory.
 */
struct ipcchan_broadcast *ipcchan_broadcast_create(void)
{
	struct ipcchan_broadcast *b = kzalloc(sizeof(*b), GFP_KERNEL_ACCOUNT);

	if (!b)
		return NULL;
	mutex_init(&b->lock);
	INIT_LIST_HEAD(&b->subs);
	init_waitqueue_head(&b->room);
	return b;
}

/**
 * ipcchan_broadcast_destroy() - free it
 * @b: without subscribers, may be NULL
 * Context: process.
 */
void ipcchan_broadcast_destroy(struct ipcchan_broadcast *b)
{
	if (b)
		mutex_destroy(&b->lock);
	kfree(b);
}

/**
 * ipcchan_broadcast_made_room() - look again, whoever waits to send
 * @b: broadcast
 * Context: any, no queue's lock held.
 */
void ipcchan_broadcast_made_room(struct ipcchan_broadcast *b)
{
	/* Before the look at who sleeps; pairs with prepare_to_wait(). */
	atomic_inc_return(&b->changes);
	if (wq_has_sleeper(&b->room))
		wake_up_interruptible_poll(&b->room, EPOLLOUT | EPOLLWRNORM);
	kill_fasync(&b->fasync, SIGIO, POLL_OUT);
}

static struct ipcchan_msg *ipcchan_broadcast_next_slot(struct list_head *slots)
{
	struct ipcchan_msg *slot;

	slot = list_first_entry_or_null(slots, struct ipcchan_msg, node);
	if (slot)
		list_del(&slot->node);
	return slot;
}

/* A slot for each subscriber that wants @msg, before any of them gets it. */
static int ipcchan_broadcast_prepare(struct ipcchan_chan *chan,
				     const struct ipcchan_msg *msg,
				     struct ipcchan_sender *sender,
				     struct list_head *slots)
{
	bool blocks = chan->slow == IPCCHAN_SLOW_BLOCK;
	struct ipcchan_sub *sub;
	struct ipcchan_msg *slot;
	int err = 0;

	lockdep_assert_held(&chan->broadcast->lock);
	if (chan->broadcast->hangup & IPCCHAN_NO_RECEIVERS)
		return -EPIPE;
	list_for_each_entry(sub, &chan->broadcast->subs, node) {
		if (!ipcchan_sub_wants(sub, msg))
			continue;
		err = ipcchan_sub_prepare(sub, msg, sender, blocks, slots);
		if (err)
			break;
	}
	if (!err)
		return 0;
	/* Each slot is that of the next one that wants the message. */
	list_for_each_entry(sub, &chan->broadcast->subs, node) {
		if (!ipcchan_sub_wants(sub, msg))
			continue;
		slot = ipcchan_broadcast_next_slot(slots);
		if (!slot)
			break;
		ipcchan_share_end(&sub->queue, slot);
		ipcchan_msg_free(slot);
	}
	return err;
}

static int ipcchan_broadcast_try_locked(struct ipcchan_chan *chan,
					struct ipcchan_msg *body,
					struct ipcchan_sender *sender)
{
	struct ipcchan_sub *sub;
	LIST_HEAD(slots);
	int err;

	lockdep_assert_held(&chan->broadcast->lock);
	err = ipcchan_broadcast_prepare(chan, body, sender, &slots);
	if (err)
		return err;
	refcount_set(&body->refs, 1);
	list_for_each_entry(sub, &chan->broadcast->subs, node) {
		struct ipcchan_msg *msg;

		if (!ipcchan_sub_wants(sub, body))
			continue;
		msg = ipcchan_broadcast_next_slot(&slots);
		ipcchan_msg_share(msg, body);
		ipcchan_sub_deliver(sub, msg, chan->slow);
	}
	spin_lock(&chan->queue.lock);
	ipcchan_queue_count_locked(&chan->queue, body);
	spin_unlock(&chan->queue.lock);
	ipcchan_msg_unshare(body);
	return 0;
}

static int ipcchan_broadcast_wait(struct ipcchan_broadcast *b, int seen,
				  ktime_t until)
{
	DEFINE_WAIT(wait);
	int err = 0;

	for (;;) {
		prepare_to_wait(&b->room, &wait, TASK_INTERRUPTIBLE);
		if (atomic_read(&b->changes) != seen)
			break;
		if (signal_pending(current))
			err = -ERESTARTSYS;
		else if (!ipcchan_sleep(until))
			err = -ETIMEDOUT;
		if (err)
			break;
	}
	finish_wait(&b->room, &wait);
	return err;
}

/**
 * ipcchan_broadcast_send() - give a message to all subscribers, or to none
 * @chan: broadcast channel
 * @msg: gone on success, else still the caller's
 * @sender: who sends it
 * @until: how long to wait for room
 *
 * Without a subscriber it is gone too: there is nobody to keep it for.
 *
 * Context: process, may sleep.
 * Return: 0; -EAGAIN, -EDQUOT, -ENOMEM, -ERESTARTSYS, -ETIMEDOUT, -EPIPE.
 */
int ipcchan_broadcast_send(struct ipcchan_chan *chan, struct ipcchan_msg *msg,
			   struct ipcchan_sender *sender, ktime_t until)
{
	struct ipcchan_broadcast *b = chan->broadcast;
	bool waited = false;
	int seen, err;

	do {
		/* Before the look at the queues: what changes after it is seen. */
		seen = atomic_read_acquire(&b->changes);
		if (mutex_lock_interruptible(&b->lock))
			return -ERESTARTSYS;
		err = ipcchan_broadcast_try_locked(chan, msg, sender);
		mutex_unlock(&b->lock);
		if ((err != -EAGAIN && err != -EDQUOT) ||
		    until == IPCCHAN_NO_WAIT)
			break;
		if (!waited) {
			spin_lock(&chan->queue.lock);
			chan->queue.stats.send_waits++;
			spin_unlock(&chan->queue.lock);
			waited = true;
		}
		err = ipcchan_broadcast_wait(b, seen, until);
	} while (!err);
	return err;
}

/**
 * ipcchan_broadcast_poll_send() - could a sender go on without waiting?
 * @chan: broadcast channel
 * Context: process, may sleep, after poll_wait() on the wait queue head.
 * Return: EPOLLOUT and its companion, EPOLLERR.
 */
__poll_t ipcchan_broadcast_poll_send(struct ipcchan_chan *chan)
{
	struct ipcchan_broadcast *b = chan->broadcast;
	__poll_t mask = EPOLLOUT | EPOLLWRNORM;
	struct ipcchan_sub *sub;

	mutex_lock(&b->lock);
	list_for_each_entry(sub, &b->subs, node) {
		if (chan->slow == IPCCHAN_SLOW_BLOCK &&
		    !ipcchan_sub_fits(sub, chan->queue.max_len))
			mask = 0;
	}
	if (b->hangup & IPCCHAN_NO_RECEIVERS)
		mask |= EPOLLOUT | EPOLLWRNORM | EPOLLERR;
	mutex_unlock(&b->lock);
	return mask;
}

/**
 * ipcchan_broadcast_hangup() - all senders or all receivers are gone, or one is back
 * @b: broadcast
 * @gone: IPCCHAN_NO_*, from now on
 * Context: process, may sleep.
 */
void ipcchan_broadcast_hangup(struct ipcchan_broadcast *b, u16 gone)
{
	struct ipcchan_sub *sub;

	mutex_lock(&b->lock);
	b->hangup = gone;
	list_for_each_entry(sub, &b->subs, node)
		ipcchan_queue_hangup(&sub->queue, gone & IPCCHAN_NO_SENDERS);
	mutex_unlock(&b->lock);
	ipcchan_broadcast_made_room(b);
	wake_up_interruptible_poll(&b->room, EPOLLERR);
	kill_fasync(&b->fasync, SIGIO, POLL_HUP);
}

/**
 * ipcchan_broadcast_snapshot() - state and counters over all subscribers
 * @chan: broadcast channel
 * @s: in and out, those of the channel's own queue, which has what was sent
 * Context: process, may sleep.
 */
void ipcchan_broadcast_snapshot(struct ipcchan_chan *chan, struct ipcchan_snapshot *s)
{
	struct ipcchan_broadcast *b = chan->broadcast;
	struct ipcchan_snapshot one;
	struct ipcchan_sub *sub;

	s->stats.received = 0;
	s->stats.received_bytes = 0;
	s->stats.lost = 0;
	mutex_lock(&b->lock);
	ipcchan_stats_add(&s->stats, &b->past);
	list_for_each_entry(sub, &b->subs, node) {
		ipcchan_queue_snapshot(&sub->queue, &one);
		ipcchan_stats_add(&s->stats, &one.stats);
		s->nr += one.nr;
		s->bytes += one.bytes;
	}
	mutex_unlock(&b->lock);
}
