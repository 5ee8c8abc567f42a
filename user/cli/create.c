// SPDX-License-Identifier: GPL-2.0
/* ipcchan create: make a named channel. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chan_opts.h"
#include "cli.h"
#include "ring_chan.h"

struct create_args {
	const char *name;
	struct chan_opts chan;
	bool ring;
	uint32_t ring_flags;
	bool verbose;
};

enum {
	OPT_RING = 0x100,
};

static const struct argp_option options[] = {
	{ "ring", OPT_RING, "spin", OPTION_ARG_OPTIONAL,
	  "put a ring into the shared buffer, for \"send --ring\" and "
	  "\"recv --ring\"; with \"spin\" both sides spin and never sleep", 0 },
	{ "verbose", 'v', NULL, 0, "print the id of the channel", 0 },
	{ 0 }
};

static void parse_ring(struct create_args *args, const char *arg,
		       struct argp_state *state)
{
	args->ring = true;
	if (!arg)
		return;
	if (strcmp(arg, "spin"))
		argp_error(state, "--ring: '%s' is unknown; give --ring or "
			   "--ring=spin", arg);
	args->ring_flags = IPCCHAN_RING_SPIN;
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct create_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->chan;
		return 0;
	case OPT_RING:
		parse_ring(args, arg, state);
		return 0;
	case 'v':
		args->verbose = true;
		return 0;
	case ARGP_KEY_ARG:
		if (args->name)
			argp_error(state, "makes one channel at a time");
		args->name = arg_name(state, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "give the name of the channel to make");
		return 0;
	case ARGP_KEY_SUCCESS:
		if (args->ring && args->chan.open.options & IPCCHAN_OPT_LOANS)
			argp_error(state, "--ring and --loans both want the whole buffer: "
				   "give one of them");
		if (args->ring && !args->chan.open.buf_size)
			args->chan.open.buf_size =
				ipcchan_ring_mem_size(RING_DEFAULT_CAPACITY);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &chan_opts_argp, 0, NULL, 0 },
	{ 0 }
};

static const struct argp create_argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "NAME",
	.doc = "Make a named channel.  It stays until \"ipcchan delete\"."
	       "\vSIZE is in bytes, or a number with K, M, G (1024) or kB, MB, GB "
	       "(1000).  The defaults are 1024 messages, 64K a message, 1M queued, no "
	       "shared buffer; with --ring alone, a buffer for 1M of messages.",
	.children = children,
};

static int format_ring(const char *verb, const struct create_args *args,
		       struct ipcchan *chan)
{
	int err = ring_chan_format(chan, args->ring_flags);

	if (!err)
		return EXIT_OK;
	/* A channel without the ring that was asked for is of no use. */
	ipcchan_unlink(args->name);
	return ring_chan_error(verb, args->name, err);
}

int cmd_create(int argc, char **argv)
{
	struct create_args args = {
		.chan.create = true,
		.chan.open.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL,
	};
	struct ipcchan_info info;
	struct ipcchan *chan;
	int status;

	argp_parse(&create_argp, argc, argv, 0, NULL, &args);
	if (args.ring_flags & IPCCHAN_RING_SPIN && sysconf(_SC_NPROCESSORS_ONLN) == 1) {
		cli_error(argv[0], "--ring=spin: this machine has one CPU, on which a "
			  "side that spins only keeps the other from running; use "
			  "--ring");
		return EXIT_SYSTEM;
	}
	status = chan_opts_open(argv[0], args.name, &args.chan, 0, false, &chan);
	if (status)
		return status;
	if (args.ring)
		status = format_ring(argv[0], &args, chan);
	if (!status && args.verbose && !ipcchan_get_info(chan, &info)) {
		printf("%u\n", info.id);
		status = cli_flush_stdout(argv[0]);
	}
	ipcchan_close(chan);
	return status;
}
