// SPDX-License-Identifier: GPL-2.0
/* What others see of a queue, and are told. */

#include <linux/fs.h>

#include "arena.h"
#include "buffer.h"
#include "pool.h"
#include "queue_locked.h"

/**
 * ipcchan_queue_notify() - tell those who do not wait in a call
 * @q: queue
 * @in: there is a message
 * @out: there is room
 * Context: any, without the lock.
 */
void ipcchan_queue_notify(struct ipcchan_queue *q, bool in, bool out)
{
	if (in) {
		wake_up_interruptible_poll(&q->recv_poll,
					   EPOLLIN | EPOLLRDNORM);
		kill_fasync(&q->fasync, SIGIO, POLL_IN);
	}
	if (out) {
		wake_up_interruptible_poll(&q->send_poll,
					   EPOLLOUT | EPOLLWRNORM);
		kill_fasync(&q->fasync, SIGIO, POLL_OUT);
	}
}

/**
 * ipcchan_queue_specialise() - no message goes the short way from now on
 * @q: queue
 * Context: process.
 */
void ipcchan_queue_specialise(struct ipcchan_queue *q)
{
	spin_lock(&q->lock);
	q->special |= IPCCHAN_SPECIAL;
	spin_unlock(&q->lock);
}

/**
 * ipcchan_queue_notify_gone() - the other side, or this one, has gone
 * @q: queue
 *
 * Those are told, too, who poll for nothing else.
 *
 * Context: any, without the lock.
 */
void ipcchan_queue_notify_gone(struct ipcchan_queue *q)
{
	wake_up_interruptible_poll(&q->recv_poll,
				   EPOLLIN | EPOLLRDNORM | EPOLLHUP);
	wake_up_interruptible_poll(&q->send_poll,
				   EPOLLOUT | EPOLLWRNORM | EPOLLERR);
	kill_fasync(&q->fasync, SIGIO, POLL_HUP);
}

/**
 * ipcchan_queue_hangup() - all senders or all receivers are gone, or one is back
 * @q: queue
 * @gone: IPCCHAN_NO_*, from now on
 * Context: process.
 */
void ipcchan_queue_hangup(struct ipcchan_queue *q, u16 gone)
{
	struct ipcchan_waiter *w, *next;
	struct ipcchan_owed owed = {};
	struct ipcchan_share *share;

	spin_lock(&q->lock);
	q->special |= IPCCHAN_SPECIAL;
	WRITE_ONCE(q->hangup, gone | (q->hangup & IPCCHAN_CUT_OFF));
	if (gone & IPCCHAN_NO_SENDERS) {
		list_for_each_entry_safe(w, next, &q->receivers, node)
			ipcchan_queue_complete_locked(q, w, 0, &owed);
	}
	if (gone & IPCCHAN_NO_RECEIVERS) {
		list_for_each_entry_safe(w, next, &q->senders, node)
			ipcchan_queue_complete_locked(q, w, -EPIPE, &owed);
		list_for_each_entry(share, &q->shares, node) {
			list_for_each_entry_safe(w, next, &share->senders, node)
				ipcchan_queue_complete_locked(q, w, -EPIPE, &owed);
		}
	}
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed, true);
	ipcchan_queue_notify_gone(q);
}

/* The message that a receive would get at once, or NULL. */
static struct ipcchan_msg *ipcchan_queue_next_locked(struct ipcchan_queue *q,
						     struct ipcchan_match match)
{
	struct ipcchan_msg *msg = ipcchan_queue_find_locked(q, match);
	struct ipcchan_waiter *w;

	if (msg)
		return msg;
	w = ipcchan_queue_waiting_locked(q, match);
	return w ? w->msg : NULL;
}

/**
 * ipcchan_queue_next_len() - length of the next message
 * @q: queue
 * @match: of those that match
 * Context: process.
 * Return: bytes, 0 when there is none.
 */
size_t ipcchan_queue_next_len(struct ipcchan_queue *q,
			      struct ipcchan_match match)
{
	struct ipcchan_msg *msg;
	size_t len;

	spin_lock(&q->lock);
	msg = ipcchan_queue_next_locked(q, match);
	len = msg ? msg->len : 0;
	spin_unlock(&q->lock);
	return len;
}

/*
 * Perhaps no sender can bring more: there is not room for each message, or somebody's
 * share may be used up, which is at least half of the room.
 */
static bool ipcchan_queue_brimful_locked(struct ipcchan_queue *q)
{
	return !ipcchan_queue_writable_locked(q) ||
	       (!list_empty(&q->shares) &&
		((q->nr + 1) * 2 > q->max_nr ||
		 (q->bytes + q->max_len) * 2 > q->max_bytes));
}

static bool ipcchan_queue_reaches_locked(struct ipcchan_queue *q,
					 const struct ipcchan_watermark *low)
{
	u32 msgs = READ_ONCE(low->msgs);
	u64 bytes = READ_ONCE(low->bytes);

	return (!msgs && !bytes) || (msgs && q->nr >= msgs) ||
	       (bytes && q->bytes >= bytes) || ipcchan_queue_brimful_locked(q);
}

/**
 * ipcchan_queue_poll_recv() - could a receiver go on without waiting?
 * @q: queue
 * @match: what it takes
 * @low: at how much it is told
 * Context: process, after poll_wait() on the wait queue head.
 * Return: EPOLLIN and its companion, EPOLLHUP.
 */
__poll_t ipcchan_queue_poll_recv(struct ipcchan_queue *q, struct ipcchan_match match,
				 const struct ipcchan_watermark *low)
{
	__poll_t mask = 0;

	spin_lock(&q->lock);
	if (ipcchan_queue_reaches_locked(q, low) &&
	    ipcchan_queue_next_locked(q, match))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (q->hangup & (IPCCHAN_NO_SENDERS | IPCCHAN_CUT_OFF))
		mask |= EPOLLHUP;
	spin_unlock(&q->lock);
	return mask;
}

/**
 * ipcchan_queue_poll_send() - could a sender go on without waiting?
 * @q: queue
 * Context: process, after poll_wait() on the wait queue head.
 * Return: EPOLLOUT and its companion, EPOLLERR.
 */
__poll_t ipcchan_queue_poll_send(struct ipcchan_queue *q)
{
	bool room = !READ_ONCE(q->pool) || ipcchan_pool_writable(q);
	__poll_t mask = 0;

	spin_lock(&q->lock);
	if (room && ipcchan_queue_writable_locked(q))
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (q->hangup & IPCCHAN_NO_RECEIVERS)
		mask |= EPOLLOUT | EPOLLWRNORM | EPOLLERR;
	spin_unlock(&q->lock);
	return mask;
}

/**
 * ipcchan_queue_snapshot() - consistent copy of state and counters
 * @q: queue
 * @s: out
 * Context: process.
 */
void ipcchan_queue_snapshot(struct ipcchan_queue *q, struct ipcchan_snapshot *s)
{
	spin_lock(&q->lock);
	s->nr = q->nr;
	s->bytes = q->bytes;
	s->stats = q->stats;
	/* Its owner takes it away under this lock before it is gone. */
	s->pool_size = q->pool ? q->pool->buf->size : 0;
	s->pool_used = q->pool ? ipcchan_arena_used(q->pool) : 0;
	spin_unlock(&q->lock);
	s->sent = s->stats.received + s->nr;
	s->sent_bytes = s->stats.received_bytes + s->bytes;
}
