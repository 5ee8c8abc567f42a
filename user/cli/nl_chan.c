// SPDX-License-Identifier: GPL-2.0
/* Channels, asked for and changed through netlink. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netlink.h>

#include "nl_request.h"

#define CHAN(attr, member)	NL_FIELD(struct nl_chan, IPCCHAN_A_##attr, member)

static const struct nl_field fields[] = {
	CHAN(ID, id),
	CHAN(FLAGS, flags),
	CHAN(KIND, kind),
	CHAN(MODE, mode),
	CHAN(UID, uid),
	CHAN(GID, gid),
	CHAN(MAX_MSGS, max_msgs),
	CHAN(MAX_MSG_SIZE, max_msg_size),
	CHAN(MAX_BYTES, max_bytes),
	CHAN(BUF_SIZE, buf_size),
	CHAN(OPTIONS, options),
	CHAN(SLOW, slow),
	CHAN(SPIN_NS, spin_ns),
	CHAN(BUF_FLAGS, buf_flags),
	CHAN(BUF_NODE, buf_node),
	CHAN(BUF_HUGE, buf_huge),
	CHAN(BUF_USED, buf_used),
	CHAN(POOL_SIZE, pool_size),
	CHAN(POOL_USED, pool_used),
	CHAN(ENDPOINTS, endpoints),
	CHAN(MSGS, msgs),
	CHAN(BYTES, bytes),
	CHAN(WAITING_SENDERS, waiting_senders),
	CHAN(WAITING_RECEIVERS, waiting_receivers),
	CHAN(TIMES, times),
};

#define N_FIELDS	(sizeof(fields) / sizeof(fields[0]))

/* A channel and what only a request for one channel brings. */
struct one_chan {
	struct nl_chan chan;
	struct nl_times times;
};

static void parse_stats(struct nlattr *nest, uint64_t *stats)
{
	struct nlattr *tb[IPCCHAN_A_STATS_MAX + 1];

	if (nla_parse_nested(tb, IPCCHAN_A_STATS_MAX, nest, NULL) < 0)
		return;
	for (int i = IPCCHAN_A_STATS_SENT; i <= IPCCHAN_A_STATS_MAX; i++) {
		const struct nl_field field = { i, i * sizeof(*stats), true };

		nl_fields_get(tb, &field, 1, stats);
	}
}

static int parse_attrs(struct nlattr **tb, struct nl_chan *chan)
{
	if (!tb[IPCCHAN_A_ID])
		return -EPROTO;
	chan->has_name = nl_text_get(tb[IPCCHAN_A_NAME], chan->name, sizeof(chan->name));
	nl_fields_get(tb, fields, N_FIELDS, chan);
	if (tb[IPCCHAN_A_STATS])
		parse_stats(tb[IPCCHAN_A_STATS], chan->stats);
	return 0;
}

static int parse_channel(struct nlmsghdr *nlh, void *item)
{
	struct nlattr *tb[IPCCHAN_A_MAX + 1];

	if (genlmsg_parse(nlh, 0, tb, IPCCHAN_A_MAX, NULL) < 0)
		return -EPROTO;
	return parse_attrs(tb, item);
}

static int parse_one(struct nlmsghdr *nlh, void *item)
{
	struct nlattr *tb[IPCCHAN_A_MAX + 1], *buckets;
	struct one_chan *one = item;

	if (genlmsg_parse(nlh, 0, tb, IPCCHAN_A_MAX, NULL) < 0)
		return -EPROTO;
	buckets = tb[IPCCHAN_A_TIME_BUCKETS];
	one->times.recorded = buckets &&
			      (size_t)nla_len(buckets) >= sizeof(one->times.buckets);
	if (one->times.recorded)
		memcpy(one->times.buckets, nla_data(buckets), sizeof(one->times.buckets));
	return parse_attrs(tb, &one->chan);
}

static int by_id(const void *a, const void *b)
{
	const struct nl_chan *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* Return: 0; -ENOMEM. */
static int put_filter(struct nl_msg *msg, const struct nl_filter *filter)
{
	if (filter->by_kind && nla_put_u32(msg, IPCCHAN_A_KIND, filter->kind) < 0)
		return -ENOMEM;
	if (filter->by_uid && nla_put_u32(msg, IPCCHAN_A_UID, filter->uid) < 0)
		return -ENOMEM;
	if (filter->flags && nla_put_u32(msg, IPCCHAN_A_FLAGS, filter->flags) < 0)
		return -ENOMEM;
	return 0;
}

int nl_dump_channels(struct nl *nl, const struct nl_filter *filter, struct nl_chan **chans,
		     size_t *n)
{
	struct nl_array array = { .size = sizeof(**chans), .parse = parse_channel };
	struct nl_msg *msg = nl_request(nl, IPCCHAN_CMD_GET, NLM_F_DUMP);
	int ret;

	ret = nl_run(nl, msg, msg && filter ? put_filter(msg, filter) : 0, &array);
	if (array.n)
		qsort(array.items, array.n, array.size, by_id);
	*chans = array.items;
	*n = array.n;
	return ret;
}

/* Return: 0; -ENOMEM. */
static int put_key(struct nl_msg *msg, const char *name, uint32_t id)
{
	int ret = name ? nla_put_string(msg, IPCCHAN_A_NAME, name) :
			 nla_put_u32(msg, IPCCHAN_A_ID, id);

	return ret < 0 ? -ENOMEM : 0;
}

int nl_get_channel(struct nl *nl, const char *name, uint32_t id, struct nl_chan *chan,
		   struct nl_times *times)
{
	struct nl_array array = { .size = sizeof(struct one_chan), .parse = parse_one };
	struct nl_msg *msg = nl_request(nl, IPCCHAN_CMD_GET, 0);
	const struct one_chan *one;
	int ret;

	ret = nl_run(nl, msg, msg ? put_key(msg, name, id) : 0, &array);
	if (!ret && array.n != 1)
		ret = -EPROTO;
	if (!ret) {
		one = array.items;
		*chan = one->chan;
		if (times)
			*times = one->times;
	}
	free(array.items);
	return ret;
}

/* Return: 0; -ENOMEM. */
static int put_values(struct nl_msg *msg, const struct nl_chan *values, uint64_t given)
{
	for (size_t i = 0; i < N_FIELDS; i++) {
		const struct nl_field *field = &fields[i];
		size_t size = field->wide ? sizeof(uint64_t) : sizeof(uint32_t);

		if (given & 1ULL << field->attr &&
		    nla_put(msg, field->attr, size, (const char *)values + field->offset) < 0)
			return -ENOMEM;
	}
	return 0;
}

int nl_set_channel(struct nl *nl, const char *name, uint32_t id,
		   const struct nl_chan *values, uint64_t given)
{
	struct nl_msg *msg = nl_request(nl, IPCCHAN_CMD_SET, 0);
	int err = 0;

	if (msg)
		err = put_key(msg, name, id);
	if (msg && !err)
		err = put_values(msg, values, given);
	return nl_run(nl, msg, err, NULL);
}
