/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_QUEUE_H
#define _IPCCHAN_QUEUE_H

#include <linux/bits.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "message.h"
#include "waiter.h"

struct ipcchan_arena;
struct ipcchan_broadcast;
struct ipcchan_levels;
struct ipcchan_sender;
struct ipcchan_times;
struct seq_file;

/**
 * struct ipcchan_stats - counters since creation
 * @received: messages taken by receivers
 * @received_bytes: their bytes
 * @handovers: messages handed to a waiting receiver
 * @send_waits: senders that had to wait for room
 * @recv_waits: receivers that had to wait for a message
 * @wakeups: waiters that were completed and woken
 * @lost: messages that there was no room for, or that made room
 */
struct ipcchan_stats {
	u64 received;
	u64 received_bytes;
	u64 handovers;
	u64 send_waits;
	u64 recv_waits;
	u64 wakeups;
	u64 lost;
};

static inline void ipcchan_stats_add(struct ipcchan_stats *to,
				     const struct ipcchan_stats *from)
{
	to->received += from->received;
	to->received_bytes += from->received_bytes;
	to->handovers += from->handovers;
	to->send_waits += from->send_waits;
	to->recv_waits += from->recv_waits;
	to->wakeups += from->wakeups;
	to->lost += from->lost;
}

/**
 * struct ipcchan_snapshot - state and counters of one moment
 * @nr: messages queued
 * @bytes: their payload
 * @sent: messages sent: received, or still queued
 * @sent_bytes: their payload
 * @stats: counters
 * @pool_size: bytes of its receiver's pool, or 0
 * @pool_used: bytes of it in blocks
 */
struct ipcchan_snapshot {
	u32 nr;
	u64 bytes;
	u64 sent;
	u64 sent_bytes;
	struct ipcchan_stats stats;
	u64 pool_size;
	u64 pool_used;
};

/**
 * enum ipcchan_wait_for - what a task waits for, as tracing tells it
 * @IPCCHAN_WAIT_MESSAGE: a message that it receives
 * @IPCCHAN_WAIT_ROOM: room for the one that it sends
 * @IPCCHAN_WAIT_REPLY: the reply to its call
 */
enum ipcchan_wait_for {
	IPCCHAN_WAIT_MESSAGE,
	IPCCHAN_WAIT_ROOM,
	IPCCHAN_WAIT_REPLY,
};

/* Who is gone: see IPCCHAN_OPT_HANGUP. */
#define IPCCHAN_NO_SENDERS	BIT(0)
#define IPCCHAN_NO_RECEIVERS	BIT(1)
#define IPCCHAN_CUT_OFF		BIT(2)	/* a subscriber that was too slow */

/* Why no message goes the short way. */
#define IPCCHAN_SPECIAL		BIT(0)	/* see struct ipcchan_queue */
#define IPCCHAN_TOLD_FULL	BIT(1)	/* an event, the next one is when it is empty */
#define IPCCHAN_TOLD_LAGGING	BIT(2)	/* likewise of a subscriber's */
#define IPCCHAN_TOLD		(IPCCHAN_TOLD_FULL | IPCCHAN_TOLD_LAGGING)

/**
 * struct ipcchan_limits - what a queue may hold
 * @nr: messages, at least 1
 * @len: bytes of one message
 * @bytes: bytes of all messages, at least @len
 */
struct ipcchan_limits {
	u32 nr;
	u32 len;
	u64 bytes;
};

/**
 * struct ipcchan_queue - bounded queue of messages and those who wait on it
 * @lock: protects all below up to @recv_poll
 * @nr: messages in @msgs
 * @max_nr: limit of @nr; a hint without the lock, as are the other limits
 * @max_len: longest message, bytes
 * @hangup: IPCCHAN_NO_*
 * @sync_wake: see IPCCHAN_OPT_SYNC_WAKE, constant
 * @special: IPCCHAN_TOLD_*, or IPCCHAN_SPECIAL: it has, or once had, any of @sync_wake,
 *	@levels, @shares, @hangup, @lost, @spin_ns, @broadcast, @fasync, or a receiver that
 *	does not want everything
 * @lost: messages lost since the last one that was queued
 * @spin_ns: how long a waiter polls before it sleeps; a hint without the lock
 * @send_side: the last sender or client, for who waits for the next
 * @recv_side: the last receiver or server, likewise
 * @netns: inode number of the channel's network namespace, for tracing; constant
 * @bytes: payload bytes in @msgs
 * @max_bytes: limit of @bytes, at least @max_len
 * @msgs: highest priority first, oldest of it first
 * @levels: where they end, NULL while all are of priority 0
 * @receivers: waiting, oldest first; none of them wants any of @msgs
 * @senders: waiting with their messages, oldest first; nobody passes them but to a
 *	receiver that waits for it.  Those who have their share wait there (share.h)
 * @slots: free slots for the next messages
 * @large: the last message that fits no slot, done with, for the next, or NULL; exchanged
 * @broadcast: whose subscriber's queue this is, or NULL
 * @owner: of the channel, read at once; all others are held to a share (share.h)
 * @chan_id: of the channel, for tracing; constant
 * @shares: of those who have messages in @msgs
 * @pool: of the receiver that has one, or NULL; a hint without the lock
 * @stats: counters
 * @times: where time in queue is recorded, NULL while it is not; that of the channel
 * @recv_poll: where poll() sleeps for receivers
 * @send_poll: where poll() sleeps for senders
 * @fasync: who wants a signal instead
 * @servers: of an rpc channel, under @lock
 *
 * A waiter is completed under @lock by whoever has what it waits for: a sender
 * gives its message to the oldest receiver that wants it, a receiver that makes room
 * moves the oldest senders' messages into the queue.  So nobody who is woken has to
 * compete for it again, and order is that of arrival.
 */
