/* SPDX-License-Identifier: GPL-2.0 */
/* Where recv takes messages from: the queue of a channel or its ring. */
#ifndef IPCCHAN_CLI_SOURCE_H
#define IPCCHAN_CLI_SOURCE_H

#include "ring_chan.h"

struct source {
	/* filled in by the user */
	const char *verb;	/* argv[0], for messages */
	const char *name;
	struct ipcchan_filter filter;
	uint32_t batch;		/* messages of one system call at most */
	bool ring;
	bool pool;		/* read in place, as far as a pool has room */
	bool take_fds;		/* descriptors are wanted */
	/* filled in by source_open() */
	struct ipcchan *chan;
	struct ring_chan rc;
	struct ipcchan_msghdr *msgs;
	uint32_t next, n;	/* of @msgs, not taken yet */
	char *bufs;		/* @batch of @size bytes */
	int *fds;		/* @batch of IPCCHAN_FDS_MAX, with @take_fds */
	size_t size;		/* bytes: the longest message */
};

/* A message, until source_release(). */
struct source_msg {
	const void *data;
	size_t len;
	const struct ipcchan_msghdr *hdr;	/* NULL in a ring */
	const int *fds;				/* hdr->nr_fds, owned by the source */
};

/**
 * source_open() - open a channel to receive
 * @opts: how to make it
 *
 * Return: EXIT_OK; EXIT_SYSTEM after a message.
 */
int source_open(struct source *src, const struct chan_opts *opts);

/**
 * source_next() - the next message, without waiting
 * @msgs: no more than so many will be asked for
 * @bytes: likewise; a longer message stays where it is
 * @msg: out
 *
 * Return: 1; 0 at end of file; -EAGAIN (none), -EMSGSIZE (longer than @bytes),
 * negative errno.
 */
int source_next(struct source *src, uint64_t msgs, uint64_t bytes,
		struct source_msg *msg);

/** source_held() - messages that were received and not given by source_next() yet */
uint32_t source_held(const struct source *src);

/**
 * source_release() - the message of source_next() has been dealt with
 *
 * Until then it stays in a ring, and its block in a pool; from a queue it is gone
 * already.  Its descriptors are closed.
 *
 * Return: 0 or a negative errno.
 */
int source_release(struct source *src, const struct source_msg *msg);

/**
 * source_wait() - wait until there may be a message
 * @timeout_ns: nanoseconds, IPCCHAN_WAIT_FOREVER for none
 *
 * Return: 0; -ETIMEDOUT, -EINTR (see stop_on_signals()), negative errno.
 */
int source_wait(struct source *src, int64_t timeout_ns);

/** source_close() - close and free */
void source_close(struct source *src);

#endif /* IPCCHAN_CLI_SOURCE_H */
