// SPDX-License-Identifier: GPL-2.0
/* Netlink replies: a channel with all that it has. */

#include <net/netlink.h>

#include "arena.h"
#include "broadcast.h"
#include "buffer.h"
#include "channel.h"
#include "nl.h"
#include "registry.h"
#include "times.h"

/**
 * ipcchan_nl_begin() - begin a reply, or one message of a dump
 * @r: where
 * @cmd: IPCCHAN_CMD_*
 * Context: any.
 * Return: for ipcchan_nl_end(); NULL without room.
 */
void *ipcchan_nl_begin(struct ipcchan_nl_reply *r, u8 cmd)
{
	void *hdr = genlmsg_put(r->skb, r->portid, r->seq, &ipcchan_genl_family, r->flags, cmd);

	if (hdr && r->cb)
		genl_dump_check_consistent(r->cb, hdr);
	return hdr;
}

/**
 * ipcchan_nl_end() - end it
 * @r: where
 * @hdr: of ipcchan_nl_begin()
 * @err: not 0 when there was no room
 * Context: any.
 * Return: 0; -EMSGSIZE, and no part of it is there.
 */
int ipcchan_nl_end(struct ipcchan_nl_reply *r, void *hdr, int err)
{
	if (!hdr)
		return -EMSGSIZE;
	if (err) {
		genlmsg_cancel(r->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(r->skb, hdr);
	return 0;
}

static int ipcchan_nl_put_stats(struct sk_buff *skb, const struct ipcchan_snapshot *snap)
{
	const struct ipcchan_stats *s = &snap->stats;
	struct nlattr *nest = nla_nest_start(skb, IPCCHAN_A_STATS);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u64_64bit(skb, IPCCHAN_A_STATS_SENT, snap->sent,
			      IPCCHAN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_STATS_SENT_BYTES, snap->sent_bytes,
			      IPCCHAN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_STATS_RECEIVED, s->received,
			      IPCCHAN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_STATS_RECEIVED_BYTES,
			      s->received_bytes, IPCCHAN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_STATS_HANDOVERS, s->handovers,
			      IPCCHAN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_STATS_SEND_WAITS, s->send_waits,
			      IPCCHAN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_STATS_RECV_WAITS, s->recv_waits,
			      IPCCHAN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_STATS_WAKEUPS, s->wakeups,
			      IPCCHAN_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_STATS_LOST, s->lost,
			      IPCCHAN_A_STATS_PAD)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int ipcchan_nl_put_buf(struct sk_buff *skb, const struct ipcchan_chan *chan)
{
	const struct ipcchan_buf *buf = chan->buf;

	if (nla_put_u64_64bit(skb, IPCCHAN_A_BUF_SIZE, buf ? buf->size : 0,
			      IPCCHAN_A_PAD) ||
	    nla_put_u32(skb, IPCCHAN_A_BUF_FLAGS, buf ? buf->flags : 0) ||
	    nla_put_u32(skb, IPCCHAN_A_BUF_NODE, buf ? buf->node : 0))
		return -EMSGSIZE;
	if (nla_put_u64_64bit(skb, IPCCHAN_A_BUF_HUGE, buf ? buf->huge : 0, IPCCHAN_A_PAD))
		return -EMSGSIZE;
	return nla_put_u64_64bit(skb, IPCCHAN_A_BUF_USED,
				 chan->arena ? ipcchan_arena_used(chan->arena) : 0,
				 IPCCHAN_A_PAD);
}

static int ipcchan_nl_put_params(struct ipcchan_nl_reply *r,
				 const struct ipcchan_chan *chan)
{
	struct sk_buff *skb = r->skb;

	if (nla_put_u32(skb, IPCCHAN_A_ID, chan->id) ||
	    (*chan->name &&
	     nla_put_string(skb, IPCCHAN_A_NAME, chan->name)) ||
	    nla_put_u32(skb, IPCCHAN_A_FLAGS, chan->flags) ||
	    nla_put_u32(skb, IPCCHAN_A_KIND, chan->kind) ||
	    nla_put_u32(skb, IPCCHAN_A_MODE, chan->mode) ||
	    nla_put_u32(skb, IPCCHAN_A_UID,
			from_kuid_munged(r->users, chan->uid)) ||
	    nla_put_u32(skb, IPCCHAN_A_GID,
			from_kgid_munged(r->users, chan->gid)) ||
	    nla_put_u32(skb, IPCCHAN_A_MAX_MSGS, chan->queue.max_nr) ||
	    nla_put_u32(skb, IPCCHAN_A_MAX_MSG_SIZE, chan->queue.max_len) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_MAX_BYTES, chan->queue.max_bytes,
			      IPCCHAN_A_PAD) ||
	    ipcchan_nl_put_buf(skb, chan) ||
	    nla_put_u32(skb, IPCCHAN_A_OPTIONS, chan->options) ||
	    nla_put_u32(skb, IPCCHAN_A_SLOW, chan->slow) ||
	    nla_put_u32(skb, IPCCHAN_A_SPIN_NS, chan->queue.spin_ns))
		return -EMSGSIZE;
	return nla_put_u32(skb, IPCCHAN_A_ENDPOINTS, chan->nr_endpoints) ?:
	       nla_put_u32(skb, IPCCHAN_A_GENERATION,
			   ipcchan_registry_of(chan->net)->changes);
}

static int ipcchan_nl_put_queue(struct sk_buff *skb, struct ipcchan_chan *chan)
{
	struct ipcchan_snapshot s;
	u32 senders, receivers;

	ipcchan_queue_snapshot(&chan->queue, &s);
	if (chan->broadcast) {
		ipcchan_broadcast_snapshot(chan, &s);
		senders = ipcchan_broadcast_waiting(chan->broadcast, &receivers);
	} else {
		senders = ipcchan_queue_waiting(&chan->queue, &receivers);
	}
	if (nla_put_u32(skb, IPCCHAN_A_MSGS, s.nr) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_BYTES, s.bytes, IPCCHAN_A_PAD) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_POOL_SIZE, s.pool_size, IPCCHAN_A_PAD) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_POOL_USED, s.pool_used, IPCCHAN_A_PAD) ||
	    nla_put_u32(skb, IPCCHAN_A_WAITING_SENDERS, senders) ||
	    nla_put_u32(skb, IPCCHAN_A_WAITING_RECEIVERS, receivers))
		return -EMSGSIZE;
	return ipcchan_nl_put_stats(skb, &s);
}

/**
 * ipcchan_nl_put_chan_locked() - put a channel into a reply
 * @r: where
 * @chan: channel
 * Context: process, the registry's lock held.
 * Return: 0 or -EMSGSIZE.
 */
int ipcchan_nl_put_chan_locked(struct ipcchan_nl_reply *r, struct ipcchan_chan *chan)
{
	void *hdr = ipcchan_nl_begin(r, IPCCHAN_CMD_GET);

	return ipcchan_nl_end(r, hdr, hdr && (ipcchan_nl_put_params(r, chan) ||
					      ipcchan_nl_put_queue(r->skb, chan) ||
					      nla_put_u32(r->skb, IPCCHAN_A_TIMES,
							  !!chan->queue.times) ||
					      (!r->cb && ipcchan_times_put(r->skb, chan))));
}
