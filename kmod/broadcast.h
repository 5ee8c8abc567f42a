/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_BROADCAST_H
#define _IPCCHAN_BROADCAST_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/wait.h>

#include "queue.h"

struct ipcchan_chan;
struct ipcchan_sender;

/**
 * struct ipcchan_sub - one subscriber: a queue that gets each message
 * @queue: of messages that share their bodies with those of the others
 * @node: in the broadcast's subscribers
 * @match: which messages it wants
 * @account: who pays for it
 *
 * Owned by its endpoint.
 */
struct ipcchan_sub {
	struct ipcchan_queue queue;
	struct list_head node;
	struct ipcchan_match match;
	struct ipcchan_account *account;
};

/**
 * struct ipcchan_broadcast - what a channel of that kind has beside its queue
 * @lock: one sender at a time, so that all subscribers see the same order
 * @subs: subscribers, under @lock
 * @hangup: IPCCHAN_NO_*, under @lock
 * @room: where senders, and those who poll to send, sleep
 * @changes: counts what may end such a sleep
 * @fasync: who wants to send, and a signal instead
 */
struct ipcchan_broadcast {
	struct mutex lock;	/* subscribers */
	struct list_head subs;
	u16 hangup;
	wait_queue_head_t room;
	atomic_t changes;
	struct fasync_struct *fasync;
};

struct ipcchan_broadcast *ipcchan_broadcast_create(void);
void ipcchan_broadcast_destroy(struct ipcchan_broadcast *b);
int ipcchan_broadcast_send(struct ipcchan_chan *chan, struct ipcchan_msg *msg,
			   struct ipcchan_sender *sender, ktime_t until);
void ipcchan_broadcast_made_room(struct ipcchan_broadcast *b);
__poll_t ipcchan_broadcast_poll_send(struct ipcchan_chan *chan);
void ipcchan_broadcast_hangup(struct ipcchan_broadcast *b, u16 gone);

struct ipcchan_sub *ipcchan_sub_create(struct ipcchan_chan *chan);
void ipcchan_sub_destroy(struct ipcchan_chan *chan, struct ipcchan_sub *sub);
void ipcchan_sub_filter(struct ipcchan_chan *chan, struct ipcchan_sub *sub,
			struct ipcchan_match match);

#endif /* _IPCCHAN_BROADCAST_H */
