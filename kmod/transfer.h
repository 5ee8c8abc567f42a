/* SPDX-License-Identifier: GPL-2.0 */
/* One message between an endpoint and its user: what device.c and xfer.c share. */
#ifndef _IPCCHAN_TRANSFER_H
#define _IPCCHAN_TRANSFER_H

#include <linux/err.h>

#include "broadcast.h"
#include "copy.h"
#include "endpoint.h"
#include "ident.h"
#include "loan.h"
#include "message.h"
#include "pool.h"
#include "queue_fast.h"

/**
 * struct ipcchan_label - what a message says beside its payload
 * @prio: 0 to IPCCHAN_PRIO_MAX
 * @type: any
 * @cookie: any
 * @fds: descriptors, owned, or NULL
 */
struct ipcchan_label {
	u32 prio;
	u32 type;
	u64 cookie;
	struct ipcchan_fds *fds;
};

/**
 * ipcchan_transfer_slot() - memory for the next message of an endpoint
 * @ep: endpoint
 * @q: queue whose slots, or pool, it may use
 * @len: bytes
 * @until: how long to wait, if it has to
 * Context: process, may sleep.
 * Return: the message, the caller's; or as ipcchan_pool_slot().
 */
static __always_inline struct ipcchan_msg *
ipcchan_transfer_slot(struct ipcchan_ep *ep, struct ipcchan_queue *q, size_t len,
		      ktime_t until)
{
	struct ipcchan_msg *msg;

	if (unlikely(READ_ONCE(q->pool) || !ipcchan_msg_is_slot(len)))
		return ipcchan_pool_slot(ep, q, len, until);
	msg = ipcchan_ep_take_slot(ep);
	if (likely(msg))
		return msg;
	return ipcchan_queue_slot(q, &ep->sender) ?: ERR_PTR(-ENOMEM);
}

/**
 * ipcchan_transfer_label() - make a message of one that has its payload
 * @ep: endpoint that it will be sent through
 * @msg: the message
 * @len: bytes of payload
 * @label: its label, whose descriptors are the message's on success
 * Context: process, may sleep.
 * Return: 0; -ENOMEM, and @msg is the caller's still.
 */
static __always_inline int ipcchan_transfer_label(struct ipcchan_ep *ep,
						  struct ipcchan_msg *msg, size_t len,
						  const struct ipcchan_label *label)
{
	if (unlikely(ipcchan_ident_stamp(msg, &ep->sender)))
		return -ENOMEM;
	msg->len = len;
	msg->prio = label->prio;
	msg->type = label->type;
	msg->lost = 0;
	msg->cookie = label->cookie;
	if (label->fds) {
		msg->fds = label->fds;
		msg->flags |= IPCCHAN_HAS_FDS;
	}
	msg->time_ns = unlikely(ep->chan->options & IPCCHAN_OPT_TIMESTAMP) ?
			       ktime_get_ns() : 0;
	return 0;
}

/**
 * ipcchan_transfer_fill() - make a message
 * @ep: endpoint that it will be sent through
 * @msg: memory for it
 * @u: the payload
 * @label: its label, whose descriptors are the message's on success
 * Context: process, may sleep.
 * Return: 0; -EFAULT, -ENOMEM, and @msg is the caller's still.
 */
static __always_inline int ipcchan_transfer_fill(struct ipcchan_ep *ep,
						 struct ipcchan_msg *msg,
						 const struct ipcchan_user *u,
						 const struct ipcchan_label *label)
{
	if (unlikely(!ipcchan_copy_in(ipcchan_msg_payload(msg), u)))
		return -EFAULT;
	return ipcchan_transfer_label(ep, msg, u->len, label);
}

/**
 * ipcchan_transfer_check_send() - may this be sent through this endpoint?
 * @ep: attached
 * @len: bytes
 * Context: any.
 * Return: 0; -EBADF, -EINVAL, -EMSGSIZE.
 */
static __always_inline int ipcchan_transfer_check_send(const struct ipcchan_ep *ep,
						       size_t len)
{
	if (unlikely(!(ep->role & IPCCHAN_ROLE_SEND)))
		return -EBADF;
	if (unlikely(!len))
		return -EINVAL;
	if (unlikely(len > READ_ONCE(ep->chan->queue.max_len)))
		return -EMSGSIZE;
	return 0;
}

int ipcchan_transfer_prepare(struct ipcchan_queue *q, struct ipcchan_msg *msg);
int ipcchan_transfer_send_special(struct ipcchan_ep *ep, struct ipcchan_msg *msg,
				  ktime_t until);

/**
 * ipcchan_transfer_send() - send a message that was built
 * @ep: endpoint
 * @msg: of priority 0; not the caller's any more, whatever comes of it: a block that is
 *	not sent is the endpoint's
 * @until: how long to wait
 * Context: process, may sleep.
 * Return: 0, or as ipcchan_queue_send(), ipcchan_broadcast_send().
 */
static __always_inline int ipcchan_transfer_send(struct ipcchan_ep *ep,
						 struct ipcchan_msg *msg,
						 ktime_t until)
{
	struct ipcchan_chan *chan = ep->chan;
	struct ipcchan_msg *spare;

	if (unlikely(chan->kind ||
		     !uid_eq(ipcchan_msg_uid(msg), READ_ONCE(chan->queue.owner))))
		return ipcchan_transfer_send_special(ep, msg, until);
	spare = ipcchan_queue_send(&chan->queue, msg, until);
	if (IS_ERR(spare)) {
		ipcchan_loan_undo(ep, msg);
		return PTR_ERR(spare);
	}
	if (likely(spare))
		ipcchan_ep_keep_slot(ep, spare);
	return 0;
}

/* What it means that there is no message, and will be none. */
static inline int ipcchan_transfer_end(const struct ipcchan_ep *ep)
{
	return READ_ONCE(ep->recv->hangup) & IPCCHAN_CUT_OFF ? -ECONNRESET : 0;
}

/**
 * ipcchan_transfer_recv() - receive one message
 * @ep: attached
 * @room: bytes
 * @until: how long to wait
 * Context: process, may sleep.
 * Return: the message, to be given to ipcchan_ep_keep() or, undelivered, to
 * ipcchan_queue_putback(); else as ipcchan_queue_recv(); ERR_PTR of -EBADF, -EINVAL,
 * -EOPNOTSUPP.
 */
static __always_inline struct ipcchan_msg *
ipcchan_transfer_recv(struct ipcchan_ep *ep, size_t room, ktime_t until)
{
	if (unlikely(!(ep->role & IPCCHAN_ROLE_RECV)))
		return ERR_PTR(-EBADF);
	if (unlikely(!room))
		return ERR_PTR(-EINVAL);
	if (unlikely(ep->chan->kind == IPCCHAN_KIND_RPC))
		return ERR_PTR(-EOPNOTSUPP);
	return ipcchan_queue_recv(ep->recv, room, READ_ONCE(ep->match), until,
				  ipcchan_ep_take_slot(ep));
}

#endif /* _IPCCHAN_TRANSFER_H */
