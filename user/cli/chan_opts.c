// SPDX-License-Identifier: GPL-2.0
/* Options of a channel to create: of create, and of each verb that has --create. */
#include <stdio.h>
#include <unistd.h>

#include "chan_opts.h"
#include "words.h"

enum {
	OPT_MODE = 0x100,
	OPT_KIND,
	OPT_SLOW,
	OPT_MAX_MSGS,
	OPT_MAX_MSG_SIZE,
	OPT_MAX_BYTES,
	OPT_BUF_SIZE,
	OPT_BUF_HUGE,
	OPT_BUF_NODE,
	OPT_HANGUP,
	OPT_TIMESTAMP,
	OPT_SYNC_WAKE,
	OPT_LOANS,
	OPT_REVOKE,
	OPT_SPIN,
	OPT_CREATE,
};

static const struct argp_option options[] = {
	{ "mode", OPT_MODE, "MODE", 0,
	  "permission bits in octal, read to receive, write to send "
	  "(default 0600; the umask does not count)", 0 },
	{ "kind", OPT_KIND, "KIND", 0,
	  "queue: each message to one receiver; broadcast: to every receiver; rpc: for "
	  "\"call\" and \"serve\" (default queue, with serve rpc)", 0 },
	{ "slow", OPT_SLOW, "POLICY", 0,
	  "what to do about a receiver of a broadcast that has no room: block, "
	  "drop-oldest, drop-newest, disconnect (default block)", 0 },
	{ "max-msgs", OPT_MAX_MSGS, "N", 0, "messages queued at most", 0 },
	{ "max-msg-size", OPT_MAX_MSG_SIZE, "SIZE", 0, "size of one message at most", 0 },
	{ "max-bytes", OPT_MAX_BYTES, "SIZE", 0, "bytes queued at most", 0 },
	{ "buf-size", OPT_BUF_SIZE, "SIZE", 0,
	  "give the channel a shared buffer of this size", 0 },
	{ "buf-huge", OPT_BUF_HUGE, NULL, 0,
	  "put the shared buffer into huge pages, as far as they can be had", 0 },
	{ "buf-node", OPT_BUF_NODE, "N", 0,
	  "take the shared buffer's memory from this NUMA node", 0 },
	{ "hangup", OPT_HANGUP, NULL, 0,
	  "as a pipe: end of file when the last sender has left, and sending fails when "
	  "the last receiver has", 0 },
	{ "timestamp", OPT_TIMESTAMP, NULL, 0, "messages carry the time of sending", 0 },
	{ "sync-wake", OPT_SYNC_WAKE, NULL, 0,
	  "wake with the hint that the waker is about to sleep, as pipes do", 0 },
	{ "loans", OPT_LOANS, NULL, 0,
	  "let the kernel give out the shared buffer in blocks, to be sent without a copy", 0 },
	{ "revoke", OPT_REVOKE, NULL, 0,
	  "with --loans: what was sent cannot be written any more", 0 },
	{ "spin", OPT_SPIN, "TIME", 0,
	  "poll for so long before sleeping, such as 20us; at most 1ms (default: as the "
	  "module was told)", 0 },
	{ 0 }
};

static void check(const struct chan_opts *opts, const struct argp_state *state)
{
	const struct ipcchan_opts *open = &opts->open;

	if (open->max_bytes && open->max_msg_size > open->max_bytes)
		argp_error(state, "--max-msg-size is above --max-bytes: no such "
			   "message could ever be queued");
	if (open->slow && open->kind != IPCCHAN_KIND_BROADCAST)
		argp_error(state, "--slow is for --kind broadcast");
	if (open->options & IPCCHAN_OPT_LOANS && !open->buf_size)
		argp_error(state, "--loans is for a channel with a buffer: give --buf-size too");
	if (open->options & IPCCHAN_OPT_REVOKE && !(open->options & IPCCHAN_OPT_LOANS))
		argp_error(state, "--revoke is for a channel with --loans");
	if (open->options & IPCCHAN_OPT_LOANS && open->kind == IPCCHAN_KIND_RPC)
		argp_error(state, "--loans is not for --kind rpc");
}

