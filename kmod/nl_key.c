// SPDX-License-Identifier: GPL-2.0
/* Netlink requests: which channel, which user. */

#include <linux/string.h>
#include <linux/uidgid.h>
#include <net/sock.h>

#include "channel.h"
#include "nl.h"

/**
 * ipcchan_nl_key_get() - the channel that a request is about
 * @key: out
 * @info: the request, with IPCCHAN_A_ID or IPCCHAN_A_NAME
 * Context: process.
 * Return: 0 or -EINVAL.
 */
int ipcchan_nl_key_get(struct ipcchan_nl_key *key, struct genl_info *info)
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

/**
 * ipcchan_nl_users() - the user namespace whose numbers a request has, and its reply
 * @request: request
 * Context: any.
 * Return: that of who opened the socket.
 */
struct user_namespace *ipcchan_nl_users(const struct sk_buff *request)
{
	return sk_user_ns(NETLINK_CB(request).sk);
}

/**
 * ipcchan_nl_uid_get() - the user that a request names
 * @request: request
 * @attr: u32
 * @uid: out
 * @extack: for the reason
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int ipcchan_nl_uid_get(const struct sk_buff *request, const struct nlattr *attr, kuid_t *uid,
		       struct netlink_ext_ack *extack)
{
	*uid = make_kuid(ipcchan_nl_users(request), nla_get_u32(attr));
	if (uid_valid(*uid))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "no such user in the user namespace of the socket");
	return -EINVAL;
}
