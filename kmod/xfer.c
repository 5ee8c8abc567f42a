// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_IOC_SEND and IPCCHAN_IOC_RECV: messages with headers, many a call. */

#include <linux/fs.h>
#include <linux/uaccess.h>

#include "batch.h"
#include "fds.h"
#include "hdr.h"
#include "ident.h"
#include "share.h"
#include "transfer.h"
#include "xfer.h"

/* One call, as checked. */
struct ipcchan_xfer_call {
	struct ipcchan_ep *ep;
	struct ipcchan_msghdr __user *msgs;
	u32 count;
	ktime_t until;
	struct ipcchan_xfer arg;
};

/* So many messages are taken under one lock. */
#define IPCCHAN_RECV_CHUNK	32U

static int ipcchan_xfer_begin(struct ipcchan_xfer_call *c, struct file *file,
			      const void __user *arg, bool nonblock)
{
	struct ipcchan_xfer *x = &c->arg;

	if (copy_from_user(x, arg, sizeof(*x)))
		return -EFAULT;
	if (x->flags & ~(IPCCHAN_XFER_NONBLOCK | IPCCHAN_XFER_ABSTIME) ||
	    x->reserved || !x->count || x->count > IPCCHAN_BATCH_MAX)
		return -EINVAL;
	if (nonblock || file->f_flags & O_NONBLOCK)
		x->flags |= IPCCHAN_XFER_NONBLOCK;
	c->ep = file->private_data;
	c->msgs = u64_to_user_ptr(x->msgs);
	c->count = x->count;
	return ipcchan_hdr_until(x->timeout_ns, x->flags, &c->until);
}

/* The next message to be sent, out of @slots where it fits one. */
static __always_inline struct ipcchan_msg *
ipcchan_xfer_build(struct ipcchan_ep *ep, struct ipcchan_slots *slots,
		   const struct ipcchan_msghdr __user *from)
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
	msg = likely(ipcchan_msg_is_slot(h.u.len)) ? ipcchan_slots_pop(slots) : NULL;
	if (unlikely(!msg))
		msg = ipcchan_msg_alloc(h.u.len);
	err = -ENOMEM;
	if (unlikely(!msg))
		goto put_fds;
	err = ipcchan_transfer_fill(ep, msg, &h.u, &label);
	if (likely(!err))
		return msg;
	ipcchan_msg_free(msg);
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
	if (ep->chan->options & IPCCHAN_OPT_TIMESTAMP ||
	    !uid_eq(current_euid(), ep->chan->queue.owner))
		return 0;
	return min_t(u32, ep->chan->queue.max_len, IPCCHAN_SLOT_DATA);
}

