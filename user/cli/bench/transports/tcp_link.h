/* SPDX-License-Identifier: GPL-2.0 */
/* What TCP connections have in common, to wherever they go. */
#ifndef BENCH_TRANSPORTS_TCP_LINK_H
#define BENCH_TRANSPORTS_TCP_LINK_H

#include <stddef.h>

/**
 * tcp_set_buffers() - of fixed size: the kernel would let them grow
 * @bytes: of both; before there is a connection
 *
 * Return: 0; negative errno.
 */
int tcp_set_buffers(int fd, size_t bytes);

/** tcp_no_delay() - what is sent goes at once; returns 0 or a negative errno */
int tcp_no_delay(int fd);

#endif /* BENCH_TRANSPORTS_TCP_LINK_H */
