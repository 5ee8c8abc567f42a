// SPDX-License-Identifier: GPL-2.0
/* Names, ids and lives of the channels of a network namespace. */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/rhashtable.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock.h>

#include "channel.h"
#include "event.h"
#include "registries.h"
#include "registry.h"

static unsigned int ipcchan_net_id;

static const struct rhashtable_params ipcchan_names_params = {
	.head_offset = offsetof(struct ipcchan_chan, node),
	.key_offset = offsetof(struct ipcchan_chan, name),
	.key_len = IPCCHAN_NAME_SIZE,
	.automatic_shrinking = true,
};

/**
 * ipcchan_registry_of() - the registry of a network namespace
 * @net: network namespace
 * Context: any.
 * Return: the registry, which lives as long as @net.
 */
struct ipcchan_registry *ipcchan_registry_of(const struct net *net)
{
	return net_generic(net, ipcchan_net_id);
}

/**
 * ipcchan_registry_find_locked() - find a channel
 * @reg: registry
 * @name: zero-padded, or NULL to go by @id
 * @id: of the channel
 * Context: @reg->lock held, which the result is good for.
 * Return: the channel or NULL.
 */
struct ipcchan_chan *
ipcchan_registry_find_locked(struct ipcchan_registry *reg, const char *name,
			     u32 id)
{
	lockdep_assert_held(&reg->lock);
	if (name)
		return rhashtable_lookup_fast(&reg->names, name,
					      ipcchan_names_params);
	return xa_load(&reg->chans, id);
}

static int ipcchan_registry_add_locked(struct ipcchan_registry *reg,
				       struct ipcchan_chan *chan)
{
	int err;

	err = xa_alloc_cyclic(&reg->chans, &chan->id, chan, xa_limit_31b,
			      &reg->next_id, GFP_KERNEL);
	if (err < 0)
		return err;
	chan->queue.chan_id = chan->id;
	if (!(chan->flags & IPCCHAN_CHAN_ANON)) {
		err = rhashtable_lookup_insert_fast(&reg->names, &chan->node,
						    ipcchan_names_params);
		if (err) {
			xa_erase(&reg->chans, chan->id);
			return err;
		}
	}
	chan->serial = ++reg->serial;
	reg->top = max(reg->top, chan->id);
	reg->changes++;
	return 0;
}

static void ipcchan_registry_erase_locked(struct ipcchan_registry *reg,
					  struct ipcchan_chan *chan)
{
	xa_erase(&reg->chans, chan->id);
	reg->changes++;
}

static void ipcchan_registry_attach_locked(struct ipcchan_chan *chan)
{
	chan->nr_endpoints++;
	get_net(chan->net);
	if (chan->pins_module) {
		/* The endpoint's file does it now. */
		chan->pins_module = false;
		module_put(THIS_MODULE);
	}
}

static struct ipcchan_chan *ipcchan_registry_add(struct net *net,
						 const struct ipcchan_params *p,
						 bool attach, u32 *id)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(net);
	struct ipcchan_chan *chan = ipcchan_chan_create(net, p);
	int err;

	if (IS_ERR(chan))
		return chan;
	mutex_lock(&reg->lock);
	err = ipcchan_registry_add_locked(reg, chan);
	if (!err) {
		*id = chan->id;
		ipcchan_event_chan(chan, IPCCHAN_EVENT_CREATED);
		if (attach)
			ipcchan_registry_attach_locked(chan);
	}
	mutex_unlock(&reg->lock);
	if (err) {
		ipcchan_chan_destroy(chan);
		return ERR_PTR(err);
	}
	return chan;
}

/**
 * ipcchan_registry_create() - create a named channel that nobody is attached to
 * @net: network namespace
 * @p: checked, with a name
 * @id: out, of the channel
 * Context: process, may sleep.
 * Return: 0; -EEXIST, -EDQUOT, -ENOMEM, -EINTR.
 */
int ipcchan_registry_create(struct net *net, const struct ipcchan_params *p,
			    u32 *id)
{
	return PTR_ERR_OR_ZERO(ipcchan_registry_add(net, p, false, id));
}

