// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink family `ipcchan`: what each command takes.  The attributes are in the
 * uapi header; Documentation/netlink/specs/ipcchan.yaml says the same to tools.
 */

#include <linux/kernel.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/netlink.h>

#include "netlink.h"
#include "nl.h"

#define IPCCHAN_NL_ID	NLA_POLICY_MIN(NLA_U32, 1)

/* Not const: before 6.7 a policy does not promise to leave them alone. */
static struct netlink_range_validation ipcchan_nl_msgs = {
	.min = 1, .max = IPCCHAN_LIMIT_MSGS,
};

static struct netlink_range_validation ipcchan_nl_msg_size = {
	.min = 1, .max = IPCCHAN_LIMIT_MSG_SIZE,
};

static struct netlink_range_validation ipcchan_nl_bytes = {
	.min = 1, .max = IPCCHAN_LIMIT_BYTES,
};

/* GET: of one channel the first two, of a dump the others. */
static const struct nla_policy ipcchan_nl_get_policy[IPCCHAN_A_UID + 1] = {
	[IPCCHAN_A_ID] = IPCCHAN_NL_ID,
	[IPCCHAN_A_NAME] = { .type = NLA_NUL_STRING, .len = IPCCHAN_NAME_SIZE - 1 },
	[IPCCHAN_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, IPCCHAN_CHAN_ANON | IPCCHAN_CHAN_UNLINKED),
	[IPCCHAN_A_KIND] = NLA_POLICY_MAX(NLA_U32, IPCCHAN_KIND_RPC),
	[IPCCHAN_A_UID] = { .type = NLA_U32 },
};

static const struct nla_policy ipcchan_nl_key_policy[IPCCHAN_A_NAME + 1] = {
	[IPCCHAN_A_ID] = IPCCHAN_NL_ID,
	[IPCCHAN_A_NAME] = { .type = NLA_NUL_STRING, .len = IPCCHAN_NAME_SIZE - 1 },
};

/* What the limits are is checked where channels are made, for all who make them. */
static const struct nla_policy ipcchan_nl_new_policy[IPCCHAN_A_BUF_NODE + 1] = {
	[IPCCHAN_A_NAME] = { .type = NLA_NUL_STRING, .len = IPCCHAN_NAME_SIZE - 1 },
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

static const struct nla_policy ipcchan_nl_set_policy[IPCCHAN_A_TIMES + 1] = {
	[IPCCHAN_A_ID] = IPCCHAN_NL_ID,
	[IPCCHAN_A_NAME] = { .type = NLA_NUL_STRING, .len = IPCCHAN_NAME_SIZE - 1 },
	[IPCCHAN_A_MODE] = NLA_POLICY_MASK(NLA_U32, 0777),
	[IPCCHAN_A_UID] = { .type = NLA_U32 },
	[IPCCHAN_A_GID] = { .type = NLA_U32 },
	[IPCCHAN_A_MAX_MSGS] = NLA_POLICY_FULL_RANGE(NLA_U32, &ipcchan_nl_msgs),
	[IPCCHAN_A_MAX_MSG_SIZE] = NLA_POLICY_FULL_RANGE(NLA_U32, &ipcchan_nl_msg_size),
	[IPCCHAN_A_MAX_BYTES] = NLA_POLICY_FULL_RANGE(NLA_U64, &ipcchan_nl_bytes),
	[IPCCHAN_A_SPIN_NS] = { .type = NLA_U32 },
	[IPCCHAN_A_TIMES] = NLA_POLICY_MAX(NLA_U32, 1),
};

static const struct nla_policy ipcchan_nl_ep_policy[IPCCHAN_A_EP_UID + 1] = {
	[IPCCHAN_A_EP_CHAN] = IPCCHAN_NL_ID,
	[IPCCHAN_A_EP_PID] = NLA_POLICY_MIN(NLA_U32, 1),
	[IPCCHAN_A_EP_UID] = { .type = NLA_U32 },
};

/* Nothing to choose by: anything is refused. */
static const struct nla_policy ipcchan_nl_buf_policy[IPCCHAN_A_BUF_PAD + 1] = {
	[IPCCHAN_A_BUF_PAD] = { .type = NLA_REJECT },
};

static const struct nla_policy ipcchan_nl_loan_policy[IPCCHAN_A_LOAN_CHAN + 1] = {
	[IPCCHAN_A_LOAN_CHAN] = IPCCHAN_NL_ID,
};

static const struct nla_policy ipcchan_nl_quota_policy[IPCCHAN_A_QUOTA_UID + 1] = {
	[IPCCHAN_A_QUOTA_UID] = { .type = NLA_U32 },
};

static const struct genl_ops ipcchan_nl_ops[] = {
	{
		.cmd = IPCCHAN_CMD_GET,
		.policy = ipcchan_nl_get_policy,
		.maxattr = ARRAY_SIZE(ipcchan_nl_get_policy) - 1,
		.doit = ipcchan_nl_get_doit,
		.start = ipcchan_nl_get_start,
		.dumpit = ipcchan_nl_get_dumpit,
		.done = ipcchan_nl_dump_done,
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
	{
		.cmd = IPCCHAN_CMD_SET,
		.policy = ipcchan_nl_set_policy,
		.maxattr = ARRAY_SIZE(ipcchan_nl_set_policy) - 1,
		.doit = ipcchan_nl_set_doit,
	},
	{
		.cmd = IPCCHAN_CMD_EP_GET,
		.policy = ipcchan_nl_ep_policy,
		.maxattr = ARRAY_SIZE(ipcchan_nl_ep_policy) - 1,
		.start = ipcchan_nl_ep_start,
		.dumpit = ipcchan_nl_ep_dumpit,
		.done = ipcchan_nl_dump_done,
	},
	{
		.cmd = IPCCHAN_CMD_BUF_GET,
		.policy = ipcchan_nl_buf_policy,
		.maxattr = ARRAY_SIZE(ipcchan_nl_buf_policy) - 1,
		.start = ipcchan_nl_buf_start,
		.dumpit = ipcchan_nl_buf_dumpit,
		.done = ipcchan_nl_dump_done,
	},
	{
		.cmd = IPCCHAN_CMD_LOAN_GET,
		.policy = ipcchan_nl_loan_policy,
		.maxattr = ARRAY_SIZE(ipcchan_nl_loan_policy) - 1,
		.start = ipcchan_nl_loan_start,
		.dumpit = ipcchan_nl_loan_dumpit,
		.done = ipcchan_nl_dump_done,
	},
	{
		.cmd = IPCCHAN_CMD_QUOTA_GET,
		.policy = ipcchan_nl_quota_policy,
		.maxattr = ARRAY_SIZE(ipcchan_nl_quota_policy) - 1,
		.start = ipcchan_nl_quota_start,
		.dumpit = ipcchan_nl_quota_dumpit,
		.done = ipcchan_nl_dump_done,
	},
};

static const struct genl_multicast_group ipcchan_nl_groups[] = {
	{
		.name = IPCCHAN_GENL_EVENTS,
		.flags = IPCCHAN_EVENT_GROUP_FLAGS,
	},
};

struct genl_family ipcchan_genl_family = {
	.name = IPCCHAN_GENL_NAME,
	.version = IPCCHAN_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.ops = ipcchan_nl_ops,
	.n_ops = ARRAY_SIZE(ipcchan_nl_ops),
	.mcgrps = ipcchan_nl_groups,
	.n_mcgrps = ARRAY_SIZE(ipcchan_nl_groups),
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
