// SPDX-License-Identifier: GPL-2.0
/* ipcchan send: text, lines or a file into a channel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "ring_chan.h"
#include "transfer.h"

#define RING_MSG_SIZE	65536

struct send_args {
	const char *name;
	const char *file;
	char **texts;
	size_t n_texts;
	uint64_t msg_size;
	bool lines;
	bool ring;
	bool nonblock;
	bool create;
	bool verbose;
};

/* Where messages go: the channel's queue or its ring. */
struct sink {
	const char *verb;
	const struct send_args *args;
	struct ipcchan *chan;
	struct ring_chan rc;
	size_t max_len;		/* bytes of one message at most */
	struct transfer done;
};

enum {
	OPT_MSG_SIZE = 0x100,
	OPT_RING,
	OPT_NONBLOCK,
	OPT_CREATE,
};

static const struct argp_option options[] = {
	{ "file", 'f', "FILE", 0, "send this file (default: the standard input)", 0 },
	{ "msg-size", OPT_MSG_SIZE, "SIZE", 0,
	  "cut the input into messages of this size (default: the largest that the "
	  "channel takes; with --ring 64K)", 0 },
	{ "lines", 'l', NULL, 0, "send each line, with its newline, as one message", 0 },
	{ "ring", OPT_RING, NULL, 0,
	  "send through the ring in the shared buffer (see \"create --ring\")", 0 },
	{ "nonblock", OPT_NONBLOCK, NULL, 0, "fail when the channel is full", 0 },
	{ "create", OPT_CREATE, NULL, 0, "make the channel if it is not there", 0 },
	{ "verbose", 'v', NULL, 0, "print a summary to the standard error", 0 },
	{ 0 }
};

