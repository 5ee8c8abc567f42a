// SPDX-License-Identifier: GPL-2.0
/* ipcchan send: text, lines or a file into a channel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sink.h"

#define RING_MSG_SIZE	65536

struct send_args {
	const char *name;
	const char *file;
	char **texts;
	size_t n_texts;
	uint64_t msg_size;
	int64_t timeout_ns;
	uint32_t batch;
	struct label label;
	struct chan_opts chan;
	bool lines;
	bool ring;
	bool nonblock;
	bool verbose;
};

enum {
	OPT_MSG_SIZE = 0x100,
	OPT_RING,
	OPT_NONBLOCK,
	OPT_BATCH,
};

static const struct argp_option options[] = {
	{ "file", 'f', "FILE", 0, "send this file (default: the standard input)", 0 },
	{ "msg-size", OPT_MSG_SIZE, "SIZE", 0,
	  "cut the input into messages of this size (default: the largest that the "
	  "channel takes; with --ring 64K)", 0 },
	{ "lines", 'l', NULL, 0, "send each line, with its newline, as one message", 0 },
	{ "batch", OPT_BATCH, "N", 0,
	  "send up to N messages with one system call, as far as they are there", 0 },
	{ "ring", OPT_RING, NULL, 0,
	  "send through the ring in the shared buffer (see \"create --ring\")", 0 },
	{ "nonblock", OPT_NONBLOCK, NULL, 0, "fail when the channel is full", 0 },
	{ "timeout", 't', "SECONDS", 0, "fail when the channel is full for so long", 0 },
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
	if (args->nonblock && args->timeout_ns != IPCCHAN_WAIT_FOREVER)
		argp_error(state, "--nonblock and --timeout exclude each other");
	if (args->ring && (args->label.given || args->batch > 1))
		argp_error(state, "--ring and %s exclude each other: a ring has bytes "
			   "only, and needs no system call",
			   args->label.given ? args->label.given : "--batch");
	for (size_t i = 0; i < args->n_texts; i++)
		if (!*args->texts[i])
			argp_error(state, "TEXT %zu is empty; a message has at least "
				   "one byte", i + 1);
}

static void parse_arg(struct send_args *args, char *arg, struct argp_state *state)
{
	if (args->name)
		args->texts[args->n_texts++] = arg;
	else
		args->name = arg_name(state, arg);
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct send_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->label;
		state->child_inputs[1] = &args->chan;
		return 0;
	case 'f':
		args->file = arg;
		return 0;
	case 'l':
		args->lines = true;
		return 0;
	case 't':
		args->timeout_ns = arg_seconds(state, "--timeout", arg);
		return 0;
	case OPT_MSG_SIZE:
		args->msg_size = arg_size(state, "--msg-size", arg, 1, UINT32_MAX);
		return 0;
	case OPT_BATCH:
		args->batch = arg_count(state, "--batch", arg, 1, IPCCHAN_BATCH_MAX);
		return 0;
	case OPT_RING:
		args->ring = true;
		return 0;
	case OPT_NONBLOCK:
		args->nonblock = true;
		return 0;
	case 'v':
		args->verbose = true;
		return 0;
	case ARGP_KEY_ARG:
		parse_arg(args, arg, state);
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

static const struct argp_child children[] = {
	{ &label_argp, 0, NULL, 0 },
	{ &chan_create_argp, 0, NULL, 0 },
	{ 0 }
};

static const struct argp send_argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "NAME [TEXT...]",
	.doc = "Send messages to a channel."
	       "\vEach TEXT is one message, without a newline.  Without TEXT the "
	       "standard input, or the file, is cut into messages.  Waits while the "
	       "channel is full.  A ring has one sender and one receiver at a time.",
	.children = children,
};

static int send_texts(struct sink *sink, const struct send_args *args)
{
	int status = EXIT_OK;

	/* Nothing is sent when not all of it can be. */
	for (size_t i = 0; i < args->n_texts; i++)
		if (strlen(args->texts[i]) > sink->max_len)
			return sink_too_long(sink, strlen(args->texts[i]));
	for (size_t i = 0; i < args->n_texts && !status; i++)
		status = sink_add(sink, args->texts[i], strlen(args->texts[i]));
	return status ? status : sink_flush(sink);
}

static int error_input(const struct sink *sink, const struct input *in, int err)
{
	unsigned long long before = sink->done.msgs;

	if (err == -EMSGSIZE)
		cli_error(sink->verb, "line %llu is longer than channel '%s' takes, %zu "
			  "bytes; the lines before it were sent; make the channel with "
			  "a larger --max-msg-size, or send without --lines",
			  before + 1, sink->name, in->max);
	else
		cli_error(sink->verb, "cannot read %s: %s; %llu messages were sent before",
			  in->label, strerror(-err), before);
	return EXIT_SYSTEM;
}

static int send_input(struct sink *sink, const struct send_args *args,
		      struct input *in)
{
	size_t max = sink->max_len;
	const char *msg;
	ssize_t len;
	int status = EXIT_OK;

	if (args->msg_size > max)
		return sink_too_long(sink, args->msg_size);
	if (args->msg_size)
		max = args->msg_size;
	else if (args->ring && !args->lines && max > RING_MSG_SIZE)
		max = RING_MSG_SIZE;
	if (input_set_max(in, max, args->lines, args->batch)) {
		cli_error(sink->verb, "no memory for messages of %zu bytes; give a "
			  "smaller --msg-size", max);
		return EXIT_SYSTEM;
	}
	do {
		/* Reading may take long, and moves what was read before. */
		if (!input_ready(in))
			status = sink_flush(sink);
		if (status)
			return status;
		len = input_next(in, &msg);
		if (len > 0)
			status = sink_add(sink, msg, len);
	} while (len > 0 && !status);
	if (!status)
		status = sink_flush(sink);
	return len < 0 && !status ? error_input(sink, in, len) : status;
}

static int run(struct sink *sink, const struct send_args *args)
{
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
	status = sink_open(sink, &args->chan);
	if (status)
		goto close_input;
	transfer_start(&sink->done);
	status = args->n_texts ? send_texts(sink, args) : send_input(sink, args, &in);
	if (args->verbose)
		transfer_summary(&sink->done, sink->verb, "sent");
	sink_close(sink);
close_input:
	input_close(&in);
	return status;
}

int cmd_send(int argc, char **argv)
{
	struct send_args args = {
		.timeout_ns = IPCCHAN_WAIT_FOREVER, .batch = 1,
	};
	struct sink sink = { .verb = argv[0], .label = &args.label };
	int status;

	args.texts = calloc(argc, sizeof(*args.texts));
	if (!args.texts) {
		cli_error(argv[0], "out of memory");
		return EXIT_SYSTEM;
	}
	argp_parse(&send_argp, argc, argv, 0, NULL, &args);
	sink.name = args.name;
	sink.timeout_ns = args.timeout_ns;
	sink.batch = args.batch;
	sink.ring = args.ring;
	sink.nonblock = args.nonblock;
	status = run(&sink, &args);
	free(args.texts);
	return status;
}
