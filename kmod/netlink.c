// SPDX-License-Identifier: GPL-2.0
/* Generic netlink family `ipcchan`: the attributes are in the uapi header. */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/ipcchan_netlink.h>
#include <linux/module.h>
#include <linux/string.h>
#include <net/genetlink.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "arena.h"
#include "broadcast.h"
#include "buffer.h"
#include "channel.h"
#include "netlink.h"
#include "nl_times.h"
#include "registry.h"
#include "times.h"

static struct genl_family ipcchan_genl_family;

/* GET of one channel, and DEL. */
static const struct nla_policy ipcchan_nl_key_policy[IPCCHAN_A_NAME + 1] = {
	[IPCCHAN_A_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[IPCCHAN_A_NAME] = { .type = NLA_NUL_STRING,
			     .len = IPCCHAN_NAME_SIZE - 1 },
};

static const struct nla_policy ipcchan_nl_new_policy[IPCCHAN_A_BUF_NODE + 1] = {
	[IPCCHAN_A_NAME] = { .type = NLA_NUL_STRING,
			     .len = IPCCHAN_NAME_SIZE - 1 },
	[IPCCHAN_A_KIND] = { .type = NLA_U32 },
	[IPCCHAN_A_MODE] = { .type = NLA_U32 },
	[IPCCHAN_A_MAX_MSGS] = { .type = NLA_U32 },
	[IPCCHAN_A_MAX_MSG_SIZE] = { .type = NLA_U32 },
	[IPCCHAN_A_MAX_BYTES] = { .type = NLA_U64 },
	[IPCCHAN_A_BUF_SIZE] = { .type = NLA_U64 },
	[IPCCHAN_A_OPTIONS] = { .type = NLA_U32 },
	[IPCCHAN_A_SLOW] = { .type = NLA_U32 },
	[IPCCHAN_A_SPIN_NS] = { .type = NLA_U32 },
	[IPCCHAN_A_BUF_FLAGS] = { .type = NLA_U32 },
	[IPCCHAN_A_BUF_NODE] = { .type = NLA_U32 },
};

/* How a request names its channel: a zero-padded name, or an id. */
struct ipcchan_nl_key {
	const char *by_name;
	u32 id;
	char name[IPCCHAN_NAME_SIZE] __aligned(sizeof(u32));
};

static int ipcchan_nl_key_get(struct ipcchan_nl_key *key,
			      struct genl_info *info)
{
	struct nlattr *name = info->attrs[IPCCHAN_A_NAME];
	struct nlattr *id = info->attrs[IPCCHAN_A_ID];

	memset(key, 0, sizeof(*key));
	if (!name == !id) {
		GENL_SET_ERR_MSG(info, "give either a name or an id");
		return -EINVAL;
	}
	if (id) {
		key->id = nla_get_u32(id);
		return 0;
	}
	nla_strscpy(key->name, name, sizeof(key->name));
	key->by_name = key->name;
	return ipcchan_name_check(key->name, info->extack);
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

/* A reply under construction, for a reader in user namespace @ns; about @one channel alone. */
struct ipcchan_nl_reply {
	struct sk_buff *skb;
	struct user_namespace *ns;
	u32 portid;
	u32 seq;
	int flags;
	bool one;
};

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
			from_kuid_munged(r->ns, chan->uid)) ||
	    nla_put_u32(skb, IPCCHAN_A_GID,
			from_kgid_munged(r->ns, chan->gid)) ||
	    nla_put_u32(skb, IPCCHAN_A_MAX_MSGS, chan->queue.max_nr) ||
	    nla_put_u32(skb, IPCCHAN_A_MAX_MSG_SIZE, chan->queue.max_len) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_MAX_BYTES, chan->queue.max_bytes,
			      IPCCHAN_A_PAD) ||
	    ipcchan_nl_put_buf(skb, chan) ||
	    nla_put_u32(skb, IPCCHAN_A_OPTIONS, chan->options) ||
	    nla_put_u32(skb, IPCCHAN_A_SLOW, chan->slow) ||
	    nla_put_u32(skb, IPCCHAN_A_SPIN_NS, chan->queue.spin_ns))
		return -EMSGSIZE;
	return nla_put_u32(skb, IPCCHAN_A_ENDPOINTS, chan->nr_endpoints);
}

