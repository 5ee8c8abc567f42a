/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_QUEUE_H
#define _IPCCHAN_QUEUE_H

#include <linux/list.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "message.h"

/**
 * struct ipcchan_stats - counters since creation
 * @received: messages taken by receivers
 * @received_bytes: their bytes
 * @handovers: messages handed to a waiting receiver
 * @send_waits: senders that had to wait for room
 * @recv_waits: receivers that had to wait for a message
 * @wakeups: waiters that were completed and woken
 */
struct ipcchan_stats {
	u64 received;
	u64 received_bytes;
	u64 handovers;
	u64 send_waits;
	u64 recv_waits;
	u64 wakeups;
};

/**
 * struct ipcchan_queue - bounded FIFO of messages and those who wait on it
 * @lock: protects all below up to @recv_poll
 * @nr: messages in @msgs
 * @max_nr: limit of @nr, constant
 * @max_len: longest message, bytes, constant
 * @bytes: payload bytes in @msgs
 * @max_bytes: limit of @bytes, constant, at least @max_len
 * @msgs: oldest first
 * @receivers: waiting, oldest first; empty unless @msgs is empty
 * @senders: waiting with their messages, oldest first; while there are any
 *	nobody overtakes them
 * @slots: free slots for the next messages
 * @stats: counters
 * @recv_poll: where poll() sleeps for receivers
 * @send_poll: where poll() sleeps for senders
 *
 * A waiter is completed under @lock by whoever has what it waits for: a sender
 * gives its message to the oldest receiver, a receiver that makes room moves
 * the oldest senders' messages into the queue.  So nobody who is woken has to
 * compete for it again, and order is that of arrival.
 */
struct ipcchan_queue {
	spinlock_t lock;	/* up to recv_poll */
	u32 nr;
	u32 max_nr;
	u32 max_len;
	u64 bytes;
	u64 max_bytes;
	struct list_head msgs;
	struct list_head receivers;
	struct list_head senders;
	struct ipcchan_slots slots;
	struct ipcchan_stats stats;
	wait_queue_head_t recv_poll;
	wait_queue_head_t send_poll;
};

void ipcchan_queue_init(struct ipcchan_queue *q, u32 max_nr, u32 max_len,
			u64 max_bytes);
void ipcchan_queue_destroy(struct ipcchan_queue *q);
void ipcchan_queue_trim(struct ipcchan_queue *q);
struct ipcchan_msg *ipcchan_queue_slot(struct ipcchan_queue *q);
struct ipcchan_msg *ipcchan_queue_send(struct ipcchan_queue *q,
				       struct ipcchan_msg *msg, bool nonblock);
struct ipcchan_msg *ipcchan_queue_recv(struct ipcchan_queue *q, size_t room,
				       bool nonblock, struct ipcchan_msg *used);
void ipcchan_queue_putback(struct ipcchan_queue *q, struct ipcchan_msg *msg);
size_t ipcchan_queue_next_len(struct ipcchan_queue *q);
__poll_t ipcchan_queue_poll(struct ipcchan_queue *q);
void ipcchan_queue_snapshot(struct ipcchan_queue *q, u32 *nr, u64 *bytes,
			    struct ipcchan_stats *stats);

#endif /* _IPCCHAN_QUEUE_H */
