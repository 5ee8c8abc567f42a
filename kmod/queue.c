// SPDX-License-Identifier: GPL-2.0
/* The queue: messages in order, back-pressure, direct hand-over. */

#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "broadcast.h"
#include "ipcchan.h"
#include "queue_locked.h"

/**
 * ipcchan_queue_init() - make an empty queue
 * @q: out, zeroed
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
	q->send_cpu = -1;
	q->recv_cpu = -1;
	INIT_LIST_HEAD(&q->msgs);
	INIT_LIST_HEAD(&q->receivers);
	INIT_LIST_HEAD(&q->senders);
	INIT_LIST_HEAD(&q->shares);
	init_waitqueue_head(&q->recv_poll);
	init_waitqueue_head(&q->send_poll);
}

/**
 * ipcchan_queue_destroy() - free what is queued
 * @q: nobody waits on it or can reach it any more
 * Context: process, may sleep.
 */
void ipcchan_queue_destroy(struct ipcchan_queue *q)
{
	struct ipcchan_msg *msg, *next;

	list_for_each_entry_safe(msg, next, &q->msgs, node) {
		ipcchan_share_end(q, msg);
		ipcchan_msg_free(msg);
		cond_resched();
	}
	ipcchan_slots_free(&q->slots);
	kfree(q->levels);
}

/**
 * ipcchan_queue_prioritise() - prepare for messages of a priority
 * @q: queue
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int ipcchan_queue_prioritise(struct ipcchan_queue *q)
{
	struct ipcchan_levels *levels;

	if (READ_ONCE(q->levels))
		return 0;
	levels = kzalloc(sizeof(*levels), GFP_KERNEL_ACCOUNT);
	if (!levels)
		return -ENOMEM;
	spin_lock(&q->lock);
	if (!q->levels) {
		if (!list_empty(&q->msgs)) {
			levels->mask = BIT(0);
			levels->last[0] = q->msgs.prev;
		}
		WRITE_ONCE(q->levels, levels);
		levels = NULL;
	}
	spin_unlock(&q->lock);
	kfree(levels);
	return 0;
}

/**
 * ipcchan_queue_find_locked() - the next message that a receiver wants
 * @q: queue
 * @match: what it wants
 *
 * By type it is a search, through no more than IPCCHAN_FILTER_MSGS messages: only
 * queues that hold no more have such receivers.
 *
 * Context: @q->lock held.
 * Return: the message, which stays queued; NULL.
 */
struct ipcchan_msg *ipcchan_queue_find_locked(struct ipcchan_queue *q,
					      struct ipcchan_match match)
{
	struct ipcchan_msg *msg;

	list_for_each_entry(msg, &q->msgs, node) {
		if (msg->prio < match.min_prio)
			break;
		if (ipcchan_match_one(match, msg))
			return msg;
	}
	return NULL;
}

/* Move the messages of waiting senders into the room there is, in order. */
static void ipcchan_queue_admit_locked(struct ipcchan_queue *q,
				       struct list_head *senders,
				       struct ipcchan_owed *owed)
{
	struct ipcchan_waiter *w, *next;

	list_for_each_entry_safe(w, next, senders, node) {
		if (!ipcchan_queue_allows_locked(q, w->msg)) {
			if (senders != &q->senders ||
			    !ipcchan_queue_fits_locked(q, w->msg->len))
				return;
			/* Who has enough here holds up nobody else. */
			list_move_tail(&w->node, &w->msg->share->senders);
			continue;
		}
		ipcchan_queue_link_locked(q, w->msg, owed);
		ipcchan_queue_complete_locked(q, w, 0, owed);
	}
}

/**
 * ipcchan_queue_made_room() - tell those who wait for room, and give up the lock
 * @q: queue
 * Context: @q->lock held.
 */
noinline void ipcchan_queue_made_room(struct ipcchan_queue *q)
	__releases(&q->lock)
{
	struct ipcchan_owed owed = {};
	struct ipcchan_share *share;

	ipcchan_queue_admit_locked(q, &q->senders, &owed);
	list_for_each_entry(share, &q->shares, node)
		ipcchan_queue_admit_locked(q, &share->senders, &owed);
	owed.poll_out = ipcchan_queue_writable_locked(q);
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed);
	if (q->broadcast)
		ipcchan_broadcast_made_room(q->broadcast);
}

