// SPDX-License-Identifier: GPL-2.0
/* The queue: messages in order, back-pressure, direct hand-over. */

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/sched/signal.h>

#include "message.h"
#include "queue.h"
#include "waiter.h"

/*
 * What a caller owes: collected under the lock, done after it.  On the ways that
 * most messages take it is never passed by address, and lives in registers.
 */
struct ipcchan_owed {
	struct task_struct *wake;
	bool poll_in;
	bool poll_out;
};

/**
 * ipcchan_queue_init() - make an empty queue
 * @q: out
 * @max_nr: messages, at least 1
 * @max_len: bytes of one message
 * @max_bytes: bytes of all messages, at least @max_len
 * Context: any.
 */
void ipcchan_queue_init(struct ipcchan_queue *q, u32 max_nr, u32 max_len,
			u64 max_bytes)
{
	spin_lock_init(&q->lock);
	q->max_nr = max_nr;
	q->max_len = max_len;
	q->max_bytes = max_bytes;
	INIT_LIST_HEAD(&q->msgs);
	INIT_LIST_HEAD(&q->receivers);
	INIT_LIST_HEAD(&q->senders);
	init_waitqueue_head(&q->recv_poll);
	init_waitqueue_head(&q->send_poll);
}

/**
 * ipcchan_queue_destroy() - free what is queued
 * @q: nobody waits on it or can reach it any more
 * Context: process, may sleep.
 */
void ipcchan_queue_destroy(struct ipcchan_queue *q)
{
	struct ipcchan_msg *msg, *next;

	list_for_each_entry_safe(msg, next, &q->msgs, node) {
		ipcchan_msg_free(msg);
		cond_resched();
	}
	ipcchan_slots_free(&q->slots);
}

static bool ipcchan_queue_fits_locked(struct ipcchan_queue *q, size_t len)
{
	return q->nr < q->max_nr && q->bytes + len <= q->max_bytes;
}

/* Writable means that a message of any allowed length would be accepted. */
static bool ipcchan_queue_writable_locked(struct ipcchan_queue *q)
{
	return list_empty(&q->senders) &&
	       ipcchan_queue_fits_locked(q, q->max_len);
}

/*
 * Pollers are told of every message: one of several that were woken for the
 * first may be busy with it, and an edge-triggered one waits for the next.
 */
static __always_inline void
ipcchan_queue_link_locked(struct ipcchan_queue *q, struct ipcchan_msg *msg,
			  struct list_head *after, struct ipcchan_owed *owed)
{
	owed->poll_in = true;
	list_add(&msg->node, after);
	q->nr++;
	q->bytes += msg->len;
}

/*
 * One task is woken after unlock: the only one in all but a few cases.  Those
 * few are many tasks at once, and need no list of their own.
 */
static __always_inline void
ipcchan_queue_complete_locked(struct ipcchan_queue *q, struct ipcchan_waiter *w,
			      int result, struct ipcchan_owed *owed)
{
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
						 struct ipcchan_owed *owed)
{
	if (owed->wake)
		ipcchan_task_wake(owed->wake);
	/* No barrier: see above. */
	if (owed->poll_in && waitqueue_active(&q->recv_poll))
		wake_up_interruptible_poll(&q->recv_poll,
					   EPOLLIN | EPOLLRDNORM);
	/* Likewise. */
	if (owed->poll_out && waitqueue_active(&q->send_poll))
		wake_up_interruptible_poll(&q->send_poll,
					   EPOLLOUT | EPOLLWRNORM);
}

/*
 * Give @msg to the oldest receiver that has the room; each one before it that
 * has not is told so.  Return: whether the message has found its receiver.
 */
static __always_inline bool
ipcchan_queue_handover_locked(struct ipcchan_queue *q, struct ipcchan_msg *msg,
			      struct ipcchan_owed *owed)
{
	struct ipcchan_waiter *w, *next;

	list_for_each_entry_safe(w, next, &q->receivers, node) {
		if (unlikely(w->room < msg->len)) {
			ipcchan_queue_complete_locked(q, w, -EMSGSIZE, owed);
			continue;
		}
		w->msg = msg;
		q->stats.handovers++;
		q->stats.received++;
		q->stats.received_bytes += msg->len;
		ipcchan_queue_complete_locked(q, w, 0, owed);
		return true;
	}
	return false;
}

/* Move the messages of waiting senders into the room there is, in order. */
static void ipcchan_queue_admit_locked(struct ipcchan_queue *q,
				       struct ipcchan_owed *owed)
{
	struct ipcchan_waiter *w, *next;

	list_for_each_entry_safe(w, next, &q->senders, node) {
		if (!ipcchan_queue_fits_locked(q, w->msg->len))
			return;
		ipcchan_queue_link_locked(q, w->msg, q->msgs.prev, owed);
		ipcchan_queue_complete_locked(q, w, 0, owed);
	}
}

