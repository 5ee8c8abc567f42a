// SPDX-License-Identifier: GPL-2.0
/* Broadcast: each subscriber has a queue of its own, and all share the payload. */

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "account.h"
#include "broadcast.h"
#include "channel.h"
#include "ident.h"
#include "queue_locked.h"

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

static bool ipcchan_sub_wants(const struct ipcchan_sub *sub,
			      const struct ipcchan_msg *msg)
{
	return ipcchan_match_one(sub->match, msg) &&
	       !(READ_ONCE(sub->queue.hangup) & IPCCHAN_CUT_OFF);
}

static bool ipcchan_sub_fits(struct ipcchan_sub *sub, size_t len)
{
	struct ipcchan_queue *q = &sub->queue;
	bool fits;

	spin_lock(&q->lock);
	fits = ipcchan_queue_fits_locked(q, len);
	spin_unlock(&q->lock);
	return fits;
}

/* Room, or who waits for it while what he does not want any more takes the room. */
static bool ipcchan_sub_takes(struct ipcchan_sub *sub, const struct ipcchan_msg *msg)
{
	struct ipcchan_queue *q = &sub->queue;
	struct ipcchan_waiter *w;
	bool takes;

	spin_lock(&q->lock);
	takes = ipcchan_queue_fits_locked(q, msg->len);
	list_for_each_entry(w, &q->receivers, node) {
		if (takes)
			break;
		takes = ipcchan_match_one(w->match, msg) && msg->len <= w->room;
	}
	spin_unlock(&q->lock);
	return takes;
}

/* Has the sender of @slot, a message of @len bytes, its share of the room there is? */
static bool ipcchan_sub_sated(struct ipcchan_queue *q, const struct ipcchan_msg *slot,
			      size_t len)
{
	bool sated;

	if (!slot->share)
		return false;
	spin_lock(&q->lock);
	sated = !ipcchan_share_allows_locked(q, slot->share, len);
	spin_unlock(&q->lock);
	return sated;
}

/* A slot for @msg, at the end of @slots even if there is an error. */
static int ipcchan_sub_prepare(struct ipcchan_sub *sub, const struct ipcchan_msg *msg,
			       struct ipcchan_sender *sender, bool blocks,
			       struct list_head *slots)
{
	struct ipcchan_queue *q = &sub->queue;
	struct ipcchan_msg *slot;
	int err = 0;

	if (blocks && !ipcchan_sub_takes(sub, msg))
		return -EAGAIN;
	if (msg->prio && ipcchan_queue_prioritise(q))
		return -ENOMEM;
	slot = ipcchan_queue_slot(q, sender);
	if (!slot)
		return -ENOMEM;
	list_add_tail(&slot->node, slots);
	if (!uid_eq(ipcchan_msg_uid(msg), q->owner)) {
		err = ipcchan_share_begin(q, slot, ipcchan_msg_uid(msg));
		if (!err && blocks && ipcchan_sub_sated(q, slot, msg->len))
			err = -EDQUOT;
	}
	return err;
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

/* The oldest of lowest priority, unless @msg has less. */
static struct ipcchan_msg *ipcchan_sub_victim_locked(struct ipcchan_queue *q,
						     struct ipcchan_msg *msg)
{
	struct list_head *before = &q->msgs;
	struct ipcchan_msg *last;

	if (list_empty(&q->msgs))
		return msg;
	last = list_last_entry(&q->msgs, struct ipcchan_msg, node);
	if (msg->prio < last->prio)
		return msg;
	if (q->levels)
		before = ipcchan_levels_begin(q->levels, before, last->prio);
	return list_first_entry(before, struct ipcchan_msg, node);
}

/* The loss is told in the message that comes after the gap. */
static void ipcchan_sub_drop_locked(struct ipcchan_queue *q,
				    struct ipcchan_msg *victim,
				    struct ipcchan_msg *msg,
				    struct ipcchan_slots *dropped)
{
	struct ipcchan_msg *heir = msg;

	if (!list_is_last(&victim->node, &q->msgs))
		heir = list_next_entry(victim, node);
	heir->lost += victim->lost + 1;
	q->stats.lost++;
	ipcchan_queue_unlink_locked(q, victim, true);
	ipcchan_slots_push(dropped, victim);
}

/* It gets what it has, and what waits for something else gets nothing. */
static void ipcchan_sub_cut_off_locked(struct ipcchan_queue *q,
				       struct ipcchan_owed *owed)
{
	struct ipcchan_waiter *w, *next;

	q->hangup |= IPCCHAN_CUT_OFF;
	list_for_each_entry_safe(w, next, &q->receivers, node)
		ipcchan_queue_complete_locked(q, w, 0, owed);
}

/* Return: whether there is room for @msg now. */
static bool ipcchan_sub_make_room_locked(struct ipcchan_queue *q,
					 struct ipcchan_msg *msg, u32 slow,
					 struct ipcchan_slots *dropped,
					 struct ipcchan_owed *owed)
{
	struct ipcchan_msg *victim;

