/* SPDX-License-Identifier: GPL-2.0 */
/* What transports over sockets have in common. */
#ifndef BENCH_TRANSPORTS_SOCKET_H
#define BENCH_TRANSPORTS_SOCKET_H

#include "../transport.h"

/**
 * struct sockets - two that are connected; @priv, or the first of what it is
 * @fd: by the side that has it
 */
struct sockets {
	int fd[SIDES];
};

/**
 * sockets_new() - make @link->priv, of @size bytes
 *
 * Return: it, with every byte 0xff; NULL with @link->why filled.
 */
void *sockets_new(struct link *link, size_t size);

/**
 * socket_set_buffer() - let a socket use so much of the kernel's memory
 * @option: SO_SNDBUF or SO_RCVBUF
 * @bytes: of data and what goes with it
 *
 * The privileged go beyond net.core.wmem_max and rmem_max.
 * Return: bytes that it may use, fewer where it is not allowed more; negative errno.
 */
ssize_t socket_set_buffer(int fd, int option, size_t bytes);

/**
 * sockets_fill() - send from side 0, without waiting
 * @msg: @link->size bytes, again and again
 * @most: bytes, in whole messages
 *
 * Return: bytes that there was room for; negative errno when for none.
 */
ssize_t sockets_fill(const struct link *link, const void *msg, size_t most);

/** sockets_attach() - as struct transport: each side keeps its own one only */
int sockets_attach(struct link *link, int side);

/** sockets_teardown() - as struct transport */
void sockets_teardown(struct link *link);

/** datagram_send() - as struct transport: the message as one datagram */
int datagram_send(struct link *link);

/** datagram_recv() - as struct transport: the length is the datagram's, even if longer */
ssize_t datagram_recv(struct link *link, const void **msg);

#endif /* BENCH_TRANSPORTS_SOCKET_H */
