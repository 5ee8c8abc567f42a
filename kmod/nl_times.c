// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_CMD_SET, of IPCCHAN_A_TIMES alone, until there is all of it. */

#include "channel.h"
#include "nl_times.h"
#include "registry.h"
#include "times.h"

const struct nla_policy ipcchan_nl_times_policy[IPCCHAN_A_TIMES + 1] = {
	[IPCCHAN_A_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[IPCCHAN_A_TIMES] = NLA_POLICY_MAX(NLA_U32, 1),
};

/**
 * ipcchan_nl_times_doit() - switch the time in queue of a channel
 * @skb: request
 * @info: likewise
 * Context: process, may sleep.
 * Return: 0; -EINVAL, -ENOENT, -ENOMEM.
 */
int ipcchan_nl_times_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(genl_info_net(info));
	struct nlattr *id = info->attrs[IPCCHAN_A_ID];
	struct nlattr *times = info->attrs[IPCCHAN_A_TIMES];
	struct ipcchan_chan *chan;
	int err;

	if (!id || !times) {
		GENL_SET_ERR_MSG(info, "give an id, and what to set");
		return -EINVAL;
	}
	mutex_lock(&reg->lock);
	chan = ipcchan_registry_find_locked(reg, NULL, nla_get_u32(id));
	err = chan ? ipcchan_times_set(chan, nla_get_u32(times)) : -ENOENT;
	mutex_unlock(&reg->lock);
	return err;
}
