// SPDX-License-Identifier: GPL-2.0
/* Broadcast: each subscriber has a queue of its own, and all share the payload. */

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "broadcast.h"
#include "channel.h"
#include "ident.h"
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
	mutex_init(&b->subs_lock);
	INIT_LIST_HEAD(&b->line);
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
	if (!b)
		return;
	mutex_destroy(&b->subs_lock);
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

/**
 * struct ipcchan_turn - a sender that waits for room
 * @node: in the line; empty if it is not there
 * @msg: what it sends
 * @aside: its user has as much as he may have; it holds up nobody else's
 */
struct ipcchan_turn {
	struct list_head node;
	const struct ipcchan_msg *msg;
	bool aside;
};

/*
 * Is there a subscriber for both, and none of these waits for @msg and has no room for
 * @before?
 */
static bool ipcchan_broadcast_competes(struct ipcchan_broadcast *b,
				       const struct ipcchan_msg *msg,
				       const struct ipcchan_msg *before)
{
	struct ipcchan_sub *sub;
	bool both = false;

	list_for_each_entry(sub, &b->subs, node) {
		cond_resched();
		if (!ipcchan_sub_wants(sub, msg) || !ipcchan_sub_wants(sub, before))
			continue;
		if (ipcchan_sub_awaits(sub, msg) && !ipcchan_sub_fits(sub, before->len))
			return false;
		both = true;
	}
	return both;
}

/*
 * Who came first gets room first, or long messages would wait for short ones for ever.
 * But what makes the first one wait may be a subscriber that waits for this one.
 *
 * Return: 0; -EAGAIN; -EDQUOT behind another of its user that waits for its share.
 */
