// SPDX-License-Identifier: GPL-2.0
/* ipcchan recv: messages of a channel to the standard output or a file. */
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "source.h"
#include "transfer.h"

struct recv_args {
	const char *name;
	const char *file;
	uint64_t count;		/* messages, 0: no limit */
	uint64_t bytes;		/* 0: no limit */
	int64_t timeout_ns;
	bool lines;
	bool ring;
	bool create;
	bool nonblock;
	bool verbose;
};

struct reception {
	const char *verb;
	const struct recv_args *args;
	struct source src;
	struct output out;
	struct transfer done;
	uint64_t last_ns;	/* when the last message came, or the start */
};

enum {
	OPT_RING = 0x100,
	OPT_NONBLOCK,
	OPT_CREATE,
};

static const struct argp_option options[] = {
	{ "file", 'f', "FILE", 0, "write to this file (default: the standard output)", 0 },
	{ "count", 'n', "N", 0, "end after N messages", 0 },
	{ "bytes", 'b', "SIZE", 0,
	  "end after so many bytes; a message that goes beyond stays in the channel", 0 },
	{ "timeout", 't', "SECONDS", 0, "end when no message has come for so long", 0 },
	{ "lines", 'l', NULL, 0,
	  "write a newline after each message that has none at its end", 0 },
	{ "ring", OPT_RING, NULL, 0,
	  "receive through the ring in the shared buffer (see \"create --ring\")", 0 },
	{ "nonblock", OPT_NONBLOCK, NULL, 0, "end when the channel is empty", 0 },
	{ "create", OPT_CREATE, NULL, 0, "make the channel if it is not there", 0 },
	{ "verbose", 'v', NULL, 0, "print a summary to the standard error", 0 },
	{ 0 }
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct recv_args *args = state->input;

	switch (key) {
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
	case OPT_NONBLOCK:
		args->nonblock = true;
		return 0;
	case OPT_CREATE:
		args->create = true;
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
		if (args->nonblock && args->timeout_ns != IPCCHAN_WAIT_FOREVER)
			argp_error(state, "--nonblock and --timeout exclude each other");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp recv_argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "NAME",
	.doc = "Receive messages and write their bytes, one after the other."
	       "\vReceives until --count or --bytes is reached, the --timeout passes, "
	       "or SIGINT or SIGTERM comes; without a limit, for ever.  The exit status "
	       "is 2 when it ends before --count or --bytes is reached.",
};

static int error_write(struct reception *rx, size_t len, int err)
{
	if (err == -EINTR)
		cli_error(rx->verb, "interrupted while writing to %s", rx->out.label);
	else
		cli_error(rx->verb, "cannot write to %s: %s", rx->out.label,
			  strerror(-err));
	cli_error(rx->verb, "what was written is incomplete: %llu bytes; the message of "
		  "%zu bytes that came last %s", (unsigned long long)rx->out.written, len,
		  rx->args->ring ? "is still in the ring" :
		  "has been taken out of the channel and is lost");
	return EXIT_SYSTEM;
}

static int write_message(struct reception *rx, const char *msg, size_t len)
{
	bool newline = rx->args->lines && msg[len - 1] != '\n';
	int err;

	err = output_write(&rx->out, msg, len, &source_stop);
	if (!err && newline)
		err = output_write(&rx->out, "\n", 1, &source_stop);
	if (err)
		return error_write(rx, len, err);
	rx->done.msgs++;
	rx->done.bytes += len;
	rx->last_ns = clock_ns();
	err = source_release(&rx->src);
	if (err)
		return ring_chan_error(rx->verb, rx->args->name, err);
	return EXIT_OK;
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
	if (err == -EINTR && source_stop)
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
	bool end = false;
	int status = EXIT_OK;

	while (!status && !end && !complete(rx)) {
		uint64_t room = rx->args->bytes ? rx->args->bytes - rx->done.bytes :
				SIZE_MAX;
		const void *msg;
		ssize_t len;

		if (source_stop)
			return ended(rx, "interrupted");
		len = source_next(&rx->src, room < SIZE_MAX ? room : SIZE_MAX, &msg);
		if (len > 0)
			status = write_message(rx, msg, len);
		else if (len == -EAGAIN)
			status = wait_message(rx, &end);
		else if (len != -EINTR)
			status = error_recv(rx, len);
	}
	return status;
}

static int run(struct reception *rx)
{
	const struct recv_args *args = rx->args;
	int status, err;

	source_catch_signals();
	status = source_open(&rx->src, args->create);
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
		transfer_summary(&rx->done, rx->verb, "received");
close_source:
	source_close(&rx->src);
	return status;
}

int cmd_recv(int argc, char **argv)
{
	struct recv_args args = { .timeout_ns = IPCCHAN_WAIT_FOREVER };
	struct reception rx = { .verb = argv[0], .args = &args };

	argp_parse(&recv_argp, argc, argv, 0, NULL, &args);
	rx.src.verb = argv[0];
	rx.src.name = args.name;
	rx.src.ring = args.ring;
	return run(&rx);
}
