/* SPDX-License-Identifier: GPL-2.0 */
/* Sending and receiving, in line: read() and write() are little more. */
#ifndef _IPCCHAN_QUEUE_FAST_H
#define _IPCCHAN_QUEUE_FAST_H

#include "queue_locked.h"

struct ipcchan_msg *ipcchan_queue_send_special(struct ipcchan_queue *q,
					       struct ipcchan_msg *msg,
					       ktime_t until)
	__releases(&q->lock);
struct ipcchan_msg *ipcchan_queue_wait_msg(struct ipcchan_queue *q, size_t room,
					   struct ipcchan_match match, ktime_t until)
	__releases(&q->lock);
struct ipcchan_msg *ipcchan_queue_recv_special(struct ipcchan_queue *q, size_t room,
					       struct ipcchan_match match,
					       ktime_t until)
	__releases(&q->lock);
void ipcchan_queue_shed(struct ipcchan_queue *q)
	__releases(&q->lock) __acquires(&q->lock);

static __always_inline struct ipcchan_msg *
ipcchan_queue_send_locked(struct ipcchan_queue *q, struct ipcchan_msg *msg,
			  ktime_t until, bool special)
	__releases(&q->lock)
{
	struct ipcchan_msg *spare = NULL;
	struct ipcchan_owed owed = {};
	size_t len = msg->len;

	if (special)
		ipcchan_queue_seen_locked(q, &q->send_side);
	if (!ipcchan_queue_handover_locked(q, msg, &owed, special)) {
		if (special && q->hangup & IPCCHAN_NO_RECEIVERS)
			spare = ERR_PTR(-EPIPE);
		else if (likely(ipcchan_queue_first_locked(q, msg, special) &&
				ipcchan_queue_allows_locked(q, msg, special)))
			ipcchan_queue_link_locked(q, msg, &owed, special);
		else if (until == IPCCHAN_NO_WAIT)
			return ERR_PTR(ipcchan_queue_refuse(q, msg, owed.wake));
		else
			return ERR_PTR(ipcchan_queue_wait_room(q, msg, until,
							       owed.wake));
	}
	if (likely(!spare && ipcchan_msg_is_slot(len)))
		spare = ipcchan_slots_pop(&q->slots);
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed, special);
	return spare;
}

/**
 * ipcchan_queue_send() - hand a message over, queue it, or wait for room
 * @q: queue
 * @msg: at most @q->max_len bytes; the queue's on success, else still the caller's
 * @until: how long to wait
 *
 * Context: process, may sleep.
 * Return: a slot for the caller's next message, or NULL; ERR_PTR of -EAGAIN,
 * -EDQUOT (not waiting, and the sender has its share), -ERESTARTSYS, -ETIMEDOUT,
 * -EPIPE; -EMSGSIZE (the limits have changed meanwhile).
 */
static __always_inline struct ipcchan_msg *
ipcchan_queue_send(struct ipcchan_queue *q, struct ipcchan_msg *msg, ktime_t until)
{
	spin_lock(&q->lock);
	if (unlikely(q->special))
		return ipcchan_queue_send_special(q, msg, until);
	return ipcchan_queue_send_locked(q, msg, until, false);
}

static __always_inline struct ipcchan_msg *
ipcchan_queue_recv_locked(struct ipcchan_queue *q, size_t room,
			  struct ipcchan_match match, ktime_t until)
	__releases(&q->lock)
{
	struct ipcchan_msg *msg;
	bool made_room = false;

	if (!list_empty(&q->msgs)) {
		msg = list_first_entry(&q->msgs, struct ipcchan_msg, node);
		if (likely(msg->len <= room))
			made_room = ipcchan_queue_take_locked(q, msg, false);
		else
			msg = ERR_PTR(-EMSGSIZE);
	} else if (until == IPCCHAN_NO_WAIT) {
		msg = ERR_PTR(-EAGAIN);
	} else {
		return ipcchan_queue_wait_msg(q, room, match, until);
	}
	if (unlikely(made_room))
		ipcchan_queue_made_room(q);
	else
		spin_unlock(&q->lock);
	return msg;
}

/**
 * ipcchan_queue_recv() - take the next message, or wait for one
 * @q: queue
 * @room: longest message that the caller can take, bytes
 * @match: which messages it wants; if not all, @q is special
 * @until: how long to wait
 * @used: a slot that the caller has done with, the queue's from now on, or NULL
 *
 * Context: process, may sleep.
 * Return: the message, now the caller's; NULL at end of file; ERR_PTR of -EAGAIN,
 * -EMSGSIZE (it is longer than @room, and stays), -ERESTARTSYS, -ETIMEDOUT.
 */
static __always_inline struct ipcchan_msg *
ipcchan_queue_recv(struct ipcchan_queue *q, size_t room, struct ipcchan_match match,
		   ktime_t until, struct ipcchan_msg *used)
{
	spin_lock(&q->lock);
	if (likely(used)) {
		ipcchan_slots_push(&q->slots, used);
		if (unlikely(q->slots.nr > IPCCHAN_SLOTS_MAX))
			ipcchan_queue_shed(q);
	}
	if (unlikely(q->special))
		return ipcchan_queue_recv_special(q, room, match, until);
	return ipcchan_queue_recv_locked(q, room, match, until);
}

#endif /* _IPCCHAN_QUEUE_FAST_H */
