// SPDX-License-Identifier: GPL-2.0
/* Netlink requests about one channel: get, create, delete. */

#include <linux/err.h>
#include <linux/string.h>
#include <net/genetlink.h>
#include <net/netlink.h>

#include "channel.h"
#include "nl.h"
#include "registry.h"

/**
 * ipcchan_nl_reply_chan() - answer with a channel
 * @request: the message that is answered
 * @info: likewise
 * @key: which channel
 * Context: process, may sleep.
 * Return: 0; -ENOENT (also for who does not see it), -ENOMEM, -EMSGSIZE.
 */
int ipcchan_nl_reply_chan(struct sk_buff *request, struct genl_info *info,
			  const struct ipcchan_nl_key *key)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(genl_info_net(info));
	struct ipcchan_nl_reply r = {
		.skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL),
		.users = ipcchan_nl_users(request),
		.portid = info->snd_portid,
		.seq = info->snd_seq,
	};
	struct ipcchan_viewer viewer;
	struct ipcchan_sight sight;
	struct ipcchan_chan *chan;
	int err = -ENOENT;

	if (!r.skb)
		return -ENOMEM;
	ipcchan_viewer_init(&viewer, request, genl_info_net(info));
	mutex_lock(&reg->lock);
	chan = ipcchan_registry_find_locked(reg, key->by_name, key->id);
	if (chan) {
		sight = ipcchan_sight_chan(chan);
		if (ipcchan_viewer_sees(&viewer, &sight))
			err = ipcchan_nl_put_chan_locked(&r, chan);
	}
	mutex_unlock(&reg->lock);
	if (!err)
		return genlmsg_reply(r.skb, info);
	nlmsg_free(r.skb);
	if (err == -ENOENT)
		GENL_SET_ERR_MSG(info, "no such channel");
	return err;
}

/**
 * ipcchan_nl_get_doit() - IPCCHAN_CMD_GET of one channel
 * @skb: request
 * @info: likewise
 * Context: process, may sleep.
 * Return: 0; -EINVAL, or as ipcchan_nl_reply_chan().
 */
int ipcchan_nl_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ipcchan_nl_key key;
	int err = ipcchan_nl_key_get(&key, info);

	if (err)
		return err;
	if (info->attrs[IPCCHAN_A_FLAGS] || info->attrs[IPCCHAN_A_KIND] ||
	    info->attrs[IPCCHAN_A_UID]) {
		GENL_SET_ERR_MSG(info, "flags, kind and uid choose channels of a dump");
		return -EINVAL;
	}
	return ipcchan_nl_reply_chan(skb, info, &key);
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

/**
 * ipcchan_nl_new_doit() - IPCCHAN_CMD_NEW
 * @skb: request
 * @info: likewise
 * Context: process, may sleep.
 * Return: 0; -EINVAL, -EEXIST, -EDQUOT, -ENOMEM, -ENOSPC, -EINTR.
 */
int ipcchan_nl_new_doit(struct sk_buff *skb, struct genl_info *info)
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

/**
 * ipcchan_nl_del_doit() - IPCCHAN_CMD_DEL
 * @skb: request
 * @info: likewise
 * Context: process, may sleep.
 * Return: 0; -EINVAL, -ENOENT, -EPERM.
 */
int ipcchan_nl_del_doit(struct sk_buff *skb, struct genl_info *info)
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
