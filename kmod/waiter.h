/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_WAITER_H
#define _IPCCHAN_WAITER_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>

#include "message.h"

struct ipcchan_queue;
struct ipcchan_server;

/**
 * struct ipcchan_match - which messages an endpoint receives
 * @by_type: those of @type only
 * @min_prio: those of at least this priority
 * @type: see @by_type
 */
struct ipcchan_match {
	u16 by_type;
	u16 min_prio;
	u32 type;
};

/**
 * struct ipcchan_waiter - one task that waits in a queue, on its own stack
 * @node: in the queue's receivers or senders until it is completed
 * @task: who waits
 * @msg: receiver: the message it was given; sender: the message it brings
 * @server: receiver that takes requests: their calls go there
 * @match: receiver: what it takes
 * @room: receiver: longest message it can take, bytes
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
	size_t room;
	int result;
};

bool ipcchan_sleep(ktime_t until);
void ipcchan_waiter_poll(const struct ipcchan_waiter *w, u32 spin_ns);
int ipcchan_waiter_wait(struct ipcchan_waiter *w, ktime_t until);
int ipcchan_waiter_sleep(struct ipcchan_waiter *w, struct ipcchan_queue *q,
			 ktime_t until);

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
	struct task_struct *task = get_task_struct(w->task);

	list_del(&w->node);
	/* The last touch; pairs with the acquire in ipcchan_waiter_done(). */
	smp_store_release(&w->result, result);
	return task;
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

#endif /* _IPCCHAN_WAITER_H */
