// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink dumps: through the registry in order of ids, a part for each buffer that the
 * reader takes.
 *
 * Ids and the order do not change: who was there when it began and is still there when
 * its turn comes is met once.  Who is newer is left out, or a dump might never end.  That
 * something came, went or changed meanwhile is told with NLM_F_DUMP_INTR.
 */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "channel.h"
#include "nl.h"
#include "registry.h"

/* So many entries are looked at before others get the lock. */
#define IPCCHAN_NL_LOOKS	256

static struct ipcchan_nl_dump *ipcchan_nl_dump_of(const struct netlink_callback *cb)
{
	return (struct ipcchan_nl_dump *)cb->args[0];
}

static struct ipcchan_registry *ipcchan_nl_registry(const struct netlink_callback *cb)
{
	return ipcchan_registry_of(sock_net(cb->skb->sk));
}

/**
 * ipcchan_nl_dump_start() - begin a dump
 * @cb: of the dump
 * @by_uid: the user whose things are in it; NULL for those of all
 * @dump: out, without any other filter
 *
 * Who reads the rest of it later may be another task, whose rights do not matter.
 *
 * Context: process, may sleep; by the sender of the request.
 * Return: 0; -EINVAL (no such user), -ENOMEM.
 */
int ipcchan_nl_dump_start(struct netlink_callback *cb, const struct nlattr *by_uid,
			  struct ipcchan_nl_dump **dump)
{
	struct ipcchan_registry *reg = ipcchan_nl_registry(cb);
	struct ipcchan_nl_dump *d;
	kuid_t uid = INVALID_UID;
	int err = 0;

	if (by_uid)
		err = ipcchan_nl_uid_get(cb->skb, by_uid, &uid, cb->extack);
	if (err)
		return err;
	d = kzalloc(sizeof(*d), GFP_KERNEL_ACCOUNT);
	if (!d)
		return -ENOMEM;
	ipcchan_viewer_init(&d->viewer, cb->skb, sock_net(cb->skb->sk));
	get_cred(d->viewer.opener);
	get_cred(d->viewer.sender);
	d->pids = get_pid_ns(task_active_pid_ns(current));
	d->uid = uid;
	d->by_uid = by_uid;
	d->filtered = by_uid;
	mutex_lock(&reg->lock);
	d->serial = reg->serial;
	d->top = reg->top;
	d->top_ep = reg->top_ep;
	mutex_unlock(&reg->lock);
	cb->args[0] = (long)d;
	*dump = d;
	return 0;
}

/**
 * ipcchan_nl_dump_done() - end a dump, also one that was not read to its end
 * @cb: of the dump
 * Context: process.
 * Return: 0.
 */
int ipcchan_nl_dump_done(struct netlink_callback *cb)
{
	struct ipcchan_nl_dump *d = ipcchan_nl_dump_of(cb);

	if (!d)
		return 0;
	put_cred(d->viewer.opener);
	put_cred(d->viewer.sender);
	put_pid_ns(d->pids);
	kfree(d);
	cb->args[0] = 0;
	return 0;
}

/**
 * ipcchan_nl_dump_reply() - the next part of a dump
 * @skb: where
 * @cb: of the dump
 * Context: any.
 * Return: the reply.
 */
struct ipcchan_nl_reply ipcchan_nl_dump_reply(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct ipcchan_nl_dump *d = ipcchan_nl_dump_of(cb);

	return (struct ipcchan_nl_reply) {
		.skb = skb,
		.cb = cb,
		.users = ipcchan_nl_users(cb->skb),
		.pids = d->pids,
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI | (d->filtered ? NLM_F_DUMP_FILTERED : 0),
	};
}

/**
 * ipcchan_nl_dump_older() - was it there when the dump began?
 * @d: dump
 * @serial: of a channel or an endpoint
 * Context: any.
 * Return: whether.
 */
bool ipcchan_nl_dump_older(const struct ipcchan_nl_dump *d, u64 serial)
{
	return serial <= d->serial;
}

