/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_WAITER_H
#define _IPCCHAN_WAITER_H

#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <linux/sched/signal.h>
#include <linux/sched/stat.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>

#include "message.h"

struct ipcchan_queue;
struct ipcchan_server;

/* How long a call may wait: not at all, up to a time of CLOCK_MONOTONIC, for ever. */
#define IPCCHAN_NO_WAIT		((ktime_t)0)
#define IPCCHAN_FOREVER		KTIME_MAX

/**
 * struct ipcchan_match - which messages an endpoint receives
 * @by_type: those of @type only
 * @min_prio: those of at least this priority
 * @type: see @by_type
 *
 * Read and written at once, beside each other.
 */
struct ipcchan_match {
	u16 by_type;
	u16 min_prio;
	u32 type;
} __aligned(8);

/**
 * struct ipcchan_waiter - one task that waits in a queue, on its own stack
 * @node: in the queue's receivers or senders until it is completed
 * @task: who waits
 * @msg: receiver: the message it was given; sender: the message it brings
 * @server: receiver that takes requests: their calls go there
 * @match: receiver: what it takes
 * @room: receiver: longest message it can take, bytes
 * @turn: sender: how many had waited for room before it
 * @result: -EINPROGRESS until it is completed, then 0 or a negative errno
 *
 * Protected by the queue's lock until it is completed; from then on it belongs
 * to its task alone and may be gone at any time.
 */
struct ipcchan_waiter {
	struct list_head node;
	struct task_struct *task;
	struct ipcchan_msg *msg;
	struct ipcchan_server *server;
	struct ipcchan_match match;
	union {
		size_t room;
		u64 turn;
	};
	int result;
};

/**
 * struct ipcchan_peer - the other side, as far as those who poll for it know
 * @cpu: where it ran last, -1 if it never did, or nobody polls
 * @misses: polls in a row that ended without an outcome, up to IPCCHAN_PEER_MISSES
 * @rests: so many waits do not poll
 *
 * Not protected: what is lost in a race is a poll more or less.
 */
struct ipcchan_peer {
	int cpu;
	u8 misses;
	u8 rests;
};

#define IPCCHAN_PEER_MISSES	6

void ipcchan_waiter_poll(const struct ipcchan_waiter *w, struct ipcchan_peer *peer,
			 u32 spin_ns, ktime_t until);
int ipcchan_waiter_cancel(struct ipcchan_waiter *w, struct ipcchan_queue *q,
			  int why);
bool ipcchan_sleep_until(ktime_t until);
bool ipcchan_signalled(void);

static inline bool ipcchan_match_all(struct ipcchan_match match)
{
	return !match.by_type && !match.min_prio;
}

static inline bool ipcchan_match_one(struct ipcchan_match match,
				     const struct ipcchan_msg *msg)
{
	return msg->prio >= match.min_prio &&
	       (!match.by_type || msg->type == match.type);
}

/**
 * ipcchan_waiter_add() - begin to wait
 * @w: out; its @server and @match are set by a receiver
 * @waiters: list of the queue
 * @msg: sender: its message, which stays its own until it is completed
 * @room: receiver: longest message it can take, bytes
 * Context: the waiting task itself, with the queue's lock held.
 */
static inline void ipcchan_waiter_add(struct ipcchan_waiter *w,
				      struct list_head *waiters,
				      struct ipcchan_msg *msg, size_t room)
{
	w->task = current;
	w->msg = msg;
	w->room = room;
	w->result = -EINPROGRESS;
	list_add_tail(&w->node, waiters);
}

static inline bool ipcchan_waiter_done(const struct ipcchan_waiter *w)
{
	/* Pairs with the release in ipcchan_waiter_complete(). */
	return smp_load_acquire(&w->result) != -EINPROGRESS;
}

/**
 * ipcchan_sleep() - give up the CPU, in the state that the caller has set
 * @until: time of CLOCK_MONOTONIC, IPCCHAN_FOREVER
 * Context: process, sleeps.
 * Return: whether there is time left.
 */
static __always_inline bool ipcchan_sleep(ktime_t until)
{
	if (unlikely(until != IPCCHAN_FOREVER))
		return ipcchan_sleep_until(until);
	schedule();
	return true;
}

