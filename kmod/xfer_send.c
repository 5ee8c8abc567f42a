// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_IOC_SEND: messages with headers, many a call. */

#include "batch.h"
#include "fds.h"
#include "hdr.h"
#include "ident.h"
#include "ipcchan.h"
#include "share.h"
#include "transfer.h"
#include "xfer.h"

/* Memory for a message, out of @slots where it fits one. */
static __always_inline struct ipcchan_msg *
ipcchan_xfer_memory(struct ipcchan_ep *ep, struct ipcchan_slots *slots, size_t len,
		    ktime_t until)
{
	struct ipcchan_msg *msg;

	if (unlikely(READ_ONCE(ep->chan->queue.pool)))
		return ipcchan_pool_slot(ep, &ep->chan->queue, len, until);
	if (likely(ipcchan_msg_is_slot(len)))
		msg = ipcchan_slots_pop(slots) ?: ipcchan_msg_alloc(len);
	else
		msg = ipcchan_queue_large(&ep->chan->queue, len);
	return msg ?: ERR_PTR(-ENOMEM);
}

/* The next message to be sent. */
static __always_inline struct ipcchan_msg *
ipcchan_xfer_build(struct ipcchan_ep *ep, struct ipcchan_slots *slots,
		   const struct ipcchan_msghdr __user *from, ktime_t until)
{
	struct ipcchan_hdr h __uninitialized;
	struct ipcchan_label label;
	struct ipcchan_msg *msg;
	int err;

	err = ipcchan_hdr_get(&h, from);
	if (unlikely(err))
		return ERR_PTR(err);
	err = ipcchan_transfer_check_send(ep, h.u.len);
	if (unlikely(err))
		return ERR_PTR(err);
	label = (struct ipcchan_label) {
		.prio = h.prio, .type = h.type, .cookie = h.cookie,
	};
	if (unlikely(h.nr_fds)) {
		label.fds = ipcchan_fds_create(h.fds, h.nr_fds);
		if (IS_ERR(label.fds))
			return ERR_CAST(label.fds);
	}
	if (unlikely(h.flags & IPCCHAN_MSG_PLACED))
		msg = ipcchan_loan_take(ep, h.offset, h.u.len);
	else
		msg = ipcchan_xfer_memory(ep, slots, h.u.len, until);
	err = PTR_ERR_OR_ZERO(msg);
	if (unlikely(err))
		goto put_fds;
	if (unlikely(h.flags & IPCCHAN_MSG_PLACED))
		err = ipcchan_transfer_label(ep, msg, h.u.len, &label);
	else
		err = ipcchan_transfer_fill(ep, msg, &h.u, &label);
	if (likely(!err))
		return msg;
	ipcchan_loan_undo(ep, msg);
put_fds:
	if (label.fds)
		ipcchan_fds_put(label.fds);
	return ERR_PTR(err);
}

/*
 * The longest message, in bytes, that needs nothing but its slot, its payload and its
 * sender's name; 0 where each needs more.
 */
static u32 ipcchan_xfer_plain_len(const struct ipcchan_ep *ep)
{
	if (ep->chan->options & IPCCHAN_OPT_TIMESTAMP || READ_ONCE(ep->chan->queue.pool) ||
	    !uid_eq(current_euid(), READ_ONCE(ep->chan->queue.owner)))
		return 0;
	return min_t(u32, READ_ONCE(ep->chan->queue.max_len), IPCCHAN_SLOT_DATA);
}

static noinline struct ipcchan_msg *
ipcchan_xfer_build_special(struct ipcchan_ep *ep, struct ipcchan_slots *slots,
			   const struct ipcchan_msghdr __user *from, ktime_t until)
{
	struct ipcchan_queue *q = &ep->chan->queue;
	struct ipcchan_msg *msg = ipcchan_xfer_build(ep, slots, from, until);
	int err;

	if (IS_ERR(msg))
		return msg;
	if (msg->prio || !uid_eq(ipcchan_msg_uid(msg), READ_ONCE(q->owner))) {
		err = ipcchan_transfer_prepare(q, msg);
		if (err) {
			ipcchan_loan_undo(ep, msg);
			return ERR_PTR(err);
		}
	}
	return msg;
}

