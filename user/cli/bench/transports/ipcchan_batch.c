// SPDX-License-Identifier: GPL-2.0
/*
 * Two channels, as ipcchan-copy has them, and many messages a system call: sent when
 * there are enough of them, received as many as there are.  A round trip leaves one.
 */
#include <errno.h>
#include <stdlib.h>

#include "chan.h"
#include "fd.h"

/**
 * struct batch - messages of one direction, on one side
 * @msgs: headers, each with its room
 * @nr: of these filled: built and not sent, or received
 * @at: received: the next one to be read
 * @same: received: all have the length that the room has, and no flags
 */
struct batch {
	struct ipcchan_msghdr *msgs;
	unsigned int nr;
	unsigned int at;
	bool same;
};

struct batches {
	struct chan_pair pair;
	struct batch tx;
	struct batch rx;
};

static void batch_teardown(struct link *link)
{
	struct batches *b = link->priv;

	if (!b)
		return;
	chan_pair_close(&b->pair);
	free(b);
	link->priv = NULL;
}

static int batch_setup(struct link *link)
{
	struct batches *b = calloc(1, sizeof(*b));
	size_t most;
	int err;

	if (!b)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = b;
	err = chan_pair_open(link, &b->pair, NULL);
	if (err)
		return err;
	most = link->depth / link->size;
	link->per_call = link->batch < most ? link->batch : (unsigned int)most;
	link->step = fd_room(link->size);
	return 0;
}

static int make_room(const struct link *link, struct batch *batch)
{
	char *room = fd_buffer(link->per_call * link->step);
	unsigned int i;

	batch->msgs = calloc(link->per_call, sizeof(*batch->msgs));
	if (!room || !batch->msgs)
		return -ENOMEM;
	for (i = 0; i < link->per_call; i++) {
		batch->msgs[i].buf = (uintptr_t)(room + i * link->step);
		batch->msgs[i].len = (uint32_t)link->size;
	}
	return 0;
}

static int batch_attach(struct link *link, int side)
{
	struct batches *b = link->priv;
	int err = chan_pair_own(link, &b->pair, side);

	if (err)
		return err;
	link->tx_fd = ipcchan_fd(b->pair.tx[side]);
	link->rx_fd = ipcchan_fd(b->pair.rx[!side]);
	if (make_room(link, &b->tx) || make_room(link, &b->rx))
		return link_refuse(link, -ENOMEM, "no memory for the messages");
	return 0;
}

static int batch_begin(struct link *link, void **msg)
{
	struct batches *b = link->priv;

	*msg = (void *)(uintptr_t)b->tx.msgs[b->tx.nr].buf;
	link->tx_nr = link->per_call - b->tx.nr;
	return 0;
}

static int batch_flush(struct link *link)
{
	struct batches *b = link->priv;
	struct ipcchan_xfer x = { .timeout_ns = IPCCHAN_WAIT_FOREVER };
	unsigned int sent;
	int n;

	for (sent = 0; sent < b->tx.nr; sent += (unsigned int)n) {
		x.msgs = (uintptr_t)(b->tx.msgs + sent);
		x.count = b->tx.nr - sent;
		n = chan_ioctl(link->tx_fd, IPCCHAN_IOC_SEND, &x);
		if (n < 0)
			return n;
	}
	b->tx.nr = 0;
	return 0;
}

static int batch_send(struct link *link)
{
	struct batches *b = link->priv;

	b->tx.nr += link->tx_nr;
	return b->tx.nr < link->per_call ? 0 : batch_flush(link);
}

/* What the kernel has written there is what it would read there */
static bool as_before(const struct link *link, const struct ipcchan_msghdr *msgs,
		      unsigned int nr)
{
	uint32_t size = (uint32_t)link->size, differ = 0;
	unsigned int i;

	for (i = 0; i < nr; i++)
		differ |= (msgs[i].len ^ size) | msgs[i].flags;
	return !differ;
}

static int receive(struct link *link, struct batch *rx)
{
	struct ipcchan_xfer x = {
		.msgs = (uintptr_t)rx->msgs, .count = link->per_call,
		.timeout_ns = IPCCHAN_WAIT_FOREVER,
	};
	int n = chan_ioctl(link->rx_fd, IPCCHAN_IOC_RECV, &x);

	if (n <= 0)
		return n ? n : -EPIPE;
	rx->nr = (unsigned int)n;
	rx->at = 0;
	rx->same = as_before(link, rx->msgs, rx->nr);
	return 0;
}

static ssize_t batch_recv(struct link *link, const void **msg)
{
	struct batches *b = link->priv;
	const struct ipcchan_msghdr *m;
	int err;

	if (b->rx.at == b->rx.nr) {
		err = b->tx.nr ? batch_flush(link) : 0;
		if (!err)
			err = receive(link, &b->rx);
		if (err)
			return err;
	}
	m = &b->rx.msgs[b->rx.at];
	*msg = (const void *)(uintptr_t)m->buf;
	link->rx_nr = b->rx.same ? b->rx.nr - b->rx.at : 1;
	return m->len;
}

static int batch_done(struct link *link)
{
	struct batches *b = link->priv;
	struct ipcchan_msghdr *m = &b->rx.msgs[b->rx.at];

	b->rx.at += link->rx_nr;
	if (!b->rx.same) {
		m->len = (uint32_t)link->size;
		m->flags = 0;
	}
	return 0;
}

const struct transport transport_ipcchan_batch = {
	.name = "ipcchan-batch",
	.about = "ipcchan channels, SEND and RECV: as ipcchan-copy, many messages a call",
	.wait = WAIT_BLOCK,
	.workloads = WORKLOADS_ALL,
	.max_size = UINT32_MAX,
	.copies = COPIES(2),
	.many = MANY_SENDERS | EACH_OWN,
	.setup = batch_setup,
	.attach = batch_attach,
	.begin = batch_begin,
	.send = batch_send,
	.recv = batch_recv,
	.done = batch_done,
	.flush = batch_flush,
	.teardown = batch_teardown,
};
