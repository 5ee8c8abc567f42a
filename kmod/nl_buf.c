// SPDX-License-Identifier: GPL-2.0
/* Netlink dump of memory that is mapped: shared buffers, and the pools of receivers. */

#include <net/netlink.h>

#include "arena.h"
#include "buffer.h"
#include "endpoint.h"
#include "nl.h"

/* @ep: id of the endpoint whose pool it is, 0 of a channel's buffer. */
static int ipcchan_nl_put_area(struct ipcchan_nl_reply *r, const struct ipcchan_chan *chan,
			       u32 ep, const struct ipcchan_buf *buf, u64 used)
{
	void *hdr = ipcchan_nl_begin(r, IPCCHAN_CMD_BUF_GET);
	struct sk_buff *skb = r->skb;

	return ipcchan_nl_end(r, hdr, hdr &&
		(nla_put_u32(skb, IPCCHAN_A_BUF_CHAN, chan->id) ||
		 (ep && nla_put_u32(skb, IPCCHAN_A_BUF_EP, ep)) ||
		 nla_put_u64_64bit(skb, IPCCHAN_A_BUF_BYTES, buf->size, IPCCHAN_A_BUF_PAD) ||
		 nla_put_u64_64bit(skb, IPCCHAN_A_BUF_BYTES_USED, used, IPCCHAN_A_BUF_PAD) ||
		 nla_put_u64_64bit(skb, IPCCHAN_A_BUF_BYTES_HUGE, buf->huge,
				   IPCCHAN_A_BUF_PAD) ||
		 nla_put_u32(skb, IPCCHAN_A_BUF_OPTIONS, buf->flags) ||
		 (buf->flags & IPCCHAN_BUF_NODE &&
		  nla_put_u32(skb, IPCCHAN_A_BUF_NUMA_NODE, buf->node))));
}

static int ipcchan_nl_show_buf(struct ipcchan_nl_reply *r, struct ipcchan_nl_dump *d,
			       void *entry)
{
	struct ipcchan_chan *chan = entry;
	struct ipcchan_sight sight = ipcchan_sight_chan(chan);

	if (!chan->buf || !ipcchan_nl_dump_older(d, chan->serial) ||
	    !ipcchan_viewer_sees(&d->viewer, &sight))
		return 0;
	return ipcchan_nl_put_area(r, chan, 0, chan->buf,
				   chan->arena ? ipcchan_arena_used(chan->arena) : 0);
}

static int ipcchan_nl_show_pool(struct ipcchan_nl_reply *r, struct ipcchan_nl_dump *d,
				void *entry)
{
	struct ipcchan_ep *ep = entry;
	/* Pairs with the release in ipcchan_pool_join(). */
	struct ipcchan_arena *pool = smp_load_acquire(&ep->pool);

	if (!pool || !ipcchan_nl_dump_wants_ep(r, d, ep))
		return 0;
	return ipcchan_nl_put_area(r, ep->joined, ep->id, pool->buf, ipcchan_arena_used(pool));
}

/**
 * ipcchan_nl_buf_start() - begin a dump of buffers and pools
 * @cb: of the dump
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int ipcchan_nl_buf_start(struct netlink_callback *cb)
{
	struct ipcchan_nl_dump *d;
	int err = ipcchan_nl_dump_start(cb, NULL, &d);

	if (!err)
		d->both = true;
	return err;
}

/**
 * ipcchan_nl_buf_dumpit() - a part of a dump of buffers and pools
 * @skb: where
 * @cb: of the dump
 * Context: process, may sleep.
 * Return: as ipcchan_nl_dump_walk().
 */
int ipcchan_nl_buf_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ipcchan_nl_dump *d = (struct ipcchan_nl_dump *)cb->args[0];
	int len;

	if (!d->eps) {
		len = ipcchan_nl_dump_walk(skb, cb, false, ipcchan_nl_show_buf);
		if (len)
			return len;
		d->eps = true;
		d->next = 0;
	}
	return ipcchan_nl_dump_walk(skb, cb, true, ipcchan_nl_show_pool);
}
