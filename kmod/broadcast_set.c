// SPDX-License-Identifier: GPL-2.0
/* Broadcast channels: what others are told of one, and change. */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/ipcchan_netlink.h>
#include <linux/minmax.h>
#include <linux/netlink.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "broadcast.h"
#include "channel.h"
#include "event.h"
#include "queue_locked.h"
#include "sub.h"

/*
 * May who asks have others pay more for a subscription than they agreed to?  With the
 * capability, which counts for such users as there are in the user namespace.
 */
static bool ipcchan_broadcast_may_charge(const struct ipcchan_sub *sub,
					 struct user_namespace *ns, const struct sk_buff *skb)
{
	kuid_t payer = ipcchan_account_uid(sub->account);

	return uid_eq(payer, current_euid()) ||
	       (kuid_has_mapping(ns, payer) && netlink_ns_capable(skb, ns, CAP_IPC_OWNER));
}

/**
 * ipcchan_broadcast_set() - other limits and another owner from now on
 * @chan: broadcast channel
 * @limits: what each subscriber may hold; what is queued stays
 * @spin_ns: how long a waiter polls
 * @owner: who is not held to a share
 * @skb: netlink request whose sender wants it
 *
 * Each subscription costs its user what it may hold.  All of them change or none, so the
 * locks are held for all of them: some 700 instructions each, 7 million for ten thousand.
 *
 * Context: process, may sleep, the registry's lock held: one at a time.
 * Return: 0; -EDQUOT, -EPERM (others would pay more), and nothing has changed.
 */
int ipcchan_broadcast_set(struct ipcchan_chan *chan, const struct ipcchan_limits *limits,
			  u32 spin_ns, kuid_t owner, const struct sk_buff *skb)
{
	struct ipcchan_broadcast *b = chan->broadcast;
	struct ipcchan_limits old, most;
	struct ipcchan_sub *sub;
	bool grows;
	int err = 0;

	mutex_lock(&b->subs_lock);
	ipcchan_queue_limits(&chan->queue, &old);
	most.nr = max(old.nr, limits->nr);
	most.bytes = max(old.bytes, limits->bytes);
	grows = most.nr > old.nr || most.bytes > old.bytes;
	list_for_each_entry(sub, &b->subs, node) {
		if (grows && !ipcchan_broadcast_may_charge(sub, chan->net->user_ns, skb))
			err = -EPERM;
		else
			err = ipcchan_sub_recharge(sub, &old, &most, skb);
		if (err)
			break;
		cond_resched();
	}
	/* To pay for less is never refused. */
	if (err) {
		list_for_each_entry_continue_reverse(sub, &b->subs, node) {
			ipcchan_sub_recharge(sub, &most, &old, skb);
			cond_resched();
		}
	} else {
		list_for_each_entry(sub, &b->subs, node) {
			ipcchan_sub_recharge(sub, &most, limits, skb);
			ipcchan_queue_set(&sub->queue, limits, spin_ns, owner);
			cond_resched();
		}
		ipcchan_queue_set(&chan->queue, limits, spin_ns, owner);
	}
	mutex_unlock(&b->subs_lock);
	if (!err)
		ipcchan_broadcast_made_room(b);
	return err;
}

/**
 * ipcchan_broadcast_full() - a sender has found no room
 * @b: broadcast
 *
 * Told once until all who were not empty then have been so since.
 *
 * Context: process, may sleep.
 */
void ipcchan_broadcast_full(struct ipcchan_broadcast *b)
{
	struct ipcchan_sub *sub;
	u32 nr = 0, turn;

	if (!ipcchan_event_wanted())
		return;
	mutex_lock(&b->subs_lock);
	if (atomic_read(&b->full)) {
		mutex_unlock(&b->subs_lock);
		return;
	}
	turn = ipcchan_fullness_filled(&b->chan->fullness);
	atomic_set(&b->full, 1);
	list_for_each_entry(sub, &b->subs, node) {
		struct ipcchan_queue *q = &sub->queue;

		spin_lock(&q->lock);
		if (q->nr) {
			q->special |= IPCCHAN_TOLD_FULL;
			atomic_inc(&b->full);
			nr += q->nr;
		}
		spin_unlock(&q->lock);
		cond_resched();
	}
	mutex_unlock(&b->subs_lock);
	ipcchan_fullness_tell(b->chan, turn, nr);
	ipcchan_broadcast_drained(b);
}

/**
 * ipcchan_broadcast_drained() - one that was not empty is, or is gone
 * @b: broadcast of which it was told that it is full
 * Context: process, may sleep.
 */
void ipcchan_broadcast_drained(struct ipcchan_broadcast *b)
{
	/* While it is counted it is not found full once more. */
	u32 turn = ipcchan_fullness_emptied(&b->chan->fullness);

	if (atomic_dec_and_test(&b->full))
		ipcchan_fullness_tell(b->chan, turn, 0);
}

/**
 * ipcchan_broadcast_waiting() - how many wait
 * @b: broadcast
 * @receivers: out, for a message, IPCCHAN_WAITING_MAX at most
 * Context: process, may sleep.
 * Return: for room, likewise.
 */
u32 ipcchan_broadcast_waiting(struct ipcchan_broadcast *b, u32 *receivers)
{
	struct ipcchan_sub *sub;
	u32 nr;

	*receivers = 0;
	mutex_lock(&b->subs_lock);
	list_for_each_entry(sub, &b->subs, node) {
		ipcchan_queue_waiting(&sub->queue, &nr);
		*receivers = min(*receivers + nr, IPCCHAN_WAITING_MAX);
		if (*receivers == IPCCHAN_WAITING_MAX)
			break;
		cond_resched();
	}
	mutex_unlock(&b->subs_lock);
	return min(READ_ONCE(b->waiting), IPCCHAN_WAITING_MAX);
}
