/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_ENDPOINT_H
#define _IPCCHAN_ENDPOINT_H

#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "channel.h"
#include "ear.h"
#include "held.h"
#include "ident.h"

struct ipcchan_server;
struct ipcchan_sub;
struct net;

/**
 * struct ipcchan_ep - endpoint: what an open file is to us
 * @chan: the channel it is attached to, set once, with release order
 * @recv: the queue it receives from: the channel's, or its subscription's
 * @slot: a free slot for the next message or from the last one, or NULL;
 *	exchanged, as threads may share the endpoint
 * @sender: who opened it, and who sends through it
 * @role: IPCCHAN_ROLE_*
 * @deaf: who asked last to be told of news, by poll(), could not be: it was not attached
 * @id: unique in the channel's network namespace, from when it joins, constant
 * @serial: when it joined (see struct ipcchan_registry), constant
 * @joined: as @chan, for those who have found it in the registry or among subscribers
 * @match: what it receives
 * @low: when poll() says readable, under @lock
 * @sub: its subscription to a broadcast channel, or NULL
 * @server: the calls it has taken of an rpc channel, or NULL
 * @ears: what it hears of the doorbell, under @lock
 * @reported: when it last told of corruption, jiffies, 0 for never
 * @held: blocks that it has
 * @pool: its pool, or NULL; set once, with release order
 * @lock: serialises attaching, filtering and making a pool
 * @net: where names are looked up, pinned; that of the opener
 *
 * Owned by its struct file.  @recv, @role, @sub and @server are set before @chan.
 */
struct ipcchan_ep {
	struct ipcchan_chan *chan;
	struct ipcchan_queue *recv;
	struct ipcchan_msg *slot;
	struct ipcchan_sender sender;
	u32 role;
	bool deaf;
	u32 id;
	u64 serial;
	struct ipcchan_chan *joined;
	struct ipcchan_match match;
	struct ipcchan_watermark low;
	struct ipcchan_sub *sub;
	struct ipcchan_server *server;
	struct ipcchan_ears ears;
	unsigned long reported;
	struct ipcchan_held held;
	struct ipcchan_arena *pool;
	struct mutex lock;	/* attaching, filtering, making a pool, @ears */
	struct net *net;
};

struct ipcchan_ep *ipcchan_ep_create(void);
void ipcchan_ep_destroy(struct ipcchan_ep *ep);
int ipcchan_ep_attach(struct file *file, struct ipcchan_attach *a);
int ipcchan_ep_attach_default(struct file *file);
int ipcchan_ep_filter(struct ipcchan_ep *ep, const struct ipcchan_filter *f);

/**
 * ipcchan_ep_chan() - the channel that an endpoint is attached to
 * @ep: endpoint
 * Context: any, while the endpoint's file is held.
 * Return: the channel, NULL before the endpoint is attached.
 */
static inline struct ipcchan_chan *ipcchan_ep_chan(struct ipcchan_ep *ep)
{
	/* Pairs with the release in attaching: the rest is visible too. */
	return smp_load_acquire(&ep->chan);
}

/**
 * ipcchan_ep_take_slot() - take the endpoint's slot
 * @ep: endpoint
 * Context: any.
 * Return: the slot, now the caller's, or NULL.
 */
static inline struct ipcchan_msg *ipcchan_ep_take_slot(struct ipcchan_ep *ep)
{
	return xchg(&ep->slot, NULL);
}

/**
 * ipcchan_ep_keep_slot() - keep a free slot for the next message
 * @ep: endpoint
 * @slot: owned by the caller
 * Context: process, may sleep.
 */
static inline void ipcchan_ep_keep_slot(struct ipcchan_ep *ep,
					struct ipcchan_msg *slot)
{
	slot = xchg(&ep->slot, slot);
	if (unlikely(slot))
		ipcchan_msg_free(slot);
}

/**
 * ipcchan_ep_keep() - keep the memory of a message that is done with, or free it
 * @ep: endpoint
 * @msg: owned by the caller
 * Context: process, may sleep.
 */
static __always_inline void ipcchan_ep_keep(struct ipcchan_ep *ep,
					    struct ipcchan_msg *msg)
{
	if (unlikely(msg->flags))
		ipcchan_msg_strip(msg);
	if (likely(ipcchan_msg_is_slot(msg->len)))
		ipcchan_ep_keep_slot(ep, msg);
	else
		ipcchan_queue_keep_large(&ep->chan->queue, msg);
}

#endif /* _IPCCHAN_ENDPOINT_H */
