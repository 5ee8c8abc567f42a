// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_IOC_SEND and IPCCHAN_IOC_RECV: messages with headers, many a call. */

#include <linux/fs.h>
#include <linux/uaccess.h>

#include "fds.h"
#include "hdr.h"
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
#define IPCCHAN_RECV_CHUNK	16

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
static struct ipcchan_msg *ipcchan_xfer_build(struct ipcchan_ep *ep,
					      struct ipcchan_slots *slots,
					      const struct ipcchan_msghdr __user *from)
{
	struct ipcchan_label label;
	struct ipcchan_msg *msg;
	struct ipcchan_hdr h;
	int err;

	if (!ipcchan_hdr_get(&h, from))
		return ERR_PTR(-EFAULT);
	err = ipcchan_hdr_check_send(&h) ?:
	      ipcchan_transfer_check_send(ep, h.u.len);
	if (err)
		return ERR_PTR(err);
	label = (struct ipcchan_label) {
		.prio = h.prio, .type = h.type, .cookie = h.cookie,
	};
	if (h.nr_fds) {
		label.fds = ipcchan_fds_create(h.fds, h.nr_fds);
		if (IS_ERR(label.fds))
			return ERR_CAST(label.fds);
	}
	msg = ipcchan_msg_is_slot(h.u.len) ? ipcchan_slots_pop(slots) : NULL;
	if (!msg)
		msg = ipcchan_msg_alloc(h.u.len);
	err = -ENOMEM;
	if (!msg)
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

static bool ipcchan_xfer_special(const struct ipcchan_ep *ep,
				 const struct ipcchan_msg *msg)
{
	return msg->prio || !uid_eq(ipcchan_msg_uid(msg), ep->chan->queue.owner);
}

/* As many messages as can be made.  Return: how many; if none, why. */
static int ipcchan_xfer_collect(struct ipcchan_xfer_call *c, struct list_head *batch)
{
	struct ipcchan_queue *q = &c->ep->chan->queue;
	struct ipcchan_slots slots = ipcchan_queue_slots(q, c->count, &c->ep->sender);
	struct ipcchan_msg *msg;
	u32 i;
	int err = 0;

	for (i = 0; i < c->count; i++) {
		msg = ipcchan_xfer_build(c->ep, &slots, c->msgs + i);
		if (IS_ERR(msg)) {
			err = PTR_ERR(msg);
			break;
		}
		if (unlikely(ipcchan_xfer_special(c->ep, msg))) {
			err = ipcchan_transfer_prepare(q, msg);
			if (err) {
				ipcchan_msg_free(msg);
				break;
			}
		}
		list_add_tail(&msg->node, batch);
	}
	ipcchan_queue_recycle(q, &slots);
	return i ?: err;
}

/* Return: how many were sent; if none, why. */
static int ipcchan_xfer_send_all(struct ipcchan_xfer_call *c, struct list_head *batch)
{
	struct ipcchan_queue *q = &c->ep->chan->queue;
	struct ipcchan_msg *msg, *spare;
	int nr, sent = 0;

	while (!list_empty(batch)) {
		nr = ipcchan_queue_send_batch(q, batch);
		if (nr == -EAGAIN) {
			/* Waits for the first of them, alone, or is told why not. */
			msg = list_first_entry(batch, struct ipcchan_msg, node);
			list_del(&msg->node);
			spare = ipcchan_queue_send(q, msg, c->until);
			if (IS_ERR(spare))
				list_add(&msg->node, batch);
			else if (spare)
				ipcchan_ep_keep(c->ep, spare);
			nr = IS_ERR(spare) ? PTR_ERR(spare) : 1;
		}
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
	LIST_HEAD(batch);
	int nr;

	nr = ipcchan_xfer_collect(c, &batch);
	if (nr < 0)
		return nr;
	nr = ipcchan_xfer_send_all(c, &batch);
	list_for_each_entry_safe(msg, next, &batch, node) {
		ipcchan_share_end(q, msg);
		ipcchan_msg_free(msg);
	}
	return nr;
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
	struct ipcchan_xfer_call c;
	int err;

	err = ipcchan_xfer_begin(&c, file, arg, nonblock);
	if (err)
		return err;
	if (!(c.ep->role & IPCCHAN_ROLE_SEND))
		return -EBADF;
	switch (c.ep->chan->kind) {
	case IPCCHAN_KIND_QUEUE:
		err = ipcchan_xfer_send_queue(&c);
		break;
	case IPCCHAN_KIND_BROADCAST:
		err = ipcchan_xfer_send_broadcast(&c);
		break;
	default:
		return -EOPNOTSUPP;
	}
	return ipcchan_hdr_restart(err, c.arg.timeout_ns, c.arg.flags);
}

/* Give what was received to the user; what cannot be given goes back. */
static int ipcchan_xfer_deliver(struct ipcchan_xfer_call *c, struct ipcchan_hdr *h,
				u32 first, struct list_head *batch,
				struct ipcchan_names *names)
{
	struct ipcchan_slots used = {};
	struct ipcchan_msg *msg, *next;
	int err = 0, nr = 0;

	list_for_each_entry_safe(msg, next, batch, node) {
		err = ipcchan_hdr_deliver(h + nr, msg, names,
					  c->msgs + first + nr);
		if (err)
			break;
		nr++;
		list_del(&msg->node);
		if (unlikely(msg->flags))
			ipcchan_msg_strip(msg);
		if (likely(ipcchan_msg_is_slot(msg->len)))
			ipcchan_slots_push(&used, msg);
		else
			ipcchan_msg_free(msg);
	}
	if (unlikely(err))
		ipcchan_queue_putback_batch(c->ep->recv, batch);
	ipcchan_queue_recycle(c->ep->recv, &used);
	return nr ?: err;
}

/* Return: how many headers of room could be read; if none, why. */
static int ipcchan_xfer_rooms(struct ipcchan_xfer_call *c, struct ipcchan_hdr *h,
			      u32 *room, u32 first)
{
	u32 i, nr = min_t(u32, c->count - first, IPCCHAN_RECV_CHUNK);
	int err = 0;

	for (i = 0; i < nr; i++) {
		if (!ipcchan_hdr_get(h + i, c->msgs + first + i))
			err = -EFAULT;
		else
			err = ipcchan_hdr_check_recv(h + i);
		if (err)
			break;
		room[i] = h[i].u.len;
	}
	return i ?: err;
}

/* It stays where it is; its length is told, if there is somebody to tell. */
static void ipcchan_xfer_tell_len(struct ipcchan_xfer_call *c)
{
	u32 len = ipcchan_queue_next_len(c->ep->recv, READ_ONCE(c->ep->match));

	if (len && put_user(len, &c->msgs->len))
		return;
}

/* The first message, which may be waited for.  Return: 1, 0 at the end, or why. */
static int ipcchan_xfer_recv_first(struct ipcchan_xfer_call *c,
				   struct ipcchan_hdr *h,
				   struct ipcchan_names *names)
{
	struct ipcchan_msg *msg;
	int err;

	msg = ipcchan_transfer_recv(c->ep, h->u.len, c->until);
	if (IS_ERR(msg)) {
		if (msg == ERR_PTR(-EMSGSIZE))
			ipcchan_xfer_tell_len(c);
		return PTR_ERR(msg);
	}
	if (!msg)
		return ipcchan_transfer_end(c->ep);
	err = ipcchan_hdr_deliver(h, msg, names, c->msgs);
	if (err) {
		ipcchan_queue_putback(c->ep->recv, msg);
		return err;
	}
	ipcchan_ep_keep(c->ep, msg);
	return 1;
}

static int ipcchan_xfer_recv_some(struct ipcchan_xfer_call *c)
{
	struct ipcchan_hdr h[IPCCHAN_RECV_CHUNK];
	struct ipcchan_names names = {};
	u32 room[IPCCHAN_RECV_CHUNK];
	int nr, got, done, want;

	want = ipcchan_xfer_rooms(c, h, room, 0);
	if (want < 0)
		return want;
	done = ipcchan_xfer_recv_first(c, h, &names);
	if (done <= 0)
		return done;
	while (done < c->count) {
		LIST_HEAD(batch);

		want = ipcchan_xfer_rooms(c, h, room, done);
		if (want <= 0)
			break;
		nr = ipcchan_queue_recv_batch(c->ep->recv, READ_ONCE(c->ep->match),
					      room, want, &batch);
		if (!nr)
			break;
		got = ipcchan_xfer_deliver(c, h, done, &batch, &names);
		if (got > 0)
			done += got;
		if (got < want)
			break;
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
	struct ipcchan_xfer_call c;
	int err;

	err = ipcchan_xfer_begin(&c, file, arg, nonblock);
	if (err)
		return err;
	return ipcchan_hdr_restart(ipcchan_xfer_recv_some(&c), c.arg.timeout_ns,
				   c.arg.flags);
}
