// SPDX-License-Identifier: GPL-2.0
/* Tasks that wait for a message or for room. */

#include <linux/errno.h>
#include <linux/sched/signal.h>

#include "waiter.h"

static bool ipcchan_waiter_done(const struct ipcchan_waiter *w)
{
	/* Pairs with the release in ipcchan_waiter_complete(). */
	return smp_load_acquire(&w->result) != -EINPROGRESS;
}

static int ipcchan_waiter_cancel(struct ipcchan_waiter *w, spinlock_t *lock)
{
	spin_lock(lock);
	if (w->result == -EINPROGRESS) {
		list_del(&w->node);
		w->result = -ERESTARTSYS;
	}
	spin_unlock(lock);
	return w->result;
}

/**
 * ipcchan_waiter_sleep() - sleep until completed or a signal is pending
 * @w: on a list of the queue
 * @lock: of the queue
 *
 * A waiter that was completed before it saw the signal stays completed.
 *
 * Context: process, sleeps; no lock held.
 * Return: the outcome, or -ERESTARTSYS with @w taken off its list.
 */
int ipcchan_waiter_sleep(struct ipcchan_waiter *w, spinlock_t *lock)
{
	do {
		/* The state stands before the look: a wake-up in between ends it. */
		set_current_state(TASK_INTERRUPTIBLE);
		if (unlikely(ipcchan_waiter_done(w)))
			break;
		if (unlikely(signal_pending(current))) {
			__set_current_state(TASK_RUNNING);
			return ipcchan_waiter_cancel(w, lock);
		}
		schedule();
	} while (unlikely(!ipcchan_waiter_done(w)));
	__set_current_state(TASK_RUNNING);
	return w->result;
}
