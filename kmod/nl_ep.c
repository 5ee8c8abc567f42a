// SPDX-License-Identifier: GPL-2.0
/* Netlink dumps of endpoints, and of the blocks that they have. */

#include <linux/err.h>
#include <linux/pid.h>
#include <net/netlink.h>

#include "arena.h"
#include "buffer.h"
#include "endpoint.h"
#include "nl.h"
#include "sub.h"

/* Return: the process in the reader's namespace, 0 where it has no number there. */
static u32 ipcchan_nl_pid(const struct ipcchan_nl_reply *r, struct pid *pid)
{
	return pid_nr_ns(pid, r->pids);
}

static u32 ipcchan_nl_last_pid(const struct ipcchan_nl_reply *r, struct ipcchan_sender *sender)
{
	u32 nr = 0;

	spin_lock(&sender->lock);
	if (sender->last)
		nr = ipcchan_nl_pid(r, sender->last->pid);
	spin_unlock(&sender->lock);
	return nr;
}

static int ipcchan_nl_put_ep_who(struct ipcchan_nl_reply *r, struct ipcchan_ep *ep)
{
	const struct ipcchan_ident *opener = ep->sender.opener;
	const struct ipcchan_chan *chan = ep->joined;
	struct sk_buff *skb = r->skb;

	if (nla_put_u32(skb, IPCCHAN_A_EP_ID, ep->id) ||
	    nla_put_u32(skb, IPCCHAN_A_EP_CHAN, chan->id) ||
	    (*chan->name && nla_put_string(skb, IPCCHAN_A_EP_NAME, chan->name)) ||
	    nla_put_u32(skb, IPCCHAN_A_EP_ROLE, ep->role) ||
	    nla_put_u32(skb, IPCCHAN_A_EP_PID, ipcchan_nl_pid(r, opener->pid)) ||
	    nla_put_u32(skb, IPCCHAN_A_EP_UID,
			from_kuid_munged(r->users, opener->cred->euid)) ||
	    nla_put_u32(skb, IPCCHAN_A_EP_GID, from_kgid_munged(r->users, opener->cred->egid)))
		return -EMSGSIZE;
	return nla_put_u32(skb, IPCCHAN_A_EP_LAST_PID, ipcchan_nl_last_pid(r, &ep->sender));
}

static int ipcchan_nl_put_ep_sub(struct sk_buff *skb, struct ipcchan_sub *sub)
{
	struct ipcchan_snapshot s;

	if (!sub)
		return 0;
	ipcchan_queue_snapshot(&sub->queue, &s);
	return nla_put_u32(skb, IPCCHAN_A_EP_MSGS, s.nr) ?:
	       nla_put_u64_64bit(skb, IPCCHAN_A_EP_BYTES, s.bytes, IPCCHAN_A_EP_PAD) ?:
	       nla_put_u64_64bit(skb, IPCCHAN_A_EP_LOST, s.stats.lost, IPCCHAN_A_EP_PAD);
}

static int ipcchan_nl_put_ep_has(struct sk_buff *skb, struct ipcchan_ep *ep)
{
	struct ipcchan_match match = READ_ONCE(ep->match);
	/* Pairs with the release in ipcchan_pool_join(). */
	struct ipcchan_arena *pool = smp_load_acquire(&ep->pool);
	u64 bytes;
	u32 nr = ipcchan_held_count(&ep->held, &bytes);

	if (nla_put_u32(skb, IPCCHAN_A_EP_MIN_PRIO, match.min_prio) ||
	    (match.by_type && nla_put_u32(skb, IPCCHAN_A_EP_TYPE, match.type)) ||
	    nla_put_u32(skb, IPCCHAN_A_EP_LOANS, nr) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_EP_LOAN_BYTES, bytes,
			      IPCCHAN_A_EP_PAD) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_EP_POOL_SIZE, pool ? pool->buf->size : 0,
			      IPCCHAN_A_EP_PAD))
		return -EMSGSIZE;
	return nla_put_u64_64bit(skb, IPCCHAN_A_EP_POOL_USED,
				 pool ? ipcchan_arena_used(pool) : 0, IPCCHAN_A_EP_PAD);
}

/**
 * ipcchan_nl_dump_wants_ep() - does an endpoint belong in a dump?
 * @r: a part of the dump
 * @d: the dump
 * @ep: endpoint
 * Context: process, the registry's lock held.
 * Return: whether.
 */
bool ipcchan_nl_dump_wants_ep(const struct ipcchan_nl_reply *r,
			      const struct ipcchan_nl_dump *d, const struct ipcchan_ep *ep)
{
	struct ipcchan_sight sight = ipcchan_sight_ep(ep);

	return ipcchan_nl_dump_older(d, ep->serial) &&
	       (!d->chan || ep->joined->id == d->chan) &&
	       (!d->pid || ipcchan_nl_pid(r, ep->sender.opener->pid) == d->pid) &&
	       (!d->by_uid || uid_eq(ep->sender.opener->cred->euid, d->uid)) &&
	       ipcchan_viewer_sees(&d->viewer, &sight);
}

