/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_SHARE_H
#define _IPCCHAN_SHARE_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct ipcchan_msg;
struct ipcchan_queue;

/**
 * struct ipcchan_share - what one user has in another user's queue
 * @node: in the queue's shares
 * @uid: the user
 * @nr: messages queued
 * @bytes: their payload
 * @refs: messages, queued or about to be, that point here
 * @senders: waiting until the user has less in the queue
 *
 * Protected by the queue's lock; freed with the last reference.
 *
 * A user may have a message, and beyond that up to half of what the others leave.
 * Something is always left for one more user, however many have taken theirs (the rule
 * is that of bus1's quota).
 */
struct ipcchan_share {
	struct list_head node;
	kuid_t uid;
	u32 nr;
	u64 bytes;
	u32 refs;
	struct list_head senders;
};

int ipcchan_share_begin(struct ipcchan_queue *q, struct ipcchan_msg *msg,
			kuid_t uid);
void ipcchan_share_end(struct ipcchan_queue *q, struct ipcchan_msg *msg);
void ipcchan_share_charge_locked(struct ipcchan_share *share, size_t len);
void ipcchan_share_uncharge_locked(struct ipcchan_msg *msg);
void ipcchan_share_put_locked(struct ipcchan_msg *msg);
bool ipcchan_share_allows_locked(const struct ipcchan_queue *q,
				 const struct ipcchan_share *share, size_t len);

#endif /* _IPCCHAN_SHARE_H */
