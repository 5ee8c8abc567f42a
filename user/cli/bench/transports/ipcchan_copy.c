// SPDX-License-Identifier: GPL-2.0
/* Two anonymous channels, one a direction, each with a sender and a receiver. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chan.h"
#include "fd.h"

struct channels {
	struct ipcchan *tx[SIDES];	/* by the side that sends */
	struct ipcchan *rx[SIDES];	/* what that side sends, for the other */
};

static void copy_teardown(struct link *link)
{
	struct channels *c = link->priv;
	int side;

	if (!c)
		return;
	for (side = 0; side < SIDES; side++) {
		ipcchan_close(c->tx[side]);
		ipcchan_close(c->rx[side]);
	}
	free(c);
	link->priv = NULL;
}

/* No more messages than the bytes have room for: the bytes are the limit */
static int limits(struct link *link, struct ipcchan_opts *opts)
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
	opts->max_msgs = msgs < query.limit_msgs ? (uint32_t)msgs : query.limit_msgs;
	opts->max_msg_size = (uint32_t)link->size;
	opts->max_bytes = link->depth;
	return 0;
}

static int copy_setup(struct link *link)
{
	struct ipcchan_opts send = { .role = IPCCHAN_ROLE_SEND };
	const struct ipcchan_opts recv = { .role = IPCCHAN_ROLE_RECV };
	struct channels *c = calloc(1, sizeof(*c));
	struct ipcchan_info info;
	int side, err;

	if (!c)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = c;
	err = limits(link, &send);
	if (err)
		return err;
	for (side = 0; side < SIDES; side++) {
		err = chan_open(link, &c->tx[side], NULL, &send);
		if (!err)
			err = chan_open(link, &c->rx[side], c->tx[side], &recv);
		if (err)
			return err;
	}
	err = ipcchan_get_info(c->tx[0], &info);
	if (err)
		return link_refuse(link, err, "IPCCHAN_IOC_INFO: %s", strerror(-err));
	link->depth = info.max_bytes;
	return 0;
}

static int copy_attach(struct link *link, int side)
{
	struct channels *c = link->priv;

	return fd_attach(link, ipcchan_fd(c->tx[side]), ipcchan_fd(c->rx[!side]));
}

static int copy_send(struct link *link)
{
	ssize_t n;

	do {
		n = write(link->tx_fd, link->tx_buf, link->size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == link->size ? 0 : -EMSGSIZE;
}

static ssize_t copy_recv(struct link *link, const void **msg)
{
	ssize_t n;

	do {
		n = read(link->rx_fd, link->rx_buf, link->size);
	} while (n < 0 && errno == EINTR);
	*msg = link->rx_buf;
	return n < 0 ? -errno : n;
}

const struct transport transport_ipcchan_copy = {
	.name = "ipcchan-copy",
	.about = "ipcchan channels, write and read: two copies, kernel queue",
	.wait = WAIT_BLOCK,
	.workloads = WORKLOADS_ALL,
	.max_size = UINT32_MAX,
	.setup = copy_setup,
	.attach = copy_attach,
	.begin = fd_begin,
	.send = copy_send,
	.recv = copy_recv,
	.done = fd_done,
	.teardown = copy_teardown,
};
