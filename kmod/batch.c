// SPDX-License-Identifier: GPL-2.0
/* Many messages under one lock. */

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

/**
 * ipcchan_queue_send_batch() - send what can be sent without waiting
 * @q: queue
 * @batch: messages in order; those that were sent are taken off
 *
 * Those who wait are woken once, however many messages there are for them.
 *
 * Context: process.
 * Return: how many were sent; if none, -EAGAIN, -EPIPE.
 */
int ipcchan_queue_send_batch(struct ipcchan_queue *q, struct list_head *batch)
{
	struct ipcchan_msg *msg, *next;
	struct ipcchan_owed owed = {};
	bool special;
	int nr = 0;

	spin_lock(&q->lock);
	special = q->special;
	ipcchan_queue_seen_locked(q, &q->send_cpu);
	list_for_each_entry_safe(msg, next, batch, node) {
		__list_del_entry(&msg->node);
		if (unlikely(!list_empty(&q->receivers)) &&
		    ipcchan_queue_handover_locked(q, msg, &owed, special)) {
			nr++;
			continue;
		}
		if (unlikely(!list_empty(&q->senders) ||
			     q->hangup & IPCCHAN_NO_RECEIVERS ||
			     !ipcchan_queue_allows_locked(q, msg, special))) {
			list_add(&msg->node, batch);
			break;
		}
		ipcchan_queue_link_locked(q, msg, &owed, special);
		nr++;
	}
	if (unlikely(!nr))
		nr = q->hangup & IPCCHAN_NO_RECEIVERS ? -EPIPE : -EAGAIN;
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed, special);
	return nr;
}

/**
 * ipcchan_queue_recv_batch() - take what is there, without waiting
 * @q: queue
 * @match: what the receiver wants
 * @room: for each message, longest that it can take, bytes
 * @nr: how many at most
 * @batch: out, in order
 * Context: process.
 * Return: how many: the next one does not fit its room, or there is none.
 */
unsigned int ipcchan_queue_recv_batch(struct ipcchan_queue *q,
				      struct ipcchan_match match,
				      const u32 *room, unsigned int nr,
				      struct list_head *batch)
{
	struct ipcchan_msg *msg;
	bool made_room = false;
	unsigned int i;

	spin_lock(&q->lock);
	ipcchan_queue_seen_locked(q, &q->recv_cpu);
	for (i = 0; i < nr; i++) {
		msg = ipcchan_queue_find_locked(q, match);
		if (!msg || msg->len > room[i])
			break;
		made_room |= ipcchan_queue_take_locked(q, msg, true);
		list_add_tail(&msg->node, batch);
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
 * @batch: taken from @q in this order and not delivered; the queue's again
 * Context: process.
 */
void ipcchan_queue_putback_batch(struct ipcchan_queue *q, struct list_head *batch)
{
	struct ipcchan_msg *msg, *next;

	list_for_each_entry_safe_reverse(msg, next, batch, node) {
		list_del(&msg->node);
		ipcchan_queue_putback(q, msg);
	}
}
