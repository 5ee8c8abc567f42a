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

static struct genl *sock;

static int each(uint8_t cmd, genl_each_fn *fn, void *arg)
{
	int ret = genl_each(sock, genl_msg(sock, cmd, NLM_F_DUMP), fn, arg);

	return ret < 0 ? ret : 0;
}

static int ask(struct usage *u)
{
	int err;

	memset(u, 0, sizeof(*u));
	if (!sock)
		sock = genl_open();
	if (!sock)
		return -EIO;
	err = each(IPCCHAN_CMD_QUOTA_GET, add_user, u);
	err = err ? err : each(IPCCHAN_CMD_GET, count_row, &u->chans);
	err = err ? err : each(IPCCHAN_CMD_EP_GET, count_row, &u->eps);
	err = err ? err : each(IPCCHAN_CMD_LOAN_GET, count_row, &u->blocks);
	return err ? -EIO : 0;
}

static void print(const char *what, unsigned long long before, unsigned long long now)
{
	fprintf(stderr, "# %s %llu, %llu\n", what, before, now);
}

int usage_look(struct usage_trend *t)
{
	struct usage now;
	int i, err = ask(&now);

	if (err)
		return err;
	t->changes = memcmp(&now, &t->last, sizeof(now)) ? t->changes + 1 : 0;
	if (t->changes == USAGE_CHANGES) {
		for (i = 0; i < USAGE_QUOTAS; i++)
			print("quota", t->last.quota[i], now.quota[i]);
		print("channels", t->last.chans, now.chans);
		print("endpoints", t->last.eps, now.eps);
		print("blocks", t->last.blocks, now.blocks);
		err = -EUCLEAN;
	}
	t->last = now;
	return err;
}
