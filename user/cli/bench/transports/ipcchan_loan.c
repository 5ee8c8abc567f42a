// SPDX-License-Identifier: GPL-2.0
/*
 * Two channels with loans: a message is built in a block of the buffer, and read there.
 * Blocks are taken, and given back, many a call.
 *
 * What was sent its sender can write still.  A receiver that must rely on what it checks
 * copies it before that, or has it revoked: these two are measured beside it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "blocks.h"
#include "fd.h"

struct loans {
	struct chan_pair pair;
	char *tx;
	const char *rx;
	struct blocks free;
	struct blocks done;
	uint64_t offset;
};

static void loan_teardown(struct link *link)
{
	struct loans *l = link->priv;

	if (!l)
		return;
	chan_pair_close(&l->pair);
	free(l);
	link->priv = NULL;
}

static int loan_open(struct link *link, uint32_t options)
{
	struct loans *l = calloc(1, sizeof(*l));
	struct ipcchan_opts opts = { .options = options };

	if (!l)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = l;
	opts.buf_size = blocks_bytes(link);
	return chan_pair_open(link, &l->pair, &opts);
}

static int loan_setup(struct link *link)
{
	return loan_open(link, IPCCHAN_OPT_LOANS);
}

static int loan_setup_revoke(struct link *link)
{
	return loan_open(link, IPCCHAN_OPT_LOANS | IPCCHAN_OPT_REVOKE);
}

static int loan_attach(struct link *link, int side)
{
	struct loans *l = link->priv;

	link->tx_fd = ipcchan_fd(l->pair.tx[side]);
	link->rx_fd = ipcchan_fd(l->pair.rx[!side]);
	if (blocks_init(&l->free, link) || blocks_init(&l->done, link))
		return link_refuse(link, -ENOMEM, "no memory");
	l->tx = blocks_map(link, l->pair.tx[side], PROT_READ | PROT_WRITE, 0);
	l->rx = blocks_map(link, l->pair.rx[!side], PROT_READ, 0);
	return l->tx && l->rx ? 0 : -ENOMEM;
}

static int loan_begin(struct link *link, void **msg)
{
	struct loans *l = link->priv;
	struct ipcchan_loan loan = {
		.len = link->size, .offsets = (uintptr_t)l->free.offsets,
		.count = l->free.most, .timeout_ns = IPCCHAN_WAIT_FOREVER,
	};
	int n;

	if (!l->free.nr) {
		n = chan_ioctl(link->tx_fd, IPCCHAN_IOC_LOAN, &loan);
		if (n < 0)
			return n;
		l->free.nr = (unsigned int)n;
	}
	*msg = l->tx + l->free.offsets[l->free.nr - 1];
	return 0;
}

static int loan_send(struct link *link)
{
	struct loans *l = link->priv;
	struct ipcchan_msghdr h = {
		.buf = l->free.offsets[l->free.nr - 1], .len = (uint32_t)link->size,
		.flags = IPCCHAN_MSG_PLACED,
	};
	struct ipcchan_xfer x = {
		.msgs = (uintptr_t)&h, .count = 1, .timeout_ns = IPCCHAN_WAIT_FOREVER,
	};
	int n = chan_ioctl(link->tx_fd, IPCCHAN_IOC_SEND, &x);

	if (n < 0)
		return n;
	l->free.nr--;
	return 0;
}

static ssize_t loan_recv(struct link *link, const void **msg)
{
	struct loans *l = link->priv;
	ssize_t len = blocks_recv(link, &l->offset);

	*msg = l->rx + l->offset;
	return len;
}

static int loan_attach_copy(struct link *link, int side)
{
	int err = loan_attach(link, side);

	if (err)
		return err;
	link->rx_buf = fd_buffer(link->size);
	return link->rx_buf ? 0 : link_refuse(link, -ENOMEM, "no memory for a message");
}

static ssize_t loan_recv_copy(struct link *link, const void **msg)
{
	ssize_t len = loan_recv(link, msg);

	if (len > 0 && (size_t)len <= link->size)
		*msg = memcpy(link->rx_buf, *msg, (size_t)len);
	return len;
}

static int loan_done(struct link *link)
{
	struct loans *l = link->priv;

	return blocks_done(link, &l->done, l->offset);
}

#define LOAN_OPS						\
	.wait = WAIT_BLOCK,					\
	.workloads = WORKLOADS_ALL,				\
	.max_size = UINT32_MAX,					\
	.begin = loan_begin,					\
	.send = loan_send,					\
	.done = loan_done,					\
	.teardown = loan_teardown

const struct transport transport_ipcchan_loan = {
	.name = "ipcchan-loan",
	.copies = COPIES(0),
	.about = "ipcchan channels, built and read in blocks of the buffer: no copy",
	.setup = loan_setup,
	.attach = loan_attach,
	.recv = loan_recv,
	LOAN_OPS,
};

const struct transport transport_ipcchan_loan_copy = {
	.name = "ipcchan-loan-copy",
	.copies = COPIES(1),
	.about = "the same, and the receiver copies what came before it looks at it",
	.setup = loan_setup,
	.attach = loan_attach_copy,
	.recv = loan_recv_copy,
	LOAN_OPS,
};

const struct transport transport_ipcchan_loan_revoke = {
	.name = "ipcchan-loan-revoke",
	.copies = COPIES(0),
	.about = "instead of that copy: what was sent its sender cannot write any more",
	.setup = loan_setup_revoke,
	.attach = loan_attach,
	.recv = loan_recv,
	LOAN_OPS,
};
