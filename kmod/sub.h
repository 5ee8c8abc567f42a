/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_SUB_H
#define _IPCCHAN_SUB_H

#include <linux/list.h>

#include "queue.h"

struct ipcchan_account;
struct ipcchan_chan;
struct ipcchan_ep;
struct ipcchan_sender;
struct sk_buff;

/**
 * struct ipcchan_sub - one subscriber: a queue that gets each message
 * @queue: of messages that share their bodies with those of the others
 * @node: in the broadcast's subscribers
 * @match: which messages it wants
 * @account: who pays for it
 * @ep: whose it is
 * @strays: so many messages more than there is room for it got since there was some
 *
 * Owned by its endpoint.
 */
struct ipcchan_sub {
	struct ipcchan_queue queue;
	struct list_head node;
	struct ipcchan_match match;
	struct ipcchan_account *account;
	const struct ipcchan_ep *ep;
	unsigned int strays;
};

struct ipcchan_sub *ipcchan_sub_create(struct ipcchan_chan *chan, const struct ipcchan_ep *ep);
int ipcchan_sub_recharge(struct ipcchan_sub *sub, const struct ipcchan_limits *from,
			 const struct ipcchan_limits *to, const struct sk_buff *skb);
void ipcchan_sub_destroy(struct ipcchan_chan *chan, struct ipcchan_sub *sub);
void ipcchan_sub_filter(struct ipcchan_chan *chan, struct ipcchan_sub *sub,
			struct ipcchan_match match);
bool ipcchan_sub_fits(struct ipcchan_sub *sub, size_t len);
bool ipcchan_sub_awaits(struct ipcchan_sub *sub, const struct ipcchan_msg *msg);
int ipcchan_sub_prepare(struct ipcchan_sub *sub, const struct ipcchan_msg *msg,
			struct ipcchan_sender *sender, bool blocks,
			struct list_head *slots);
void ipcchan_sub_deliver(struct ipcchan_sub *sub, struct ipcchan_msg *msg, u32 slow);

static inline bool ipcchan_sub_wants(const struct ipcchan_sub *sub,
				     const struct ipcchan_msg *msg)
{
	return ipcchan_match_one(sub->match, msg) &&
	       !(READ_ONCE(sub->queue.hangup) & IPCCHAN_CUT_OFF);
}

#endif /* _IPCCHAN_SUB_H */