static int ipcchan_nl_put_queue(struct sk_buff *skb, struct ipcchan_chan *chan)
{
	struct ipcchan_snapshot s;

	ipcchan_queue_snapshot(&chan->queue, &s);
	if (chan->broadcast)
		ipcchan_broadcast_snapshot(chan, &s);
	if (nla_put_u32(skb, IPCCHAN_A_MSGS, s.nr) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_BYTES, s.bytes, IPCCHAN_A_PAD) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_POOL_SIZE, s.pool_size, IPCCHAN_A_PAD) ||
	    nla_put_u64_64bit(skb, IPCCHAN_A_POOL_USED, s.pool_used, IPCCHAN_A_PAD))
		return -EMSGSIZE;
	return ipcchan_nl_put_stats(skb, &s);
}

static int ipcchan_nl_put_chan_locked(struct ipcchan_nl_reply *r,
				      struct ipcchan_chan *chan)
{
	void *hdr = genlmsg_put(r->skb, r->portid, r->seq, &ipcchan_genl_family,
				r->flags, IPCCHAN_CMD_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (ipcchan_nl_put_params(r, chan) ||
	    ipcchan_nl_put_queue(r->skb, chan) ||
	    nla_put_u32(r->skb, IPCCHAN_A_TIMES, !!chan->queue.times) ||
	    (r->one && ipcchan_times_put(r->skb, chan))) {
		genlmsg_cancel(r->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(r->skb, hdr);
	return 0;
}

/* @request: the message that is answered. */
static int ipcchan_nl_reply_chan(struct sk_buff *request,
				 struct genl_info *info,
				 const struct ipcchan_nl_key *key)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(genl_info_net(info));
	struct ipcchan_nl_reply r = {
		.skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL),
		.ns = sk_user_ns(NETLINK_CB(request).sk),
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.one = true,
	};
	struct ipcchan_chan *chan;
	int err;

	if (!r.skb)
		return -ENOMEM;
	mutex_lock(&reg->lock);
	chan = ipcchan_registry_find_locked(reg, key->by_name, key->id);
	err = chan ? ipcchan_nl_put_chan_locked(&r, chan) : -ENOENT;
	mutex_unlock(&reg->lock);
	if (!err)
		return genlmsg_reply(r.skb, info);
	nlmsg_free(r.skb);
	if (err == -ENOENT)
		GENL_SET_ERR_MSG(info, "no such channel");
	return err;
}

static int ipcchan_nl_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ipcchan_nl_key key;
	int err = ipcchan_nl_key_get(&key, info);

	return err ?: ipcchan_nl_reply_chan(skb, info, &key);
}

/* Channels by id: those that come and go meanwhile are in the dump or not. */
static int ipcchan_nl_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	struct ipcchan_registry *reg =
		ipcchan_registry_of(sock_net(cb->skb->sk));
	struct ipcchan_nl_reply r = {
		.skb = skb,
		.ns = sk_user_ns(NETLINK_CB(cb->skb).sk),
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
	};
	struct ipcchan_chan *chan;
	unsigned long id;

	if (nlmsg_attrlen(cb->nlh, GENL_HDRLEN)) {
		NL_SET_ERR_MSG(cb->extack, "a dump takes no attributes");
		return -EINVAL;
	}
	mutex_lock(&reg->lock);
	xa_for_each_start(&reg->chans, id, chan, cb->args[0]) {
		if (ipcchan_nl_put_chan_locked(&r, chan))
			break;
		cb->args[0] = id + 1;
	}
	mutex_unlock(&reg->lock);
	return skb->len;
}

static u32 ipcchan_nl_u32(struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_get_u32(info->attrs[attr]) : 0;
}

static u64 ipcchan_nl_u64(struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_get_u64(info->attrs[attr]) : 0;
}

