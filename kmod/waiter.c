// SPDX-License-Identifier: GPL-2.0
/* Tasks that wait for a message or for room. */

#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>

#include "queue.h"
#include "waiter.h"

static bool ipcchan_waiter_done(const struct ipcchan_waiter *w)
{
	/* Pairs with the release in ipcchan_waiter_complete(). */
	return smp_load_acquire(&w->result) != -EINPROGRESS;
}

static int ipcchan_waiter_cancel(struct ipcchan_waiter *w, struct ipcchan_queue *q,
				 int why)
{
	spin_lock(&q->lock);
	if (w->result == -EINPROGRESS) {
		list_del(&w->node);
		w->result = why;
	}
	spin_unlock(&q->lock);
	return w->result;
}

/**
 * ipcchan_waiter_poll() - look for the outcome for a bounded time
 * @w: waiter
 * @spin_ns: nanoseconds
 *
 * Whoever else wants this CPU gets it at once.
 *
 * Context: process.
 */
noinline void ipcchan_waiter_poll(const struct ipcchan_waiter *w, u32 spin_ns)
{
	u64 end = local_clock() + spin_ns;

	while (!ipcchan_waiter_done(w) && !need_resched() &&
	       !signal_pending(current) && local_clock() < end)
		cpu_relax();
}

/**
 * ipcchan_sleep() - give up the CPU, in the state that the caller has set
 * @until: time of CLOCK_MONOTONIC, IPCCHAN_FOREVER
 * Context: process, sleeps.
 * Return: whether there is time left.
 */
bool ipcchan_sleep(ktime_t until)
{
	if (likely(until == IPCCHAN_FOREVER)) {
		schedule();
		return true;
	}
	return schedule_hrtimeout_range(&until, current->timer_slack_ns,
					HRTIMER_MODE_ABS);
}

/**
 * ipcchan_waiter_wait() - sleep until completed, or something else ends it
 * @w: waiter of the caller
 * @until: when to give up
 * Context: process, sleeps; no lock held.
 * Return: 0 when it is completed; -ERESTARTSYS or -ETIMEDOUT when perhaps it is not.
 */
int ipcchan_waiter_wait(struct ipcchan_waiter *w, ktime_t until)
{
	do {
		/* The state stands before the look: a wake-up in between ends it. */
		set_current_state(TASK_INTERRUPTIBLE);
		if (unlikely(ipcchan_waiter_done(w)))
			break;
		if (unlikely(signal_pending(current))) {
			__set_current_state(TASK_RUNNING);
			return -ERESTARTSYS;
		}
		if (unlikely(!ipcchan_sleep(until)))
			return -ETIMEDOUT;
	} while (unlikely(!ipcchan_waiter_done(w)));
	__set_current_state(TASK_RUNNING);
	return 0;
}

/**
 * ipcchan_waiter_sleep() - wait, and take the waiter off its list
 * @w: on a list of the queue
 * @q: the queue
 * @until: when to give up
 *
 * A waiter that was completed before it saw the signal, or that its time is up, stays
 * completed.
 *
 * Context: process, sleeps; no lock held.
 * Return: the outcome; -ERESTARTSYS or -ETIMEDOUT.
 */
int ipcchan_waiter_sleep(struct ipcchan_waiter *w, struct ipcchan_queue *q,
			 ktime_t until)
{
	int err = ipcchan_waiter_wait(w, until);

	return unlikely(err) ? ipcchan_waiter_cancel(w, q, err) : w->result;
}
