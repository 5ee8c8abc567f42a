/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_WAITER_H
#define _IPCCHAN_WAITER_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

struct ipcchan_msg;

/**
 * struct ipcchan_waiter - one task that waits in a queue, on its own stack
 * @node: in the queue's receivers or senders until it is completed
 * @entry: where it sleeps
 * @msg: receiver: the message it was given; sender: the message it brings
 * @room: receiver: longest message it can take, bytes
 * @cpu: where it went to sleep
 * @result: -EINPROGRESS until it is completed, then 0 or a negative errno
 *
 * Protected by the queue's lock until ipcchan_waiter_complete(); from then on
 * it belongs to its task alone and may be gone at any time.
 */
struct ipcchan_waiter {
	struct list_head node;
	struct wait_queue_entry entry;
	struct ipcchan_msg *msg;
	size_t room;
	int cpu;
	int result;
};

void ipcchan_waiter_init(struct ipcchan_waiter *w, struct ipcchan_msg *msg,
			 size_t room);
bool ipcchan_waiter_complete(struct ipcchan_waiter *w, int result);
int ipcchan_waiter_sleep(struct ipcchan_waiter *w, spinlock_t *lock,
			 wait_queue_head_t *head);

#endif /* _IPCCHAN_WAITER_H */
