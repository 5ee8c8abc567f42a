// SPDX-License-Identifier: GPL-2.0
/* The queue: messages in order, back-pressure, direct hand-over. */

#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "broadcast.h"
#include "ident.h"
#include "ipcchan.h"
#include "queue_fast.h"

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
	q->send_side.cpu = -1;
	q->recv_side.cpu = -1;
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
		trace_ipcchan_drop(q, msg);
		ipcchan_share_end(q, msg);
		ipcchan_msg_free(msg);
		cond_resched();
	}
	ipcchan_slots_free(&q->slots);
	ipcchan_msg_free(q->large);
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
		q->special |= IPCCHAN_SPECIAL;
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

static struct ipcchan_waiter *
ipcchan_senders_find_locked(const struct list_head *senders, struct ipcchan_match match)
{
	struct ipcchan_waiter *w;

	list_for_each_entry(w, senders, node) {
		if (ipcchan_match_one(match, w->msg))
			return w;
	}
	return NULL;
}

/**
 * ipcchan_queue_waiting_locked() - the next waiting sender that a receiver wants
 * @q: queue, in which there is no such message
 * @match: what it wants
 *
 * A receiver of one type may wait while the queue, or what a user may have of it, is
 * full of others, and senders of what it wants wait behind them.
 *
 * Context: @q->lock held.
 * Return: the waiter, or NULL.
 */
struct ipcchan_waiter *ipcchan_queue_waiting_locked(struct ipcchan_queue *q,
						    struct ipcchan_match match)
{
	struct ipcchan_waiter *w = ipcchan_senders_find_locked(&q->senders, match);
	struct ipcchan_share *share;

	if (w)
		return w;
	list_for_each_entry(share, &q->shares, node) {
		w = ipcchan_senders_find_locked(&share->senders, match);
		if (w)
			return w;
	}
	return NULL;
}

/**
 * ipcchan_queue_take_waiting_locked() - take the message of a waiting sender
 * @q: queue
 * @w: its sender
 * @owed: it is told so, by ipcchan_queue_made_room_owing(): those behind it may fit
 * Context: @q->lock held.
 * Return: the message, which takes no room.
 */
struct ipcchan_msg *ipcchan_queue_take_waiting_locked(struct ipcchan_queue *q,
						      struct ipcchan_waiter *w,
						      struct ipcchan_owed *owed)
{
	struct ipcchan_msg *msg = w->msg;

	q->stats.handovers++;
	ipcchan_queue_count_locked(q, msg);
	trace_ipcchan_handover(q, msg, current);
	ipcchan_times_begin(q, msg);
	trace_ipcchan_dequeue(q, msg);
	ipcchan_times_end(q, msg);
	/* Out of the share's list before that may be gone. */
	ipcchan_queue_complete_locked(q, w, 0, owed);
	if (msg->share)
		ipcchan_share_put_locked(msg);
	return msg;
}

/**
 * ipcchan_queue_shed() - give a batch of free slots back
 * @q: a burst has left more of them than the next messages need
 * Context: @q->lock held, and given up for a moment; process, may sleep then.
 */
noinline void ipcchan_queue_shed(struct ipcchan_queue *q)
	__releases(&q->lock) __acquires(&q->lock)
{
	struct ipcchan_slots excess = {};

	ipcchan_slots_move(&excess, &q->slots, IPCCHAN_SLOTS_BATCH);
	spin_unlock(&q->lock);
	ipcchan_slots_free(&excess);
	spin_lock(&q->lock);
}

/**
 * ipcchan_queue_slot() - a slot for the first message of a sender
 * @q: queue
 * @sender: who will send it, and probably the next ones
 *
 * Later ones come out of ipcchan_queue_send().
 *
 * Context: process, may sleep.
 * Return: the slot, NULL without memory.
 */
struct ipcchan_msg *ipcchan_queue_slot(struct ipcchan_queue *q,
				       struct ipcchan_sender *sender)
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
	/* All at once; without memory for that each one is tried again. */
	ipcchan_ident_adopt(sender, batch.first);
	slot = ipcchan_slots_pop(&batch);
	spin_lock(&q->lock);
	if (q->slots.nr < IPCCHAN_SLOTS_MAX)
		ipcchan_slots_move(&q->slots, &batch,
				   IPCCHAN_SLOTS_MAX - q->slots.nr);
	spin_unlock(&q->lock);
	ipcchan_slots_free(&batch);
	return slot;
}

/**
 * ipcchan_queue_large() - memory for a message that fits no slot
 * @q: queue
 * @len: bytes
 *
 * What the queue has kept stays charged to the memory cgroup of whoever sent in it first,
 * as a slot does.
 *
 * Context: process, may sleep.
 * Return: the message, the caller's; NULL without memory.
 */
struct ipcchan_msg *ipcchan_queue_large(struct ipcchan_queue *q, size_t len)
{
	struct ipcchan_msg *msg = xchg(&q->large, NULL);

	if (msg && ipcchan_msg_reuse(msg, len))
		return msg;
	ipcchan_msg_free(msg);
	return ipcchan_msg_alloc(len);
}

