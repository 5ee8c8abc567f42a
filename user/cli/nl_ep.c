// SPDX-License-Identifier: GPL-2.0
/* Endpoints, their blocks and what users have, asked for through netlink. */
#include <errno.h>
#include <stdlib.h>

#include <linux/netlink.h>

#include "nl_request.h"

#define EP(attr, member)	NL_FIELD(struct nl_ep, IPCCHAN_A_EP_##attr, member)

static const struct nl_field ep_fields[] = {
	EP(ID, id),
	EP(CHAN, chan),
	EP(ROLE, role),
	EP(PID, pid),
	EP(UID, uid),
	EP(GID, gid),
	EP(LAST_PID, last_pid),
	EP(MSGS, msgs),
	EP(BYTES, bytes),
	EP(LOST, lost),
	EP(MIN_PRIO, min_prio),
	EP(TYPE, type),
	EP(LOANS, loans),
	EP(LOAN_BYTES, loan_bytes),
	EP(POOL_SIZE, pool_size),
	EP(POOL_USED, pool_used),
};

#define LOAN(attr, member)	NL_FIELD(struct nl_loan, IPCCHAN_A_LOAN_##attr, member)

static const struct nl_field loan_fields[] = {
	LOAN(CHAN, chan),
	LOAN(EP, ep),
	LOAN(OFFSET, offset),
	LOAN(BYTES, bytes),
};

#define N_FIELDS(fields)	(sizeof(fields) / sizeof((fields)[0]))

static int parse_ep(struct nlmsghdr *nlh, void *item)
{
	struct nlattr *tb[IPCCHAN_A_EP_MAX + 1];
	struct nl_ep *ep = item;

	if (genlmsg_parse(nlh, 0, tb, IPCCHAN_A_EP_MAX, NULL) < 0 || !tb[IPCCHAN_A_EP_ID])
		return -EPROTO;
	ep->has_name = nl_text_get(tb[IPCCHAN_A_EP_NAME], ep->name, sizeof(ep->name));
	ep->has_type = tb[IPCCHAN_A_EP_TYPE];
	nl_fields_get(tb, ep_fields, N_FIELDS(ep_fields), ep);
	return 0;
}

static int parse_loan(struct nlmsghdr *nlh, void *item)
{
	struct nlattr *tb[IPCCHAN_A_LOAN_MAX + 1];

	if (genlmsg_parse(nlh, 0, tb, IPCCHAN_A_LOAN_MAX, NULL) < 0)
		return -EPROTO;
	nl_fields_get(tb, loan_fields, N_FIELDS(loan_fields), item);
	return 0;
}

/* Items that this program does not have room for are left out: there are a few. */
static void parse_item(struct nlattr *nest, struct nl_quota *quota)
{
	struct nlattr *tb[IPCCHAN_A_ITEM_MAX + 1];
	const struct nl_field item_fields[] = {
		{ IPCCHAN_A_ITEM_USED,
		  offsetof(struct nl_quota, items[0].used) - offsetof(struct nl_quota, items),
		  true },
		{ IPCCHAN_A_ITEM_LIMIT,
		  offsetof(struct nl_quota, items[0].limit) - offsetof(struct nl_quota, items),
		  true },
	};

	if (quota->n == NL_ITEMS_MAX ||
	    nla_parse_nested(tb, IPCCHAN_A_ITEM_MAX, nest, NULL) < 0 ||
	    !nl_text_get(tb[IPCCHAN_A_ITEM_NAME], quota->items[quota->n].name,
			 NL_ITEM_NAME_SIZE))
		return;
	nl_fields_get(tb, item_fields, N_FIELDS(item_fields), &quota->items[quota->n]);
	quota->n++;
}

static int parse_quota(struct nlmsghdr *nlh, void *item)
{
	const struct nl_field uid = NL_FIELD(struct nl_quota, IPCCHAN_A_QUOTA_UID, uid);
	struct nlattr *tb[IPCCHAN_A_QUOTA_MAX + 1], *attr;
	struct nl_quota *quota = item;
	int left;

	if (genlmsg_parse(nlh, 0, tb, IPCCHAN_A_QUOTA_MAX, NULL) < 0 ||
	    !tb[IPCCHAN_A_QUOTA_UID])
		return -EPROTO;
	nl_fields_get(tb, &uid, 1, quota);
	nla_for_each_attr(attr, genlmsg_attrdata(nlmsg_data(nlh), 0),
			  genlmsg_attrlen(nlmsg_data(nlh), 0), left)
		if (nla_type(attr) == IPCCHAN_A_QUOTA_ITEM)
			parse_item(attr, quota);
	return 0;
}

static int by_chan(const void *a, const void *b)
{
	const struct nl_ep *x = a, *y = b;

	if (x->chan != y->chan)
		return x->chan > y->chan ? 1 : -1;
	return (x->id > y->id) - (x->id < y->id);
}

static int by_uid(const void *a, const void *b)
{
	const struct nl_quota *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

/* A dump of those for which attribute @attr is @value, or of all when it is @any. */
static int dump(struct nl *nl, int cmd, int attr, uint32_t value, uint32_t any,
		struct nl_array *array)
{
	struct nl_msg *msg = nl_request(nl, cmd, NLM_F_DUMP);
	int err = 0;

	if (msg && value != any && nla_put_u32(msg, attr, value) < 0)
		err = -ENOMEM;
	return nl_run(nl, msg, err, array);
}

int nl_dump_endpoints(struct nl *nl, uint32_t chan, struct nl_ep **eps, size_t *n)
{
	struct nl_array array = { .size = sizeof(**eps), .parse = parse_ep };
	int ret = dump(nl, IPCCHAN_CMD_EP_GET, IPCCHAN_A_EP_CHAN, chan, 0, &array);

	if (array.n)
		qsort(array.items, array.n, array.size, by_chan);
	*eps = array.items;
	*n = array.n;
	return ret;
}

int nl_dump_loans(struct nl *nl, uint32_t chan, struct nl_loan **loans, size_t *n)
{
	struct nl_array array = { .size = sizeof(**loans), .parse = parse_loan };
	int ret = dump(nl, IPCCHAN_CMD_LOAN_GET, IPCCHAN_A_LOAN_CHAN, chan, 0, &array);

	*loans = array.items;
	*n = array.n;
	return ret;
}

int nl_dump_quotas(struct nl *nl, uint32_t uid, struct nl_quota **quotas, size_t *n)
{
	struct nl_array array = { .size = sizeof(**quotas), .parse = parse_quota };
	int ret = dump(nl, IPCCHAN_CMD_QUOTA_GET, IPCCHAN_A_QUOTA_UID, uid, NL_NO_ID, &array);

	if (array.n)
		qsort(array.items, array.n, array.size, by_uid);
	*quotas = array.items;
	*n = array.n;
	return ret;
}
