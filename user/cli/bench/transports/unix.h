/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_TRANSPORTS_UNIX_H
#define BENCH_TRANSPORTS_UNIX_H

#include "../transport.h"

/**
 * unix_make() - in setup(): a pair of AF_UNIX sockets, of @link->depth bytes a direction
 * @type: SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET
 * @size: of @link->priv, which begins with struct sockets
 *
 * Return: 0; negative errno with @link->why filled.
 */
int unix_make(struct link *link, int type, size_t size);

#endif /* BENCH_TRANSPORTS_UNIX_H */