	/*
	 * Nobody but the sender adds, and it has looked.  If it saw who waits, and he has
	 * gone since, this is one too many, as one that is put back is.
	 */
	if (slow == IPCCHAN_SLOW_BLOCK)
		return true;
	/* Who has its share takes nothing from the others, and cuts nobody off. */
	if (msg->share && !ipcchan_share_allows_locked(q, msg->share, msg->len)) {
		q->lost += msg->lost + 1;
		q->stats.lost++;
		return false;
	}
	while (!ipcchan_queue_fits_locked(q, msg->len)) {
		victim = slow == IPCCHAN_SLOW_DROP_OLDEST ?
				 ipcchan_sub_victim_locked(q, msg) : msg;
		if (victim == msg) {
			if (slow == IPCCHAN_SLOW_DISCONNECT)
				ipcchan_sub_cut_off_locked(q, owed);
			q->lost += msg->lost + 1;
			q->stats.lost++;
			return false;
		}
		ipcchan_sub_drop_locked(q, victim, msg, dropped);
	}
	return true;
}

/* Return: how many messages were lost for it. */
static u64 ipcchan_sub_deliver(struct ipcchan_queue *q, struct ipcchan_msg *msg,
			       u32 slow)
{
	struct ipcchan_slots dropped = {};
	struct ipcchan_owed owed = {};
	u64 lost;

	spin_lock(&q->lock);
	lost = q->stats.lost;
	msg->lost = q->lost;
	q->lost = 0;
	if (!ipcchan_queue_handover_locked(q, msg, &owed, true)) {
		if (ipcchan_sub_make_room_locked(q, msg, slow, &dropped,
						 &owed)) {
			ipcchan_queue_link_locked(q, msg, &owed, true);
		} else {
			if (msg->share)
				ipcchan_share_put_locked(msg);
			ipcchan_slots_push(&dropped, msg);
		}
	}
	lost = q->stats.lost - lost;
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed, true);
	if (unlikely(lost && slow == IPCCHAN_SLOW_DISCONNECT))
		ipcchan_queue_notify_gone(q);
	while ((msg = ipcchan_slots_pop(&dropped)))
		ipcchan_msg_free(msg);
	return lost;
}

static int ipcchan_broadcast_try_locked(struct ipcchan_chan *chan,
					struct ipcchan_msg *body,
					struct ipcchan_sender *sender)
{
	struct ipcchan_sub *sub;
	LIST_HEAD(slots);
	u64 lost = 0;
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
		lost += ipcchan_sub_deliver(&sub->queue, msg, chan->slow);
	}
	spin_lock(&chan->queue.lock);
	ipcchan_queue_count_locked(&chan->queue, body);
	chan->queue.stats.lost += lost;
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
}

static struct ipcchan_cost ipcchan_sub_cost(const struct ipcchan_chan *chan)
{
	return (struct ipcchan_cost) {
		.of[IPCCHAN_ITEM_MSGS] = chan->queue.max_nr,
		.of[IPCCHAN_ITEM_BYTES] = chan->queue.max_bytes,
	};
}

/**
 * ipcchan_sub_create() - subscribe to what is sent from now on
 * @chan: broadcast channel
 * Context: process, may sleep.
 * Return: the subscriber, owned by the endpoint; ERR_PTR of -ENOMEM, -EDQUOT.
 */
struct ipcchan_sub *ipcchan_sub_create(struct ipcchan_chan *chan)
{
	struct ipcchan_sub *sub = kzalloc(sizeof(*sub), GFP_KERNEL_ACCOUNT);
	struct ipcchan_cost cost = ipcchan_sub_cost(chan);
	struct ipcchan_broadcast *b = chan->broadcast;

	if (!sub)
		return ERR_PTR(-ENOMEM);
	sub->account = ipcchan_account_charge(&cost);
	if (IS_ERR(sub->account)) {
		struct ipcchan_account *err = sub->account;

		kfree(sub);
		return ERR_CAST(err);
	}
	ipcchan_queue_init(&sub->queue, chan->queue.max_nr, chan->queue.max_len,
			   chan->queue.max_bytes);
	sub->queue.owner = chan->queue.owner;
	sub->queue.spin_ns = chan->queue.spin_ns;
	sub->queue.sync_wake = chan->queue.sync_wake;
	sub->queue.broadcast = b;
	sub->queue.special = true;
	mutex_lock(&b->lock);
	sub->queue.hangup = b->hangup & IPCCHAN_NO_SENDERS;
	list_add_tail(&sub->node, &b->subs);
	mutex_unlock(&b->lock);
	return sub;
}

/**
 * ipcchan_sub_destroy() - end a subscription
 * @chan: its channel
 * @sub: nobody receives from it any more
 * Context: process, may sleep.
 */
void ipcchan_sub_destroy(struct ipcchan_chan *chan, struct ipcchan_sub *sub)
{
	struct ipcchan_cost cost = ipcchan_sub_cost(chan);
	struct ipcchan_broadcast *b = chan->broadcast;

	mutex_lock(&b->lock);
	list_del(&sub->node);
	mutex_unlock(&b->lock);
	ipcchan_broadcast_made_room(b);
	ipcchan_queue_destroy(&sub->queue);
	ipcchan_account_uncharge(sub->account, &cost);
	kfree(sub);
}

/**
 * ipcchan_sub_filter() - what a subscriber gets from now on
 * @chan: its channel
 * @sub: subscriber
 * @match: which messages
 * Context: process, may sleep.
 */
void ipcchan_sub_filter(struct ipcchan_chan *chan, struct ipcchan_sub *sub,
			struct ipcchan_match match)
{
	mutex_lock(&chan->broadcast->lock);
	sub->match = match;
	mutex_unlock(&chan->broadcast->lock);
	ipcchan_broadcast_made_room(chan->broadcast);
}
