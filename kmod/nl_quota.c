// SPDX-License-Identifier: GPL-2.0
/* Netlink dump of what each user has, and may have. */

#include <linux/sched.h>
#include <linux/uidgid.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "account.h"
#include "nl.h"

/* Users are the machine's: who has the capability sees those that the namespace has. */
static bool ipcchan_nl_sees_user(const struct netlink_callback *cb,
				 const struct ipcchan_nl_dump *d, kuid_t uid)
{
	struct ipcchan_sight sight = { .uid = INVALID_UID, .gid = INVALID_GID, .user = uid };
	struct ipcchan_viewer each = d->viewer;

	if (d->viewer.all && kuid_has_mapping(sock_net(cb->skb->sk)->user_ns, uid))
		return true;
	each.all = false;
	return ipcchan_viewer_sees(&each, &sight);
}

static int ipcchan_nl_put_item(struct sk_buff *skb, enum ipcchan_item item, u64 used)
{
	struct nlattr *nest = nla_nest_start(skb, IPCCHAN_A_QUOTA_ITEM);
	const char *name;
	u64 limit = ipcchan_account_limit_of(item, &name);

	if (!nest || nla_put_string(skb, IPCCHAN_A_ITEM_NAME, name) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_ITEM_USED, used, IPCCHAN_A_ITEM_PAD) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_ITEM_LIMIT, limit, IPCCHAN_A_ITEM_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int ipcchan_nl_put_quota(struct ipcchan_nl_reply *r, const struct ipcchan_account_at *at)
{
	void *hdr = ipcchan_nl_begin(r, IPCCHAN_CMD_QUOTA_GET);
	unsigned int i;
	int err = 0;

	if (hdr)
		err = nla_put_u32(r->skb, IPCCHAN_A_QUOTA_UID,
				  from_kuid_munged(r->users, at->uid));
	for (i = 0; hdr && !err && i < IPCCHAN_ITEMS; i++)
		err = ipcchan_nl_put_item(r->skb, i, at->used.of[i]);
	return ipcchan_nl_end(r, hdr, err);
}

/**
 * ipcchan_nl_quota_start() - begin a dump of quotas
 * @cb: of the dump
 * Context: process, may sleep.
 * Return: 0; -EINVAL, -ENOMEM.
 */
int ipcchan_nl_quota_start(struct netlink_callback *cb)
{
	struct ipcchan_nl_dump *d;

	return ipcchan_nl_dump_start(cb, ipcchan_dump_attrs(cb)[IPCCHAN_A_QUOTA_UID], &d);
}

/**
 * ipcchan_nl_quota_dumpit() - a part of a dump of quotas
 * @skb: where
 * @cb: of the dump
 * Context: process, may sleep.
 * Return: bytes that are in it, 0 at the end.
 */
int ipcchan_nl_quota_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ipcchan_nl_dump *d = (struct ipcchan_nl_dump *)cb->args[0];
	struct ipcchan_nl_reply r = ipcchan_nl_dump_reply(skb, cb);
	struct ipcchan_account_at at = d->at;
	bool more;

	for (;;) {
		more = ipcchan_account_next(&at);
		cb->seq = at.changes ?: 1;
		if (!more)
			break;
		if ((!d->by_uid || uid_eq(at.uid, d->uid)) &&
		    ipcchan_nl_sees_user(cb, d, at.uid) && ipcchan_nl_put_quota(&r, &at))
			return skb->len;
		d->at = at;
		cond_resched();
	}
	return skb->len;
}
