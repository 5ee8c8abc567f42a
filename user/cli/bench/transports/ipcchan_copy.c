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
	int err = chan_pair_own(link, pair, side);

	if (!err)
		err = fd_attach(link, ipcchan_fd(pair->tx[side]), ipcchan_fd(pair->rx[!side]));
	/* Adaptive is what the module does. */
	return err || link->wait == WAIT_ADAPTIVE ? err : fd_wait_init(link);
}

static int copy_send(struct link *link)
{
	struct fd_wait wait = { 0 };
	ssize_t n;

	do {
		n = write(link->tx_fd, link->tx_buf, link->size);
	} while (n < 0 && fd_again(link, &wait, true));
	if (n < 0)
		return -errno;
	return (size_t)n == link->size ? 0 : -EMSGSIZE;
}

static ssize_t copy_recv(struct link *link, const void **msg)
{
	struct fd_wait wait = { 0 };
	ssize_t n;

	do {
		n = read(link->rx_fd, link->rx_buf, link->size);
	} while (n < 0 && fd_again(link, &wait, false));
	*msg = link->rx_buf;
	return n < 0 ? -errno : n;
}

#define COPY_OPS						\
	.wait = WAIT_BLOCK,					\
	.waits = WAITS_ALL,					\
	.workloads = WORKLOADS_ALL,				\
	.max_size = UINT32_MAX,					\
	.copies = COPIES(2),					\
	.many = MANY_BOTH | EACH_OWN,				\
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
	.stages = true,
	.events = true,
	COPY_OPS,
};

const struct transport transport_ipcchan_copy_sync = {
	.name = "ipcchan-copy-sync",
	.about = "the same, and who waits is woken with the sync hint, as by a pipe",
	.sync_wake = true,
	COPY_OPS,
};
