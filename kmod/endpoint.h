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
 * @role: IPCCHAN_ROLE_*, set before @chan
 * @lock: serialises attaching
 * @net: where names are looked up, pinned; that of the opener
 *
 * Owned by its struct file.
 */
struct ipcchan_ep {
	struct ipcchan_chan *chan;
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

#endif /* _IPCCHAN_ENDPOINT_H */