/* A burst has left more free slots than the next messages need. */
static noinline void ipcchan_queue_shed(struct ipcchan_queue *q)
{
	struct ipcchan_slots excess = {};

	spin_lock(&q->lock);
	while (q->slots.nr > IPCCHAN_SLOTS_MAX - IPCCHAN_SLOTS_BATCH)
		ipcchan_slots_push(&excess, ipcchan_slots_pop(&q->slots));
	spin_unlock(&q->lock);
	ipcchan_slots_free(&excess);
}

/**
 * ipcchan_queue_slot() - a slot for the first message of a sender
 * @q: queue
 *
 * Later ones come out of ipcchan_queue_send().
 *
 * Context: process, may sleep.
 * Return: the slot, NULL without memory.
 */
struct ipcchan_msg *ipcchan_queue_slot(struct ipcchan_queue *q)
{
	struct ipcchan_slots batch = {};
	struct ipcchan_msg *slot;

	spin_lock(&q->lock);
	slot = ipcchan_slots_pop(&q->slots);
	spin_unlock(&q->lock);
	if (slot)
		return slot;
	if (!ipcchan_slots_alloc(&batch))
		return ipcchan_msg_alloc(0);

	slot = ipcchan_slots_pop(&batch);
	spin_lock(&q->lock);
	while (batch.nr && q->slots.nr < IPCCHAN_SLOTS_MAX)
		ipcchan_slots_push(&q->slots, ipcchan_slots_pop(&batch));
	spin_unlock(&q->lock);
	ipcchan_slots_free(&batch);
	return slot;
}

/**
 * ipcchan_queue_rest() - give back what an unused queue does not need
 * @q: queue that no endpoint uses for some time
 *
 * Free slots, and the descriptors that messages carry: one of them may be all that
 * keeps the network namespace that this channel would end with.
 *
 * Context: process, may sleep.
 * Return: whether there are messages.
 */
bool ipcchan_queue_rest(struct ipcchan_queue *q)
{
	struct ipcchan_slots slots = {};
	struct ipcchan_msg *msg;

	spin_lock(&q->lock);
	swap(q->slots, slots);
	spin_unlock(&q->lock);
	ipcchan_slots_free(&slots);
	list_for_each_entry(msg, &q->msgs, node) {
		if (msg->flags & IPCCHAN_HAS_FDS) {
			ipcchan_msg_strip(msg);
			msg->flags = IPCCHAN_LOST_FDS;
		}
	}
	return !list_empty(&q->msgs);
}

/**
 * ipcchan_queue_wait_room() - wait until a message has been queued or handed over
 * @q: queue
 * @msg: as for ipcchan_queue_send()
 * @until: when to give up
 * @wake: task to be woken first, or NULL
 * Context: @q->lock held, given up; process, sleeps.
 * Return: 0; -ERESTARTSYS, -ETIMEDOUT, -EPIPE.
 */
noinline int ipcchan_queue_wait_room(struct ipcchan_queue *q,
				     struct ipcchan_msg *msg, ktime_t until,
				     struct task_struct *wake)
	__releases(&q->lock)
{
	struct ipcchan_waiter w;
	int err;

	/* Who has enough here holds up nobody else. */
	if (msg->share && list_empty(&q->senders) &&
	    ipcchan_queue_fits_locked(q, msg->len))
		ipcchan_waiter_add(&w, &msg->share->senders, msg, 0);
	else
		ipcchan_waiter_add(&w, &q->senders, msg, 0);
	q->stats.send_waits++;
	spin_unlock(&q->lock);
	if (wake)
		ipcchan_task_wake(wake);
	ipcchan_waiter_spin(&w, q, &q->recv_cpu);
	err = ipcchan_waiter_sleep(&w, q, until);
	if (likely(!err))
		return 0;

	/* The one who gave up may have been all that held the next ones back. */
	spin_lock(&q->lock);
	ipcchan_queue_made_room(q);
	return err;
}

/* poll() says that there is room, and for others there is. */
static int ipcchan_queue_refusal_locked(struct ipcchan_queue *q,
					const struct ipcchan_msg *msg)
{
	return msg->share && ipcchan_queue_writable_locked(q) ? -EDQUOT :
								-EAGAIN;
}

