/* SPDX-License-Identifier: GPL-2.0 */
/* Where send puts messages: the queue of a channel or its ring. */
#ifndef IPCCHAN_CLI_SINK_H
#define IPCCHAN_CLI_SINK_H

#include "label.h"
#include "ring_chan.h"
#include "transfer.h"

struct sink {
	/* filled in by the user */
	const char *verb;	/* argv[0], for messages */
	const char *name;
	const struct label *label;
	int64_t timeout_ns;
	uint32_t batch;		/* messages of one system call at most */
	bool ring;
	bool nonblock;
	/* filled in by sink_open() */
	struct ipcchan *chan;
	struct ring_chan rc;
	size_t max_len;		/* bytes of one message at most */
	struct ipcchan_msghdr *msgs;
	uint32_t n;		/* messages at @msgs, not sent yet */
	struct transfer done;
};

/**
 * sink_open() - open a channel to send
 * @opts: how to make it
 *
 * Return: EXIT_OK; EXIT_SYSTEM after a message.
 */
int sink_open(struct sink *sink, const struct chan_opts *opts);

/**
 * sink_add() - send a message, at once or with those that follow
 * @msg: must stay until sink_flush(), or for ever
 * @len: bytes, at least 1
 *
 * Return: EXIT_OK; EXIT_SYSTEM after a message.
 */
int sink_add(struct sink *sink, const void *msg, size_t len);

/**
 * sink_flush() - send what was added
 *
 * Return: as sink_add().
 */
int sink_flush(struct sink *sink);

/**
 * sink_too_long() - say that no message can be so long
 *
 * Return: EXIT_SYSTEM.
 */
int sink_too_long(const struct sink *sink, size_t len);

/** sink_close() - close and free */
void sink_close(struct sink *sink);

#endif /* IPCCHAN_CLI_SINK_H */
