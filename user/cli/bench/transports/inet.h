/* SPDX-License-Identifier: GPL-2.0 */
/* What transports over the loopback interface have in common. */
#ifndef BENCH_TRANSPORTS_INET_H
#define BENCH_TRANSPORTS_INET_H

#include <netinet/in.h>

#include "../transport.h"

/**
 * inet_open() - a socket with a free port of 127.0.0.1
 * @type: SOCK_STREAM, SOCK_DGRAM
 * @own: out, its address
 *
 * Return: it; negative errno with @link->why filled.
 */
int inet_open(struct link *link, int type, struct sockaddr_in *own);

/** inet_refuse() - setup() fails with @err, a negative errno; returns that */
int inet_refuse(struct link *link, int err);

/** inet_same() - is it the same address and port? */
bool inet_same(const struct sockaddr_in *a, const struct sockaddr_in *b);

#endif /* BENCH_TRANSPORTS_INET_H */
