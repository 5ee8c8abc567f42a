/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The steps that sending and receiving are made of: each is a few pointer moves under
 * the queue's lock.  Shared by queue.c, batch.c, broadcast.c, rpc.c and server.c.
 *
 * Where a step is told that the queue is not special the compiler leaves away what only
 * a special one has; on the way of most messages that is a tenth of it.
 */
#ifndef _IPCCHAN_QUEUE_LOCKED_H
#define _IPCCHAN_QUEUE_LOCKED_H

#include <linux/err.h>
#include <linux/errno.h>

#include "levels.h"
#include "queue.h"
#include "share.h"
#include "times.h"
#include "trace.h"
#include "waiter.h"

/**
 * struct ipcchan_owed - what a caller owes: collected under the lock, done after it
 * @wake: completed waiter's task, with a reference
 * @poll_in: tell those who poll for messages
 * @poll_out: tell those who poll for room
 *
 * On the ways that most messages take it is never passed by address, and lives in
 * registers.
 */
struct ipcchan_owed {
	struct task_struct *wake;
	bool poll_in;
	bool poll_out;
};

void ipcchan_queue_notify(struct ipcchan_queue *q, bool in, bool out);
void ipcchan_queue_notify_gone(struct ipcchan_queue *q);
void ipcchan_queue_made_room(struct ipcchan_queue *q) __releases(&q->lock);
void ipcchan_queue_made_room_owing(struct ipcchan_queue *q, struct ipcchan_owed *owed)
	__releases(&q->lock);
struct ipcchan_msg *ipcchan_queue_find_locked(struct ipcchan_queue *q,
					      struct ipcchan_match match);
struct ipcchan_waiter *ipcchan_queue_waiting_locked(struct ipcchan_queue *q,
						    struct ipcchan_match match);
struct ipcchan_msg *ipcchan_queue_take_waiting_locked(struct ipcchan_queue *q,
						      struct ipcchan_waiter *w,
						      struct ipcchan_owed *owed);
int ipcchan_queue_refuse(struct ipcchan_queue *q, const struct ipcchan_msg *msg,
			 struct task_struct *wake)
	__releases(&q->lock);
int ipcchan_queue_wait_room(struct ipcchan_queue *q, struct ipcchan_msg *msg,
			    ktime_t until, struct task_struct *wake)
	__releases(&q->lock);

static inline bool ipcchan_queue_fits_locked(struct ipcchan_queue *q, size_t len)
{
	return q->nr < q->max_nr && q->bytes + len <= q->max_bytes;
}

/* Writable means that a message of any allowed length would be accepted. */
static inline bool ipcchan_queue_writable_locked(struct ipcchan_queue *q)
{
	return list_empty(&q->senders) &&
	       ipcchan_queue_fits_locked(q, q->max_len);
}

/* Has its sender as much here as it may have? */
static inline bool ipcchan_queue_sated_locked(struct ipcchan_queue *q,
					      const struct ipcchan_msg *msg)
{
	return msg->share && !ipcchan_share_allows_locked(q, msg->share, msg->len);
}

/* Does nobody wait whose turn is before that of this message, which has just come? */
static __always_inline bool
ipcchan_queue_first_locked(struct ipcchan_queue *q, const struct ipcchan_msg *msg,
			   bool special)
{
	return list_empty(&q->senders) &&
	       (!special || !msg->share || list_empty(&msg->share->senders));
}

/* May this message be queued now? */
static __always_inline bool
ipcchan_queue_allows_locked(struct ipcchan_queue *q, const struct ipcchan_msg *msg,
			    bool special)
{
	return ipcchan_queue_fits_locked(q, msg->len) &&
	       (!special || !ipcchan_queue_sated_locked(q, msg));
}

/*
 * Pollers are told of every message: one of several that were woken for the
 * first may be busy with it, and an edge-triggered one waits for the next.
 */
static __always_inline void
ipcchan_queue_insert_locked(struct ipcchan_queue *q, struct ipcchan_msg *msg,
			    struct list_head *after, struct ipcchan_owed *owed,
			    bool special)
{
	owed->poll_in = true;
	list_add(&msg->node, after);
	if (special && q->levels)
		ipcchan_levels_link(q->levels, msg);
	if (special && msg->share)
		ipcchan_share_charge_locked(msg->share, msg->len);
	q->nr++;
	q->bytes += msg->len;
	trace_ipcchan_enqueue(q, msg);
	ipcchan_times_begin(q, msg);
}

/* Behind all of its priority. */
static __always_inline void
ipcchan_queue_link_locked(struct ipcchan_queue *q, struct ipcchan_msg *msg,
			  struct ipcchan_owed *owed, bool special)
{
	struct list_head *after = q->msgs.prev;

	if (special && q->levels)
		after = ipcchan_levels_end(q->levels, &q->msgs, msg->prio);
	ipcchan_queue_insert_locked(q, msg, after, owed, special);
}

/* Before all of its priority, as it was. */
static inline void ipcchan_queue_requeue_locked(struct ipcchan_queue *q,
						struct ipcchan_msg *msg,
						struct ipcchan_owed *owed)
{
	struct list_head *after = &q->msgs;

	if (q->levels)
		after = ipcchan_levels_begin(q->levels, after, msg->prio);
	ipcchan_queue_insert_locked(q, msg, after, owed, true);
}

static __always_inline void
ipcchan_queue_unlink_locked(struct ipcchan_queue *q, struct ipcchan_msg *msg,
			    bool special)
{
	if (special && q->levels)
		ipcchan_levels_unlink(q->levels, &q->msgs, msg);
	list_del(&msg->node);
	q->nr--;
	q->bytes -= msg->len;
	if (special && msg->share)
		ipcchan_share_uncharge_locked(msg);
}

