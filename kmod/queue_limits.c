// SPDX-License-Identifier: GPL-2.0
/* Limits of a queue: who asks what they are, and who changes them. */

#include <linux/ipcchan_netlink.h>

#include "queue_locked.h"

/**
 * ipcchan_queue_limits() - what a queue may hold now
 * @q: queue
 * @limits: out
 * Context: process.
 */
void ipcchan_queue_limits(struct ipcchan_queue *q, struct ipcchan_limits *limits)
{
	spin_lock(&q->lock);
	limits->nr = q->max_nr;
	limits->len = q->max_len;
	limits->bytes = q->max_bytes;
	spin_unlock(&q->lock);
}

/* Those who wait with a message that will never be let in wait no more. */
static void ipcchan_senders_refuse_locked(struct ipcchan_queue *q, struct list_head *senders,
					  struct ipcchan_owed *owed)
{
	struct ipcchan_waiter *w, *next;

	list_for_each_entry_safe(w, next, senders, node) {
		if (w->msg->len > q->max_len)
			ipcchan_queue_complete_locked(q, w, -EMSGSIZE, owed);
	}
}

/**
 * ipcchan_queue_set() - other limits and another owner from now on
 * @q: queue
 * @limits: what it may hold; what is queued stays
 * @spin_ns: how long a waiter polls
 * @owner: who is not held to a share
 *
 * Who waits for room that there is now is let in.
 *
 * Context: process, may sleep; one at a time.
 */
void ipcchan_queue_set(struct ipcchan_queue *q, const struct ipcchan_limits *limits,
		       u32 spin_ns, kuid_t owner)
{
	struct ipcchan_owed owed = {};
	struct ipcchan_share *share;

	spin_lock(&q->lock);
	WRITE_ONCE(q->max_nr, limits->nr);
	WRITE_ONCE(q->max_len, limits->len);
	WRITE_ONCE(q->max_bytes, limits->bytes);
	WRITE_ONCE(q->spin_ns, spin_ns);
	WRITE_ONCE(q->owner, owner);
	if (spin_ns)
		q->special |= IPCCHAN_SPECIAL;
	ipcchan_senders_refuse_locked(q, &q->senders, &owed);
	list_for_each_entry(share, &q->shares, node)
		ipcchan_senders_refuse_locked(q, &share->senders, &owed);
	ipcchan_queue_made_room_owing(q, &owed);
	/* What waits may be all that there is room for. */
	ipcchan_queue_notify(q, true, false);
}

static u32 ipcchan_waiters_count_locked(const struct list_head *waiters, u32 nr)
{
	const struct list_head *node;

	list_for_each(node, waiters) {
		if (nr >= IPCCHAN_WAITING_MAX)
			break;
		nr++;
	}
	return nr;
}

/**
 * ipcchan_queue_waiting() - how many wait
 * @q: queue
 * @receivers: out, for a message, IPCCHAN_WAITING_MAX at most
 * Context: process.
 * Return: for room, likewise.
 */
u32 ipcchan_queue_waiting(struct ipcchan_queue *q, u32 *receivers)
{
	struct ipcchan_share *share;
	u32 senders;

	spin_lock(&q->lock);
	*receivers = ipcchan_waiters_count_locked(&q->receivers, 0);
	senders = ipcchan_waiters_count_locked(&q->senders, 0);
	list_for_each_entry(share, &q->shares, node) {
		if (senders == IPCCHAN_WAITING_MAX)
			break;
		senders = ipcchan_waiters_count_locked(&share->senders, senders);
	}
	spin_unlock(&q->lock);
	return senders;
}
