/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_NL_TIMES_H
#define _IPCCHAN_NL_TIMES_H

#include <linux/ipcchan_netlink.h>
#include <net/genetlink.h>

extern const struct nla_policy ipcchan_nl_times_policy[IPCCHAN_A_TIMES + 1];

int ipcchan_nl_times_doit(struct sk_buff *skb, struct genl_info *info);

#endif /* _IPCCHAN_NL_TIMES_H */