static __always_inline void
ipcchan_queue_count_locked(struct ipcchan_queue *q, const struct ipcchan_msg *msg)
{
	q->stats.received++;
	q->stats.received_bytes += msg->len;
}

/* Where the other side is to be expected: see ipcchan_waiter_linger(). */
static __always_inline void ipcchan_queue_seen_locked(struct ipcchan_queue *q,
						      struct ipcchan_peer *side)
{
	if (q->spin_ns)
		WRITE_ONCE(side->cpu, raw_smp_processor_id());
}

/*
 * Before it sleeps: the answer may be nearer than sleeping and waking.  The other side is
 * watched while it is at work on another CPU, and let run on this one.
 */
static __always_inline void ipcchan_waiter_linger(const struct ipcchan_waiter *w,
						  const struct ipcchan_queue *q,
						  struct ipcchan_peer *peer, ktime_t until)
{
	u32 spin_ns = READ_ONCE(q->spin_ns);
	int cpu = spin_ns ? READ_ONCE(peer->cpu) : -1;

	if (cpu >= 0 && cpu != raw_smp_processor_id())
		ipcchan_waiter_poll(w, peer, spin_ns, until);
	else
		ipcchan_let_run();
}

/* Return: whether someone may wait for the room that this makes. */
static __always_inline bool
ipcchan_queue_take_locked(struct ipcchan_queue *q, struct ipcchan_msg *msg,
			  bool special)
{
	/* Before its share may be gone with it: a publisher waits without having one. */
	bool wanted = !ipcchan_queue_writable_locked(q) ||
		      (special && (!list_empty(&q->shares) || q->special & IPCCHAN_TOLD));

	ipcchan_queue_unlink_locked(q, msg, special);
	ipcchan_queue_count_locked(q, msg);
	trace_ipcchan_dequeue(q, msg);
	ipcchan_times_end(q, msg);
	return wanted;
}

/*
 * One task is woken after unlock: the only one in all but a few cases.  Those
 * few are many tasks at once, and need no list of their own.
 */
static __always_inline void
ipcchan_queue_complete_locked(struct ipcchan_queue *q, struct ipcchan_waiter *w,
			      int result, struct ipcchan_owed *owed)
{
	trace_ipcchan_wake(q, w->task, result);
	if (unlikely(owed->wake))
		ipcchan_task_wake(owed->wake);
	owed->wake = ipcchan_waiter_complete(w, result);
	q->stats.wakeups++;
}

/*
 * poll() adds itself to the wait queue before it looks at the state under the
 * lock that the caller has just dropped: whoever saw the old state is visible
 * here, so that waitqueue_active() needs no barrier of its own.
 */
static __always_inline void ipcchan_queue_settle(struct ipcchan_queue *q,
						 struct ipcchan_owed *owed,
						 bool special)
{
	if (owed->wake && special && q->sync_wake)
		ipcchan_task_wake_sync(owed->wake);
	else if (owed->wake)
		ipcchan_task_wake(owed->wake);
	/* No barrier: see above. */
	if (owed->poll_in && (unlikely(waitqueue_active(&q->recv_poll)) ||
			      (special && q->fasync)))
		ipcchan_queue_notify(q, true, false);
	/* Likewise. */
	if (owed->poll_out && (unlikely(waitqueue_active(&q->send_poll)) ||
			       (special && q->fasync)))
		ipcchan_queue_notify(q, false, true);
}

/**
 * ipcchan_queue_receiver_locked() - the oldest receiver that can take a message
 * @q: queue
 * @msg: message
 * @owed: each one that wants it but has not the room is told so
 * @special: of @q
 * Context: @q->lock held.
 * Return: the waiter, or NULL.
 */
static __always_inline struct ipcchan_waiter *
ipcchan_queue_receiver_locked(struct ipcchan_queue *q, struct ipcchan_msg *msg,
			      struct ipcchan_owed *owed, bool special)
{
	struct ipcchan_waiter *w, *next;

	list_for_each_entry_safe(w, next, &q->receivers, node) {
		if (special && !ipcchan_match_one(w->match, msg))
			continue;
		if (likely(msg->len <= w->room))
			return w;
		ipcchan_queue_complete_locked(q, w, -EMSGSIZE, owed);
	}
	return NULL;
}

/* @msg goes straight to @w, and takes no room. */
static __always_inline void
ipcchan_queue_give_locked(struct ipcchan_queue *q, struct ipcchan_waiter *w,
			  struct ipcchan_msg *msg, struct ipcchan_owed *owed,
			  bool special)
{
	if (special && msg->share)
		ipcchan_share_put_locked(msg);
	w->msg = msg;
	trace_ipcchan_handover(q, msg, w->task);
	ipcchan_times_begin(q, msg);
	q->stats.handovers++;
	ipcchan_queue_count_locked(q, msg);
	ipcchan_queue_complete_locked(q, w, 0, owed);
}

/* Return: whether the message has found its receiver. */
static __always_inline bool
ipcchan_queue_handover_locked(struct ipcchan_queue *q, struct ipcchan_msg *msg,
			      struct ipcchan_owed *owed, bool special)
{
	struct ipcchan_waiter *w =
		ipcchan_queue_receiver_locked(q, msg, owed, special);

	if (!w)
		return false;
	ipcchan_queue_give_locked(q, w, msg, owed, special);
	return true;
}

#endif /* _IPCCHAN_QUEUE_LOCKED_H */