static int ipcchan_nl_show_ep(struct ipcchan_nl_reply *r, struct ipcchan_nl_dump *d,
			      void *entry)
{
	struct ipcchan_ep *ep = entry;
	void *hdr;

	if (!ipcchan_nl_dump_wants_ep(r, d, ep))
		return 0;
	hdr = ipcchan_nl_begin(r, IPCCHAN_CMD_EP_GET);
	return ipcchan_nl_end(r, hdr, hdr && (ipcchan_nl_put_ep_who(r, ep) ||
					      ipcchan_nl_put_ep_sub(r->skb, ep->sub) ||
					      ipcchan_nl_put_ep_has(r->skb, ep)));
}

/**
 * ipcchan_nl_ep_start() - begin a dump of endpoints
 * @cb: of the dump
 * Context: process, may sleep.
 * Return: 0; -EINVAL, -ENOMEM.
 */
int ipcchan_nl_ep_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = ipcchan_dump_attrs(cb);
	struct ipcchan_nl_dump *d;
	int err = ipcchan_nl_dump_start(cb, attrs[IPCCHAN_A_EP_UID], &d);

	if (err)
		return err;
	d->chan = attrs[IPCCHAN_A_EP_CHAN] ? nla_get_u32(attrs[IPCCHAN_A_EP_CHAN]) : 0;
	d->pid = attrs[IPCCHAN_A_EP_PID] ? nla_get_u32(attrs[IPCCHAN_A_EP_PID]) : 0;
	d->filtered |= d->chan || d->pid;
	return 0;
}

/**
 * ipcchan_nl_ep_dumpit() - a part of a dump of endpoints
 * @skb: where
 * @cb: of the dump
 * Context: process, may sleep.
 * Return: as ipcchan_nl_dump_walk().
 */
int ipcchan_nl_ep_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return ipcchan_nl_dump_walk(skb, cb, true, ipcchan_nl_show_ep);
}

static int ipcchan_nl_put_loan(struct ipcchan_nl_reply *r, const struct ipcchan_ep *ep,
			       const struct ipcchan_place *place)
{
	void *hdr = ipcchan_nl_begin(r, IPCCHAN_CMD_LOAN_GET);
	struct sk_buff *skb = r->skb;

	return ipcchan_nl_end(r, hdr, hdr &&
		(nla_put_u32(skb, IPCCHAN_A_LOAN_CHAN, ep->joined->id) ||
		 nla_put_u32(skb, IPCCHAN_A_LOAN_EP, ep->id) ||
		 nla_put_u64_64bit(skb, IPCCHAN_A_LOAN_OFFSET, ipcchan_place_offset(place),
				   IPCCHAN_A_LOAN_PAD) ||
		 nla_put_u64_64bit(skb, IPCCHAN_A_LOAN_BYTES, (u64)place->nr << PAGE_SHIFT,
				   IPCCHAN_A_LOAN_PAD)));
}

/* Its blocks, as many as there is room for in the part of the dump. */
static int ipcchan_nl_show_loans(struct ipcchan_nl_reply *r, struct ipcchan_nl_dump *d,
				 void *entry)
{
	const struct ipcchan_place *place;
	struct ipcchan_ep *ep = entry;
	int err = 0;

	if (!ipcchan_nl_dump_wants_ep(r, d, ep))
		return 0;
	spin_lock(&ep->held.lock);
	while (!err) {
		place = ipcchan_held_next_locked(&ep->held, d->offset);
		if (!place)
			break;
		err = ipcchan_nl_put_loan(r, ep, place);
		if (!err)
			d->offset = ipcchan_place_offset(place) + 1;
	}
	spin_unlock(&ep->held.lock);
	return err;
}

/**
 * ipcchan_nl_loan_start() - begin a dump of blocks
 * @cb: of the dump
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int ipcchan_nl_loan_start(struct netlink_callback *cb)
{
	struct nlattr *chan = ipcchan_dump_attrs(cb)[IPCCHAN_A_LOAN_CHAN];
	struct ipcchan_nl_dump *d;
	int err = ipcchan_nl_dump_start(cb, NULL, &d);

	if (err)
		return err;
	d->chan = chan ? nla_get_u32(chan) : 0;
	d->filtered = chan;
	return 0;
}

/**
 * ipcchan_nl_loan_dumpit() - a part of a dump of blocks
 * @skb: where
 * @cb: of the dump
 * Context: process, may sleep.
 * Return: as ipcchan_nl_dump_walk().
 */
int ipcchan_nl_loan_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return ipcchan_nl_dump_walk(skb, cb, true, ipcchan_nl_show_loans);
}