static void check_args(const struct send_args *args, struct argp_state *state)
{
	if (args->n_texts && (args->file || args->lines || args->msg_size))
		argp_error(state, "--file, --msg-size and --lines are for input; TEXT "
			   "arguments are messages already");
	if (args->lines && args->msg_size)
		argp_error(state, "--lines and --msg-size exclude each other");
	for (size_t i = 0; i < args->n_texts; i++)
		if (!*args->texts[i])
			argp_error(state, "TEXT %zu is empty; a message has at least "
				   "one byte", i + 1);
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct send_args *args = state->input;

	switch (key) {
	case 'f':
		args->file = arg;
		return 0;
	case 'l':
		args->lines = true;
		return 0;
	case OPT_MSG_SIZE:
		args->msg_size = arg_size(state, "--msg-size", arg, 1, UINT32_MAX);
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
			args->texts[args->n_texts++] = arg;
		else
			args->name = arg_name(state, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "give the name of a channel");
		return 0;
	case ARGP_KEY_SUCCESS:
		check_args(args, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp send_argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "NAME [TEXT...]",
	.doc = "Send messages to a channel."
	       "\vEach TEXT is one message, without a newline.  Without TEXT the "
	       "standard input, or the file, is cut into messages.  Waits while the "
	       "channel is full.  A ring has one sender and one receiver at a time.",
};

static int sink_open(struct sink *sink)
{
	const struct send_args *args = sink->args;
	struct ipcchan_opts opts = {
		.flags = args->create ? IPCCHAN_ATTACH_CREATE : 0,
		.role = IPCCHAN_ROLE_SEND,
		.nonblock = args->nonblock,
	};
	struct ipcchan_info info;
	int err;

	if (args->ring) {
		int status = ring_chan_open(&sink->rc, sink->verb, args->name,
					    IPCCHAN_RING_PRODUCER, args->create);

		if (!status)
			sink->max_len = ipcchan_ring_max_len(&sink->rc.ring);
		return status;
	}
	err = ipcchan_open(&sink->chan, args->name, &opts);
	if (err)
		return cli_error_chan(sink->verb, args->name, err);
	err = ipcchan_get_info(sink->chan, &info);
	if (err) {
		ipcchan_close(sink->chan);
		return cli_error_chan(sink->verb, args->name, err);
	}
	sink->max_len = info.max_msg_size;
	return EXIT_OK;
}

static void sink_close(struct sink *sink)
{
	if (sink->args->ring)
		ring_chan_close(&sink->rc);
	else
		ipcchan_close(sink->chan);
}

static int ring_send(struct sink *sink, const void *msg, size_t len)
{
	struct ipcchan_ring *ring = &sink->rc.ring;
	void *room;
	int err;

	while ((err = ipcchan_ring_reserve(ring, len, &room)) == -EAGAIN) {
		if (sink->args->nonblock)
			return err;
		err = ipcchan_ring_wait(ring, len, IPCCHAN_WAIT_FOREVER);
		if (err && err != -EINTR)
			return err;
	}
	if (err)
		return err;
	memcpy(room, msg, len);
	return ipcchan_ring_commit(ring);
}

static int error_too_long(struct sink *sink, size_t len)
{
	cli_error(sink->verb, "a message of %zu bytes is longer than %s '%s' takes, "
		  "%zu bytes; send smaller ones (--msg-size %zu), or make the channel "
		  "with a larger %s", len,
		  sink->args->ring ? "the ring of channel" : "channel",
		  sink->args->name, sink->max_len, sink->max_len,
		  sink->args->ring ? "--buf-size" : "--max-msg-size");
	return EXIT_SYSTEM;
}

static int sink_send(struct sink *sink, const void *msg, size_t len)
{
	const char *name = sink->args->name;
	int err;

	do {
		err = sink->args->ring ? ring_send(sink, msg, len) :
		      ipcchan_send(sink->chan, msg, len);
	} while (err == -EINTR);
	switch (err) {
	case 0:
		sink->done.msgs++;
		sink->done.bytes += len;
		return EXIT_OK;
	case -EMSGSIZE:
		return error_too_long(sink, len);
	case -EAGAIN:
		cli_error(sink->verb, "channel '%s' is full; %llu messages were sent "
			  "before, this one of %zu bytes was not; receive some, or "
			  "leave out --nonblock to wait", name,
			  (unsigned long long)sink->done.msgs, len);
		return EXIT_SYSTEM;
	default:
		cli_error(sink->verb, "after %llu messages:",
			  (unsigned long long)sink->done.msgs);
		return sink->args->ring ? ring_chan_error(sink->verb, name, err) :
		       cli_error_chan(sink->verb, name, err);
	}
}

static int send_texts(struct sink *sink)
{
	const struct send_args *args = sink->args;
	int status = EXIT_OK;

	/* Nothing is sent when not all of it can be. */
	for (size_t i = 0; i < args->n_texts; i++)
		if (strlen(args->texts[i]) > sink->max_len)
			return error_too_long(sink, strlen(args->texts[i]));
	for (size_t i = 0; i < args->n_texts && !status; i++)
		status = sink_send(sink, args->texts[i], strlen(args->texts[i]));
	return status;
}

static int send_input(struct sink *sink, struct input *in)
{
	const struct send_args *args = sink->args;
	size_t max = sink->max_len;
	const char *msg;
	ssize_t len;
	int status;

	if (args->msg_size > max)
		return error_too_long(sink, args->msg_size);
	if (args->msg_size)
		max = args->msg_size;
	else if (args->ring && !args->lines && max > RING_MSG_SIZE)
		max = RING_MSG_SIZE;
	if (input_set_max(in, max)) {
		cli_error(sink->verb, "no memory for messages of %zu bytes; give a "
			  "smaller --msg-size", max);
		return EXIT_SYSTEM;
	}
	for (;;) {
		len = args->lines ? input_next_line(in, &msg) : input_next_block(in, &msg);
		if (len <= 0)
			break;
		status = sink_send(sink, msg, len);
		if (status)
			return status;
	}
	if (!len)
		return EXIT_OK;
	if (len == -EMSGSIZE)
		cli_error(sink->verb, "line %llu is longer than channel '%s' takes, %zu "
			  "bytes; the lines before it were sent; make the channel with "
			  "a larger --max-msg-size, or send without --lines",
			  (unsigned long long)sink->done.msgs + 1, args->name, max);
	else
		cli_error(sink->verb, "cannot read %s: %s; %llu messages were sent before",
			  in->label, strerror(-len),
			  (unsigned long long)sink->done.msgs);
	return EXIT_SYSTEM;
}

static int run(struct sink *sink)
{
	const struct send_args *args = sink->args;
	struct input in = { .fd = -1 };
	int status, err;

	/* Before the channel: a file that is not there must not create one. */
	if (!args->n_texts) {
		err = input_open(&in, args->file);
		if (err) {
			cli_error(sink->verb, "cannot open %s: %s", args->file,
				  strerror(-err));
			return EXIT_SYSTEM;
		}
	}
	status = sink_open(sink);
	if (status)
		goto close_input;
	transfer_start(&sink->done);
	status = args->n_texts ? send_texts(sink) : send_input(sink, &in);
	if (args->verbose)
		transfer_summary(&sink->done, sink->verb, "sent");
	sink_close(sink);
close_input:
	input_close(&in);
	return status;
}

int cmd_send(int argc, char **argv)
{
	struct send_args args = { 0 };
	struct sink sink = { .verb = argv[0], .args = &args };
	int status;

	args.texts = calloc(argc, sizeof(*args.texts));
	if (!args.texts) {
		cli_error(argv[0], "out of memory");
		return EXIT_SYSTEM;
	}
	argp_parse(&send_argp, argc, argv, 0, NULL, &args);
	status = run(&sink);
	free(args.texts);
	return status;
}