/* Return: 0 to go on, 1 at the end, -EMSGSIZE where @r is full. */
static int ipcchan_nl_dump_some_locked(struct ipcchan_nl_reply *r, struct ipcchan_nl_dump *d,
				       struct xarray *entries, u32 top, ipcchan_nl_show *show)
{
	unsigned int looks = 0;
	unsigned long id;
	void *entry;
	int err;

	xa_for_each_range(entries, id, entry, d->next, top) {
		if (looks++ == IPCCHAN_NL_LOOKS)
			return 0;
		/* The one that was not done may be gone: of another the offset is not. */
		if (id != d->next)
			d->offset = 0;
		d->next = id;
		err = show(r, d, entry);
		if (err)
			return err;
		d->next = id + 1;
		d->offset = 0;
	}
	d->next = (unsigned long)top + 1;
	return 1;
}

/**
 * ipcchan_nl_dump_walk() - put what follows into a part of a dump
 * @skb: the part
 * @cb: of the dump
 * @eps: go through endpoints, not channels
 * @show: called for each
 * Context: process, may sleep.
 * Return: bytes that are in it, 0 at the end of the dump; -EMSGSIZE.
 */
int ipcchan_nl_dump_walk(struct sk_buff *skb, struct netlink_callback *cb, bool eps,
			 ipcchan_nl_show *show)
{
	struct ipcchan_nl_reply r = ipcchan_nl_dump_reply(skb, cb);
	struct ipcchan_registry *reg = ipcchan_nl_registry(cb);
	struct ipcchan_nl_dump *d = ipcchan_nl_dump_of(cb);
	int err;

	do {
		mutex_lock(&reg->lock);
		/* Never 0, which would mean that nothing is counted. */
		cb->seq = (!d->both && eps ? 0 : reg->changes) +
			  (d->both || eps ? reg->ep_changes : 0) ?: 1;
		err = ipcchan_nl_dump_some_locked(&r, d, eps ? &reg->eps : &reg->chans,
						  eps ? d->top_ep : d->top, show);
		mutex_unlock(&reg->lock);
		cond_resched();
	} while (!err);
	return err < 0 && !skb->len ? err : skb->len;
}

static int ipcchan_nl_show_chan(struct ipcchan_nl_reply *r, struct ipcchan_nl_dump *d,
				void *entry)
{
	struct ipcchan_chan *chan = entry;
	struct ipcchan_sight sight = ipcchan_sight_chan(chan);

	if (!ipcchan_nl_dump_older(d, chan->serial) ||
	    (d->by_kind && chan->kind != d->kind) || (d->flags & ~chan->flags) ||
	    (d->by_uid && !uid_eq(chan->uid, d->uid)) ||
	    !ipcchan_viewer_sees(&d->viewer, &sight))
		return 0;
	return ipcchan_nl_put_chan_locked(r, chan);
}

/**
 * ipcchan_nl_get_start() - begin a dump of channels
 * @cb: of the dump
 * Context: process, may sleep.
 * Return: 0; -EINVAL, -ENOMEM.
 */
int ipcchan_nl_get_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = ipcchan_dump_attrs(cb);
	struct ipcchan_nl_dump *d;
	int err;

	if (attrs[IPCCHAN_A_ID] || attrs[IPCCHAN_A_NAME]) {
		NL_SET_ERR_MSG(cb->extack, "a name or an id is of one channel, not of a dump");
		return -EINVAL;
	}
	err = ipcchan_nl_dump_start(cb, attrs[IPCCHAN_A_UID], &d);
	if (err)
		return err;
	d->by_kind = attrs[IPCCHAN_A_KIND];
	d->kind = d->by_kind ? nla_get_u32(attrs[IPCCHAN_A_KIND]) : 0;
	d->flags = attrs[IPCCHAN_A_FLAGS] ? nla_get_u32(attrs[IPCCHAN_A_FLAGS]) : 0;
	d->filtered |= d->by_kind || d->flags;
	return 0;
}

/**
 * ipcchan_nl_get_dumpit() - a part of a dump of channels
 * @skb: where
 * @cb: of the dump
 * Context: process, may sleep.
 * Return: as ipcchan_nl_dump_walk().
 */
int ipcchan_nl_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return ipcchan_nl_dump_walk(skb, cb, false, ipcchan_nl_show_chan);
}
