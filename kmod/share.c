// SPDX-License-Identifier: GPL-2.0
/* Shares: one user's messages do not take all the room that others send into. */

#include <linux/errno.h>
#include <linux/slab.h>

#include "message.h"
#include "queue.h"
#include "share.h"

static struct ipcchan_share *ipcchan_share_find_locked(struct ipcchan_queue *q,
						       kuid_t uid)
{
	struct ipcchan_share *share;

	lockdep_assert_held(&q->lock);
	list_for_each_entry(share, &q->shares, node) {
		if (uid_eq(share->uid, uid))
			return share;
	}
	return NULL;
}

/**
 * ipcchan_share_put_locked() - a message is accounted to no share any more
 * @msg: message, not queued
 * Context: the queue's lock is held.
 */
void ipcchan_share_put_locked(struct ipcchan_msg *msg)
{
	struct ipcchan_share *share = msg->share;

	msg->share = NULL;
	if (--share->refs)
		return;
	list_del(&share->node);
	kfree(share);
}

/**
 * ipcchan_share_begin() - find the share that a message is accounted to
 * @q: queue of another user than the sender
 * @msg: owned by the caller
 * @uid: of its sender
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int ipcchan_share_begin(struct ipcchan_queue *q, struct ipcchan_msg *msg, kuid_t uid)
{
	struct ipcchan_share *share, *new;

	new = kmalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	*new = (struct ipcchan_share) { .uid = uid };
	INIT_LIST_HEAD(&new->senders);

	spin_lock(&q->lock);
	share = ipcchan_share_find_locked(q, uid);
	if (!share) {
		share = new;
		new = NULL;
		list_add(&share->node, &q->shares);
		q->special |= IPCCHAN_SPECIAL;
	}
	share->refs++;
	msg->share = share;
	spin_unlock(&q->lock);
	kfree(new);
	return 0;
}

/**
 * ipcchan_share_end() - a message was not queued after all
 * @q: queue
 * @msg: owned by the caller
 * Context: process.
 */
void ipcchan_share_end(struct ipcchan_queue *q, struct ipcchan_msg *msg)
{
	if (!msg->share)
		return;
	spin_lock(&q->lock);
	ipcchan_share_put_locked(msg);
	spin_unlock(&q->lock);
}

/**
 * ipcchan_share_charge_locked() - one of a user's messages has been queued
 * @share: of the user
 * @len: bytes of payload
 * Context: the queue's lock is held.
 */
void ipcchan_share_charge_locked(struct ipcchan_share *share, size_t len)
{
	share->nr++;
	share->bytes += len;
}

/**
 * ipcchan_share_uncharge_locked() - one of a user's messages has left the queue
 * @msg: message, whose share is gone for it
 * Context: the queue's lock is held.
 */
void ipcchan_share_uncharge_locked(struct ipcchan_msg *msg)
{
	msg->share->nr--;
	msg->share->bytes -= msg->len;
	ipcchan_share_put_locked(msg);
}

/**
 * ipcchan_share_allows_locked() - may a user queue one more message?
 * @q: queue
 * @share: of the user
 * @len: bytes of payload
 * Context: the queue's lock is held.
 * Return: whether it leaves enough for others.
 */
bool ipcchan_share_allows_locked(const struct ipcchan_queue *q,
				 const struct ipcchan_share *share, size_t len)
{
	u32 others_nr = q->nr - share->nr;
	u64 others_bytes = q->bytes - share->bytes;

	if (!share->nr)
		return true;
	/* What was put back is above the limits. */
	if (others_nr >= q->max_nr || others_bytes >= q->max_bytes)
		return false;
	return share->nr + 1 <= (q->max_nr - others_nr) / 2 &&
	       share->bytes + len <= (q->max_bytes - others_bytes) / 2;
}