/**
 * ipcchan_registry_attach_new() - create a channel and attach to it
 * @net: network namespace
 * @p: checked
 * Context: process, may sleep.
 * Return: the channel, for ipcchan_registry_join() and _detach(); ERR_PTR of
 * -EEXIST, -EDQUOT, -ENOMEM, -EINTR.
 */
struct ipcchan_chan *ipcchan_registry_attach_new(struct net *net,
						 const struct ipcchan_params *p)
{
	u32 id;

	return ipcchan_registry_add(net, p, true, &id);
}

/**
 * ipcchan_registry_attach() - attach to a channel by name
 * @net: network namespace
 * @name: zero-padded
 * @role: IPCCHAN_ROLE_*
 * @also: who has to have the right beside the caller, or NULL
 * Context: process, may sleep.
 * Return: as ipcchan_registry_attach_new(), or ERR_PTR of -ENOENT, -EACCES.
 */
struct ipcchan_chan *ipcchan_registry_attach(struct net *net, const char *name, u32 role,
					     const struct cred *also)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(net);
	struct ipcchan_chan *chan;
	int err;

	mutex_lock(&reg->lock);
	chan = ipcchan_registry_find_locked(reg, name, 0);
	err = chan ? ipcchan_chan_permission(chan, role, also) : -ENOENT;
	if (!err)
		ipcchan_registry_attach_locked(chan);
	mutex_unlock(&reg->lock);
	return err ? ERR_PTR(err) : chan;
}

/**
 * ipcchan_registry_attach_same() - attach once more to an attached channel
 * @chan: pinned by another endpoint
 * @role: IPCCHAN_ROLE_*
 * Context: process, may sleep.
 * Return: @chan, or ERR_PTR of -EACCES.
 */
struct ipcchan_chan *ipcchan_registry_attach_same(struct ipcchan_chan *chan,
						  u32 role)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(chan->net);
	int err;

	mutex_lock(&reg->lock);
	err = ipcchan_chan_permission(chan, role, NULL);
	if (!err)
		ipcchan_registry_attach_locked(chan);
	mutex_unlock(&reg->lock);
	return err ? ERR_PTR(err) : chan;
}

static bool ipcchan_registry_named(const struct ipcchan_chan *chan)
{
	return !(chan->flags & (IPCCHAN_CHAN_ANON | IPCCHAN_CHAN_UNLINKED));
}

/*
 * Nobody has it open.  What is queued keeps the module, and has come from senders that
 * are gone; without it the channel is as new, and waits for those who come.
 */
static void ipcchan_registry_rest_locked(struct ipcchan_chan *chan)
{
	u16 gone = 0;

	if (ipcchan_queue_rest(&chan->queue)) {
		__module_get(THIS_MODULE);
		chan->pins_module = true;
		gone = chan->gone & IPCCHAN_NO_SENDERS;
	}
	if (gone != chan->gone) {
		chan->gone = gone;
		ipcchan_chan_hangup(chan, gone);
	}
}

/**
 * ipcchan_registry_detach() - end what an attach began
 * @chan: not joined, or left; must not be used afterwards
 *
 * A channel without endpoint and name ends here.  One that keeps its name and
 * its messages keeps the module too, so that they are not lost with it.
 *
 * Context: process, may sleep; the caller's file pins the module.
 */
void ipcchan_registry_detach(struct ipcchan_chan *chan)
{
	struct net *net = chan->net;
	struct ipcchan_registry *reg = ipcchan_registry_of(net);
	bool ends = false;

	mutex_lock(&reg->lock);
	if (!--chan->nr_endpoints) {
		ipcchan_fullness_settle(chan);
		ends = !ipcchan_registry_named(chan);
		if (ends)
			ipcchan_registry_erase_locked(reg, chan);
		else
			ipcchan_registry_rest_locked(chan);
		if (chan->flags & IPCCHAN_CHAN_ANON)
			ipcchan_event_chan(chan, IPCCHAN_EVENT_DELETED);
	}
	mutex_unlock(&reg->lock);
	if (ends)
		ipcchan_chan_destroy(chan);
	put_net(net);
}

