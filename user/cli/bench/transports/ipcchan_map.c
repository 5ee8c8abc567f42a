// SPDX-License-Identifier: GPL-2.0
/*
 * Two channels, as ipcchan-copy has them, whose receivers have pools: what is written is
 * copied once, and read where it is.  Blocks are given back many a call.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blocks.h"
#include "fd.h"

struct map {
	struct chan_pair pair;
	const char *pool;
	struct blocks done;
	uint64_t offset;
};

static void map_teardown(struct link *link)
{
	struct map *m = link->priv;

	if (!m)
		return;
	chan_pair_close(&m->pair);
	free(m);
	link->priv = NULL;
}

static int map_setup(struct link *link)
{
	struct map *m = calloc(1, sizeof(*m));
	struct ipcchan_pool pool = { .full = IPCCHAN_POOL_BLOCK, .min_len = 1 };
	int side, err;

	if (!m)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = m;
	err = chan_pair_open(link, &m->pair, NULL);
	if (err)
		return err;
	pool.size = blocks_bytes(link);
	for (side = 0; side < SIDES; side++) {
		err = chan_ioctl(ipcchan_fd(m->pair.rx[side]), IPCCHAN_IOC_POOL, &pool);
		if (err < 0)
			return link_refuse(link, err, "no pool of %zu bytes: %s",
					   blocks_bytes(link), strerror(-err));
	}
	return 0;
}

static int map_attach(struct link *link, int side)
{
	struct map *m = link->priv;
	int err;

	err = fd_attach(link, ipcchan_fd(m->pair.tx[side]), ipcchan_fd(m->pair.rx[!side]));
	if (err)
		return err;
	if (blocks_init(&m->done, link))
		return link_refuse(link, -ENOMEM, "no memory");
	m->pool = blocks_map(link, m->pair.rx[!side], PROT_READ, IPCCHAN_POOL_OFFSET);
	return m->pool ? 0 : -ENOMEM;
}

static int map_send(struct link *link)
{
	ssize_t n;

	do {
		n = write(link->tx_fd, link->tx_buf, link->size);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == link->size ? 0 : -EMSGSIZE;
}

static ssize_t map_recv(struct link *link, const void **msg)
{
	struct map *m = link->priv;
	ssize_t len = blocks_recv(link, &m->offset);

	*msg = m->pool + (m->offset - IPCCHAN_POOL_OFFSET);
	return len;
}

static int map_done(struct link *link)
{
	struct map *m = link->priv;

	return blocks_done(link, &m->done, m->offset);
}

const struct transport transport_ipcchan_map = {
	.name = "ipcchan-map",
	.about = "ipcchan channels, received in place: one copy, into the receiver's pool",
	.wait = WAIT_BLOCK,
	.workloads = WORKLOADS_ALL,
	.max_size = UINT32_MAX,
	.copies = COPIES(1),
	.setup = map_setup,
	.attach = map_attach,
	.begin = fd_begin,
	.send = map_send,
	.recv = map_recv,
	.done = map_done,
	.teardown = map_teardown,
};
