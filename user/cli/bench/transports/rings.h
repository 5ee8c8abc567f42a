/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What transports over the library's ring have in common: two rings, one a
 * direction, messages built and read in place.
 */
#ifndef BENCH_TRANSPORTS_RINGS_H
#define BENCH_TRANSPORTS_RINGS_H

#include <ipcchan/ring.h>

#include "../transport.h"

/**
 * struct rings - one side's view
 * @tx: ring to send on
 * @rx: ring to receive on
 */
struct rings {
	struct ipcchan_ring tx;
	struct ipcchan_ring rx;
};

/**
 * rings_mem_size() - shared memory that one ring of @link->depth bytes needs
 *
 * Return: bytes, with @link->depth what the ring will hold; 0 with @link->why
 * filled when there is no such ring.
 */
size_t rings_mem_size(struct link *link);

/**
 * rings_attach() - take both rings as one side
 * @tx_mem: a formatted ring, @size bytes, to send on
 * @rx_mem: likewise, to receive on
 * @tx_bell: NULL when spinning
 * @rx_bell: likewise
 *
 * Return: 0; negative errno with @link->why filled.
 */
int rings_attach(struct link *link, struct rings *rings, void *tx_mem,
		 void *rx_mem, size_t size, const struct ipcchan_bell *tx_bell,
		 const struct ipcchan_bell *rx_bell);

/*
 * Operations of struct transport, for those whose @link->priv begins with a
 * struct rings.
 */
int rings_begin(struct link *link, void **msg);
int rings_send(struct link *link);
ssize_t rings_recv(struct link *link, const void **msg);
int rings_done(struct link *link);

#endif /* BENCH_TRANSPORTS_RINGS_H */
