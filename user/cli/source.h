/* SPDX-License-Identifier: GPL-2.0 */
/* Where recv takes messages from: the queue of a channel or its ring. */
#ifndef IPCCHAN_CLI_SOURCE_H
#define IPCCHAN_CLI_SOURCE_H

#include "ring_chan.h"

struct source {
	const char *verb;	/* argv[0], for messages */
	const char *name;
	bool ring;
	struct ipcchan *chan;
	struct ring_chan rc;
	char *buf;
	size_t size;		/* bytes at @buf: the longest message */
};

/**
 * source_catch_signals() - let SIGINT and SIGTERM end the reception in order
 *
 * Sets source_stop, which makes source_wait() return -EINTR; no signal between
 * a look at it and the wait is lost.  SIGPIPE is ignored.
 */
void source_catch_signals(void);

/* Not zero: a signal asked to stop. */
extern volatile int source_stop;

/**
 * source_open() - open a channel to receive
 * @src: @verb, @name and @ring filled in
 * @create: make the channel if it is not there
 *
 * Return: EXIT_OK; EXIT_SYSTEM after a message.
 */
int source_open(struct source *src, bool create);

/**
 * source_next() - the next message, without waiting
 * @room: bytes; a longer message stays where it is
 * @msg: out, valid until source_release()
 *
 * Return: bytes; -EAGAIN (none), -EMSGSIZE (longer than @room), negative errno.
 */
ssize_t source_next(struct source *src, size_t room, const void **msg);

/**
 * source_release() - the message of source_next() has been dealt with
 *
 * Until then it stays in a ring; from a queue it is gone already.
 *
 * Return: 0 or a negative errno.
 */
int source_release(struct source *src);

/**
 * source_wait() - wait until there may be a message
 * @timeout_ns: nanoseconds, IPCCHAN_WAIT_FOREVER for none
 *
 * Return: 0; -ETIMEDOUT, -EINTR (see source_catch_signals()), negative errno.
 */
int source_wait(struct source *src, int64_t timeout_ns);

/** source_close() - close and free */
void source_close(struct source *src);

#endif /* IPCCHAN_CLI_SOURCE_H */
