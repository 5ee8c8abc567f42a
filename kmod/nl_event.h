/* SPDX-License-Identifier: GPL-2.0 */
/* Events on their way to those who listen. */
#ifndef _IPCCHAN_NL_EVENT_H
#define _IPCCHAN_NL_EVENT_H

#include <linux/ipcchan_netlink.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "viewer.h"

struct ipcchan_chan;
struct ipcchan_ep;
struct net;
struct sk_buff;

/**
 * struct ipcchan_news - an event to be told
 * @what: enum ipcchan_event
 * @chan: of this channel, or NULL
 * @ep: of this endpoint, or NULL
 * @value: of @value_attr, a u64, if that is not 0
 * @value_attr: IPCCHAN_A_EVENT_*
 * @item: which limit, or NULL
 * @uid: who did it
 * @net: where, the namespace of the listeners
 * @sight: who sees it
 */
struct ipcchan_news {
	enum ipcchan_event what;
	const struct ipcchan_chan *chan;
	const struct ipcchan_ep *ep;
	u64 value;
	int value_attr;
	const char *item;
	kuid_t uid;
	struct net *net;
	struct ipcchan_sight sight;
};

struct sk_buff *ipcchan_news_make(const struct ipcchan_news *n);
void ipcchan_news_send(struct sk_buff *skb, struct ipcchan_news *n);

#endif /* _IPCCHAN_NL_EVENT_H */
