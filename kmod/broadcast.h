/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_BROADCAST_H
#define _IPCCHAN_BROADCAST_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/wait.h>

#include "queue.h"

struct ipcchan_chan;
struct ipcchan_sender;
struct seq_file;
struct sk_buff;

/**
 * struct ipcchan_broadcast - what a channel of that kind has beside its queue
 * @chan: whose it is, constant
 * @lock: one sender at a time, so that all subscribers see the same order; it may wait
 *	for memory
 * @line: turns of those who wait for room, oldest first, under @lock
 * @waiting: how many these are, changed under @lock
 * @subs_lock: for who is not to wait for that; taken after @lock
 * @subs: subscribers: to look at them takes one of the locks, to change them both
 * @hangup: IPCCHAN_NO_*, changed under @subs_lock
 * @full: subscribers that were not empty when it was told that there is no room, and were
 *	not since; and one more while they are counted
 * @past: counters of subscribers that are gone, under @subs_lock
 * @room: where senders, and those who poll to send, sleep
 * @changes: counts what may end such a sleep
 * @fasync: senders who want a signal instead
 */
struct ipcchan_broadcast {
	struct ipcchan_chan *chan;
	struct mutex lock;	/* senders */
	struct list_head line;
	u32 waiting;
	struct mutex subs_lock;	/* subscribers */
	struct list_head subs;
	u16 hangup;
	atomic_t full;
	struct ipcchan_stats past;
	wait_queue_head_t room;
	atomic_t changes;
	struct fasync_struct *fasync;
};

struct ipcchan_broadcast *ipcchan_broadcast_create(void);
void ipcchan_broadcast_destroy(struct ipcchan_broadcast *b);
int ipcchan_broadcast_send(struct ipcchan_chan *chan, struct ipcchan_msg *msg,
			   struct ipcchan_sender *sender, ktime_t until);
int ipcchan_broadcast_set(struct ipcchan_chan *chan, const struct ipcchan_limits *limits,
			  u32 spin_ns, kuid_t owner, const struct sk_buff *skb);
void ipcchan_broadcast_full(struct ipcchan_broadcast *b);
void ipcchan_broadcast_drained(struct ipcchan_broadcast *b);
u32 ipcchan_broadcast_waiting(struct ipcchan_broadcast *b, u32 *receivers);
void ipcchan_broadcast_made_room(struct ipcchan_broadcast *b);
__poll_t ipcchan_broadcast_poll_send(struct ipcchan_chan *chan);
void ipcchan_broadcast_hangup(struct ipcchan_broadcast *b, u16 gone);
void ipcchan_broadcast_show(struct seq_file *m, struct ipcchan_broadcast *b);
void ipcchan_broadcast_snapshot(struct ipcchan_chan *chan,
				struct ipcchan_snapshot *s);

#endif /* _IPCCHAN_BROADCAST_H */
