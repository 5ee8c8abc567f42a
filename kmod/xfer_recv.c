// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_IOC_RECV: messages with headers, many a call. */

#include <linux/uaccess.h>

#include "batch.h"
#include "fds.h"
#include "hdr.h"
#include "transfer.h"
#include "xfer.h"

/* So many messages are taken under one lock. */
#define IPCCHAN_RECV_CHUNK	32U

struct ipcchan_xfer_rooms {
	struct ipcchan_room of[IPCCHAN_RECV_CHUNK];
};

/*
 * It was delivered, or is @held from now on, and leaves the list unless it is a free slot
 * now.  Return: whether it stays.
 */
static noinline bool ipcchan_xfer_spent(struct ipcchan_ep *ep, struct ipcchan_msg *msg,
					bool held)
{
	if (held) {
		ipcchan_unlink(&msg->node);
		ipcchan_held_add(&ep->held, msg);
		return false;
	}
	ipcchan_msg_strip(msg);
	if (ipcchan_msg_is_slot(msg->len))
		return true;
	ipcchan_unlink(&msg->node);
	ipcchan_queue_keep_large(&ep->chan->queue, msg);
	return false;
}

/* Give what was received to the user; what cannot be given goes back. */
static int ipcchan_xfer_deliver(struct ipcchan_xfer_call *c,
				const struct ipcchan_room *room,
				struct ipcchan_msghdr __user *to,
				struct list_head *msgs)
{
	bool place = c->arg.flags & IPCCHAN_XFER_PLACE;
	struct ipcchan_names names __uninitialized;
	struct ipcchan_msg *msg, *next, *last = NULL;
	struct ipcchan_slots used = {};
	unsigned int freed = 0;
	int err = 0, nr = 0;

	names.ident = NULL;
	list_for_each_entry_safe(msg, next, msgs, node) {
		if (unlikely(names.ident != msg->ident))
			ipcchan_names_fill(&names, msg->ident);
		if (ipcchan_msg_is_plain(msg) && likely(!place)) {
			err = ipcchan_hdr_deliver_plain(room->buf, msg, &names, to);
			if (unlikely(err))
				break;
			last = msg;
		} else {
			err = place ? ipcchan_xfer_place(c->ep, room, msg, &names, to) :
				      ipcchan_hdr_deliver_special(room, msg, &names, to);
			if (err < 0)
				break;
			if (ipcchan_xfer_spent(c->ep, msg, err))
				last = msg;
			else
				freed++;
			err = 0;
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
				  min3(c->count - first, most, IPCCHAN_RECV_CHUNK),
				  c->arg.flags & IPCCHAN_XFER_PLACE, &err);

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
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	if (!msg)
		return ipcchan_transfer_end(c->ep);
	names.ident = NULL;
	if (unlikely(c->arg.flags & IPCCHAN_XFER_PLACE))
		err = ipcchan_xfer_place(c->ep, room, msg, &names, c->msgs);
	else
		err = ipcchan_hdr_deliver(room, msg, &names, c->msgs);
	if (unlikely(err < 0)) {
		ipcchan_queue_putback(c->ep->recv, msg);
		return err;
	}
	if (unlikely(err))
		ipcchan_held_add(&c->ep->held, msg);
	else
		ipcchan_ep_keep(c->ep, msg);
	return 1;
}

static int ipcchan_xfer_recv_some(struct ipcchan_xfer_call *c)
{
	struct ipcchan_xfer_rooms rooms __uninitialized;
	struct ipcchan_room *room = rooms.of;
	struct ipcchan_queue *q = c->ep->recv;
	u32 queued, done = 0;
	int nr, got;

	while (done < c->count) {
		LIST_HEAD(msgs);

		/* No more headers are read than there may be messages for. */
		queued = data_race(q->nr);
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
		if (unlikely(got <= 0)) {
			/* Only where it is the first: what may be done next is not changed. */
			if (got == -EMSGSIZE && !done)
				ipcchan_xfer_tell_len(c);
			return done ?: got;
		}
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

	err = ipcchan_xfer_begin(&c, file, arg, IPCCHAN_XFER_NONBLOCK |
				 IPCCHAN_XFER_ABSTIME | IPCCHAN_XFER_PLACE, nonblock);
	if (err)
		return err;
	if (!(c.ep->role & IPCCHAN_ROLE_RECV))
		return -EBADF;
	if (c.ep->chan->kind == IPCCHAN_KIND_RPC)
		return -EOPNOTSUPP;
	return ipcchan_hdr_restart(ipcchan_xfer_recv_some(&c), c.arg.timeout_ns,
				   c.arg.flags);
}