static error_t parse_limit(int key, char *arg, struct argp_state *state,
			   struct ipcchan_opts *open, const char **given)
{
	switch (key) {
	case OPT_MAX_MSGS:
		*given = "--max-msgs";
		open->max_msgs = arg_count(state, *given, arg, 1, UINT32_MAX);
		return 0;
	case OPT_MAX_MSG_SIZE:
		*given = "--max-msg-size";
		open->max_msg_size = arg_size(state, *given, arg, 1, UINT32_MAX);
		return 0;
	case OPT_MAX_BYTES:
		*given = "--max-bytes";
		open->max_bytes = arg_size(state, *given, arg, 1, UINT64_MAX);
		return 0;
	case OPT_BUF_SIZE:
		*given = "--buf-size";
		open->buf_size = arg_size(state, *given, arg, 1, UINT64_MAX);
		return 0;
	case OPT_BUF_HUGE:
		*given = "--buf-huge";
		open->buf_flags |= IPCCHAN_BUF_HUGE;
		return 0;
	case OPT_BUF_NODE:
		*given = "--buf-node";
		open->buf_flags |= IPCCHAN_BUF_NODE;
		open->buf_node = arg_count(state, *given, arg, 0, UINT32_MAX);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct chan_opts *opts = state->input;
	struct ipcchan_opts *open = &opts->open;

	switch (key) {
	case OPT_MODE:
		opts->given = "--mode";
		open->mode = arg_mode(state, opts->given, arg);
		return 0;
	case OPT_KIND:
		opts->given = "--kind";
		open->kind = arg_word(state, opts->given, arg, kind_words);
		return 0;
	case OPT_SLOW:
		opts->given = "--slow";
		open->slow = arg_word(state, opts->given, arg, slow_words);
		return 0;
	case OPT_HANGUP:
		opts->given = "--hangup";
		open->options |= IPCCHAN_OPT_HANGUP;
		return 0;
	case OPT_TIMESTAMP:
		opts->given = "--timestamp";
		open->options |= IPCCHAN_OPT_TIMESTAMP;
		return 0;
	case OPT_SYNC_WAKE:
		opts->given = "--sync-wake";
		open->options |= IPCCHAN_OPT_SYNC_WAKE;
		return 0;
	case OPT_LOANS:
		opts->given = "--loans";
		open->options |= IPCCHAN_OPT_LOANS;
		return 0;
	case OPT_REVOKE:
		opts->given = "--revoke";
		open->options |= IPCCHAN_OPT_REVOKE;
		return 0;
	case OPT_SPIN:
		opts->given = "--spin";
		open->spin_ns = arg_nanoseconds(state, opts->given, arg,
						IPCCHAN_SPIN_MAX_NS);
		if (!open->spin_ns)
			open->spin_ns = IPCCHAN_SPIN_NONE;
		return 0;
	case ARGP_KEY_SUCCESS:
		check(opts, state);
		return 0;
	default:
		return parse_limit(key, arg, state, open, &opts->given);
	}
}

const struct argp chan_opts_argp = { .options = options, .parser = parse_opt };

static const struct argp_option create_options[] = {
	{ "create", OPT_CREATE, NULL, 0, "make the channel if it is not there", 0 },
	{ 0 }
};

static error_t parse_create(int key, char *arg, struct argp_state *state)
{
	struct chan_opts *opts = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = opts;
		return 0;
	case OPT_CREATE:
		opts->create = true;
		opts->open.flags = IPCCHAN_ATTACH_CREATE;
		return 0;
	case ARGP_KEY_SUCCESS:
		if (opts->given && !opts->create)
			argp_error(state, "%s is for a channel to make: give --create "
				   "too", opts->given);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child create_children[] = {
	{ &chan_opts_argp, 0, "Of the channel that --create makes:", 1 },
	{ 0 }
};

const struct argp chan_create_argp = {
	.options = create_options,
	.parser = parse_create,
	.children = create_children,
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

static bool is_node(uint32_t node)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%u", node);
	return !access("/sys/devices/system/node", F_OK) ? !access(path, F_OK) : node == 0;
}

int chan_opts_check(const char *verb, const char *name, const struct ipcchan_opts *open)
{
	struct ipcchan_query query;
	bool bad;
	int err;

	err = ipcchan_query(&query);
	if (err)
		return cli_error_chan(verb, name, err);
	bad = above(verb, "--max-msgs", open->max_msgs, query.limit_msgs);
	bad |= above(verb, "--max-msg-size", open->max_msg_size, query.limit_msg_size);
	bad |= above(verb, "--max-bytes", open->max_bytes, query.limit_bytes);
	bad |= above(verb, "--buf-size", open->buf_size, query.limit_buf_size);
	if (open->buf_flags & IPCCHAN_BUF_NODE && !is_node(open->buf_node)) {
		cli_error(verb, "--buf-node: this machine has no node %u", open->buf_node);
		bad = true;
	}
	return bad ? EXIT_SYSTEM : EXIT_OK;
}

int chan_opts_open(const char *verb, const char *name, const struct chan_opts *opts,
		   uint32_t role, bool nonblock, struct ipcchan **chan)
{
	struct ipcchan_opts open = { 0 };
	int err;

	if (opts->create) {
		open = opts->open;
		if (open.buf_flags && !open.buf_size) {
			cli_error(verb, "%s is for a shared buffer: give --buf-size too",
				  open.buf_flags & IPCCHAN_BUF_HUGE ? "--buf-huge" :
								      "--buf-node");
			return EXIT_SYSTEM;
		}
		err = chan_opts_check(verb, name, &open);
		if (err)
			return err;
	}
	open.role = role;
	open.nonblock = nonblock;
	err = ipcchan_open(chan, name, &open);
	return err ? cli_error_chan(verb, name, err) : EXIT_OK;
}
