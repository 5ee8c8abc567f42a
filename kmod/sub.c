// SPDX-License-Identifier: GPL-2.0
/* Subscribers: what each one wants, has room for, and loses. */

#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "account.h"
#include "broadcast.h"
#include "channel.h"
#include "endpoint.h"
#include "event.h"
#include "ident.h"
#include "queue_locked.h"
#include "sub.h"

/**
 * ipcchan_sub_fits() - has a subscriber room for a message?
 * @sub: subscriber
 * @len: bytes of payload
 * Context: process, the broadcast's lock held: nobody else adds.
 * Return: whether it has.
 */
bool ipcchan_sub_fits(struct ipcchan_sub *sub, size_t len)
{
	struct ipcchan_queue *q = &sub->queue;
	bool fits;

	spin_lock(&q->lock);
	fits = ipcchan_queue_fits_locked(q, len);
	spin_unlock(&q->lock);
	return fits;
}

/* So many more messages than there is room for may be left by those who were gone. */
#define IPCCHAN_SUB_STRAYS	16

/**
 * ipcchan_sub_awaits() - does somebody wait for a message?
 * @sub: subscriber that wants it
 * @msg: message
 *
 * While what he does not want any more may take the room.  He may be gone before he gets
 * it, and leave one more than there is room for; not without end, though.
 *
 * Context: process, the broadcast's lock held.
 * Return: whether he does.
 */
bool ipcchan_sub_awaits(struct ipcchan_sub *sub, const struct ipcchan_msg *msg)
{
	struct ipcchan_queue *q = &sub->queue;
	struct ipcchan_waiter *w;
	bool awaits = false;

	spin_lock(&q->lock);
	list_for_each_entry(w, &q->receivers, node) {
		if (sub->strays > IPCCHAN_SUB_STRAYS &&
		    (q->nr > q->max_nr || q->bytes > q->max_bytes))
			break;
		awaits = ipcchan_match_one(w->match, msg) && msg->len <= w->room;
		if (awaits)
			break;
	}
	spin_unlock(&q->lock);
	return awaits;
}

/* Is there room for @slot, a message of @len bytes, in what its sender may have? */
static int ipcchan_sub_allows(struct ipcchan_queue *q, const struct ipcchan_msg *slot,
			      size_t len)
{
	int err = 0;

	spin_lock(&q->lock);
	if (slot->share && !ipcchan_share_allows_locked(q, slot->share, len))
		err = -EDQUOT;
	else if (!ipcchan_queue_fits_locked(q, len))
		err = -EAGAIN;
	spin_unlock(&q->lock);
	return err;
}

/**
 * ipcchan_sub_prepare() - get what a subscriber needs for a message
 * @sub: subscriber that wants it
 * @msg: message
 * @sender: who sends it
 * @blocks: it is not to be sent where there is no room for it
 * @slots: out, a slot at the end, also where there is no room
 * Context: process, may sleep; the broadcast's lock held.
 * Return: 0; -EAGAIN, -EDQUOT (there is no room in the sender's share), -ENOMEM.
 */
int ipcchan_sub_prepare(struct ipcchan_sub *sub, const struct ipcchan_msg *msg,
			struct ipcchan_sender *sender, bool blocks,
			struct list_head *slots)
{
	struct ipcchan_queue *q = &sub->queue;
	struct ipcchan_msg *slot;
	int err = 0;

	blocks = blocks && !ipcchan_sub_awaits(sub, msg);
	if (msg->prio && ipcchan_queue_prioritise(q))
		return -ENOMEM;
	slot = ipcchan_queue_slot(q, sender);
	if (!slot)
		return -ENOMEM;
	list_add_tail(&slot->node, slots);
	if (!uid_eq(ipcchan_msg_uid(msg), READ_ONCE(q->owner)))
		err = ipcchan_share_begin(q, slot, ipcchan_msg_uid(msg));
	if (err || !blocks)
		return err;
	return ipcchan_sub_allows(q, slot, msg->len);
}

/* The oldest of lowest priority, unless @msg has less; NULL. */
static struct ipcchan_msg *ipcchan_sub_oldest_locked(struct ipcchan_queue *q,
						     const struct ipcchan_msg *msg)
{
	struct list_head *before = &q->msgs;
	struct ipcchan_msg *last;

	if (list_empty(&q->msgs))
		return NULL;
	last = list_last_entry(&q->msgs, struct ipcchan_msg, node);
	if (msg->prio < last->prio)
		return NULL;
	if (q->levels)
		before = ipcchan_levels_begin(q->levels, before, last->prio);
	return list_first_entry(before, struct ipcchan_msg, node);
}

/* Of the sender of @msg, that is; no further than this from the oldest of all. */
#define IPCCHAN_SUB_SEARCH	64

