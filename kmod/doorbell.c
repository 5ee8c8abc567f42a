// SPDX-License-Identifier: GPL-2.0
/* Doorbell: sleep on, and wake sleepers of, a word of a shared buffer. */

#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/ipcchan_netlink.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "buffer.h"
#include "doorbell.h"
#include "ipcchan.h"
#include "show.h"
#include "waiter.h"

/* One sleeper, on its own stack; @rung is written under the bell's lock, read without. */
struct ipcchan_bell_waiter {
	struct wait_queue_entry entry;
	u64 offset;
	bool rung;
};

static int ipcchan_bell_wake(struct wait_queue_entry *entry, unsigned int mode,
			     int flags, void *arg)
{
	struct ipcchan_bell_waiter *w =
		container_of(entry, struct ipcchan_bell_waiter, entry);
	struct ipcchan_bell_key *key = arg;

	if (w->offset != key->offset || w->rung)
		return 0;
	WRITE_ONCE(w->rung, true);
	key->woken++;
	autoremove_wake_function(entry, mode, flags, NULL);
	return 1;
}

static int ipcchan_doorbell_sleep(ktime_t *until)
{
	if (until && !schedule_hrtimeout_range(until, current->timer_slack_ns,
					       HRTIMER_MODE_ABS))
		return -ETIMEDOUT;
	if (!until)
		schedule();
	return 0;
}

/**
 * ipcchan_doorbell_wait() - sleep while a word holds a value
 * @buf: buffer
 * @offset: of the word, bytes
 * @expected: the value
 * @timeout_ns: nanoseconds from now, IPCCHAN_WAIT_FOREVER
 *
 * The word is read after the caller has been queued: who changes it and then
 * rings is either seen here in the word or finds the sleeper in the queue.  A
 * sleeper that was rung returns 0 even when its time is up or a signal is
 * pending, since the waker has counted it.
 *
 * Context: process, sleeps.
 * Return: 0; -EAGAIN, -ETIMEDOUT, -ERESTARTSYS or, where a restart would begin
 * the timeout anew, -EINTR; -EINVAL.
 */
int ipcchan_doorbell_wait(struct ipcchan_buf *buf, u64 offset, u32 expected,
			  s64 timeout_ns)
{
	bool forever = timeout_ns == IPCCHAN_WAIT_FOREVER;
	const u32 *word = ipcchan_buf_word(buf, offset);
	struct ipcchan_bell_waiter w = { .offset = offset };
	wait_queue_head_t *bell;
	ktime_t until = 0;
	int err = 0;

	if (!word || (timeout_ns < 0 && !forever))
		return -EINVAL;
	if (!forever)
		until = ktime_add_safe(ktime_get(), ns_to_ktime(timeout_ns));
	bell = ipcchan_doorbell_of(buf, offset);
	init_waitqueue_func_entry(&w.entry, ipcchan_bell_wake);
	INIT_LIST_HEAD(&w.entry.entry);
	w.entry.private = current;

	while (!err && !READ_ONCE(w.rung)) {
		prepare_to_wait_exclusive(bell, &w.entry, TASK_INTERRUPTIBLE);
		if (READ_ONCE(w.rung))
			break;
		if (READ_ONCE(*word) != expected)
			err = -EAGAIN;
		else if (ipcchan_interrupted(forever))
			err = forever ? -ERESTARTSYS : -EINTR;
		else
			err = ipcchan_doorbell_sleep(forever ? NULL : &until);
	}
	finish_wait(bell, &w.entry);
	return READ_ONCE(w.rung) ? 0 : err;
}

/**
 * ipcchan_doorbell_wake() - wake sleepers of a word, oldest first
 * @buf: buffer
 * @offset: of the word, bytes
 * @count: at most so many
 *
 * Every ear (ear.h) hears it, whatever @count is; none is counted.
 *
 * Context: process.
 * Return: number woken, -EINVAL.
 */
int ipcchan_doorbell_wake(struct ipcchan_buf *buf, u64 offset, u32 count)
{
	struct ipcchan_bell_key key = { .offset = offset };
	wait_queue_head_t *bell;

	if (!ipcchan_buf_word(buf, offset) || !count)
		return -EINVAL;
	bell = ipcchan_doorbell_of(buf, offset);
	/* The caller's change of the word stands before the look at the queue. */
	if (wq_has_sleeper(bell))
		__wake_up(bell, TASK_INTERRUPTIBLE, min_t(u32, count, INT_MAX), &key);
	return key.woken;
}

/* Return: how many of @left could be shown still. */
static unsigned int ipcchan_bell_show(struct seq_file *m, wait_queue_head_t *bell,
				      unsigned int left, unsigned int *ears)
{
	const struct ipcchan_bell_waiter *w;
	const struct wait_queue_entry *entry;
	unsigned int nr = 0;

	spin_lock_irq(&bell->lock);
	list_for_each_entry(entry, &bell->head, entry) {
		if (nr++ == IPCCHAN_WAITING_MAX)
			break;
		if (entry->func != ipcchan_bell_wake) {
			++*ears;
		} else if (left) {
			left--;
			w = container_of(entry, struct ipcchan_bell_waiter, entry);
			ipcchan_show_task(m, "sleeper", entry->private);
			seq_printf(m, " offset %llu\n", w->offset);
		}
	}
	spin_unlock_irq(&bell->lock);
	return left;
}

/**
 * ipcchan_doorbell_show() - who sleeps on words of a buffer, for bug reports
 * @m: seq_file
 * @buf: buffer, of a channel that is held
 * Context: process.
 */
void ipcchan_doorbell_show(struct seq_file *m, struct ipcchan_buf *buf)
{
	unsigned int i, left = IPCCHAN_SHOW_MAX, ears = 0;

	for (i = 0; i < ARRAY_SIZE(buf->bells); i++)
		left = ipcchan_bell_show(m, &buf->bells[i], left, &ears);
	seq_printf(m, "  doorbell: ears %u\n", ears);
}
