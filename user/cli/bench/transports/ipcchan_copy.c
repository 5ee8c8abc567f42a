// SPDX-License-Identifier: GPL-2.0
/* Two anonymous channels, one a direction, each with a sender and a receiver. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "chan.h"
#include "fd.h"

static void copy_teardown(struct link *link)
{
	if (!link->priv)
		return;
	chan_pair_close(link->priv);
	free(link->priv);
	link->priv = NULL;
}

static int copy_setup(struct link *link)
{
	link->priv = calloc(1, sizeof(struct chan_pair));
	if (!link->priv)
		return link_refuse(link, -ENOMEM, "no memory");
	return chan_pair_open(link, link->priv, NULL);
}

static int copy_attach(struct link *link, int side)
{
	struct chan_pair *pair = link->priv;

	return fd_attach(link, ipcchan_fd(pair->tx[side]), ipcchan_fd(pair->rx[!side]));
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

#define COPY_OPS						\
	.workloads = WORKLOADS_ALL,				\
	.max_size = UINT32_MAX,					\
	.setup = copy_setup,					\
	.attach = copy_attach,					\
	.begin = fd_begin,					\
	.send = copy_send,					\
	.recv = copy_recv,					\
	.done = fd_done,					\
	.teardown = copy_teardown

const struct transport transport_ipcchan_copy = {
	.name = "ipcchan-copy",
	.about = "ipcchan channels, write and read: two copies, kernel queue",
	.wait = WAIT_BLOCK,
	COPY_OPS,
};

const struct transport transport_ipcchan_copy_sync = {
	.name = "ipcchan-copy-sync",
	.about = "the same, and who waits is woken with the sync hint, as by a pipe",
	.wait = WAIT_BLOCK,
	.sync_wake = true,
	COPY_OPS,
};

const struct transport transport_ipcchan_copy_adaptive = {
	.name = "ipcchan-copy-adaptive",
	.about = "the same, and who waits for another CPU polls before it sleeps",
	.wait = WAIT_ADAPTIVE,
	COPY_OPS,
};
