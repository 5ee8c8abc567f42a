// SPDX-License-Identifier: GPL-2.0
/* Many messages under one lock. */

#include "batch.h"
#include "ident.h"
#include "queue_locked.h"

/**
 * ipcchan_queue_slots() - slots for many messages
 * @q: queue
 * @nr: how many are wanted
 * @sender: who will send them
 * Context: process, may sleep.
 * Return: the caller's, fewer without memory.
 */
struct ipcchan_slots ipcchan_queue_slots(struct ipcchan_queue *q, unsigned int nr,
					 struct ipcchan_sender *sender)
{
	struct ipcchan_slots slots = {}, more = {};

	spin_lock(&q->lock);
	ipcchan_slots_move(&slots, &q->slots, nr);
	spin_unlock(&q->lock);
	while (slots.nr + more.nr < nr && ipcchan_slots_alloc(&more))
		;
	/* Without memory for that each one is tried again. */
	if (more.nr)
		ipcchan_ident_adopt(sender, more.first);
	ipcchan_slots_move(&slots, &more, more.nr);
	return slots;
}

/**
 * ipcchan_queue_recycle() - give slots back
 * @q: queue
 * @used: free slots of the caller, empty afterwards
 * Context: process, may sleep.
 */
void ipcchan_queue_recycle(struct ipcchan_queue *q, struct ipcchan_slots *used)
{
	if (!used->nr)
		return;
	spin_lock(&q->lock);
	if (q->slots.nr < IPCCHAN_SLOTS_MAX)
		ipcchan_slots_move(&q->slots, used,
				   IPCCHAN_SLOTS_MAX - q->slots.nr);
	spin_unlock(&q->lock);
	if (used->nr)
		ipcchan_slots_free(used);
}

/* What is moved in one piece is told one by one, where somebody listens. */
static __always_inline void ipcchan_queue_trace_batch(const struct ipcchan_queue *q,
						      const struct list_head *msgs,
						      bool enqueued)
{
	const struct ipcchan_msg *msg;

	if (enqueued ? !trace_ipcchan_enqueue_enabled() : !trace_ipcchan_dequeue_enabled())
		return;
	list_for_each_entry(msg, msgs, node) {
		if (enqueued)
			trace_ipcchan_enqueue(q, msg);
		else
			trace_ipcchan_dequeue(q, msg);
	}
}

/* Is there room for all of them, and nothing else to be looked at? */
static bool ipcchan_queue_allows_batch_locked(struct ipcchan_queue *q,
					      const struct ipcchan_batch *batch)
{
	return !q->special && list_empty(&q->receivers) && list_empty(&q->senders) &&
	       q->nr + batch->nr <= q->max_nr &&
	       q->bytes + batch->bytes <= q->max_bytes;
}

/* Return: whether the first of them was sent. */
static bool ipcchan_queue_send_first_locked(struct ipcchan_queue *q,
					    struct ipcchan_batch *batch,
					    struct ipcchan_owed *owed)
{
	bool special = q->special;
	struct ipcchan_msg *msg = list_first_entry(&batch->msgs, struct ipcchan_msg, node);

	ipcchan_batch_pop(batch, msg);
	if (unlikely(!list_empty(&q->receivers)) &&
	    ipcchan_queue_handover_locked(q, msg, owed, special))
		return true;
	if (unlikely(!ipcchan_queue_first_locked(q, msg, special) ||
		     q->hangup & IPCCHAN_NO_RECEIVERS ||
		     !ipcchan_queue_allows_locked(q, msg, special))) {
		ipcchan_batch_unpop(batch, msg);
		return false;
	}
	ipcchan_queue_link_locked(q, msg, owed, special);
	return true;
}

/**
 * ipcchan_queue_send_batch() - send what can be sent without waiting
 * @q: queue
 * @batch: those that were sent are taken off
 *
 * Those who wait are woken once, however many messages there are for them.
 *
 * Context: process.
 * Return: how many were sent; if none, -EAGAIN, -EPIPE.
 */
