/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_ENDPOINT_H
#define _IPCCHAN_ENDPOINT_H

#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "channel.h"

struct net;

/**
 * struct ipcchan_ep - endpoint: what an open file is to us
 * @chan: the channel it is attached to, set once, with release order
 * @slot: a free slot for the next message or from the last one, or NULL;
 *	exchanged, as threads may share the endpoint
 * @role: IPCCHAN_ROLE_*, set before @chan
 * @lock: serialises attaching
 * @net: where names are looked up, pinned; that of the opener
 *
 * Owned by its struct file.
 */
struct ipcchan_ep {
	struct ipcchan_chan *chan;
	struct ipcchan_msg *slot;
	u32 role;
	struct mutex lock;	/* attaching */
	struct net *net;
};

struct ipcchan_ep *ipcchan_ep_create(void);
void ipcchan_ep_destroy(struct ipcchan_ep *ep);
int ipcchan_ep_attach(struct file *file, struct ipcchan_attach *a);
int ipcchan_ep_attach_default(struct file *file);

/**
 * ipcchan_ep_chan() - the channel that an endpoint is attached to
 * @ep: endpoint
 * Context: any, while the endpoint's file is held.
 * Return: the channel, NULL before the endpoint is attached.
 */
static inline struct ipcchan_chan *ipcchan_ep_chan(struct ipcchan_ep *ep)
{
	/* Pairs with the release in attaching: @role is visible too. */
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
	return READ_ONCE(ep->slot) ? xchg(&ep->slot, NULL) : NULL;
}

/**
 * ipcchan_ep_keep() - keep the slot of a message that is done with, or free it
 * @ep: endpoint
 * @msg: owned by the caller
 * Context: process, may sleep.
 */
static inline void ipcchan_ep_keep(struct ipcchan_ep *ep,
				   struct ipcchan_msg *msg)
{
	if (likely(ipcchan_msg_is_slot(msg->len)))
		msg = xchg(&ep->slot, msg);
	if (unlikely(msg))
		ipcchan_msg_free(msg);
}

#endif /* _IPCCHAN_ENDPOINT_H */
