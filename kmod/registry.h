/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_REGISTRY_H
#define _IPCCHAN_REGISTRY_H

#include <linux/mutex.h>
#include <linux/rhashtable-types.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct ipcchan_chan;
struct ipcchan_params;
struct net;
struct sk_buff;

/**
 * struct ipcchan_registry - the channels of one network namespace
 * @lock: protects all below and the lives of the channels in it
 * @names: channels that have a name, by name
 * @chans: all channels, by id
 * @index: in the list of all (registries.h), constant
 * @next_id: where the search for a free id goes on
 */
struct ipcchan_registry {
	struct mutex lock;	/* the whole registry */
	struct rhashtable names;
	struct xarray chans;
	u32 index;
	u32 next_id;
};

int ipcchan_registry_init(void);
void ipcchan_registry_exit(void);
struct ipcchan_registry *ipcchan_registry_of(const struct net *net);

struct ipcchan_chan *
ipcchan_registry_find_locked(struct ipcchan_registry *reg, const char *name,
			     u32 id);
int ipcchan_registry_create(struct net *net, const struct ipcchan_params *p,
			    u32 *id);
struct ipcchan_chan *ipcchan_registry_attach(struct net *net, const char *name,
					     u32 role);
struct ipcchan_chan *ipcchan_registry_attach_new(struct net *net,
						 const struct ipcchan_params *p);
struct ipcchan_chan *ipcchan_registry_attach_same(struct ipcchan_chan *chan,
						  u32 role);
void ipcchan_registry_join(struct ipcchan_chan *chan, u32 role);
void ipcchan_registry_leave(struct ipcchan_chan *chan, u32 role);
void ipcchan_registry_detach(struct ipcchan_chan *chan);
int ipcchan_registry_unlink(struct net *net, const char *name, u32 id,
			    const struct sk_buff *skb);

#endif /* _IPCCHAN_REGISTRY_H */
