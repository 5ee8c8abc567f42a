// SPDX-License-Identifier: GPL-2.0
/* Tasks that wait for a message or for room. */

#include <linux/errno.h>
#include <linux/sched/signal.h>

#include "waiter.h"

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
	for (;;) {
		/* The state stands before the look: a wake-up in between ends it. */
		set_current_state(TASK_INTERRUPTIBLE);
		/* Pairs with the release in ipcchan_waiter_complete(). */
		if (smp_load_acquire(&w->result) != -EINPROGRESS)
			break;
		if (unlikely(signal_pending(current))) {
			__set_current_state(TASK_RUNNING);
			spin_lock(lock);
			if (w->result == -EINPROGRESS) {
				list_del(&w->node);
				w->result = -ERESTARTSYS;
			}
			spin_unlock(lock);
			break;
		}
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return w->result;
}
