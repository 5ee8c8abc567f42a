// SPDX-License-Identifier: GPL-2.0
#include "chan.h"

#include <errno.h>
#include <string.h>

#include "fd.h"

int chan_refuse(struct link *link, int err)
{
	switch (err) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		return link_refuse(link, err, "no %s: the module is not loaded",
				   IPCCHAN_DEV_PATH);
	case -EACCES:
	case -EPERM:
		return link_refuse(link, err, "no permission to open %s",
				   IPCCHAN_DEV_PATH);
	default:
		return link_refuse(link, err, "no channel: %s", strerror(-err));
	}
}

int chan_open(struct link *link, struct ipcchan **chan, const struct ipcchan *of,
	      const struct ipcchan_opts *opts)
{
	struct ipcchan_opts with = *opts;
	int err;

	with.flags = of ? IPCCHAN_ATTACH_FD : IPCCHAN_ATTACH_ANON;
	with.fd = of ? ipcchan_fd(of) : 0;
	if (!of) {
		/* Whatever the module's parameter says. */
		with.spin_ns = link->wait == WAIT_ADAPTIVE ? FD_ADAPTIVE_NS :
							     IPCCHAN_SPIN_NONE;
		if (link->transport->sync_wake)
			with.options |= IPCCHAN_OPT_SYNC_WAKE;
	}
	err = ipcchan_open(chan, NULL, &with);
	return err ? chan_refuse(link, err) : 0;
}

int chan_limits(struct link *link, struct ipcchan_opts *opts)
{
	struct ipcchan_query query;
	size_t msgs;
	int err = ipcchan_query(&query);

	if (err)
		return chan_refuse(link, err);
	if (link->size > query.limit_msg_size)
		return link_refuse(link, -EMSGSIZE, "a message has at most %u bytes",
				   query.limit_msg_size);
	if (link->depth > query.limit_bytes)
		link->depth = query.limit_bytes;
	msgs = link->depth / link->size;
	if (!msgs)
		return link_refuse(link, -EMSGSIZE, "a channel holds at most %zu bytes",
				   link->depth);
	if (msgs > query.limit_msgs) {
		msgs = query.limit_msgs;
		link->depth = msgs * link->size;
	}
	opts->max_msgs = (uint32_t)msgs;
	opts->max_msg_size = (uint32_t)link->size;
	opts->max_bytes = link->depth;
	return 0;
}

int chan_pair_open(struct link *link, struct chan_pair *pair,
		   const struct ipcchan_opts *opts)
{
	struct ipcchan_opts send = opts ? *opts : (struct ipcchan_opts){ 0 };
	const struct ipcchan_opts recv = { .role = IPCCHAN_ROLE_RECV };
	struct ipcchan_info info;
	bool each;
	int side, err;

	err = chan_limits(link, &send);
	if (err)
		return err;
	send.role = IPCCHAN_ROLE_SEND;
	for (side = 0; side < SIDES; side++) {
		each = link->each && !side;
		send.kind = each ? IPCCHAN_KIND_BROADCAST : IPCCHAN_KIND_QUEUE;
		err = chan_open(link, &pair->tx[side], NULL, &send);
		/* one that nobody reads would hold up all others */
		if (!err && !each)
			err = chan_open(link, &pair->rx[side], pair->tx[side], &recv);
		if (err)
			return err;
	}
	err = ipcchan_get_info(pair->tx[0], &info);
	if (err)
		return link_refuse(link, err, "IPCCHAN_IOC_INFO: %s", strerror(-err));
	link->depth = info.max_bytes;
	return 0;
}

int chan_pair_own(struct link *link, struct chan_pair *pair, int own)
{
	const struct ipcchan_opts send = { .role = IPCCHAN_ROLE_SEND };
	const struct ipcchan_opts recv = { .role = IPCCHAN_ROLE_RECV };
	const struct chan_pair of = *pair;
	int side, err = 0;

	if (link->each)
		return own ? chan_open(link, &pair->rx[0], pair->tx[0], &recv) : 0;
	for (side = 0; link_is_shared(link) && !err && side < SIDES; side++) {
		err = chan_open(link, &pair->tx[side], of.tx[side], &send);
		if (!err)
			err = chan_open(link, &pair->rx[side], of.rx[side], &recv);
	}
	return err;
}

void chan_pair_close(struct chan_pair *pair)
{
	int side;

	for (side = 0; side < SIDES; side++) {
		ipcchan_close(pair->tx[side]);
		ipcchan_close(pair->rx[side]);
	}
}