/*
 * The next message of a batch, ready to be queued.  Its sender is that of the one before
 * it, @ident, if the slot says so.
 */
static __always_inline struct ipcchan_msg *
ipcchan_xfer_next(struct ipcchan_ep *ep, struct ipcchan_slots *slots,
		  const struct ipcchan_msghdr __user *from, u32 plain_len,
		  const struct ipcchan_ident *ident, ktime_t until)
{
	struct ipcchan_msg *msg = slots->first;

	if (unlikely(!msg || !ipcchan_hdr_get_plain(msg, from, plain_len)))
		return ipcchan_xfer_build_special(ep, slots, from, until);
	slots->first = msg->next;
	slots->nr--;
	if (unlikely(msg->ident != ident) && ipcchan_ident_stamp(msg, &ep->sender)) {
		ipcchan_slots_push(slots, msg);
		return ERR_PTR(-ENOMEM);
	}
	return msg;
}

/*
 * As many messages as can be made, of those that are left, and no more than the queue
 * may hold, nor with copies of more bytes than a common one may: the caller may sleep with
 * them, and no quota counts what is not queued yet.  Then no more either than went before,
 * for large messages leave most of the slots unused.  Return: how many; if none, why.
 */
static int ipcchan_xfer_collect(struct ipcchan_xfer_call *c, u32 first,
				struct ipcchan_batch *batch)
{
	struct ipcchan_ep *ep = c->ep;
	struct ipcchan_queue *q = &ep->chan->queue;
	u32 i, most = min3(c->count - first, READ_ONCE(q->max_nr), first ?: U32_MAX);
	struct ipcchan_slots slots = ipcchan_queue_slots(q, most, &ep->sender);
	const struct ipcchan_msghdr __user *from = c->msgs + first;
	/* At first that of no message. */
	const struct ipcchan_ident *ident = ep->sender.opener;
	const u32 plain_len = ipcchan_xfer_plain_len(ep);
	struct ipcchan_msg *msg;
	u64 copied = 0;

	for (i = 0; i < most && batch->bytes < READ_ONCE(q->max_bytes) &&
	     copied < IPCCHAN_DEFAULT_BYTES; i++, from++) {
		msg = ipcchan_xfer_next(ep, &slots, from, plain_len, ident,
					i ? IPCCHAN_NO_WAIT : c->until);
		if (IS_ERR(msg))
			break;
		ident = msg->ident;
		copied += msg->flags & IPCCHAN_HAS_PLACE ? 0 : msg->len;
		ipcchan_batch_add(batch, msg);
	}
	ipcchan_queue_recycle(q, &slots);
	return i ?: PTR_ERR(msg);
}

/* Waits for the first of them, alone, or is told why not. */
static int ipcchan_xfer_send_first(struct ipcchan_xfer_call *c,
				   struct ipcchan_batch *batch)
{
	struct ipcchan_msg *msg = list_first_entry(&batch->msgs, struct ipcchan_msg, node);
	struct ipcchan_msg *spare;

	ipcchan_batch_pop(batch, msg);
	spare = ipcchan_queue_send(&c->ep->chan->queue, msg, c->until);
	if (IS_ERR(spare)) {
		ipcchan_batch_unpop(batch, msg);
		return PTR_ERR(spare);
	}
	if (spare)
		ipcchan_ep_keep(c->ep, spare);
	return 1;
}

/* Return: how many were sent; if none, why. */
static int ipcchan_xfer_send_all(struct ipcchan_xfer_call *c, struct ipcchan_batch *batch)
{
	int nr, sent = 0;

	while (batch->nr) {
		nr = ipcchan_queue_send_batch(&c->ep->chan->queue, batch);
		if (nr == -EAGAIN)
			nr = ipcchan_xfer_send_first(c, batch);
		if (nr < 0)
			return sent ?: nr;
		sent += nr;
	}
	return sent;
}