/* Tell those who wait for room, and give up the lock. */
static noinline void ipcchan_queue_made_room(struct ipcchan_queue *q)
	__releases(&q->lock)
{
	struct ipcchan_owed owed = {};

	ipcchan_queue_admit_locked(q, &owed);
	owed.poll_out = ipcchan_queue_writable_locked(q);
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed);
}

/* Return: whether someone may wait for the room that this makes. */
static __always_inline bool
ipcchan_queue_take_locked(struct ipcchan_queue *q, struct ipcchan_msg *msg)
{
	bool writable = ipcchan_queue_writable_locked(q);

	list_del(&msg->node);
	q->nr--;
	q->bytes -= msg->len;
	q->stats.received++;
	q->stats.received_bytes += msg->len;
	return !writable;
}

/* A burst has left more free slots than the next messages need. */
static noinline void ipcchan_queue_shed(struct ipcchan_queue *q)
{
	struct ipcchan_slots excess = {};

	spin_lock(&q->lock);
	while (q->slots.nr > IPCCHAN_SLOTS_MAX - IPCCHAN_SLOTS_BATCH)
		ipcchan_slots_push(&excess, ipcchan_slots_pop(&q->slots));
	spin_unlock(&q->lock);
	ipcchan_slots_free(&excess);
}

/**
 * ipcchan_queue_slot() - a slot for the first message of a sender
 * @q: queue
 *
 * Later ones come out of ipcchan_queue_send().
 *
 * Context: process, may sleep.
 * Return: the slot, NULL without memory.
 */
struct ipcchan_msg *ipcchan_queue_slot(struct ipcchan_queue *q)
{
	struct ipcchan_slots batch = {};
	struct ipcchan_msg *slot;

	spin_lock(&q->lock);
	slot = ipcchan_slots_pop(&q->slots);
	spin_unlock(&q->lock);
	if (slot)
		return slot;
	if (!ipcchan_slots_alloc(&batch))
		return ipcchan_msg_alloc(0);

	slot = ipcchan_slots_pop(&batch);
	spin_lock(&q->lock);
	while (batch.nr && q->slots.nr < IPCCHAN_SLOTS_MAX)
		ipcchan_slots_push(&q->slots, ipcchan_slots_pop(&batch));
	spin_unlock(&q->lock);
	ipcchan_slots_free(&batch);
	return slot;
}

/**
 * ipcchan_queue_trim() - give free slots back
 * @q: queue that will not be used for some time
 * Context: process.
 */
void ipcchan_queue_trim(struct ipcchan_queue *q)
{
	struct ipcchan_slots slots = {};

	spin_lock(&q->lock);
	swap(q->slots, slots);
	spin_unlock(&q->lock);
	ipcchan_slots_free(&slots);
}

static noinline int ipcchan_queue_wait_room(struct ipcchan_queue *q,
					    struct ipcchan_msg *msg,
					    struct task_struct *wake)
	__releases(&q->lock)
{
	struct ipcchan_waiter w;
	int err;

	ipcchan_waiter_add(&w, &q->senders, msg, 0);
	q->stats.send_waits++;
	spin_unlock(&q->lock);
	if (wake)
		ipcchan_task_wake(wake);
	err = ipcchan_waiter_sleep(&w, &q->lock);
	if (likely(!err))
		return 0;

	/* The one who gave up may have been all that held the next ones back. */
	spin_lock(&q->lock);
	ipcchan_queue_made_room(q);
	return err;
}

/**
 * ipcchan_queue_send() - hand a message over, queue it, or wait for room
 * @q: queue
 * @msg: at most @q->max_len bytes; the queue's on success, else still the caller's
 * @nonblock: do not wait
 *
 * Context: process, may sleep.
 * Return: a slot for the caller's next message, or NULL; ERR_PTR of -EAGAIN,
 * -ERESTARTSYS.
 */
struct ipcchan_msg *ipcchan_queue_send(struct ipcchan_queue *q,
				       struct ipcchan_msg *msg, bool nonblock)
{
	struct ipcchan_msg *spare = NULL;
	struct ipcchan_owed owed = {};
	size_t len = msg->len;

	spin_lock(&q->lock);
	if (!ipcchan_queue_handover_locked(q, msg, &owed)) {
		if (likely(list_empty(&q->senders) &&
			   ipcchan_queue_fits_locked(q, len)))
			ipcchan_queue_link_locked(q, msg, q->msgs.prev, &owed);
		else if (nonblock)
			spare = ERR_PTR(-EAGAIN);
		else
			return ERR_PTR(ipcchan_queue_wait_room(q, msg,
							       owed.wake));
	}
	if (likely(!spare && ipcchan_msg_is_slot(len)))
		spare = ipcchan_slots_pop(&q->slots);
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed);
	return spare;
}

