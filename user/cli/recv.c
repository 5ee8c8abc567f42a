// SPDX-License-Identifier: GPL-2.0
/* ipcchan recv: its options; what it does is reception.c. */
#include "cli.h"
#include "reception.h"

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
	return reception_run(&rx);
}