/* Return: how many of those from @first on were sent; if none, why. */
static int ipcchan_xfer_send_some(struct ipcchan_xfer_call *c, u32 first, bool *go_on)
{
	struct ipcchan_ep *ep = c->ep;
	struct ipcchan_batch batch __uninitialized;
	struct ipcchan_msg *msg, *next;
	int nr;

	ipcchan_batch_init(&batch);
	nr = ipcchan_xfer_collect(c, first, &batch);
	if (nr < 0)
		return nr;
	nr = ipcchan_xfer_send_all(c, &batch);
	*go_on = list_empty(&batch.msgs);
	list_for_each_entry_safe(msg, next, &batch.msgs, node) {
		ipcchan_share_end(&ep->chan->queue, msg);
		ipcchan_loan_undo(ep, msg);
	}
	return nr;
}

static int ipcchan_xfer_send_queue(struct ipcchan_xfer_call *c)
{
	bool go_on = true;
	u32 sent = 0;
	int nr;

	while (go_on && sent < c->count) {
		nr = ipcchan_xfer_send_some(c, sent, &go_on);
		if (nr < 0)
			return sent ?: nr;
		sent += nr;
	}
	return sent;
}

/* As write() does, with a header. */
static int ipcchan_xfer_send_one(struct ipcchan_xfer_call *c)
{
	struct ipcchan_queue *q = &c->ep->chan->queue;
	struct ipcchan_slots slot = {};
	struct ipcchan_msg *msg;
	int err;

	msg = ipcchan_ep_take_slot(c->ep) ?: ipcchan_queue_slot(q, &c->ep->sender);
	if (likely(msg))
		ipcchan_slots_push(&slot, msg);
	msg = ipcchan_xfer_build(c->ep, &slot, c->msgs, c->until);
	if (unlikely(slot.first))
		ipcchan_ep_keep(c->ep, slot.first);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	err = unlikely(msg->prio) ? ipcchan_transfer_send_special(c->ep, msg, c->until) :
				    ipcchan_transfer_send(c->ep, msg, c->until);
	return err ?: 1;
}

/* One by one. */
static int ipcchan_xfer_send_broadcast(struct ipcchan_xfer_call *c)
{
	struct ipcchan_slots none = {};
	struct ipcchan_msg *msg;
	int err = 0;
	u32 i;

	for (i = 0; i < c->count; i++) {
		msg = ipcchan_xfer_build(c->ep, &none, c->msgs + i, c->until);
		err = IS_ERR(msg) ? PTR_ERR(msg) :
				    ipcchan_transfer_send_special(c->ep, msg, c->until);
		if (err)
			break;
	}
	return i ?: err;
}

/**
 * ipcchan_xfer_send() - IPCCHAN_IOC_SEND
 * @file: of an attached endpoint
 * @arg: user pointer to struct ipcchan_xfer
 * @nonblock: do not wait, whatever it says
 * Context: process, may sleep.
 * Return: number of messages, or as struct ipcchan_xfer says.
 */
long ipcchan_xfer_send(struct file *file, const void __user *arg, bool nonblock)
{
	struct ipcchan_xfer_call c __uninitialized;
	int err;

	err = ipcchan_xfer_begin(&c, file, arg, IPCCHAN_XFER_NONBLOCK | IPCCHAN_XFER_ABSTIME,
				 nonblock);
	if (err)
		return err;
	if (!(c.ep->role & IPCCHAN_ROLE_SEND))
		return -EBADF;
	switch (c.ep->chan->kind) {
	case IPCCHAN_KIND_QUEUE:
		err = c.count == 1 ? ipcchan_xfer_send_one(&c) :
				     ipcchan_xfer_send_queue(&c);
		break;
	case IPCCHAN_KIND_BROADCAST:
		err = ipcchan_xfer_send_broadcast(&c);
		break;
	default:
		return -EOPNOTSUPP;
	}
	return ipcchan_hdr_restart(err, c.arg.timeout_ns, c.arg.flags);
}
