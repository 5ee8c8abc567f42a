// SPDX-License-Identifier: GPL-2.0
/* Messages of a channel to the standard output or a file. */
#include "reception.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "msg_format.h"
#include "stop.h"

static int error_write(struct reception *rx, size_t len, int err)
{
	uint32_t held = source_held(&rx->src);

	if (err == -EINTR)
		cli_error(rx->verb, "interrupted while writing to %s", rx->out.label);
	else
		cli_error(rx->verb, "cannot write to %s: %s", rx->out.label,
			  strerror(-err));
	cli_error(rx->verb, "what was written is incomplete: %llu bytes; the message of "
		  "%zu bytes that came last %s", (unsigned long long)rx->out.written, len,
		  rx->args->ring ? "is still in the ring" :
		  "has been taken out of the channel and is lost");
	if (held)
		cli_error(rx->verb, "and so are the %u after it, of the same --batch",
			  held);
	return EXIT_SYSTEM;
}

static int error_recv(const struct reception *rx, int err)
{
	const struct recv_args *args = rx->args;

	if (err == -EMSGSIZE) {
		cli_error(rx->verb, "the next message is longer than what is missing to "
			  "--bytes %llu after %llu; it stays in the channel",
			  (unsigned long long)args->bytes,
			  (unsigned long long)rx->done.bytes);
		return EXIT_SYSTEM;
	}
	if (args->ring)
		return ring_chan_error(rx->verb, args->name, err);
	return cli_error_chan(rx->verb, args->name, err);
}

/* Write @text, which is freed. */
static int write_text(struct reception *rx, char *text)
{
	int err = text ? output_write(&rx->out, text, strlen(text), &stop_asked) :
		  -ENOMEM;

	free(text);
	return err;
}

static int write_payload(struct reception *rx, const struct source_msg *msg)
{
	const char *bytes = msg->data;
	bool newline = (rx->args->lines || rx->args->header) &&
		       bytes[msg->len - 1] != '\n';
	int err;

	err = output_write(&rx->out, bytes, msg->len, &stop_asked);
	if (!err && newline)
		err = output_write(&rx->out, "\n", 1, &stop_asked);
	return err;
}

static int write_message(struct reception *rx, const struct source_msg *msg)
{
	int err = 0;

	if (rx->args->json) {
		err = write_text(rx, msg_json_text(msg));
		if (!err)
			err = output_write(&rx->out, "\n", 1, &stop_asked);
	} else {
		if (rx->args->header)
			err = write_text(rx, msg_header_text(msg));
		if (!err)
			err = write_payload(rx, msg);
	}
	if (err)
		return error_write(rx, msg->len, err);
	rx->done.msgs++;
	rx->done.bytes += msg->len;
	rx->placed += msg->hdr && msg->hdr->flags & IPCCHAN_MSG_PLACED;
	rx->last_ns = clock_ns();
	err = source_release(&rx->src, msg);
	return err ? error_recv(rx, err) : EXIT_OK;
}

static bool complete(const struct reception *rx)
{
	const struct recv_args *args = rx->args;

	return (args->count && rx->done.msgs == args->count) ||
	       (args->bytes && rx->done.bytes == args->bytes);
}

/* Reception has come to its end: was it the one that was asked for? */
static int ended(const struct reception *rx, const char *why)
{
	const struct recv_args *args = rx->args;

	if (complete(rx) || (!args->count && !args->bytes))
		return EXIT_OK;
	if (args->count)
		cli_error(rx->verb, "%s after %llu of %llu messages", why,
			  (unsigned long long)rx->done.msgs,
			  (unsigned long long)args->count);
	if (args->bytes)
		cli_error(rx->verb, "%s after %llu of %llu bytes", why,
			  (unsigned long long)rx->done.bytes,
			  (unsigned long long)args->bytes);
	return EXIT_SYSTEM;
}

/* What is left of the timeout, nanoseconds; 0 when it has passed. */
static int64_t time_left(const struct reception *rx)
{
	int64_t timeout = rx->args->timeout_ns;
	int64_t idle;

	if (timeout == IPCCHAN_WAIT_FOREVER)
		return timeout;
	idle = clock_ns() - rx->last_ns;
	return idle < timeout ? timeout - idle : 0;
}

static int wait_message(struct reception *rx, bool *end)
{
	int err;

	*end = true;
	if (rx->args->nonblock)
		return ended(rx, "the channel is empty");
	err = source_wait(&rx->src, time_left(rx));
	if (err == -EINTR && stop_asked)
		return ended(rx, "interrupted");
	if (err == -ETIMEDOUT && !time_left(rx))
		return ended(rx, "no message came within the time limit");
	if (err && err != -EINTR && err != -ETIMEDOUT)
		return error_recv(rx, err);
	*end = false;
	return EXIT_OK;
}

static int receive(struct reception *rx)
{
	const struct recv_args *args = rx->args;
	bool end = false;
	int status = EXIT_OK;

	while (!status && !end && !complete(rx)) {
		uint64_t msgs = args->count ? args->count - rx->done.msgs : UINT64_MAX;
		uint64_t bytes = args->bytes ? args->bytes - rx->done.bytes :
				 UINT64_MAX;
		struct source_msg msg;
		int ret;

		/* What has been received already is written, whatever comes. */
		if (stop_asked && !source_held(&rx->src))
			return ended(rx, "interrupted");
		ret = source_next(&rx->src, msgs, bytes, &msg);
		if (ret > 0)
			status = write_message(rx, &msg);
		else if (!ret)
			return ended(rx, "every sender has left");
		else if (ret == -EAGAIN)
			status = wait_message(rx, &end);
		else if (ret != -EINTR)
			status = error_recv(rx, ret);
	}
	return status;
}

static void summary(const struct reception *rx)
{
	transfer_summary(&rx->done, rx->verb, "received");
	if (rx->args->pool)
		fprintf(stderr, "%s: %llu of them were read in place\n", rx->verb,
			(unsigned long long)rx->placed);
}

int reception_run(struct reception *rx)
{
	const struct recv_args *args = rx->args;
	int status, err;

	stop_on_signals();
	status = source_open(&rx->src, &args->chan);
	if (status)
		return status;
	/* After the channel: one that is not there must not empty a file. */
	err = output_open(&rx->out, args->file);
	if (err) {
		cli_error(rx->verb, "cannot write to %s: %s", args->file, strerror(-err));
		status = EXIT_SYSTEM;
		goto close_source;
	}
	transfer_start(&rx->done);
	rx->last_ns = rx->done.start_ns;
	status = receive(rx);
	err = output_close(&rx->out);
	if (err && !status) {
		cli_error(rx->verb, "%s is incomplete: %s", rx->out.label, strerror(-err));
		status = EXIT_SYSTEM;
	}
	if (args->verbose)
		summary(rx);
close_source:
	source_close(&rx->src);
	return status;
}