struct ipcchan_queue {
	spinlock_t lock;	/* up to recv_poll */
	u32 nr;
	u32 max_nr;
	u32 max_len;
	u16 hangup;
	bool sync_wake;
	u8 special;
	u32 lost;
	u32 spin_ns;
	struct ipcchan_peer send_side;
	struct ipcchan_peer recv_side;
	u32 netns;
	u64 bytes;
	u64 max_bytes;
	struct ipcchan_arena *pool;
	struct list_head msgs;
	struct ipcchan_levels *levels;
	struct list_head receivers;
	struct list_head senders;
	struct ipcchan_slots slots;
	struct ipcchan_msg *large;
	struct ipcchan_broadcast *broadcast;
	kuid_t owner;
	u32 chan_id;
	struct list_head shares;
	struct ipcchan_stats stats;
	struct ipcchan_times *times;
	wait_queue_head_t recv_poll;
	wait_queue_head_t send_poll;
	struct fasync_struct *fasync;
	struct hlist_head servers;
};

/**
 * struct ipcchan_want - what a receiver asks for
 * @room: longest message that it can take, bytes
 * @match: which messages
 * @until: how long it waits
 */
struct ipcchan_want {
	size_t room;
	struct ipcchan_match match;
	ktime_t until;
};

/**
 * struct ipcchan_watermark - from how much on poll() says readable
 * @msgs: messages, or
 * @bytes: bytes; both 0: any message
 */
struct ipcchan_watermark {
	u32 msgs;
	u64 bytes;
};

void ipcchan_queue_init(struct ipcchan_queue *q, u32 max_nr, u32 max_len,
			u64 max_bytes);
void ipcchan_queue_destroy(struct ipcchan_queue *q);
int ipcchan_queue_prioritise(struct ipcchan_queue *q);
bool ipcchan_queue_rest(struct ipcchan_queue *q);
struct ipcchan_msg *ipcchan_queue_slot(struct ipcchan_queue *q,
				       struct ipcchan_sender *sender);
struct ipcchan_msg *ipcchan_queue_large(struct ipcchan_queue *q, size_t len);
void ipcchan_queue_keep_large(struct ipcchan_queue *q, struct ipcchan_msg *msg);
void ipcchan_queue_putback(struct ipcchan_queue *q, struct ipcchan_msg *msg);

void ipcchan_queue_specialise(struct ipcchan_queue *q);
void ipcchan_queue_limits(struct ipcchan_queue *q, struct ipcchan_limits *limits);
void ipcchan_queue_set(struct ipcchan_queue *q, const struct ipcchan_limits *limits,
		       u32 spin_ns, kuid_t owner);
u32 ipcchan_queue_waiting(struct ipcchan_queue *q, u32 *receivers);
void ipcchan_queue_hangup(struct ipcchan_queue *q, u16 gone);
size_t ipcchan_queue_next_len(struct ipcchan_queue *q,
			      struct ipcchan_match match);
__poll_t ipcchan_queue_poll_recv(struct ipcchan_queue *q, struct ipcchan_match match,
				 const struct ipcchan_watermark *low);
__poll_t ipcchan_queue_poll_send(struct ipcchan_queue *q);
void ipcchan_queue_show(struct seq_file *m, struct ipcchan_queue *q);
void ipcchan_queue_snapshot(struct ipcchan_queue *q, struct ipcchan_snapshot *s);

#endif /* _IPCCHAN_QUEUE_H */