int ipcchan_queue_send_batch(struct ipcchan_queue *q, struct ipcchan_batch *batch)
{
	struct ipcchan_owed owed = {};
	bool special;
	int nr = 0;

	spin_lock(&q->lock);
	special = q->special;
	ipcchan_queue_seen_locked(q, &q->send_side);
	if (likely(ipcchan_queue_allows_batch_locked(q, batch))) {
		nr = batch->nr;
		q->nr += nr;
		q->bytes += batch->bytes;
		ipcchan_queue_trace_batch(q, &batch->msgs, true);
		if (ipcchan_times_active())
			ipcchan_times_stamp_all(q, &batch->msgs);
		list_splice_tail(&batch->msgs, &q->msgs);
		ipcchan_batch_init(batch);
		owed.poll_in = true;
	} else {
		while (batch->nr && ipcchan_queue_send_first_locked(q, batch, &owed))
			nr++;
	}
	if (unlikely(!nr))
		nr = q->hangup & IPCCHAN_NO_RECEIVERS ? -EPIPE : -EAGAIN;
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed, special);
	return nr;
}

/* Of all that are queued, the first.  Return: how many. */
static unsigned int ipcchan_queue_cut_locked(struct ipcchan_queue *q,
					     const struct ipcchan_room *room,
					     unsigned int nr, struct list_head *msgs)
{
	struct list_head *last = &q->msgs;
	struct ipcchan_msg *msg;
	unsigned int i;
	u64 bytes = 0;

	for (i = 0; i < nr && last->next != &q->msgs; i++) {
		msg = list_entry(last->next, struct ipcchan_msg, node);
		if (msg->len > room[i].len)
			break;
		bytes += msg->len;
		last = &msg->node;
	}
	if (!i)
		return 0;
	list_cut_position(msgs, &q->msgs, last);
	q->nr -= i;
	q->bytes -= bytes;
	ipcchan_queue_trace_batch(q, msgs, false);
	if (ipcchan_times_active())
		ipcchan_times_count_all(q, msgs);
	q->stats.received += i;
	q->stats.received_bytes += bytes;
	return i;
}

/* Of those that the receiver wants, the first.  Return: how many. */
static unsigned int ipcchan_queue_pick_locked(struct ipcchan_queue *q,
					      struct ipcchan_match match,
					      const struct ipcchan_room *room,
					      unsigned int nr, struct list_head *msgs,
					      bool *made_room)
{
	struct ipcchan_msg *msg, *next;
	unsigned int i = 0;

	list_for_each_entry_safe(msg, next, &q->msgs, node) {
		if (i == nr || msg->prio < match.min_prio)
			break;
		if (!ipcchan_match_one(match, msg))
			continue;
		if (msg->len > room[i].len)
			break;
		*made_room |= ipcchan_queue_take_locked(q, msg, true);
		ipcchan_link(&msg->node, msgs->prev);
		i++;
	}
	return i;
}

/**
 * ipcchan_queue_recv_batch() - take what is there, without waiting
 * @q: queue
 * @match: what the receiver wants
 * @room: for each message
 * @nr: how many at most
 * @msgs: empty list, out, in order
 * Context: process.
 * Return: how many: the next one does not fit its room, or there is none.
 */
unsigned int ipcchan_queue_recv_batch(struct ipcchan_queue *q,
				      struct ipcchan_match match,
				      const struct ipcchan_room *room,
				      unsigned int nr, struct list_head *msgs)
{
	bool made_room = false;
	unsigned int i;

	spin_lock(&q->lock);
	ipcchan_queue_seen_locked(q, &q->recv_side);
	if (likely(!q->special)) {
		made_room = !ipcchan_queue_writable_locked(q);
		i = ipcchan_queue_cut_locked(q, room, nr, msgs);
		made_room &= !!i;
	} else {
		i = ipcchan_queue_pick_locked(q, match, room, nr, msgs, &made_room);
	}
	if (unlikely(made_room))
		ipcchan_queue_made_room(q);
	else
		spin_unlock(&q->lock);
	return i;
}

/**
 * ipcchan_queue_putback_batch() - undo receives
 * @q: queue
 * @msgs: taken from @q in this order and not delivered; the queue's again
 *
 * Who has come to wait meanwhile gets the first of them.
 *
 * Context: process.
 */
void ipcchan_queue_putback_batch(struct ipcchan_queue *q, struct list_head *msgs)
{
	struct ipcchan_msg *msg, *next;
	struct ipcchan_owed owed = {};

	spin_lock(&q->lock);
	list_for_each_entry_safe(msg, next, msgs, node) {
		q->stats.received--;
		q->stats.received_bytes -= msg->len;
		/* What is handed over is in a list no more. */
		__list_del_entry(&msg->node);
		if (!ipcchan_queue_handover_locked(q, msg, &owed, true))
			list_add_tail(&msg->node, &next->node);
	}
	list_for_each_entry_safe_reverse(msg, next, msgs, node) {
		list_del(&msg->node);
		ipcchan_queue_requeue_locked(q, msg, &owed);
	}
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed, true);
}