/**
 * ipcchan_queue_send() - hand a message over, queue it, or wait for room
 * @q: queue
 * @msg: at most @q->max_len bytes; the queue's on success, else still the caller's
 * @until: how long to wait
 *
 * Context: process, may sleep.
 * Return: a slot for the caller's next message, or NULL; ERR_PTR of -EAGAIN,
 * -EDQUOT (not waiting, and the sender has its share), -ERESTARTSYS, -ETIMEDOUT,
 * -EPIPE.
 */
struct ipcchan_msg *ipcchan_queue_send(struct ipcchan_queue *q,
				       struct ipcchan_msg *msg, ktime_t until)
{
	struct ipcchan_msg *spare = NULL;
	struct ipcchan_owed owed = {};
	size_t len = msg->len;

	spin_lock(&q->lock);
	ipcchan_queue_seen_locked(q, &q->send_cpu);
	if (!ipcchan_queue_handover_locked(q, msg, &owed)) {
		if (unlikely(q->hangup & IPCCHAN_NO_RECEIVERS))
			spare = ERR_PTR(-EPIPE);
		else if (likely(list_empty(&q->senders) &&
				ipcchan_queue_allows_locked(q, msg)))
			ipcchan_queue_link_locked(q, msg, &owed);
		else if (until == IPCCHAN_NO_WAIT)
			spare = ERR_PTR(ipcchan_queue_refusal_locked(q, msg));
		else
			return ERR_PTR(ipcchan_queue_wait_room(q, msg, until,
							       owed.wake));
	}
	if (likely(!spare && ipcchan_msg_is_slot(len)))
		spare = ipcchan_slots_pop(&q->slots);
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed);
	return spare;
}

/* Return: the message, NULL at end of file, or an ERR_PTR. */
static noinline struct ipcchan_msg *
ipcchan_queue_wait_msg(struct ipcchan_queue *q, const struct ipcchan_want *want,
		       bool shed)
	__releases(&q->lock)
{
	struct ipcchan_waiter w = { .match = want->match };
	/* What a subscriber does not want may fill its queue, and hold up what it wants. */
	bool takes = !list_empty(&q->msgs) && q->broadcast;
	int err;

	ipcchan_waiter_add(&w, &q->receivers, NULL, want->room);
	q->stats.recv_waits++;
	spin_unlock(&q->lock);
	if (unlikely(shed))
		ipcchan_queue_shed(q);
	if (unlikely(takes))
		ipcchan_broadcast_made_room(q->broadcast);
	ipcchan_waiter_spin(&w, q, &q->send_cpu);
	err = ipcchan_waiter_sleep(&w, q, want->until);
	if (unlikely(err))
		return ERR_PTR(err);
	if (unlikely(w.msg && fatal_signal_pending(current))) {
		/* Nobody will ever see it here. */
		ipcchan_queue_putback(q, w.msg);
		return ERR_PTR(-EINTR);
	}
	return w.msg;
}

/* The oldest sender that waits with a message that @match is met by. */
static struct ipcchan_waiter *
ipcchan_queue_waiting_locked(struct ipcchan_queue *q, struct ipcchan_match match)
{
	struct ipcchan_share *share;
	struct ipcchan_waiter *w;

	list_for_each_entry(w, &q->senders, node) {
		if (ipcchan_match_one(match, w->msg))
			return w;
	}
	list_for_each_entry(share, &q->shares, node) {
		list_for_each_entry(w, &share->senders, node) {
			if (ipcchan_match_one(match, w->msg))
				return w;
		}
	}
	return NULL;
}

/**
 * ipcchan_queue_take_waiting_locked() - the message of a sender that waits for room
 * @q: queue, where none of @want is queued
 * @want: which message
 * @owed: the sender is told; if so it is the caller's to call ipcchan_queue_made_room(),
 *	for that sender may have been all that held the next ones back
 *
 * A receiver of one type may wait while the queue is full of others, and senders of
 * what it wants wait behind them.
 *
 * Context: @q->lock held.
 * Return: the message, the caller's; NULL, ERR_PTR(-EMSGSIZE).
 */
noinline struct ipcchan_msg *
ipcchan_queue_take_waiting_locked(struct ipcchan_queue *q,
				  const struct ipcchan_want *want,
				  struct ipcchan_owed *owed)
{
	struct ipcchan_waiter *w = ipcchan_queue_waiting_locked(q, want->match);
	struct ipcchan_msg *msg;

