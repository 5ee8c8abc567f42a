/* SPDX-License-Identifier: GPL-2.0 */
/* What transports over descriptors have in common. */
#ifndef BENCH_TRANSPORTS_FD_H
#define BENCH_TRANSPORTS_FD_H

#include "../transport.h"

/**
 * fd_attach() - take the descriptors of a side, and private room for messages
 * @tx: to send on
 * @rx: to receive on
 *
 * The room lives until the process ends.  Return: 0; -ENOMEM.
 */
int fd_attach(struct link *link, int tx, int rx);

/** fd_begin() - as struct transport: messages are built in the private room */
int fd_begin(struct link *link, void **msg);

/** fd_done() - as struct transport: nothing to give back */
int fd_done(struct link *link);

/** fd_close() - close an open descriptor and set it to -1; -1 is left alone */
void fd_close(int *fd);

/**
 * link_refuse() - say why setup() or attach() fails
 * @err: negative errno
 * @format: as printf()
 *
 * Return: @err.
 */
int link_refuse(struct link *link, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* BENCH_TRANSPORTS_FD_H */
