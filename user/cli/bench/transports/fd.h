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

/* How long an adaptive wait looks: longer than a round trip between two CPUs anywhere */
#define FD_ADAPTIVE_NS	200000

/**
 * struct fd_wait - a call that may have to wait; zeroed before it
 * @looks: so often it has looked
 * @until: it looks until then
 */
struct fd_wait {
	uint64_t looks;
	uint64_t until;
};

/**
 * fd_wait_init() - let calls on both descriptors wait as @link->wait says
 *
 * Behind fd_attach(); with it a loop of fd_again() around each call.
 * Return: 0; negative errno with @link->why filled.
 */
int fd_wait_init(struct link *link);

/**
 * fd_wait_init_reads() - the same, where who sends reads, too: from @link->tx_fd, that there
 * is room
 */
int fd_wait_init_reads(struct link *link);

/**
 * fd_again() - is a call that failed with errno to be made again?
 * @sends: it was on @link->tx_fd
 *
 * Waits before, where it has to.
 */
bool fd_again(struct link *link, struct fd_wait *wait, bool sends);

/**
 * fd_looks() - is what has to wait to look on, rather than to sleep in the call?
 *
 * Before each call of those that have no descriptor to be waited for.
 */
bool fd_looks(const struct link *link, struct fd_wait *wait);

/** fd_room() - bytes between two of several messages in one room, 64-aligned */
size_t fd_room(size_t size);

/**
 * fd_buffer() - private room for messages, touched, so that no page fault falls into
 * the measurement
 * @size: bytes
 *
 * Return: 64-aligned, until the process ends; NULL without memory.
 */
void *fd_buffer(size_t size);

/**
 * fd_memory() - a new memfd's, mapped for this process and those that it will fork
 * @size: bytes
 *
 * Return: zeroed, to be unmapped; NULL with errno set.
 */
void *fd_memory(size_t size);

/**
 * fd_slots() - of a ring whose slots are messages, and a power of two
 *
 * As near to @link->depth as may be, but not less; it is then what they hold.
 * Return: how many.
 */
size_t fd_slots(struct link *link);

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
