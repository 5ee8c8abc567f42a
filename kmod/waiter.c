// SPDX-License-Identifier: GPL-2.0
/* Tasks that wait for a message or for room. */

#include <linux/errno.h>
#include <linux/freezer.h>
#include <linux/hrtimer.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>
#include <linux/sched/stat.h>
#include <linux/wait.h>

#include "compat.h"
#include "queue.h"
#include "waiter.h"

/**
 * ipcchan_waiter_cancel() - stop waiting, unless it is completed
 * @w: on a list of the queue, or completed
 * @q: the queue
 * @why: a negative errno
 * Context: process; no lock held.
 * Return: the outcome, or @why with @w taken off its list.
 */
int ipcchan_waiter_cancel(struct ipcchan_waiter *w, struct ipcchan_queue *q, int why)
{
	spin_lock(&q->lock);
	if (w->result == -EINPROGRESS) {
		list_del(&w->node);
		w->result = why;
	}
	spin_unlock(&q->lock);
	return w->result;
}

/* Return: 0 with the outcome; -ETIME, or -EINTR where something else was first. */
static int ipcchan_waiter_watch(const struct ipcchan_waiter *w, u32 spin_ns, ktime_t until)
{
	u64 end = local_clock();
	s64 left = spin_ns;

	if (until != IPCCHAN_FOREVER)
		left = clamp_t(s64, ktime_to_ns(ktime_sub(until, ktime_get())), 0, spin_ns);
	end += left;
	while (!ipcchan_waiter_done(w)) {
		/* Where preemption is lazy only the first tells of most of those who wait. */
		if (!single_task_running() || need_resched() || signal_pending(current))
			return -EINTR;
		if (local_clock() >= end)
			return left > spin_ns / 2 ? -ETIME : -EINTR;
		cpu_relax();
	}
	return 0;
}

/**
 * ipcchan_waiter_poll() - look for the outcome for a bounded time
 * @w: waiter
 * @peer: the other side, on another CPU
 * @spin_ns: nanoseconds
 * @until: when the caller gives up, perhaps before
 *
 * Whoever else wants this CPU gets it at once.  Each poll in vain doubles how many waits
 * go by without one: the other side has nothing to say, or its CPU is not there while
 * this one runs, as in a virtual machine (the idea is that of KVM's halt polling).
 *
 * Context: process.
 */
noinline void ipcchan_waiter_poll(const struct ipcchan_waiter *w, struct ipcchan_peer *peer,
				  u32 spin_ns, ktime_t until)
{
	u8 misses = READ_ONCE(peer->misses), rests = READ_ONCE(peer->rests);
	int err;

	if (rests) {
		WRITE_ONCE(peer->rests, rests - 1);
		return;
	}
	err = ipcchan_waiter_watch(w, spin_ns, until);
	if (err == -ETIME) {
		misses = min(misses + 1, IPCCHAN_PEER_MISSES);
		WRITE_ONCE(peer->misses, misses);
		WRITE_ONCE(peer->rests, BIT(misses) - 1);
	} else if (!err && misses) {
		WRITE_ONCE(peer->misses, 0);
	}
}

/**
 * ipcchan_sleep_until() - give up the CPU, in the state that the caller has set
 * @until: time of CLOCK_MONOTONIC
 * Context: process, sleeps.
 * Return: whether there is time left.
 */
bool ipcchan_sleep_until(ktime_t until)
{
	return schedule_hrtimeout_range(&until, current->timer_slack_ns,
					HRTIMER_MODE_ABS);
}

/*
 * To suspend the machine is to make each task believe that it has a signal.  That would end,
 * for good, a call whose time is limited or which was taken: so the caller is frozen here,
 * and waits on afterwards.
 */

/**
 * ipcchan_signalled() - what looks like a signal may be none
 * Context: process, may sleep; no lock held.  The caller's state is TASK_RUNNING on return.
 * Return: whether there is one.
 */
bool ipcchan_signalled(void)
{
	/* A task's own does not go away. */
	struct sighand_struct *sighand = rcu_dereference_protected(current->sighand, true);

	bool pending;

	__set_current_state(TASK_RUNNING);
	do {
		try_to_freeze();
		spin_lock_irq(&sighand->siglock);
		recalc_sigpending();
		/* If that is of the next freezing, it is so already. */
		pending = signal_pending(current);
		spin_unlock_irq(&sighand->siglock);
	} while (freezing(current));
	return pending;
}

/**
 * ipcchan_task_wake_sync() - ipcchan_task_wake(), by one who is about to sleep
 * @task: from ipcchan_waiter_complete()
 * Context: any.
 */
void ipcchan_task_wake_sync(struct task_struct *task)
{
	/* The one way to give the hint that is exported. */
	struct wait_queue_entry entry = { .private = task };

	default_wake_function(&entry, TASK_NORMAL, IPCCHAN_WF_SYNC, NULL);
	put_task_struct(task);
}