/**
 * ipcchan_registry_may_change() - may the caller change or remove a channel?
 * @chan: channel
 * @skb: netlink request whose sender asks; NULL when the caller does
 *
 * A netlink message may be sent by another than who opened the socket: both
 * must have the right, so that no privileged program is made to send it.
 *
 * Context: process, the registry's lock held.
 * Return: whether.
 */
bool ipcchan_registry_may_change(const struct ipcchan_chan *chan, const struct sk_buff *skb)
{
	if (!skb)
		return uid_eq(current_euid(), chan->uid) ||
		       ns_capable(chan->net->user_ns, CAP_IPC_OWNER);
	if (uid_eq(current_euid(), chan->uid) &&
	    uid_eq(NETLINK_CB(skb).sk->sk_socket->file->f_cred->euid, chan->uid))
		return true;
	return netlink_ns_capable(skb, chan->net->user_ns, CAP_IPC_OWNER);
}

/**
 * ipcchan_registry_unlink() - remove a channel's name
 * @net: network namespace
 * @name: zero-padded, or NULL to go by @id
 * @id: of the channel
 * @skb: netlink request whose sender asks; NULL when the caller does
 *
 * A channel without endpoint ends here, with all that is queued in it.
 *
 * Context: process, may sleep.
 * Return: 0; -ENOENT (also when it has no name), -EPERM.
 */
int ipcchan_registry_unlink(struct net *net, const char *name, u32 id,
			    const struct sk_buff *skb)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(net);
	struct ipcchan_chan *chan;
	bool ends = false;
	int err = 0;

	mutex_lock(&reg->lock);
	chan = ipcchan_registry_find_locked(reg, name, id);
	if (!chan || !ipcchan_registry_named(chan)) {
		err = -ENOENT;
	} else if (!ipcchan_registry_may_change(chan, skb)) {
		err = -EPERM;
	} else {
		rhashtable_remove_fast(&reg->names, &chan->node,
				       ipcchan_names_params);
		chan->flags |= IPCCHAN_CHAN_UNLINKED;
		ipcchan_event_chan(chan, IPCCHAN_EVENT_DELETED);
		ends = !chan->nr_endpoints;
		if (ends)
			ipcchan_registry_erase_locked(reg, chan);
		else
			reg->changes++;
	}
	mutex_unlock(&reg->lock);
	if (ends)
		ipcchan_chan_destroy(chan);
	return err;
}

static int __net_init ipcchan_net_init(struct net *net)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(net);
	int err;

	mutex_init(&reg->lock);
	xa_init_flags(&reg->chans, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	xa_init_flags(&reg->eps, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	reg->next_id = 1;
	reg->next_ep = 1;
	err = rhashtable_init(&reg->names, &ipcchan_names_params);
	if (err)
		return err;
	err = ipcchan_registries_add(reg);
	if (err)
		rhashtable_destroy(&reg->names);
	return err;
}

/* No endpoint is left: each would have pinned the namespace. */
static void __net_exit ipcchan_net_exit(struct net *net)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(net);
	struct ipcchan_chan *chan;
	unsigned long id;

	ipcchan_registries_del(reg);
	rhashtable_destroy(&reg->names);
	xa_for_each(&reg->chans, id, chan) {
		ipcchan_chan_destroy(chan);
		cond_resched();
	}
	xa_destroy(&reg->chans);
	xa_destroy(&reg->eps);
}

static struct pernet_operations ipcchan_net_ops = {
	.init = ipcchan_net_init,
	.exit = ipcchan_net_exit,
	.id = &ipcchan_net_id,
	.size = sizeof(struct ipcchan_registry),
};

/**
 * ipcchan_registry_init() - a registry for each network namespace
 * Context: process, at module load.
 * Return: 0 or negative errno.
 */
int ipcchan_registry_init(void)
{
	return register_pernet_subsys(&ipcchan_net_ops);
}

/**
 * ipcchan_registry_exit() - end every channel that is left
 * Context: process, at module unload.
 */
void ipcchan_registry_exit(void)
{
	unregister_pernet_subsys(&ipcchan_net_ops);
}