static int ipcchan_nl_params_get(struct ipcchan_params *p,
				 struct genl_info *info)
{
	if (!info->attrs[IPCCHAN_A_NAME]) {
		GENL_SET_ERR_MSG(info, "a channel to create needs a name");
		return -EINVAL;
	}
	memset(p, 0, sizeof(*p));
	nla_strscpy(p->name, info->attrs[IPCCHAN_A_NAME], sizeof(p->name));
	p->kind = ipcchan_nl_u32(info, IPCCHAN_A_KIND);
	p->mode = ipcchan_nl_u32(info, IPCCHAN_A_MODE);
	p->max_msgs = ipcchan_nl_u32(info, IPCCHAN_A_MAX_MSGS);
	p->max_msg_size = ipcchan_nl_u32(info, IPCCHAN_A_MAX_MSG_SIZE);
	p->max_bytes = ipcchan_nl_u64(info, IPCCHAN_A_MAX_BYTES);
	p->buf_size = ipcchan_nl_u64(info, IPCCHAN_A_BUF_SIZE);
	p->options = ipcchan_nl_u32(info, IPCCHAN_A_OPTIONS);
	p->slow = ipcchan_nl_u32(info, IPCCHAN_A_SLOW);
	p->spin_ns = ipcchan_nl_u32(info, IPCCHAN_A_SPIN_NS);
	p->buf_flags = ipcchan_nl_u32(info, IPCCHAN_A_BUF_FLAGS);
	p->buf_node = ipcchan_nl_u32(info, IPCCHAN_A_BUF_NODE);
	return ipcchan_name_check(p->name, info->extack) ?:
	       ipcchan_params_check(p, info->extack);
}

static int ipcchan_nl_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ipcchan_nl_key key = {};
	struct ipcchan_params p;
	int err = ipcchan_nl_params_get(&p, info);

	if (err)
		return err;
	err = ipcchan_registry_create(genl_info_net(info), &p, &key.id);
	if (err == -EEXIST)
		GENL_SET_ERR_MSG(info, "a channel of that name exists");
	else if (err == -EDQUOT)
		GENL_SET_ERR_MSG(info, "the user has as much as is allowed");
	else if (err)
		GENL_SET_ERR_MSG(info, "no memory for the channel");
	/* What has been created stays so, whether it can be shown or not. */
	if (!err && info->nlhdr->nlmsg_flags & NLM_F_ECHO)
		ipcchan_nl_reply_chan(skb, info, &key);
	return err;
}

static int ipcchan_nl_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ipcchan_nl_key key;
	int err = ipcchan_nl_key_get(&key, info);

	if (err)
		return err;
	err = ipcchan_registry_unlink(genl_info_net(info), key.by_name, key.id,
				      skb);
	if (err == -ENOENT)
		GENL_SET_ERR_MSG(info, "no such named channel");
	else if (err == -EPERM)
		GENL_SET_ERR_MSG(info, "neither its owner nor CAP_IPC_OWNER");
	return err;
}

static const struct genl_ops ipcchan_nl_ops[] = {
	{
		.cmd = IPCCHAN_CMD_SET,
		.policy = ipcchan_nl_times_policy,
		.maxattr = IPCCHAN_A_TIMES,
		.flags = GENL_ADMIN_PERM,
		.doit = ipcchan_nl_times_doit,
	},
	{
		.cmd = IPCCHAN_CMD_GET,
		.policy = ipcchan_nl_key_policy,
		.maxattr = ARRAY_SIZE(ipcchan_nl_key_policy) - 1,
		.doit = ipcchan_nl_get_doit,
		.dumpit = ipcchan_nl_get_dumpit,
	},
	{
		.cmd = IPCCHAN_CMD_NEW,
		.policy = ipcchan_nl_new_policy,
		.maxattr = ARRAY_SIZE(ipcchan_nl_new_policy) - 1,
		/* Not of a user namespace's. */
		.flags = GENL_ADMIN_PERM,
		.doit = ipcchan_nl_new_doit,
	},
	{
		.cmd = IPCCHAN_CMD_DEL,
		.policy = ipcchan_nl_key_policy,
		.maxattr = ARRAY_SIZE(ipcchan_nl_key_policy) - 1,
		.doit = ipcchan_nl_del_doit,
	},
};

static struct genl_family ipcchan_genl_family = {
	.name = IPCCHAN_GENL_NAME,
	.version = IPCCHAN_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.ops = ipcchan_nl_ops,
	.n_ops = ARRAY_SIZE(ipcchan_nl_ops),
};

/**
 * ipcchan_netlink_init() - register the family
 * Context: process, at module load.
 * Return: 0 or negative errno.
 */
int ipcchan_netlink_init(void)
{
	return genl_register_family(&ipcchan_genl_family);
}

/**
 * ipcchan_netlink_exit() - unregister the family, wait for requests under way
 * Context: process, at module unload.
 */
void ipcchan_netlink_exit(void)
{
	genl_unregister_family(&ipcchan_genl_family);
}