/**
 * ipcchan_queue_keep_large() - keep a message's memory for the next one, or free it
 * @q: queue
 * @msg: owned by the caller, fits no slot and has nothing beside its payload
 * Context: process, may sleep.
 */
void ipcchan_queue_keep_large(struct ipcchan_queue *q, struct ipcchan_msg *msg)
{
	if (msg->len <= IPCCHAN_LARGE_KEPT)
		msg = xchg(&q->large, msg);
	ipcchan_msg_free(msg);
}

/**
 * ipcchan_queue_rest() - give back what an unused queue does not need
 * @q: queue that no endpoint uses for some time
 *
 * Free slots, the memory of a large message, and the descriptors that messages carry: one
 * of them may be all that keeps the network namespace that this channel would end with.
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
	ipcchan_msg_free(xchg(&q->large, NULL));
	list_for_each_entry(msg, &q->msgs, node) {
		if (msg->flags & IPCCHAN_HAS_FDS) {
			ipcchan_msg_strip_fds(msg);
			msg->flags |= IPCCHAN_LOST_FDS;
		}
		cond_resched();
	}
	return !list_empty(&q->msgs);
}

/**
 * ipcchan_queue_send_special() - ipcchan_queue_send(), for a special queue
 * @q: queue
 * @msg: likewise
 * @until: likewise
 * Context: @q->lock held, given up; process, may sleep.
 * Return: likewise.
 */
noinline struct ipcchan_msg *ipcchan_queue_send_special(struct ipcchan_queue *q,
							struct ipcchan_msg *msg,
							ktime_t until)
	__releases(&q->lock)
{
	return ipcchan_queue_send_locked(q, msg, until, true);
}

/**
 * ipcchan_queue_wait_msg() - wait for a message
 * @q: queue that has none for the caller
 * @room: as for ipcchan_queue_recv()
 * @match: likewise
 * @until: likewise
 * Context: @q->lock held, given up; process, sleeps.
 * Return: the message, NULL at end of file; ERR_PTR of -EMSGSIZE, -ERESTARTSYS,
 * -EINTR, -ETIMEDOUT.
 */
noinline struct ipcchan_msg *
ipcchan_queue_wait_msg(struct ipcchan_queue *q, size_t room,
		       struct ipcchan_match match, ktime_t until)
	__releases(&q->lock)
{
	/* What a subscriber does not want may fill its queue, and hold up what it wants. */
	bool takes = q->broadcast && !list_empty(&q->msgs);
	struct ipcchan_waiter w __uninitialized;
	int err;

	w.match = match;
	ipcchan_waiter_add(&w, &q->receivers, NULL, room);
	trace_ipcchan_wait(q, IPCCHAN_WAIT_MESSAGE);
	q->stats.recv_waits++;
	spin_unlock(&q->lock);
	if (unlikely(takes))
		ipcchan_broadcast_made_room(q->broadcast);
	ipcchan_waiter_linger(&w, q, &q->send_side, until);
	err = ipcchan_waiter_sleep(&w, q, until, until == IPCCHAN_FOREVER);
	if (unlikely(err))
		return ERR_PTR(err);
	if (unlikely(w.msg && fatal_signal_pending(current))) {
		/* Nobody will ever see it here. */
		ipcchan_queue_putback(q, w.msg);
		return ERR_PTR(-EINTR);
	}
	if (w.msg) {
		trace_ipcchan_dequeue(q, w.msg);
		ipcchan_times_end(q, w.msg);
	}
	return w.msg;
}

/**
 * ipcchan_queue_recv_special() - ipcchan_queue_recv(), for a special queue
 * @q: queue
 * @room: likewise
 * @match: likewise
 * @until: likewise
 * Context: @q->lock held, given up; process, may sleep.
 * Return: likewise.
 */
noinline struct ipcchan_msg *
ipcchan_queue_recv_special(struct ipcchan_queue *q, size_t room,
			   struct ipcchan_match match, ktime_t until)
	__releases(&q->lock)
{
	struct ipcchan_msg *msg = ipcchan_queue_find_locked(q, match);
	struct ipcchan_waiter *w = NULL;
	struct ipcchan_owed owed = {};

	ipcchan_queue_seen_locked(q, &q->recv_side);
	if (!msg) {
		w = ipcchan_queue_waiting_locked(q, match);
		msg = w ? w->msg : NULL;
	}
	if (msg && msg->len <= room) {
		if (w)
			ipcchan_queue_take_waiting_locked(q, w, &owed);
		if (w || ipcchan_queue_take_locked(q, msg, true))
			ipcchan_queue_made_room_owing(q, &owed);
		else
			spin_unlock(&q->lock);
		return msg;
	}
	if (msg)
		msg = ERR_PTR(-EMSGSIZE);
	if (!msg && !(q->hangup & (IPCCHAN_NO_SENDERS | IPCCHAN_CUT_OFF))) {
		if (until != IPCCHAN_NO_WAIT)
			return ipcchan_queue_wait_msg(q, room, match, until);
		msg = ERR_PTR(-EAGAIN);
	}
	spin_unlock(&q->lock);
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
	if (!ipcchan_queue_handover_locked(q, msg, &owed, true))
		ipcchan_queue_requeue_locked(q, msg, &owed);
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed, true);
}
