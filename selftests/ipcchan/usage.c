// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <stdio.h>
#include <string.h>

#include "genl.h"
#include "usage.h"

static void count_row(struct nlmsghdr *nlh, void *arg)
{
	(void)nlh;
	++*(uint64_t *)arg;
}

/* A user's items, in their order. */
static void add_user(struct nlmsghdr *nlh, void *arg)
{
	struct genlmsghdr *hdr = nlmsg_data(nlh);
	struct nlattr *a, *used, *tb[IPCCHAN_A_ITEM_MAX + 1];
	struct usage *u = arg;
	int rest, item = 0;

	nla_for_each_attr(a, genlmsg_attrdata(hdr, 0), genlmsg_attrlen(hdr, 0), rest) {
		if (nla_type(a) != IPCCHAN_A_QUOTA_ITEM || item == USAGE_QUOTAS ||
		    nla_parse_nested(tb, IPCCHAN_A_ITEM_MAX, a, NULL))
			continue;
		used = tb[IPCCHAN_A_ITEM_USED];
		u->quota[item++] += used ? nla_get_u64(used) : 0;
	}
}

static int each(struct genl *g, uint8_t cmd, genl_each_fn *fn, void *arg)
{
	int ret = genl_each(g, genl_msg(g, cmd, NLM_F_DUMP), fn, arg);

	return ret < 0 ? ret : 0;
}

int usage_get(struct usage *u)
{
	static struct genl *g;
	int err;

	memset(u, 0, sizeof(*u));
	if (!g)
		g = genl_open();
	if (!g)
		return -EIO;
	err = each(g, IPCCHAN_CMD_QUOTA_GET, add_user, u);
	err = err ? err : each(g, IPCCHAN_CMD_GET, count_row, &u->chans);
	err = err ? err : each(g, IPCCHAN_CMD_EP_GET, count_row, &u->eps);
	return err ? err : each(g, IPCCHAN_CMD_LOAN_GET, count_row, &u->blocks);
}

bool usage_same(const struct usage *a, const struct usage *b)
{
	int i;

	if (!memcmp(a, b, sizeof(*a)))
		return true;
	for (i = 0; i < USAGE_QUOTAS; i++)
		printf("# quota %d: %llu, %llu\n", i, (unsigned long long)a->quota[i],
		       (unsigned long long)b->quota[i]);
	printf("# channels %llu, %llu endpoints %llu, %llu blocks %llu, %llu\n",
	       (unsigned long long)a->chans, (unsigned long long)b->chans,
	       (unsigned long long)a->eps, (unsigned long long)b->eps,
	       (unsigned long long)a->blocks, (unsigned long long)b->blocks);
	return false;
}