static struct ipcchan_msg *ipcchan_sub_own_oldest_locked(struct ipcchan_queue *q,
							 const struct ipcchan_msg *msg)
{
	struct ipcchan_msg *own = ipcchan_sub_oldest_locked(q, msg);
	unsigned int i;

	if (!own)
		return NULL;
	for (i = 0; i < IPCCHAN_SUB_SEARCH; i++) {
		if (own->share == msg->share)
			return own;
		if (list_is_last(&own->node, &q->msgs))
			break;
		own = list_next_entry(own, node);
	}
	return NULL;
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
	trace_ipcchan_drop(q, victim);
	ipcchan_slots_push(dropped, victim);
}

/* It gets what it has, and what waits for something else gets nothing. */
static void ipcchan_sub_cut_off_locked(struct ipcchan_queue *q,
				       struct ipcchan_owed *owed)
{
	struct ipcchan_waiter *w, *next;

	WRITE_ONCE(q->hangup, q->hangup | IPCCHAN_CUT_OFF);
	list_for_each_entry_safe(w, next, &q->receivers, node)
		ipcchan_queue_complete_locked(q, w, 0, owed);
}

/* So many make room for one message under one lock. */
#define IPCCHAN_SUB_DROPS	64

/*
 * Who has its share takes nothing from the others, and cuts nobody off.
 *
 * Return: 0 when there is room for @msg now; -ENOSPC; -EAGAIN to go on after a while.
 */
static int ipcchan_sub_make_room_locked(struct ipcchan_queue *q,
					struct ipcchan_msg *msg, u32 slow,
					struct ipcchan_slots *dropped,
					struct ipcchan_owed *owed)
{
	struct ipcchan_msg *victim = NULL;
	bool sated;

	while (!ipcchan_queue_allows_locked(q, msg, true)) {
		sated = ipcchan_queue_sated_locked(q, msg);
		if (slow == IPCCHAN_SLOW_DROP_OLDEST)
			victim = sated ? ipcchan_sub_own_oldest_locked(q, msg) :
					 ipcchan_sub_oldest_locked(q, msg);
		else if (slow == IPCCHAN_SLOW_DISCONNECT && !sated)
			ipcchan_sub_cut_off_locked(q, owed);
		if (!victim)
			return -ENOSPC;
		if (dropped->nr == IPCCHAN_SUB_DROPS)
			return -EAGAIN;
		ipcchan_sub_drop_locked(q, victim, msg, dropped);
	}
	return 0;
}

/* Return: 0; -EAGAIN to go on after a while. */
static int ipcchan_sub_deliver_locked(struct ipcchan_sub *sub, struct ipcchan_msg *msg,
				      u32 slow, struct ipcchan_slots *dropped,
				      struct ipcchan_owed *owed)
{
	struct ipcchan_queue *q = &sub->queue;
	int err = 0;

	ipcchan_queue_seen_locked(q, &q->send_side);
	msg->lost += q->lost;
	q->lost = 0;
	if (ipcchan_queue_handover_locked(q, msg, owed, true))
		return 0;
	/* Nobody but the sender adds, and one that is to wait has looked. */
	if (slow == IPCCHAN_SLOW_BLOCK)
		sub->strays = ipcchan_queue_fits_locked(q, msg->len) ? 0 : sub->strays + 1;
	else
		err = ipcchan_sub_make_room_locked(q, msg, slow, dropped, owed);
	if (!err)
		ipcchan_queue_link_locked(q, msg, owed, true);
	if (err != -ENOSPC)
		return err;
	q->lost += msg->lost + 1;
	q->stats.lost++;
	trace_ipcchan_drop(q, msg);
	if (msg->share)
		ipcchan_share_put_locked(msg);
	ipcchan_slots_push(dropped, msg);
	return 0;
}

/* Return: if it is to be told that it has lost messages, how many. */
static u64 ipcchan_sub_lagging_locked(struct ipcchan_sub *sub)
{
	struct ipcchan_queue *q = &sub->queue;

	if (q->special & IPCCHAN_TOLD_LAGGING || !ipcchan_event_wanted())
		return 0;
	/* Not before it was told that it is there; pairs with the release in attaching. */
	if (!smp_load_acquire(&sub->ep->chan))
		return 0;
	q->special |= IPCCHAN_TOLD_LAGGING;
	return q->stats.lost;
}

/**
 * ipcchan_sub_deliver() - give a message to a subscriber
 * @sub: subscriber that wants it
 * @msg: slot of ipcchan_sub_prepare(), with the message; not the caller's any more
 * @slow: enum ipcchan_slow
 * Context: process, may sleep; the broadcast's lock held.
 */
void ipcchan_sub_deliver(struct ipcchan_sub *sub, struct ipcchan_msg *msg, u32 slow)
{
	struct ipcchan_queue *q = &sub->queue;
	int err;

	do {
		struct ipcchan_slots dropped = {};
		struct ipcchan_owed owed = {};
		struct ipcchan_msg *old;
		u64 lost, lagging = 0;
		bool cut_off;

		spin_lock(&q->lock);
		lost = q->stats.lost;
		err = ipcchan_sub_deliver_locked(sub, msg, slow, &dropped, &owed);
		cut_off = q->hangup & IPCCHAN_CUT_OFF;
		if (unlikely(q->stats.lost != lost))
			lagging = ipcchan_sub_lagging_locked(sub);
		spin_unlock(&q->lock);
		ipcchan_queue_settle(q, &owed, true);
		if (unlikely(cut_off))
			ipcchan_queue_notify_gone(q);
		if (unlikely(lagging))
			ipcchan_event_ep(sub->ep, IPCCHAN_EVENT_LAGGING, lagging);
		while ((old = ipcchan_slots_pop(&dropped)))
			ipcchan_msg_free(old);
		cond_resched();
	} while (err);
}

