/* SPDX-License-Identifier: GPL-2.0 */
/* What send and recv have in common: byte streams and the summary. */
#ifndef IPCCHAN_CLI_TRANSFER_H
#define IPCCHAN_CLI_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** clock_ns() - CLOCK_MONOTONIC in nanoseconds */
uint64_t clock_ns(void);

/* struct transfer - what has gone through so far */
struct transfer {
	uint64_t msgs;
	uint64_t bytes;
	uint64_t start_ns;
};

/** transfer_start() - begin to count */
void transfer_start(struct transfer *t);

/**
 * transfer_summary() - print messages, bytes and seconds to stderr
 * @verb: argv[0] of the verb
 * @done: "sent" or "received"
 */
void transfer_summary(const struct transfer *t, const char *verb, const char *done);

/* struct input - a file that is cut into messages */
struct input {
	const char *label;	/* for messages */
	int fd;
	size_t max;		/* bytes of one message at most */
	bool lines;		/* a message is a line, else as long as may be */
	char *buf;
	size_t size, start, end, scanned;
	bool eof;
};

/**
 * input_open() - open a file to be cut into messages
 * @path: NULL or "-" for the standard input
 *
 * Return: 0 or a negative errno.
 */
int input_open(struct input *in, const char *path);

/**
 * input_set_max() - allocate for messages of at most @max bytes
 * @lines: a message is a line with its newline (the last may have none), else as
 *	long as may be (the last may be shorter)
 * @ahead: so many messages may be read ahead
 *
 * Return: 0 or -ENOMEM.
 */
int input_set_max(struct input *in, size_t max, bool lines, size_t ahead);

/**
 * input_ready() - whether input_next() can tell without reading
 *
 * If so it leaves the messages alone that were taken before.
 */
bool input_ready(struct input *in);

/**
 * input_next() - the next message
 * @msg: out, valid until the next call that has to read
 *
 * Return: bytes; 0 at the end; -EMSGSIZE (a line longer than the maximum), negative
 * errno.
 */
ssize_t input_next(struct input *in, const char **msg);

/** input_close() - close and free */
void input_close(struct input *in);

/* struct output - where received messages are written */
struct output {
	const char *label;
	int fd;
	uint64_t written;	/* bytes */
};

/**
 * output_open() - create or empty a file
 * @path: NULL or "-" for the standard output
 *
 * Return: 0 or a negative errno.
 */
int output_open(struct output *out, const char *path);

/**
 * output_write() - write all of it
 * @stop: set by a signal handler: give up when interrupted; may be NULL
 *
 * Return: 0; -EINTR, or another negative errno.  @out->written tells how much
 * has been written in all.
 */
int output_write(struct output *out, const void *data, size_t len,
		 const volatile int *stop);

/**
 * output_close() - close it
 *
 * Return: 0, or the negative errno of a write that failed late.
 */
int output_close(struct output *out);

#endif /* IPCCHAN_CLI_TRANSFER_H */
