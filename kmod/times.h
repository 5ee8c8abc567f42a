/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_TIMES_H
#define _IPCCHAN_TIMES_H

#include <linux/atomic.h>
#include <linux/jump_label_ratelimit.h>
#include <linux/ipcchan_netlink.h>

#include "queue.h"

struct ipcchan_chan;
struct list_head;
struct sk_buff;

/**
 * struct ipcchan_times - how long a channel's messages were in its queue
 * @since_ns: when this was switched on; what came before has no time
 * @nr: messages, by time as IPCCHAN_TIME_BUCKETS says
 *
 * Made when it is switched on for the first time, owned by the channel from then on: who
 * counts needs no lock.  Replies of an rpc channel count as well, and a message that
 * could not be delivered each time that it is taken.
 */
struct ipcchan_times {
	u64 since_ns;
	atomic64_t nr[IPCCHAN_TIME_BUCKETS];
};

/* How many channels have it switched on. */
extern struct static_key_false_deferred ipcchan_times_key;

void ipcchan_times_exit(void);
int ipcchan_times_prepare(struct ipcchan_chan *chan);
void ipcchan_times_set(struct ipcchan_chan *chan, bool on);
void ipcchan_times_destroy(struct ipcchan_chan *chan);
int ipcchan_times_put(struct sk_buff *skb, const struct ipcchan_chan *chan);

void ipcchan_times_stamp(const struct ipcchan_queue *q, struct ipcchan_msg *msg);
void ipcchan_times_count(const struct ipcchan_queue *q, const struct ipcchan_msg *msg);
void ipcchan_times_stamp_all(const struct ipcchan_queue *q, struct list_head *msgs);
void ipcchan_times_count_all(const struct ipcchan_queue *q, const struct list_head *msgs);

static __always_inline bool ipcchan_times_active(void)
{
	return static_branch_unlikely(&ipcchan_times_key.key);
}

/* @msg is in the queue, or handed over, from now on; under the queue's lock. */
static __always_inline void ipcchan_times_begin(const struct ipcchan_queue *q,
						struct ipcchan_msg *msg)
{
	if (ipcchan_times_active())
		ipcchan_times_stamp(q, msg);
}

/* Its receiver has it. */
static __always_inline void ipcchan_times_end(const struct ipcchan_queue *q,
					      const struct ipcchan_msg *msg)
{
	if (ipcchan_times_active())
		ipcchan_times_count(q, msg);
}

#endif /* _IPCCHAN_TIMES_H */
