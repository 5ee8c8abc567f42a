// SPDX-License-Identifier: GPL-2.0
/* Room in the queue: who waits for it, and in which order it is given away. */

#include "broadcast.h"
#include "channel.h"
#include "event.h"
#include "queue_fast.h"

static void ipcchan_senders_insert_locked(struct list_head *senders,
					  struct ipcchan_waiter *w)
{
	struct list_head *before;

	list_for_each_prev(before, senders) {
		if (list_entry(before, struct ipcchan_waiter, node)->turn < w->turn)
			break;
	}
	list_add(&w->node, before);
}

/* The first of each user who had enough, and has not now, is in the line again. */
static void ipcchan_queue_rejoin_locked(struct ipcchan_queue *q)
{
	struct ipcchan_share *share;
	struct ipcchan_waiter *w;

	list_for_each_entry(share, &q->shares, node) {
		w = list_first_entry_or_null(&share->senders, struct ipcchan_waiter, node);
		if (!w || !ipcchan_share_allows_locked(q, share, w->msg->len))
			continue;
		list_del(&w->node);
		ipcchan_senders_insert_locked(&q->senders, w);
	}
}

/* Has its user enough here, or another message that waits for that and came before? */
static bool ipcchan_queue_aside_locked(struct ipcchan_queue *q,
				       const struct ipcchan_waiter *w)
{
	struct ipcchan_share *share = w->msg->share;
	struct ipcchan_waiter *first;

	if (!share)
		return false;
	first = list_first_entry_or_null(&share->senders, struct ipcchan_waiter, node);
	return (first && first->turn < w->turn) || ipcchan_queue_sated_locked(q, w->msg);
}

/*
 * Move the messages of waiting senders into the room there is, in order.  Who has enough
 * here steps aside, whether there is room or not, and holds up nobody else.
 */
static void ipcchan_queue_admit_locked(struct ipcchan_queue *q, struct ipcchan_owed *owed)
{
	struct ipcchan_waiter *w, *next;

	list_for_each_entry_safe(w, next, &q->senders, node) {
		if (ipcchan_queue_aside_locked(q, w)) {
			list_del(&w->node);
			ipcchan_senders_insert_locked(&w->msg->share->senders, w);
			continue;
		}
		if (!ipcchan_queue_fits_locked(q, w->msg->len))
			return;
		ipcchan_queue_link_locked(q, w->msg, owed, true);
		ipcchan_queue_complete_locked(q, w, 0, owed);
	}
}

/* It was full, and that was told; now it is empty, in this turn. */
static void ipcchan_queue_drained(struct ipcchan_queue *q, u32 turn)
{
	if (q->broadcast)
		ipcchan_broadcast_drained(q->broadcast);
	else
		ipcchan_fullness_tell(ipcchan_chan_of(q), turn, 0);
}

/*
 * What was told about it is over.  Return: 0, or it was that it is full: the turn to tell
 * this; of a subscriber not 0.
 */
static u32 ipcchan_queue_emptied_locked(struct ipcchan_queue *q)
{
	u8 told = q->special & IPCCHAN_TOLD;

	if (likely(!told) || q->nr)
		return 0;
	q->special &= ~IPCCHAN_TOLD;
	if (!(told & IPCCHAN_TOLD_FULL))
		return 0;
	return q->broadcast ? 1 : ipcchan_fullness_emptied(&ipcchan_chan_of(q)->fullness);
}

/**
 * ipcchan_queue_made_room_owing() - ipcchan_queue_made_room(), by one who owes more
 * @q: queue
 * @owed: is done before an event is told, which may take long
 * Context: @q->lock held; process, may sleep after that.
 */
void ipcchan_queue_made_room_owing(struct ipcchan_queue *q, struct ipcchan_owed *owed)
	__releases(&q->lock)
{
	u32 nr, turn;

	do {
		nr = q->nr;
		ipcchan_queue_rejoin_locked(q);
		ipcchan_queue_admit_locked(q, owed);
	} while (q->nr != nr);
	owed->poll_out = ipcchan_queue_writable_locked(q);
	turn = ipcchan_queue_emptied_locked(q);
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, owed, true);
	if (q->broadcast)
		ipcchan_broadcast_made_room(q->broadcast);
	if (unlikely(turn))
		ipcchan_queue_drained(q, turn);
}

