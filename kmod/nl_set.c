// SPDX-License-Identifier: GPL-2.0
/* Netlink requests: change a channel's limits and permissions. */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "channel.h"
#include "event.h"
#include "nl.h"
#include "registry.h"
#include "times.h"

static void ipcchan_nl_set_limits(struct ipcchan_change *to, struct nlattr **attrs)
{
	if (attrs[IPCCHAN_A_MAX_MSGS])
		to->limits.nr = nla_get_u32(attrs[IPCCHAN_A_MAX_MSGS]);
	if (attrs[IPCCHAN_A_MAX_MSG_SIZE])
		to->limits.len = nla_get_u32(attrs[IPCCHAN_A_MAX_MSG_SIZE]);
	if (attrs[IPCCHAN_A_MAX_BYTES])
		to->limits.bytes = nla_get_u64(attrs[IPCCHAN_A_MAX_BYTES]);
	if (attrs[IPCCHAN_A_MODE])
		to->mode = nla_get_u32(attrs[IPCCHAN_A_MODE]);
	if (attrs[IPCCHAN_A_SPIN_NS])
		to->spin_ns = ipcchan_spin_ns_of(nla_get_u32(attrs[IPCCHAN_A_SPIN_NS]));
}

/* Are both, who opened the socket and who sends, in it? */
static bool ipcchan_nl_in_group(const struct sk_buff *skb, kgid_t gid)
{
	return ipcchan_cred_in_group(NETLINK_CB(skb).sk->sk_socket->file->f_cred, gid) &&
	       ipcchan_cred_in_group(current_cred(), gid);
}

/* As for files: to give away takes the capability, to pass to a group being in it. */
static int ipcchan_nl_set_owner(struct ipcchan_change *to, const struct ipcchan_chan *chan,
				const struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *uid = info->attrs[IPCCHAN_A_UID], *gid = info->attrs[IPCCHAN_A_GID];
	struct user_namespace *ns = chan->net->user_ns;
	bool capable;
	int err;

	if (uid) {
		err = ipcchan_nl_uid_get(skb, uid, &to->uid, info->extack);
		if (err)
			return err;
	}
	if (gid)
		to->gid = make_kgid(ipcchan_nl_users(skb), nla_get_u32(gid));
	if ((uid && !kuid_has_mapping(ns, to->uid)) || (gid && !kgid_has_mapping(ns, to->gid))) {
		NL_SET_ERR_MSG_ATTR(info->extack, uid ?: gid,
				    "no such user or group where the network namespace belongs");
		return -EINVAL;
	}
	if (uid_eq(to->uid, chan->uid) && gid_eq(to->gid, chan->gid))
		return 0;
	capable = netlink_ns_capable(skb, ns, CAP_IPC_OWNER);
	if (!uid_eq(to->uid, chan->uid) && !capable) {
		NL_SET_ERR_MSG_ATTR(info->extack, uid, "to give it away needs CAP_IPC_OWNER");
		return -EPERM;
	}
	if (!gid_eq(to->gid, chan->gid) && !capable && !ipcchan_nl_in_group(skb, to->gid)) {
		NL_SET_ERR_MSG_ATTR(info->extack, gid,
				    "neither in the group nor CAP_IPC_OWNER");
		return -EPERM;
	}
	return 0;
}

static int ipcchan_nl_set_locked(struct ipcchan_chan *chan, struct sk_buff *skb,
				 struct genl_info *info)
{
	const struct nlattr *times = info->attrs[IPCCHAN_A_TIMES];
	struct ipcchan_change to;
	int err;

	if (!chan) {
		GENL_SET_ERR_MSG(info, "no such channel");
		return -ENOENT;
	}
	if (!ipcchan_registry_may_change(chan, skb)) {
		GENL_SET_ERR_MSG(info, "neither its owner nor CAP_IPC_OWNER");
		return -EPERM;
	}
	to = ipcchan_chan_state(chan);
	ipcchan_nl_set_limits(&to, info->attrs);
	err = ipcchan_nl_set_owner(&to, chan, skb, info);
	if (err)
		return err;
	if (times && nla_get_u32(times) && ipcchan_times_prepare(chan)) {
		NL_SET_ERR_MSG_ATTR(info->extack, times, "no memory to record times in");
		return -ENOMEM;
	}
	err = ipcchan_chan_change(chan, &to, skb, info->extack);
	if (err == -EDQUOT)
		GENL_SET_ERR_MSG(info, "the owner, or a subscriber, has as much as is allowed");
	else if (err == -EPERM)
		GENL_SET_ERR_MSG(info,
				 "other users would pay: make a new channel, or get CAP_IPC_OWNER");
	else if (err == -ENOMEM)
		GENL_SET_ERR_MSG(info, "no memory for the account of the new owner");
	if (err)
		return err;
	if (times)
		ipcchan_times_set(chan, nla_get_u32(times));
	ipcchan_registry_of(chan->net)->changes++;
	ipcchan_event_chan(chan, IPCCHAN_EVENT_CHANGED);
	return 0;
}

/**
 * ipcchan_nl_set_doit() - IPCCHAN_CMD_SET
 * @skb: request
 * @info: likewise
 * Context: process, may sleep.
 * Return: 0; -EINVAL, -ENOENT, -EPERM, -EDQUOT, -EOPNOTSUPP, -ENOMEM.
 */
int ipcchan_nl_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(genl_info_net(info));
	struct ipcchan_nl_key key;
	int err = ipcchan_nl_key_get(&key, info);

	if (err)
		return err;
	mutex_lock(&reg->lock);
	err = ipcchan_nl_set_locked(ipcchan_registry_find_locked(reg, key.by_name, key.id),
				    skb, info);
	mutex_unlock(&reg->lock);
	/* What was changed stays so, whether it can be shown or not. */
	if (!err && info->nlhdr->nlmsg_flags & NLM_F_ECHO)
		ipcchan_nl_reply_chan(skb, info, &key);
	return err;
}