static int ipcchan_broadcast_held_up(struct ipcchan_broadcast *b,
				     const struct ipcchan_turn *turn)
{
	struct ipcchan_turn *before;

	lockdep_assert_held(&b->lock);
	list_for_each_entry(before, &b->line, node) {
		if (before == turn)
			break;
		if (before->aside && !uid_eq(ipcchan_msg_uid(before->msg),
					     ipcchan_msg_uid(turn->msg)))
			continue;
		if (ipcchan_broadcast_competes(b, turn->msg, before->msg))
			return before->aside ? -EDQUOT : -EAGAIN;
	}
	return 0;
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
	int err = 0, why;

	lockdep_assert_held(&chan->broadcast->lock);
	/* Who has its share anywhere is told so, even if others have no room at all. */
	list_for_each_entry(sub, &chan->broadcast->subs, node) {
		cond_resched();
		if (!ipcchan_sub_wants(sub, msg))
			continue;
		why = ipcchan_sub_prepare(sub, msg, sender, blocks, slots);
		if (why)
			err = why;
		if (err && err != -EAGAIN)
			break;
	}
	if (!err)
		return 0;
	/* Each slot is that of the next one that wants the message. */
	list_for_each_entry(sub, &chan->broadcast->subs, node) {
		cond_resched();
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
					struct ipcchan_sender *sender,
					const struct ipcchan_turn *turn)
{
	struct ipcchan_broadcast *b = chan->broadcast;
	struct ipcchan_sub *sub;
	LIST_HEAD(slots);
	int err;

	lockdep_assert_held(&b->lock);
	if (READ_ONCE(b->hangup) & IPCCHAN_NO_RECEIVERS)
		return -EPIPE;
	/* It may have waited while the limits changed. */
	if (unlikely(body->len > READ_ONCE(chan->queue.max_len)))
		return -EMSGSIZE;
	err = ipcchan_broadcast_held_up(b, turn) ?:
	      ipcchan_broadcast_prepare(chan, body, sender, &slots);
	if (err)
		return err;
	refcount_set(&body->refs, 1);
	list_for_each_entry(sub, &b->subs, node) {
		struct ipcchan_msg *msg;

		if (!ipcchan_sub_wants(sub, body)) {
			cond_resched();
			continue;
		}
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

/* Return: whether those behind it are to look again. */
static bool ipcchan_turn_leave_locked(struct ipcchan_broadcast *b,
				      struct ipcchan_turn *turn)
{
	bool there = !list_empty(&turn->node);

	list_del_init(&turn->node);
	b->waiting -= there;
	return there;
}

/* Return: likewise. */
static bool ipcchan_turn_take_locked(struct ipcchan_broadcast *b,
				     struct ipcchan_turn *turn, bool aside)
{
	bool steps_aside = !list_empty(&turn->node) && !turn->aside && aside;

	if (list_empty(&turn->node)) {
		list_add_tail(&turn->node, &b->line);
		b->waiting++;
	}
	turn->aside = aside;
	return steps_aside;
}

static int ipcchan_broadcast_try(struct ipcchan_chan *chan, struct ipcchan_msg *msg,
				 struct ipcchan_sender *sender,
				 struct ipcchan_turn *turn, ktime_t until)
{
	bool waits = until != IPCCHAN_NO_WAIT;
	struct ipcchan_broadcast *b = chan->broadcast;
	bool others;
	int err;

	while (mutex_lock_interruptible(&b->lock)) {
		if (ipcchan_interrupted(!waits || until == IPCCHAN_FOREVER))
			return -ERESTARTSYS;
	}
	err = ipcchan_broadcast_try_locked(chan, msg, sender, turn);
	if (waits && (err == -EAGAIN || err == -EDQUOT))
		others = ipcchan_turn_take_locked(b, turn, err == -EDQUOT);
	else
		others = ipcchan_turn_leave_locked(b, turn);
	mutex_unlock(&b->lock);
	if (others)
		ipcchan_broadcast_made_room(b);
	return err;
}

/* It waits no more, and has sent nothing. */
static void ipcchan_broadcast_give_up(struct ipcchan_broadcast *b,
				      struct ipcchan_turn *turn)
{
	bool others;

	mutex_lock(&b->lock);
	others = ipcchan_turn_leave_locked(b, turn);
	mutex_unlock(&b->lock);
	if (others)
		ipcchan_broadcast_made_room(b);
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
		if (ipcchan_interrupted(until == IPCCHAN_FOREVER))
			err = -ERESTARTSYS;
		else if (!ipcchan_sleep(until) && atomic_read(&b->changes) == seen)
			err = -ETIMEDOUT;
		if (err)
			break;
	}
	finish_wait(&b->room, &wait);
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
	struct ipcchan_turn *turn;
	struct ipcchan_sub *sub;

	mutex_lock(&b->lock);
	list_for_each_entry(turn, &b->line, node) {
		if (!turn->aside)
			mask = 0;
	}
	list_for_each_entry(sub, &b->subs, node) {
		if (chan->slow == IPCCHAN_SLOW_BLOCK &&
		    !ipcchan_sub_fits(sub, READ_ONCE(chan->queue.max_len)))
			mask = 0;
		cond_resched();
	}
	if (READ_ONCE(b->hangup) & IPCCHAN_NO_RECEIVERS)
		mask |= EPOLLOUT | EPOLLWRNORM | EPOLLERR;
	mutex_unlock(&b->lock);
	return mask;
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
 * Return: 0; -EAGAIN, -EDQUOT, -ENOMEM, -ERESTARTSYS, -ETIMEDOUT, -EPIPE, -EMSGSIZE (the
 * limits have changed meanwhile).
 */
int ipcchan_broadcast_send(struct ipcchan_chan *chan, struct ipcchan_msg *msg,
			   struct ipcchan_sender *sender, ktime_t until)
{
	struct ipcchan_broadcast *b = chan->broadcast;
	struct ipcchan_turn turn = { .msg = msg };
	bool waits = until != IPCCHAN_NO_WAIT, waited = false;
	int seen, err;

	INIT_LIST_HEAD(&turn.node);
	do {
		/* Before the look at the queues: what changes after it is seen. */
		seen = atomic_read_acquire(&b->changes);
		err = ipcchan_broadcast_try(chan, msg, sender, &turn, until);
		if (unlikely(err == -EAGAIN))
			ipcchan_broadcast_full(b);
		if (!waits || (err != -EAGAIN && err != -EDQUOT))
			break;
		if (!waited) {
			trace_ipcchan_wait(&chan->queue, IPCCHAN_WAIT_ROOM);
			spin_lock(&chan->queue.lock);
			chan->queue.stats.send_waits++;
			spin_unlock(&chan->queue.lock);
			waited = true;
		}
		err = ipcchan_broadcast_wait(b, seen, until);
	} while (!err);
	if (!list_empty(&turn.node))
		ipcchan_broadcast_give_up(b, &turn);
	/* As for a queue: where poll() says that there is no room, that is why. */
	if (err == -EDQUOT && !(ipcchan_broadcast_poll_send(chan) & EPOLLOUT))
		err = -EAGAIN;
	return err;
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

	mutex_lock(&b->subs_lock);
	WRITE_ONCE(b->hangup, gone);
	list_for_each_entry(sub, &b->subs, node) {
		ipcchan_queue_hangup(&sub->queue, gone & IPCCHAN_NO_SENDERS);
		cond_resched();
	}
	mutex_unlock(&b->subs_lock);
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
	mutex_lock(&b->subs_lock);
	ipcchan_stats_add(&s->stats, &b->past);
	list_for_each_entry(sub, &b->subs, node) {
		ipcchan_queue_snapshot(&sub->queue, &one);
		ipcchan_stats_add(&s->stats, &one.stats);
		s->nr += one.nr;
		s->bytes += one.bytes;
		cond_resched();
	}
	mutex_unlock(&b->subs_lock);
}