static noinline struct ipcchan_msg *
ipcchan_xfer_build_special(struct ipcchan_ep *ep, struct ipcchan_slots *slots,
			   const struct ipcchan_msghdr __user *from)
{
	struct ipcchan_queue *q = &ep->chan->queue;
	struct ipcchan_msg *msg = ipcchan_xfer_build(ep, slots, from);
	int err;

	if (IS_ERR(msg))
		return msg;
	if (msg->prio || !uid_eq(ipcchan_msg_uid(msg), q->owner)) {
		err = ipcchan_transfer_prepare(q, msg);
		if (err) {
			ipcchan_msg_free(msg);
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
		  const struct ipcchan_ident *ident)
{
	struct ipcchan_msg *msg = slots->first;

	if (unlikely(!msg || !ipcchan_hdr_get_plain(msg, from, plain_len)))
		return ipcchan_xfer_build_special(ep, slots, from);
	slots->first = msg->next;
	slots->nr--;
	if (unlikely(msg->ident != ident) && ipcchan_ident_stamp(msg, &ep->sender)) {
		ipcchan_slots_push(slots, msg);
		return ERR_PTR(-ENOMEM);
	}
	return msg;
}

/* As many messages as can be made.  Return: how many; if none, why. */
static int ipcchan_xfer_collect(struct ipcchan_xfer_call *c, struct ipcchan_batch *batch)
{
	struct ipcchan_ep *ep = c->ep;
	struct ipcchan_queue *q = &ep->chan->queue;
	struct ipcchan_slots slots = ipcchan_queue_slots(q, c->count, &ep->sender);
	const struct ipcchan_msghdr __user *from = c->msgs;
	/* At first that of no message. */
	const struct ipcchan_ident *ident = ep->sender.opener;
	const u32 plain_len = ipcchan_xfer_plain_len(ep);
	struct ipcchan_msg *msg;
	u32 i;

	for (i = 0; i < c->count; i++, from++) {
		msg = ipcchan_xfer_next(ep, &slots, from, plain_len, ident);
		if (IS_ERR(msg))
			break;
		ident = msg->ident;
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

static int ipcchan_xfer_send_queue(struct ipcchan_xfer_call *c)
{
	struct ipcchan_queue *q = &c->ep->chan->queue;
	struct ipcchan_msg *msg, *next;
	struct ipcchan_batch batch __uninitialized;
	int nr;

	ipcchan_batch_init(&batch);
	nr = ipcchan_xfer_collect(c, &batch);
	if (nr < 0)
		return nr;
	nr = ipcchan_xfer_send_all(c, &batch);
	list_for_each_entry_safe(msg, next, &batch.msgs, node) {
		ipcchan_share_end(q, msg);
		ipcchan_msg_free(msg);
	}
	return nr;
}

/* As write() does, with a header. */
static int ipcchan_xfer_send_one(struct ipcchan_xfer_call *c)
{
	struct ipcchan_slots slot = {};
	struct ipcchan_msg *msg;
	int err;

	msg = ipcchan_transfer_slot(c->ep, &c->ep->chan->queue, 0);
	if (likely(msg))
		ipcchan_slots_push(&slot, msg);
	msg = ipcchan_xfer_build(c->ep, &slot, c->msgs);
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
		msg = ipcchan_xfer_build(c->ep, &none, c->msgs + i);
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

	err = ipcchan_xfer_begin(&c, file, arg, nonblock);
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

/* It was delivered, and leaves the list unless it is a free slot now.  Return: whether. */
static noinline bool ipcchan_xfer_spent(struct ipcchan_msg *msg)
{
	ipcchan_msg_strip(msg);
	if (ipcchan_msg_is_slot(msg->len))
		return true;
	ipcchan_unlink(&msg->node);
	ipcchan_msg_free(msg);
	return false;
}

/* Give what was received to the user; what cannot be given goes back. */
static int ipcchan_xfer_deliver(struct ipcchan_xfer_call *c,
				const struct ipcchan_room *room,
				struct ipcchan_msghdr __user *to,
				struct list_head *msgs)
{
	struct ipcchan_names names __uninitialized;
	struct ipcchan_msg *msg, *next, *last = NULL;
	struct ipcchan_slots used = {};
	unsigned int freed = 0;
	int err = 0, nr = 0;

	names.ident = NULL;
	list_for_each_entry_safe(msg, next, msgs, node) {
		if (unlikely(names.ident != msg->ident))
			ipcchan_names_fill(&names, msg->ident);
		if (ipcchan_msg_is_plain(msg)) {
			err = ipcchan_hdr_deliver_plain(room->buf, msg, &names, to);
			if (unlikely(err))
				break;
			last = msg;
		} else {
			err = ipcchan_hdr_deliver_special(room, msg, &names, to);
			if (err)
				break;
			if (ipcchan_xfer_spent(msg))
				last = msg;
			else
				freed++;
		}
		nr++;
		room++;
		to++;
	}
	/* The list is a chain of free slots up to there. */
	if (likely(last)) {
		used.first = list_first_entry(msgs, struct ipcchan_msg, node);
		used.nr = nr - freed;
		last->next = NULL;
	}
	if (unlikely(err)) {
		msgs->next = &msg->node;
		msg->node.prev = msgs;
		ipcchan_queue_putback_batch(c->ep->recv, msgs);
	}
	ipcchan_queue_recycle(c->ep->recv, &used);
	return nr ?: err;
}

/* Return: how many headers of room could be read; if none, why. */
static int ipcchan_xfer_rooms(struct ipcchan_xfer_call *c, struct ipcchan_room *room,
			      u32 first, u32 most)
{
	int err;
	u32 nr = ipcchan_room_get(room, c->msgs + first,
				  min3(c->count - first, most, IPCCHAN_RECV_CHUNK), &err);

	return nr ?: err;
}

/* It stays where it is; its length is told, if there is somebody to tell. */
static void ipcchan_xfer_tell_len(struct ipcchan_xfer_call *c)
{
	u32 len = ipcchan_queue_next_len(c->ep->recv, READ_ONCE(c->ep->match));

	if (len && put_user(len, &c->msgs->len))
		return;
}

/* The first message, which is waited for.  Return: 1, 0 at the end, or why. */
static noinline int ipcchan_xfer_recv_first(struct ipcchan_xfer_call *c,
					    const struct ipcchan_room *room)
{
	struct ipcchan_names names __uninitialized;
	struct ipcchan_msg *msg;
	int err;

	msg = ipcchan_transfer_recv(c->ep, room->len, c->until);
	if (IS_ERR(msg)) {
		if (msg == ERR_PTR(-EMSGSIZE))
			ipcchan_xfer_tell_len(c);
		return PTR_ERR(msg);
	}
	if (!msg)
		return ipcchan_transfer_end(c->ep);
	names.ident = NULL;
	err = ipcchan_hdr_deliver(room, msg, &names, c->msgs);
	if (err) {
		ipcchan_queue_putback(c->ep->recv, msg);
		return err;
	}
	ipcchan_ep_keep(c->ep, msg);
	return 1;
}

static int ipcchan_xfer_recv_some(struct ipcchan_xfer_call *c)
{
	struct ipcchan_room __uninitialized room[IPCCHAN_RECV_CHUNK];
	struct ipcchan_queue *q = c->ep->recv;
	u32 queued, done = 0;
	int nr, got;

	while (done < c->count) {
		LIST_HEAD(msgs);

		/* No more headers are read than there may be messages for. */
		queued = READ_ONCE(q->nr);
		if (!queued && done)
			break;
		nr = ipcchan_xfer_rooms(c, room, done, max(queued, 1U));
		if (unlikely(nr < 0))
			return done ?: nr;
		if (likely(queued))
			nr = ipcchan_queue_recv_batch(q, READ_ONCE(c->ep->match), room,
						      nr, &msgs);
		if (unlikely(done && !nr))
			break;
		got = likely(queued && nr) ?
			      ipcchan_xfer_deliver(c, room, c->msgs + done, &msgs) :
			      ipcchan_xfer_recv_first(c, room);
		if (unlikely(got <= 0))
			return done ?: got;
		done += got;
	}
	return done;
}

/**
 * ipcchan_xfer_recv() - IPCCHAN_IOC_RECV
 * @file: of an attached endpoint
 * @arg: user pointer to struct ipcchan_xfer
 * @nonblock: do not wait, whatever it says
 * Context: process, may sleep.
 * Return: number of messages, 0 at end of file, or as struct ipcchan_xfer says.
 */
long ipcchan_xfer_recv(struct file *file, const void __user *arg, bool nonblock)
{
	struct ipcchan_xfer_call c __uninitialized;
	int err;

	err = ipcchan_xfer_begin(&c, file, arg, nonblock);
	if (err)
		return err;
	if (!(c.ep->role & IPCCHAN_ROLE_RECV))
		return -EBADF;
	if (c.ep->chan->kind == IPCCHAN_KIND_RPC)
		return -EOPNOTSUPP;
	return ipcchan_hdr_restart(ipcchan_xfer_recv_some(&c), c.arg.timeout_ns,
				   c.arg.flags);
}