/**
 * ipcchan_queue_made_room() - tell those who wait for room, and give up the lock
 * @q: queue
 * Context: @q->lock held; process, may sleep after that.
 */
noinline void ipcchan_queue_made_room(struct ipcchan_queue *q)
	__releases(&q->lock)
{
	struct ipcchan_owed owed = {};

	ipcchan_queue_made_room_owing(q, &owed);
}

/* Return: the turn to tell that a sender has found no room for @msg; 0, that is not to be. */
static u32 ipcchan_queue_full_locked(struct ipcchan_queue *q, const struct ipcchan_msg *msg)
{
	if (q->special & IPCCHAN_TOLD_FULL || !q->nr || !ipcchan_event_wanted() ||
	    (list_empty(&q->senders) && ipcchan_queue_fits_locked(q, msg->len)))
		return 0;
	q->special |= IPCCHAN_TOLD_FULL;
	return ipcchan_fullness_filled(&ipcchan_chan_of(q)->fullness);
}

/**
 * ipcchan_queue_refuse() - a message cannot be queued now, and its sender does not wait
 * @q: queue
 * @msg: message
 * @wake: task to be woken, or NULL
 *
 * Where poll() says that there is room it is the sender's share that is used up.
 *
 * Context: @q->lock held, given up; process, may sleep.
 * Return: -EAGAIN, -EDQUOT.
 */
noinline int ipcchan_queue_refuse(struct ipcchan_queue *q, const struct ipcchan_msg *msg,
				  struct task_struct *wake)
	__releases(&q->lock)
{
	bool sated = msg->share && ipcchan_queue_writable_locked(q);
	u32 turn = ipcchan_queue_full_locked(q, msg);
	u32 nr = q->nr;

	spin_unlock(&q->lock);
	if (wake)
		ipcchan_task_wake(wake);
	if (unlikely(turn))
		ipcchan_fullness_tell(ipcchan_chan_of(q), turn, nr);
	return sated ? -EDQUOT : -EAGAIN;
}

/**
 * ipcchan_queue_wait_room() - wait until a message has been queued or handed over
 * @q: queue
 * @msg: as for ipcchan_queue_send()
 * @until: when to give up
 * @wake: task to be woken first, or NULL
 * Context: @q->lock held, given up; process, sleeps.
 * Return: 0; -ERESTARTSYS, -ETIMEDOUT, -EPIPE, -EMSGSIZE.
 */
noinline int ipcchan_queue_wait_room(struct ipcchan_queue *q,
				     struct ipcchan_msg *msg, ktime_t until,
				     struct task_struct *wake)
	__releases(&q->lock)
{
	/* To a receiver that wants it, and not what is queued, it is there now. */
	struct ipcchan_owed owed = { .wake = wake, .poll_in = true };
	struct ipcchan_waiter w __uninitialized;
	u32 nr, turn;
	int err;

	if (unlikely(msg->len > q->max_len)) {
		/* It was not when its sender looked, and would wait for ever. */
		spin_unlock(&q->lock);
		if (wake)
			ipcchan_task_wake(wake);
		return -EMSGSIZE;
	}
	turn = ipcchan_queue_full_locked(q, msg);
	nr = q->nr;
	/* Who has enough here holds up nobody else; who waits for the others does. */
	if (ipcchan_queue_sated_locked(q, msg) ||
	    (msg->share && !list_empty(&msg->share->senders)))
		ipcchan_waiter_add(&w, &msg->share->senders, msg, 0);
	else
		ipcchan_waiter_add(&w, &q->senders, msg, 0);
	trace_ipcchan_wait(q, IPCCHAN_WAIT_ROOM);
	w.turn = q->stats.send_waits++;
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed, true);
	if (unlikely(turn))
		ipcchan_fullness_tell(ipcchan_chan_of(q), turn, nr);
	ipcchan_waiter_linger(&w, q, &q->recv_side, until);
	err = ipcchan_waiter_sleep(&w, q, until, until == IPCCHAN_FOREVER);
	if (likely(!err))
		return 0;

	/* The one who gave up may have been all that held the next ones back. */
	spin_lock(&q->lock);
	ipcchan_queue_made_room(q);
	return err;
}
