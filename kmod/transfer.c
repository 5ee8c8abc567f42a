// SPDX-License-Identifier: GPL-2.0
/* Messages that are not just one of a user's in its own queue. */

#include "share.h"
#include "transfer.h"

static int ipcchan_transfer_broadcast(struct ipcchan_ep *ep, struct ipcchan_msg *msg,
				      ktime_t until)
{
	int err = ipcchan_broadcast_send(ep->chan, msg, &ep->sender, until);

	if (err)
		ipcchan_loan_undo(ep, msg);
	return err;
}

/**
 * ipcchan_transfer_prepare() - what a message needs before it can be queued
 * @q: queue
 * @msg: owned by the caller, built
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int ipcchan_transfer_prepare(struct ipcchan_queue *q, struct ipcchan_msg *msg)
{
	kuid_t uid = ipcchan_msg_uid(msg);
	int err = 0;

	if (msg->prio)
		err = ipcchan_queue_prioritise(q);
	if (!err && !uid_eq(uid, READ_ONCE(q->owner)))
		err = ipcchan_share_begin(q, msg, uid);
	return err;
}

/**
 * ipcchan_transfer_send_special() - ipcchan_transfer_send(), for what is special
 * @ep: endpoint
 * @msg: not the caller's any more, whatever comes of it
 * @until: how long to wait
 * Context: process, may sleep.
 * Return: 0, or as ipcchan_queue_send(), ipcchan_broadcast_send(); -EOPNOTSUPP.
 */
int ipcchan_transfer_send_special(struct ipcchan_ep *ep, struct ipcchan_msg *msg,
				  ktime_t until)
{
	struct ipcchan_queue *q = &ep->chan->queue;
	struct ipcchan_msg *spare;
	int err;

	if (ep->chan->kind == IPCCHAN_KIND_BROADCAST)
		return ipcchan_transfer_broadcast(ep, msg, until);
	err = ep->chan->kind == IPCCHAN_KIND_QUEUE ?
		      ipcchan_transfer_prepare(q, msg) : -EOPNOTSUPP;
	if (!err) {
		spare = ipcchan_queue_send(q, msg, until);
		if (!IS_ERR(spare)) {
			if (spare)
				ipcchan_ep_keep(ep, spare);
			return 0;
		}
		err = PTR_ERR(spare);
	}
	ipcchan_share_end(q, msg);
	ipcchan_loan_undo(ep, msg);
	return err;
}
