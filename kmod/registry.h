/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_REGISTRY_H
#define _IPCCHAN_REGISTRY_H

#include <linux/mutex.h>
#include <linux/rhashtable-types.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct cred;
struct ipcchan_chan;
struct ipcchan_ep;
struct ipcchan_match;
struct ipcchan_params;
struct net;
struct sk_buff;

/**
 * struct ipcchan_registry - the channels and endpoints of one network namespace
 * @lock: protects all below and the lives of the channels in it
 * @names: channels that have a name, by name
 * @chans: all channels, by id
 * @eps: attached endpoints, by id
 * @index: in the list of all (registries.h), constant
 * @next_id: where the search for a free id of a channel goes on
 * @next_ep: likewise of an endpoint
 * @top: the highest id that a channel ever had
 * @top_ep: likewise of an endpoint
 * @changes: counts channels that came, changed or went
 * @ep_changes: likewise endpoints
 * @serial: counts channels and endpoints that came: who is older has less
 */
struct ipcchan_registry {
	struct mutex lock;	/* the whole registry */
	struct rhashtable names;
	struct xarray chans;
	struct xarray eps;
	u32 index;
	u32 next_id;
	u32 next_ep;
	u32 top;
	u32 top_ep;
	u32 changes;
	u32 ep_changes;
	u64 serial;
};

int ipcchan_registry_init(void);
void ipcchan_registry_exit(void);
struct ipcchan_registry *ipcchan_registry_of(const struct net *net);

struct ipcchan_chan *
ipcchan_registry_find_locked(struct ipcchan_registry *reg, const char *name,
			     u32 id);
int ipcchan_registry_create(struct net *net, const struct ipcchan_params *p,
			    u32 *id);
struct ipcchan_chan *ipcchan_registry_attach(struct net *net, const char *name, u32 role,
					     const struct cred *also);
struct ipcchan_chan *ipcchan_registry_attach_new(struct net *net,
						 const struct ipcchan_params *p);
struct ipcchan_chan *ipcchan_registry_attach_same(struct ipcchan_chan *chan,
						  u32 role);
int ipcchan_registry_join(struct ipcchan_chan *chan, struct ipcchan_ep *ep);
void ipcchan_registry_leave(struct ipcchan_chan *chan, struct ipcchan_ep *ep);
int ipcchan_registry_filter(struct ipcchan_chan *chan, struct ipcchan_ep *ep,
			    struct ipcchan_match match);
void ipcchan_registry_detach(struct ipcchan_chan *chan);
bool ipcchan_registry_may_change(const struct ipcchan_chan *chan,
				 const struct sk_buff *skb);
int ipcchan_registry_unlink(struct net *net, const char *name, u32 id,
			    const struct sk_buff *skb);

#endif /* _IPCCHAN_REGISTRY_H */