static struct ipcchan_cost ipcchan_sub_cost(const struct ipcchan_limits *limits)
{
	return (struct ipcchan_cost) {
		.of[IPCCHAN_ITEM_MSGS] = limits->nr,
		.of[IPCCHAN_ITEM_BYTES] = limits->bytes,
	};
}

/* Return: whether; not if the channel's limits are not those that were paid for. */
static bool ipcchan_sub_join(struct ipcchan_chan *chan, struct ipcchan_sub *sub,
			     const struct ipcchan_limits *paid)
{
	struct ipcchan_broadcast *b = chan->broadcast;
	struct ipcchan_limits limits = {};
	bool same;

	mutex_lock(&b->lock);
	mutex_lock(&b->subs_lock);
	ipcchan_queue_limits(&chan->queue, &limits);
	same = !memcmp(&limits, paid, sizeof(limits));
	if (same) {
		ipcchan_queue_init(&sub->queue, limits.nr, limits.len, limits.bytes);
		sub->queue.owner = chan->queue.owner;
		sub->queue.chan_id = chan->id;
		sub->queue.netns = chan->queue.netns;
		sub->queue.spin_ns = chan->queue.spin_ns;
		sub->queue.sync_wake = chan->queue.sync_wake;
		sub->queue.broadcast = b;
		sub->queue.special = IPCCHAN_SPECIAL;
		sub->queue.hangup = b->hangup & IPCCHAN_NO_SENDERS;
		sub->queue.times = chan->queue.times;
		list_add_tail(&sub->node, &b->subs);
	}
	mutex_unlock(&b->subs_lock);
	mutex_unlock(&b->lock);
	return same;
}

/**
 * ipcchan_sub_create() - subscribe to what is sent from now on
 * @chan: broadcast channel
 * @ep: whose subscription it is
 * Context: process, may sleep.
 * Return: the subscriber, owned by the endpoint; ERR_PTR of -ENOMEM, -EDQUOT.
 */
struct ipcchan_sub *ipcchan_sub_create(struct ipcchan_chan *chan, const struct ipcchan_ep *ep)
{
	struct ipcchan_sub *sub = kzalloc(sizeof(*sub), GFP_KERNEL_ACCOUNT);
	struct ipcchan_limits limits = {};
	struct ipcchan_account *account;
	struct ipcchan_cost cost;

	if (!sub)
		return ERR_PTR(-ENOMEM);
	sub->ep = ep;
	for (;;) {
		ipcchan_queue_limits(&chan->queue, &limits);
		cost = ipcchan_sub_cost(&limits);
		account = ipcchan_account_charge(&cost);
		if (IS_ERR(account)) {
			kfree(sub);
			return ERR_CAST(account);
		}
		sub->account = account;
		if (ipcchan_sub_join(chan, sub, &limits))
			return sub;
		ipcchan_account_uncharge(account, &cost);
	}
}

/**
 * ipcchan_sub_recharge() - a subscription may hold more, or less
 * @sub: subscriber
 * @from: what is paid for
 * @to: what is paid for from now on
 * @skb: netlink request whose sender wants it
 * Context: process.
 * Return: 0; -EDQUOT.
 */
int ipcchan_sub_recharge(struct ipcchan_sub *sub, const struct ipcchan_limits *from,
			 const struct ipcchan_limits *to, const struct sk_buff *skb)
{
	struct ipcchan_cost was = ipcchan_sub_cost(from), is = ipcchan_sub_cost(to);

	return ipcchan_account_recharge(sub->account, &was, &is, skb);
}

/**
 * ipcchan_sub_destroy() - end a subscription
 * @chan: its channel
 * @sub: nobody receives from it any more
 * Context: process, may sleep.
 */
void ipcchan_sub_destroy(struct ipcchan_chan *chan, struct ipcchan_sub *sub)
{
	struct ipcchan_broadcast *b = chan->broadcast;
	struct ipcchan_limits limits;
	struct ipcchan_cost cost;

	mutex_lock(&b->lock);
	mutex_lock(&b->subs_lock);
	list_del(&sub->node);
	ipcchan_stats_add(&b->past, &sub->queue.stats);
	mutex_unlock(&b->subs_lock);
	mutex_unlock(&b->lock);
	ipcchan_queue_limits(&sub->queue, &limits);
	cost = ipcchan_sub_cost(&limits);
	ipcchan_broadcast_made_room(b);
	if (sub->queue.special & IPCCHAN_TOLD_FULL)
		ipcchan_broadcast_drained(b);
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
