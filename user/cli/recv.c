// SPDX-License-Identifier: GPL-2.0
/* ipcchan recv: messages of a channel to the standard output or a file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "msg_format.h"
#include "stop.h"
#include "transfer.h"

struct recv_args {
	const char *name;
	const char *file;
	uint64_t count;		/* messages, 0: no limit */
	uint64_t bytes;		/* 0: no limit */
	int64_t timeout_ns;
	uint32_t batch;
	struct ipcchan_filter filter;
	struct chan_opts chan;
	bool lines;
	bool header;
	bool json;
	bool ring;
	bool pool;
	bool nonblock;
	bool verbose;
};

struct reception {
	const char *verb;
	const struct recv_args *args;
	struct source src;
	struct output out;
	struct transfer done;
	uint64_t placed;	/* of these, messages read in place */
	uint64_t last_ns;	/* when the last message came, or the start */
};

enum {
	OPT_RING = 0x100,
	OPT_POOL,
	OPT_NONBLOCK,
	OPT_BATCH,
	OPT_TYPE,
	OPT_MIN_PRIO,
	OPT_HEADER,
};

static const struct argp_option options[] = {
	{ "file", 'f', "FILE", 0, "write to this file (default: the standard output)", 0 },
	{ "count", 'n', "N", 0, "end after N messages", 0 },
	{ "bytes", 'b', "SIZE", 0,
	  "end after so many bytes; a message that goes beyond stays in the channel", 0 },
	{ "timeout", 't', "SECONDS", 0, "end when no message has come for so long", 0 },
	{ "lines", 'l', NULL, 0,
	  "write a newline after each message that has none at its end", 0 },
	{ "header", OPT_HEADER, NULL, 0,
	  "write before each message a line with its priority, type, cookie, sender and "
	  "more (implies --lines)", 0 },
	{ "json", 'j', NULL, 0,
	  "write each message and its header as a JSON object on a line", 0 },
	{ "type", OPT_TYPE, "N", 0, "receive messages of this type only", 0 },
	{ "min-prio", OPT_MIN_PRIO, "N", 0,
	  "receive messages of at least this priority, 0 to 31", 0 },
	{ "batch", OPT_BATCH, "N", 0,
	  "receive up to N messages with one system call", 0 },
	{ "ring", OPT_RING, NULL, 0,
	  "receive through the ring in the shared buffer (see \"create --ring\")", 0 },
	{ "pool", OPT_POOL, NULL, 0,
	  "have messages copied once, into a pool of this receiver, and read them there", 0 },
	{ "nonblock", OPT_NONBLOCK, NULL, 0, "end when the channel is empty", 0 },
	{ "verbose", 'v', NULL, 0, "print a summary to the standard error", 0 },
	{ 0 }
};

static void check_args(const struct recv_args *args, struct argp_state *state)
{
	if (args->nonblock && args->timeout_ns != IPCCHAN_WAIT_FOREVER)
		argp_error(state, "--nonblock and --timeout exclude each other");
	if (args->json && (args->header || args->lines))
		argp_error(state, "--json and %s exclude each other",
			   args->header ? "--header" : "--lines");
	if (args->ring && (args->header || args->json || args->batch > 1 || args->pool ||
			   args->filter.flags || args->filter.min_prio))
		argp_error(state, "--ring excludes --header, --json, --type, --min-prio, "
			   "--batch and --pool: a ring has bytes only, and needs no "
			   "system call");
}

static error_t parse_header_opt(int key, char *arg, struct argp_state *state)
{
	struct recv_args *args = state->input;

	switch (key) {
	case OPT_BATCH:
		args->batch = arg_count(state, "--batch", arg, 1, IPCCHAN_BATCH_MAX);
		return 0;
	case OPT_TYPE:
		args->filter.flags = IPCCHAN_FILTER_TYPE;
		args->filter.type = arg_number(state, "--type", arg, UINT32_MAX);
		return 0;
	case OPT_MIN_PRIO:
		args->filter.min_prio = arg_count(state, "--min-prio", arg, 0,
						  IPCCHAN_PRIO_MAX);
		return 0;
	case OPT_HEADER:
		args->header = true;
		return 0;
	case 'j':
		args->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct recv_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->chan;
		return 0;
	case 'f':
		args->file = arg;
		return 0;
	case 'n':
		args->count = arg_count(state, "--count", arg, 1, UINT64_MAX);
		return 0;
	case 'b':
		args->bytes = arg_size(state, "--bytes", arg, 1, UINT64_MAX);
		return 0;
	case 't':
		args->timeout_ns = arg_seconds(state, "--timeout", arg);
		return 0;
	case 'l':
		args->lines = true;
		return 0;
	case OPT_RING:
		args->ring = true;
		return 0;
	case OPT_POOL:
		args->pool = true;
		return 0;
	case OPT_NONBLOCK:
		args->nonblock = true;
		return 0;
	case 'v':
		args->verbose = true;
		return 0;
	case ARGP_KEY_ARG:
		if (args->name)
			argp_error(state, "receives from one channel");
		args->name = arg_name(state, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "give the name of a channel");
		return 0;
	case ARGP_KEY_SUCCESS:
		check_args(args, state);
		return 0;
	default:
		return parse_header_opt(key, arg, state);
	}
}

static const struct argp_child children[] = {
	{ &chan_create_argp, 0, NULL, 0 },
	{ 0 }
};

static const struct argp recv_argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "NAME",
	.doc = "Receive messages and write their bytes, one after the other."
	       "\vReceives until --count or --bytes is reached, the --timeout passes, "
	       "the channel comes to its end (--hangup), or SIGINT, SIGTERM or SIGHUP "
	       "comes; without a limit, for ever.  The exit status is 2 when it ends before "
	       "--count or --bytes is reached.",
	.children = children,
};

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

static int run(struct reception *rx)
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

int cmd_recv(int argc, char **argv)
{
	struct recv_args args = {
		.timeout_ns = IPCCHAN_WAIT_FOREVER, .batch = 1,
	};
	struct reception rx = { .verb = argv[0], .args = &args };

	argp_parse(&recv_argp, argc, argv, 0, NULL, &args);
	rx.src.verb = argv[0];
	rx.src.name = args.name;
	rx.src.filter = args.filter;
	rx.src.batch = args.batch;
	rx.src.ring = args.ring;
	rx.src.pool = args.pool;
	rx.src.take_fds = args.header || args.json;
	return run(&rx);
}
