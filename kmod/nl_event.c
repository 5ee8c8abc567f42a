// SPDX-License-Identifier: GPL-2.0
/* Events: built and sent only while somebody listens, under no spinlock. */

#include <linux/cred.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>
#include <net/genetlink.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "endpoint.h"
#include "event.h"
#include "nl.h"
#include "nl_event.h"
#include "viewer.h"

/* Bytes that the attributes of an event take at most: the queues of listeners are small. */
#define IPCCHAN_NEWS_SIZE	384

/**
 * ipcchan_event_wanted() - does anybody listen, in any network namespace?
 * Context: any.
 * Return: whether.
 */
bool ipcchan_event_wanted(void)
{
	return genl_has_listeners(&ipcchan_genl_family, &init_net, 0);
}

static int ipcchan_news_put_source(struct sk_buff *skb, const struct ipcchan_news *n)
{
	const struct ipcchan_chan *chan = n->chan;
	const struct ipcchan_ep *ep = n->ep;

	if (chan && (nla_put_u32(skb, IPCCHAN_A_EVENT_CHAN, chan->id) ||
		     (*chan->name && nla_put_string(skb, IPCCHAN_A_EVENT_NAME, chan->name))))
		return -EMSGSIZE;
	if (ep && (nla_put_u32(skb, IPCCHAN_A_EVENT_EP, ep->id) ||
		   nla_put_u32(skb, IPCCHAN_A_EVENT_ROLE, ep->role)))
		return -EMSGSIZE;
	return 0;
}

static int ipcchan_news_put(struct sk_buff *skb, const struct ipcchan_news *n)
{
	void *hdr = genlmsg_put(skb, 0, 0, &ipcchan_genl_family, 0, IPCCHAN_CMD_EVENT);

	if (!hdr || nla_put_u32(skb, IPCCHAN_A_EVENT_WHAT, n->what) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_EVENT_TIME_NS, ktime_get_ns(),
			      IPCCHAN_A_EVENT_PAD) ||
	    ipcchan_news_put_source(skb, n) ||
	    nla_put_u32(skb, IPCCHAN_A_EVENT_PID, task_tgid_nr(current)) ||
	    nla_put_u32(skb, IPCCHAN_A_EVENT_UID, __kuid_val(n->uid)) ||
	    (n->value_attr && nla_put_u64_64bit(skb, n->value_attr, n->value,
						IPCCHAN_A_EVENT_PAD)) ||
	    (n->item && nla_put_string(skb, IPCCHAN_A_EVENT_ITEM, n->item)))
		return -EMSGSIZE;
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * ipcchan_news_make() - the message that tells it
 * @n: what
 *
 * Without memory those who listen are told that they have missed something.
 *
 * Context: process, may sleep.
 * Return: for ipcchan_news_send() or nlmsg_free(); or NULL.
 */
struct sk_buff *ipcchan_news_make(const struct ipcchan_news *n)
{
	struct sk_buff *skb = genlmsg_new(IPCCHAN_NEWS_SIZE, GFP_KERNEL);

	if (skb && !ipcchan_news_put(skb, n))
		return skb;
	nlmsg_free(skb);
	genl_set_err(&ipcchan_genl_family, n->net, 0, 0, -ENOBUFS);
	return NULL;
}

#ifdef IPCCHAN_HAS_EVENT_FILTER
/* Users are the machine's: the capability counts for those that the namespace has. */
static bool ipcchan_news_for_all(const struct ipcchan_news *n)
{
	return n->what != IPCCHAN_EVENT_QUOTA || kuid_has_mapping(n->net->user_ns, n->uid);
}

/* Return: whether a listener is passed over: what its opener cannot see is not for it. */
static int ipcchan_news_hidden(struct sock *sk, struct sk_buff *skb, void *data)
{
	const struct file *file = sk->sk_socket ? sk->sk_socket->file : NULL;
	const struct ipcchan_news *n = data;

	if (!file)
		return 1;
	return !ipcchan_cred_sees(file->f_cred, &n->sight) &&
	       !(ipcchan_news_for_all(n) &&
		 file_ns_capable(file, n->net->user_ns, CAP_IPC_OWNER));
}

static void ipcchan_news_multicast(struct sk_buff *skb, struct ipcchan_news *n)
{
	u32 group = ipcchan_genl_family.mcgrp_offset;

	/* As nlmsg_multicast() does: listeners may ask in which group it came. */
	NETLINK_CB(skb).dst_group = group;
	netlink_broadcast_filtered(n->net->genl_sock, skb, 0, group, GFP_KERNEL,
				   ipcchan_news_hidden, n);
}
#else
/* Who listens has the capability that the group asks for. */
static void ipcchan_news_multicast(struct sk_buff *skb, struct ipcchan_news *n)
{
	genlmsg_multicast_netns(&ipcchan_genl_family, n->net, skb, 0, 0, GFP_KERNEL);
}
#endif

/**
 * ipcchan_news_send() - tell those who listen, and see it
 * @skb: of ipcchan_news_make(), given up
 * @n: as there
 * Context: process, may sleep.
 */
void ipcchan_news_send(struct sk_buff *skb, struct ipcchan_news *n)
{
	ipcchan_news_multicast(skb, n);
}

static void ipcchan_news_tell(struct ipcchan_news *n)
{
	struct sk_buff *skb = ipcchan_news_make(n);

	if (skb)
		ipcchan_news_send(skb, n);
}

/**
 * ipcchan_event_chan() - something has happened to a channel
 * @chan: channel, pinned by the caller
 * @what: what
 * Context: process, may sleep.
 */
void ipcchan_event_chan(const struct ipcchan_chan *chan, enum ipcchan_event what)
{
	struct ipcchan_news news;

	if (!ipcchan_event_wanted())
		return;
	news = (struct ipcchan_news) {
		.what = what, .chan = chan, .net = chan->net, .uid = current_euid(),
		.sight = ipcchan_sight_chan(chan),
	};
	ipcchan_news_tell(&news);
}

/**
 * ipcchan_event_ep() - something has happened to an endpoint
 * @ep: joined, pinned by the caller
 * @what: what
 * @value: of IPCCHAN_EVENT_LAGGING: messages lost; of _CORRUPT: offset, bytes
 * Context: process, may sleep.
 */
void ipcchan_event_ep(const struct ipcchan_ep *ep, enum ipcchan_event what, u64 value)
{
	struct ipcchan_news news;

	if (!ipcchan_event_wanted())
		return;
	news = (struct ipcchan_news) {
		.what = what, .chan = ep->joined, .ep = ep, .net = ep->joined->net,
		.uid = current_euid(), .value = value, .sight = ipcchan_sight_ep(ep),
	};
	if (what == IPCCHAN_EVENT_LAGGING)
		news.value_attr = IPCCHAN_A_EVENT_COUNT;
	else if (what == IPCCHAN_EVENT_CORRUPT)
		news.value_attr = IPCCHAN_A_EVENT_OFFSET;
	ipcchan_news_tell(&news);
}

/**
 * ipcchan_event_quota() - a user was refused more
 * @uid: the user
 * @item: the module parameter that says how much
 *
 * Told in the network namespace of the caller.
 *
 * Context: process, may sleep.
 */
void ipcchan_event_quota(kuid_t uid, const char *item)
{
	struct ipcchan_news news = {
		.what = IPCCHAN_EVENT_QUOTA, .item = item, .uid = uid,
		.net = current->nsproxy->net_ns,
		.sight = { .uid = INVALID_UID, .gid = INVALID_GID, .user = uid },
	};

	ipcchan_news_tell(&news);
}
