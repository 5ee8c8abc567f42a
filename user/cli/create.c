// SPDX-License-Identifier: GPL-2.0
/* ipcchan create: make a named channel. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "ring_chan.h"

struct create_args {
	const char *name;
	struct ipcchan_opts opts;
	bool ring;
	uint32_t ring_flags;
	bool verbose;
};

enum {
	OPT_MODE = 0x100,
	OPT_MAX_MSGS,
	OPT_MAX_MSG_SIZE,
	OPT_MAX_BYTES,
	OPT_BUF_SIZE,
	OPT_RING,
};

static const struct argp_option options[] = {
	{ "mode", OPT_MODE, "MODE", 0,
	  "permission bits in octal, read to receive, write to send "
	  "(default 0600; the umask does not count)", 0 },
	{ "max-msgs", OPT_MAX_MSGS, "N", 0, "messages queued at most", 0 },
	{ "max-msg-size", OPT_MAX_MSG_SIZE, "SIZE", 0, "size of one message at most", 0 },
	{ "max-bytes", OPT_MAX_BYTES, "SIZE", 0, "bytes queued at most", 0 },
	{ "buf-size", OPT_BUF_SIZE, "SIZE", 0,
	  "give the channel a shared buffer of this size", 0 },
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

static void check_args(struct create_args *args, struct argp_state *state)
{
	struct ipcchan_opts *opts = &args->opts;

	if (opts->max_bytes && opts->max_msg_size > opts->max_bytes)
		argp_error(state, "--max-msg-size is above --max-bytes: no such "
			   "message could ever be queued");
	if (args->ring && !opts->buf_size)
		opts->buf_size = ipcchan_ring_mem_size(RING_DEFAULT_CAPACITY);
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct create_args *args = state->input;
	struct ipcchan_opts *opts = &args->opts;

	switch (key) {
	case OPT_MODE:
		opts->mode = arg_mode(state, "--mode", arg);
		return 0;
	case OPT_MAX_MSGS:
		opts->max_msgs = arg_count(state, "--max-msgs", arg, 1, UINT32_MAX);
		return 0;
	case OPT_MAX_MSG_SIZE:
		opts->max_msg_size = arg_size(state, "--max-msg-size", arg, 1,
					      UINT32_MAX);
		return 0;
	case OPT_MAX_BYTES:
		opts->max_bytes = arg_size(state, "--max-bytes", arg, 1, UINT64_MAX);
		return 0;
	case OPT_BUF_SIZE:
		opts->buf_size = arg_size(state, "--buf-size", arg, 1, UINT64_MAX);
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
		check_args(args, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp create_argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "NAME",
	.doc = "Make a named channel.  It stays until \"ipcchan delete\"."
	       "\vSIZE is in bytes, or a number with K, M, G (1024) or kB, MB, GB "
	       "(1000).  The defaults are 1024 messages, 64K a message, 1M queued, no "
	       "shared buffer; with --ring alone, a buffer for 1M of messages.",
};

static bool above(const char *verb, const char *option, uint64_t value,
		  uint64_t limit)
{
	if (value <= limit)
		return false;
	cli_error(verb, "%s: %llu is above what the module allows, %llu", option,
		  (unsigned long long)value, (unsigned long long)limit);
	return true;
}

/* The kernel has one errno for all limits: say which one it is before asking. */
static int check_limits(const char *verb, const struct create_args *args)
{
	const struct ipcchan_opts *opts = &args->opts;
	struct ipcchan_query query;
	bool bad;
	int err;

	err = ipcchan_query(&query);
	if (err)
		return cli_error_chan(verb, args->name, err);
	bad = above(verb, "--max-msgs", opts->max_msgs, query.limit_msgs);
	bad |= above(verb, "--max-msg-size", opts->max_msg_size, query.limit_msg_size);
	bad |= above(verb, "--max-bytes", opts->max_bytes, query.limit_bytes);
	bad |= above(verb, "--buf-size", opts->buf_size, query.limit_buf_size);
	return bad ? EXIT_SYSTEM : EXIT_OK;
}

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
		.opts.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL,
	};
	struct ipcchan_info info;
	struct ipcchan *chan;
	int err, status;

	argp_parse(&create_argp, argc, argv, 0, NULL, &args);
	if (args.ring_flags & IPCCHAN_RING_SPIN && sysconf(_SC_NPROCESSORS_ONLN) == 1) {
		cli_error(argv[0], "--ring=spin: this machine has one CPU, on which a "
			  "side that spins only keeps the other from running; use "
			  "--ring");
		return EXIT_SYSTEM;
	}
	status = check_limits(argv[0], &args);
	if (status)
		return status;
	err = ipcchan_open(&chan, args.name, &args.opts);
	if (err)
		return cli_error_chan(argv[0], args.name, err);
	if (args.ring)
		status = format_ring(argv[0], &args, chan);
	if (!status && args.verbose && !ipcchan_get_info(chan, &info)) {
		printf("%u\n", info.id);
		status = cli_flush_stdout(argv[0]);
	}
	ipcchan_close(chan);
	return status;
}
