/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages on a stream of bytes: what there is no room for goes in parts, and each part is
 * waited for anew.
 */
#ifndef BENCH_TRANSPORTS_STREAM_H
#define BENCH_TRANSPORTS_STREAM_H

#include "../transport.h"

/** stream_send() - as struct transport: all of the message, by write(2) */
int stream_send(struct link *link);

/** stream_recv() - as struct transport: a message, put together by read(2) */
ssize_t stream_recv(struct link *link, const void **msg);

#endif /* BENCH_TRANSPORTS_STREAM_H */
