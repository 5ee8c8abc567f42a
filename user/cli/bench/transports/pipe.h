/* SPDX-License-Identifier: GPL-2.0 */
/* What transports over pipes have in common. */
#ifndef BENCH_TRANSPORTS_PIPE_H
#define BENCH_TRANSPORTS_PIPE_H

#include "../transport.h"

/**
 * struct pipes - two pipes, one a direction; @priv, or the first of what it is
 * @fd: by the side that sends; read end, write end
 */
struct pipes {
	int fd[SIDES][2];
};

/**
 * pipe_set_depth() - let a pipe hold so much, or as near as can be had
 * @fd: of any end
 * @depth: bytes
 *
 * Return: bytes that it holds; negative errno.
 */
ssize_t pipe_set_depth(int fd, size_t depth);

/**
 * pipes_make() - in setup(): make @link->priv, of @size bytes, with pipes of @link->depth
 *
 * Return: 0; negative errno with @link->why filled.
 */
int pipes_make(struct link *link, size_t size);

/**
 * pipes_attach() - as struct transport: each side keeps its own ends only
 *
 * The parent keeps all until the teardown, so that a death is no end of file to the
 * other side: the parent looks for deaths.
 */
int pipes_attach(struct link *link, int side);

/** pipes_teardown() - as struct transport */
void pipes_teardown(struct link *link);

#endif /* BENCH_TRANSPORTS_PIPE_H */