/*
 * Is there a signal to end a wait?  Without one the caller may be awake, and looks anew.
 * @restarts: the call begins anew without loss when there was none: it may be a splice, with
 * the lock of a pipe that others wait for, and is not frozen here
 */
static __always_inline bool ipcchan_interrupted(bool restarts)
{
	return unlikely(signal_pending(current)) && (restarts || ipcchan_signalled());
}

/*
 * Hand-off scheduling, as in L4's IPC (Liedtke, "Improving IPC by kernel design", 1993).
 * The other side, just woken on this CPU, runs while the caller is still runnable.  Its
 * answer then wakes nobody who sleeps, and the caller finds it there and does not sleep.
 * It is a hint.  The scheduler chooses whom it owes the CPU, if need be the caller, who
 * sleeps then as ever.  One of real-time priority would be chosen again, and does not ask.
 */
static __always_inline void ipcchan_let_run(void)
{
	if (!single_task_running() && likely(current->prio >= MAX_RT_PRIO))
		schedule();
}

/**
 * ipcchan_waiter_wait() - sleep until completed, or something else ends it
 * @w: waiter of the caller
 * @until: when to give up
 * @restarts: see ipcchan_interrupted()
 * Context: process, sleeps; no lock of the module held.
 * Return: 0 when it is completed; -ERESTARTSYS or -ETIMEDOUT when perhaps it is not.
 */
static __always_inline int ipcchan_waiter_wait(struct ipcchan_waiter *w,
					       ktime_t until, bool restarts)
{
	for (;;) {
		bool in_time;

		/* The state stands before the look: a wake-up in between ends it. */
		set_current_state(TASK_INTERRUPTIBLE);
		if (unlikely(ipcchan_waiter_done(w)))
			break;
		/* Returns at once when a signal is pending. */
		in_time = ipcchan_sleep(until);
		if (likely(ipcchan_waiter_done(w)))
			return 0;
		if (!in_time)
			return -ETIMEDOUT;
		if (ipcchan_interrupted(restarts))
			return -ERESTARTSYS;
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/**
 * ipcchan_waiter_sleep() - wait, and take the waiter off its list
 * @w: on a list of the queue
 * @q: the queue
 * @until: when to give up
 * @restarts: see ipcchan_interrupted()
 *
 * A waiter that was completed before it saw the signal, or that its time is up, stays
 * completed.
 *
 * Context: process, sleeps; no lock held.
 * Return: the outcome; -ERESTARTSYS or -ETIMEDOUT.
 */
static __always_inline int ipcchan_waiter_sleep(struct ipcchan_waiter *w,
						struct ipcchan_queue *q,
						ktime_t until, bool restarts)
{
	int err = ipcchan_waiter_wait(w, until, restarts);

	return unlikely(err) ? ipcchan_waiter_cancel(w, q, err) : w->result;
}

/**
 * ipcchan_waiter_tell() - tell a waiter that is in no list the outcome
 * @w: must not be touched afterwards
 * @result: 0 or a negative errno
 * Context: the queue's lock is held.
 * Return: as ipcchan_waiter_complete().
 */
static inline struct task_struct *
ipcchan_waiter_tell(struct ipcchan_waiter *w, int result)
{
	struct task_struct *task = get_task_struct(w->task);

	/* The last touch; pairs with the acquire in ipcchan_waiter_done(). */
	smp_store_release(&w->result, result);
	return task;
}

/**
 * ipcchan_waiter_complete() - take a waiter off its list, tell it the outcome
 * @w: must not be touched afterwards
 * @result: 0 or a negative errno
 * Context: the queue's lock is held.
 * Return: its task, with a reference, to be given to ipcchan_task_wake() after
 * unlock: by then the task may have seen the outcome and gone.
 */
static inline struct task_struct *
ipcchan_waiter_complete(struct ipcchan_waiter *w, int result)
{
	list_del(&w->node);
	return ipcchan_waiter_tell(w, result);
}

/**
 * ipcchan_task_wake() - wake a completed waiter's task and drop the reference
 * @task: from ipcchan_waiter_complete()
 * Context: any.
 */
static inline void ipcchan_task_wake(struct task_struct *task)
{
	wake_up_process(task);
	put_task_struct(task);
}

void ipcchan_task_wake_sync(struct task_struct *task);

#endif /* _IPCCHAN_WAITER_H */