static noinline struct ipcchan_msg *
ipcchan_queue_wait_msg(struct ipcchan_queue *q, size_t room, bool shed)
	__releases(&q->lock)
{
	struct ipcchan_waiter w;
	int err;

	ipcchan_waiter_add(&w, &q->receivers, NULL, room);
	q->stats.recv_waits++;
	spin_unlock(&q->lock);
	if (unlikely(shed))
		ipcchan_queue_shed(q);
	err = ipcchan_waiter_sleep(&w, &q->lock);
	if (unlikely(err))
		return ERR_PTR(err);
	if (unlikely(fatal_signal_pending(current))) {
		/* Nobody will ever see it here. */
		ipcchan_queue_putback(q, w.msg);
		return ERR_PTR(-EINTR);
	}
	return w.msg;
}

/**
 * ipcchan_queue_recv() - take the oldest message, or wait for one
 * @q: queue
 * @room: longest message that the caller can take, bytes
 * @nonblock: do not wait
 * @used: a slot that the caller has done with, the queue's from now on, or NULL
 *
 * Context: process, may sleep.
 * Return: the message, now the caller's; ERR_PTR of -EAGAIN, -EMSGSIZE (it is
 * longer than @room and stays), -ERESTARTSYS.
 */
struct ipcchan_msg *ipcchan_queue_recv(struct ipcchan_queue *q, size_t room,
				       bool nonblock, struct ipcchan_msg *used)
{
	bool shed = false, made_room = false;
	struct ipcchan_msg *msg;

	spin_lock(&q->lock);
	if (likely(used)) {
		ipcchan_slots_push(&q->slots, used);
		shed = q->slots.nr > IPCCHAN_SLOTS_MAX;
	}
	if (!list_empty(&q->msgs)) {
		msg = list_first_entry(&q->msgs, struct ipcchan_msg, node);
		if (likely(msg->len <= room))
			made_room = ipcchan_queue_take_locked(q, msg);
		else
			msg = ERR_PTR(-EMSGSIZE);
	} else if (nonblock) {
		msg = ERR_PTR(-EAGAIN);
	} else {
		return ipcchan_queue_wait_msg(q, room, shed);
	}
	if (unlikely(made_room))
		ipcchan_queue_made_room(q);
	else
		spin_unlock(&q->lock);
	if (unlikely(shed))
		ipcchan_queue_shed(q);
	return msg;
}

/**
 * ipcchan_queue_putback() - undo a receive
 * @q: queue
 * @msg: taken from @q and not delivered; the queue's again
 *
 * It is the oldest message once more, whatever the limits say: it had its room.
 *
 * Context: process.
 */
void ipcchan_queue_putback(struct ipcchan_queue *q, struct ipcchan_msg *msg)
{
	struct ipcchan_owed owed = {};

	spin_lock(&q->lock);
	q->stats.received--;
	q->stats.received_bytes -= msg->len;
	if (!ipcchan_queue_handover_locked(q, msg, &owed))
		ipcchan_queue_link_locked(q, msg, &q->msgs, &owed);
	spin_unlock(&q->lock);
	ipcchan_queue_settle(q, &owed);
}

/**
 * ipcchan_queue_next_len() - length of the oldest message
 * @q: queue
 * Context: process.
 * Return: bytes, 0 when there is none.
 */
size_t ipcchan_queue_next_len(struct ipcchan_queue *q)
{
	struct ipcchan_msg *msg;
	size_t len;

	spin_lock(&q->lock);
	msg = list_first_entry_or_null(&q->msgs, struct ipcchan_msg, node);
	len = msg ? msg->len : 0;
	spin_unlock(&q->lock);
	return len;
}

/**
 * ipcchan_queue_poll() - what could be done now without waiting
 * @q: queue
 * Context: process, after poll_wait() on its wait queue heads.
 * Return: EPOLLIN and EPOLLOUT with their companions.
 */
__poll_t ipcchan_queue_poll(struct ipcchan_queue *q)
{
	__poll_t mask = 0;

	spin_lock(&q->lock);
	if (q->nr)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (ipcchan_queue_writable_locked(q))
		mask |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock(&q->lock);
	return mask;
}

/**
 * ipcchan_queue_snapshot() - consistent copy of state and counters
 * @q: queue
 * @nr: out, messages queued
 * @bytes: out, bytes queued
 * @stats: out
 * Context: process.
 */
void ipcchan_queue_snapshot(struct ipcchan_queue *q, u32 *nr, u64 *bytes,
			    struct ipcchan_stats *stats)
{
	spin_lock(&q->lock);
	*nr = q->nr;
	*bytes = q->bytes;
	*stats = q->stats;
	spin_unlock(&q->lock);
}