	if (!w)
		return NULL;
	msg = w->msg;
	if (msg->len > want->room)
		return ERR_PTR(-EMSGSIZE);
	q->stats.handovers++;
	ipcchan_queue_count_locked(q, msg);
	ipcchan_queue_complete_locked(q, w, 0, owed);
	/* The list that it was in may go with this. */
	if (msg->share)
		ipcchan_share_put_locked(msg);
	return msg;
}

/* It does not want just anything, or it will not wait, or it has not the room. */
static noinline struct ipcchan_msg *
ipcchan_queue_recv_slow(struct ipcchan_queue *q, const struct ipcchan_want *want,
			bool shed)
	__releases(&q->lock)
{
	struct ipcchan_msg *msg = ipcchan_queue_find_locked(q, want->match);
	struct ipcchan_owed owed = {};

	if (msg && msg->len <= want->room) {
		ipcchan_queue_take_locked(q, msg);
		ipcchan_queue_made_room(q);
		goto out;
	}
	msg = msg ? ERR_PTR(-EMSGSIZE) :
		    ipcchan_queue_take_waiting_locked(q, want, &owed);
	if (!msg && !(q->hangup & (IPCCHAN_NO_SENDERS | IPCCHAN_CUT_OFF))) {
		if (want->until != IPCCHAN_NO_WAIT)
			return ipcchan_queue_wait_msg(q, want, shed);
		msg = ERR_PTR(-EAGAIN);
	}
	if (owed.wake)
		ipcchan_queue_made_room(q);
	else
		spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed);
out:
	if (unlikely(shed))
		ipcchan_queue_shed(q);
	return msg;
}

/**
 * ipcchan_queue_recv() - take the next message, or wait for one
 * @q: queue
 * @want: which message, and how long to wait for it
 * @used: a slot that the caller has done with, the queue's from now on, or NULL
 *
 * Context: process, may sleep.
 * Return: the message, now the caller's; NULL at end of file; ERR_PTR of -EAGAIN,
 * -EMSGSIZE (it is longer than there is room for, and stays), -ERESTARTSYS,
 * -ETIMEDOUT.
 */
struct ipcchan_msg *ipcchan_queue_recv(struct ipcchan_queue *q,
				       const struct ipcchan_want *want,
				       struct ipcchan_msg *used)
{
	bool shed = false, made_room;
	struct ipcchan_msg *msg;

	spin_lock(&q->lock);
	ipcchan_queue_seen_locked(q, &q->recv_cpu);
	if (likely(used)) {
		ipcchan_slots_push(&q->slots, used);
		shed = q->slots.nr > IPCCHAN_SLOTS_MAX;
	}
	if (unlikely(!ipcchan_match_all(want->match)))
		return ipcchan_queue_recv_slow(q, want, shed);
	if (list_empty(&q->msgs)) {
		if (likely(want->until != IPCCHAN_NO_WAIT && !q->hangup))
			return ipcchan_queue_wait_msg(q, want, shed);
		return ipcchan_queue_recv_slow(q, want, shed);
	}
	msg = list_first_entry(&q->msgs, struct ipcchan_msg, node);
	if (unlikely(msg->len > want->room))
		return ipcchan_queue_recv_slow(q, want, shed);
	made_room = ipcchan_queue_take_locked(q, msg);
	if (unlikely(made_room))
		ipcchan_queue_made_room(q);
	else
		spin_unlock(&q->lock);
	if (unlikely(shed))
		ipcchan_queue_shed(q);
	return msg;
}

/**
 * ipcchan_queue_putback() - undo a receive
 * @q: queue
 * @msg: taken from @q and not delivered; the queue's again
 *
 * It is the oldest message of its priority once more, whatever the limits say: it had
 * its room.
 *
 * Context: process.
 */
void ipcchan_queue_putback(struct ipcchan_queue *q, struct ipcchan_msg *msg)
{
	struct ipcchan_owed owed = {};

	spin_lock(&q->lock);
	q->stats.received--;
	q->stats.received_bytes -= msg->len;
	if (!ipcchan_queue_handover_locked(q, msg, &owed))
		ipcchan_queue_requeue_locked(q, msg, &owed);
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed);
}
