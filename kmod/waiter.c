// SPDX-License-Identifier: GPL-2.0
/* Tasks that wait for a message or for room, and how they are completed. */

#include <linux/errno.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>

#include "waiter.h"

static bool ipcchan_waiter_done(struct ipcchan_waiter *w)
{
	/* Pairs with the release in ipcchan_waiter_complete(): @msg is visible. */
	return smp_load_acquire(&w->result) != -EINPROGRESS;
}

/*
 * A wake-up is given after the queue's lock has been dropped, by a waker that
 * no longer knows which waiter it completed.  Passing over those that are not
 * complete makes it reach one that is: it cannot be swallowed by another.
 */
static int ipcchan_waiter_wake(struct wait_queue_entry *entry,
			       unsigned int mode, int flags, void *key)
{
	struct ipcchan_waiter *w =
		container_of(entry, struct ipcchan_waiter, entry);

	if (!ipcchan_waiter_done(w))
		return 0;
	return autoremove_wake_function(entry, mode, flags, key);
}

/**
 * ipcchan_waiter_init() - prepare to wait
 * @w: out
 * @msg: sender: its message, which stays its own until it is completed
 * @room: receiver: longest message it can take, bytes
 * Context: the waiting task itself.
 */
void ipcchan_waiter_init(struct ipcchan_waiter *w, struct ipcchan_msg *msg,
			 size_t room)
{
	init_waitqueue_func_entry(&w->entry, ipcchan_waiter_wake);
	w->entry.private = current;
	INIT_LIST_HEAD(&w->entry.entry);
	w->msg = msg;
	w->room = room;
	w->cpu = raw_smp_processor_id();
	w->result = -EINPROGRESS;
}

/**
 * ipcchan_waiter_complete() - take a waiter off its list and tell it the outcome
 * @w: must not be touched afterwards
 * @result: 0 or a negative errno
 *
 * The caller owes one wake-up on the waiter's wait queue, after unlock.
 *
 * Context: the queue's lock is held.
 * Return: whether the waiter went to sleep on this CPU.
 */
bool ipcchan_waiter_complete(struct ipcchan_waiter *w, int result)
{
	bool same_cpu = w->cpu == raw_smp_processor_id();

	list_del(&w->node);
	/* The last touch; pairs with the acquire in ipcchan_waiter_done(). */
	smp_store_release(&w->result, result);
	return same_cpu;
}

/**
 * ipcchan_waiter_sleep() - sleep until completed or a signal is pending
 * @w: on a list of the queue
 * @lock: of the queue
 * @head: where the completer wakes
 *
 * A waiter that was completed before it saw the signal stays completed.
 *
 * Context: process, sleeps; no lock held.
 * Return: the outcome, or -ERESTARTSYS with @w taken off its list.
 */
int ipcchan_waiter_sleep(struct ipcchan_waiter *w, spinlock_t *lock,
			 wait_queue_head_t *head)
{
	for (;;) {
		prepare_to_wait_exclusive(head, &w->entry, TASK_INTERRUPTIBLE);
		if (ipcchan_waiter_done(w))
			break;
		if (unlikely(signal_pending(current))) {
			spin_lock(lock);
			if (!ipcchan_waiter_done(w)) {
				list_del(&w->node);
				w->result = -ERESTARTSYS;
			}
			spin_unlock(lock);
			break;
		}
		schedule();
	}
	finish_wait(head, &w->entry);
	return w->result;
}
