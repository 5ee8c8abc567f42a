// SPDX-License-Identifier: GPL-2.0
#include "rings.h"

#include <errno.h>
#include <string.h>

#include "fd.h"

size_t rings_mem_size(struct link *link)
{
	size_t capacity = 4096, size;

	while (capacity < link->depth && capacity <= SIZE_MAX / 4)
		capacity *= 2;
	size = ipcchan_ring_mem_size(capacity);
	if (!size)
		link_refuse(link, -EINVAL, "no ring of %zu bytes", capacity);
	link->depth = capacity;
	return size;
}

/* As the transport says; the library would spin for a while on its own. */
static int set_wait(const struct link *link, struct rings *rings)
{
	static const enum ipcchan_wait_mode modes[] = {
		[WAIT_BLOCK] = IPCCHAN_WAIT_SLEEP,
		[WAIT_SPIN] = IPCCHAN_WAIT_SPIN,
		[WAIT_ADAPTIVE] = IPCCHAN_WAIT_ADAPTIVE,
	};
	enum ipcchan_wait_mode mode = modes[link->wait];
	int err = ipcchan_ring_set_wait(&rings->tx, mode);

	return err ? err : ipcchan_ring_set_wait(&rings->rx, mode);
}

int rings_attach(struct link *link, struct rings *rings, void *tx_mem,
		 void *rx_mem, size_t size, const struct ipcchan_bell *tx_bell,
		 const struct ipcchan_bell *rx_bell)
{
	int err;

	err = ipcchan_ring_attach(&rings->tx, tx_mem, size, IPCCHAN_RING_PRODUCER,
				  tx_bell);
	if (!err)
		err = ipcchan_ring_attach(&rings->rx, rx_mem, size,
					  IPCCHAN_RING_CONSUMER, rx_bell);
	if (!err)
		err = set_wait(link, rings);
	if (err)
		return link_refuse(link, err, "ring: %s", strerror(-err));
	if (ipcchan_ring_max_len(&rings->tx) < link->size)
		return link_refuse(link, -EMSGSIZE,
				   "a ring of %zu bytes takes messages of at most %zu",
				   link->depth, ipcchan_ring_max_len(&rings->tx));
	return 0;
}

int rings_begin(struct link *link, void **msg)
{
	struct rings *rings = link->priv;
	int err;

	for (;;) {
		err = ipcchan_ring_reserve(&rings->tx, link->size, msg);
		if (err != -EAGAIN)
			return err;
		err = ipcchan_ring_wait(&rings->tx, link->size, IPCCHAN_WAIT_FOREVER);
		if (err && err != -EINTR && err != -EAGAIN)
			return err;
	}
}

int rings_send(struct link *link)
{
	struct rings *rings = link->priv;

	return ipcchan_ring_commit(&rings->tx);
}

ssize_t rings_recv(struct link *link, const void **msg)
{
	struct rings *rings = link->priv;
	ssize_t len;
	int err;

	for (;;) {
		len = ipcchan_ring_peek(&rings->rx, msg);
		if (len != -EAGAIN)
			return len;
		err = ipcchan_ring_wait(&rings->rx, 0, IPCCHAN_WAIT_FOREVER);
		if (err && err != -EINTR && err != -EAGAIN)
			return err;
	}
}

int rings_done(struct link *link)
{
	struct rings *rings = link->priv;

	return ipcchan_ring_release_more(&rings->rx);
}
