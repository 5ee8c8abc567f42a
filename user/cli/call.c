// SPDX-License-Identifier: GPL-2.0
/* ipcchan call: send a request and wait for its reply. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "chan_opts.h"
#include "label.h"
#include "transfer.h"

struct call_args {
	const char *name;
	const char *file;
	char **texts;
	size_t n_texts;
	int64_t timeout_ns;
	struct label label;
	bool lines;
};

struct caller {
	const char *verb;
	const struct call_args *args;
	struct ipcchan *chan;
	struct output out;
	char *reply;
	size_t max_len;		/* bytes of a request, and of a reply */
	unsigned long long calls;
};

static const struct argp_option options[] = {
	{ "file", 'f', "FILE", 0,
	  "take the request from this file (default: the standard input)", 0 },
	{ "lines", 'l', NULL, 0,
	  "each line of the input, with its newline, is a request; a reply without a "
	  "newline at its end gets one", 0 },
	{ "timeout", 't', "SECONDS", 0, "fail when a reply takes longer", 0 },
	{ 0 }
};

static void check_args(const struct call_args *args, struct argp_state *state)
{
	if (args->n_texts && args->file)
		argp_error(state, "--file is for input; TEXT arguments are requests "
			   "already");
	for (size_t i = 0; i < args->n_texts; i++)
		if (!*args->texts[i])
			argp_error(state, "TEXT %zu is empty; a request has at least "
				   "one byte", i + 1);
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct call_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->label;
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

static const struct argp_child children[] = {
	{ &label_argp, 0, NULL, 0 },
	{ 0 }
};

static const struct argp call_argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "NAME [TEXT...]",
	.doc = "Send requests to an rpc channel and write the replies."
	       "\vEach TEXT is one request.  Without TEXT the whole standard input, or "
	       "file, is one.  Ends at the first call that fails, with exit status 2; the "
	       "request may have been carried out all the same.  \"ipcchan serve\" "
	       "closes the descriptors of --fd.",
	.children = children,
};

/* The server's errno is told as the kernel's is. */
static int error_call(const struct caller *c, int err)
{
	const char *name = c->args->name;

	if (c->calls)
		cli_error(c->verb, "after %llu calls:", c->calls);
	if (err == -ETIMEDOUT && c->args->timeout_ns != IPCCHAN_WAIT_FOREVER)
		cli_error(c->verb, "channel '%s' gave no reply within the time limit",
			  name);
	else if (err == -EOWNERDEAD)
		cli_error(c->verb, "the server of channel '%s' has ended without a "
			  "reply, or said so", name);
	else if (err == -EPIPE)
		cli_error(c->verb, "channel '%s' has no server any more, or the server "
			  "said so", name);
	else if (err == -EINTR)
		cli_error(c->verb, "the call of channel '%s' was interrupted; the "
			  "request may have been carried out", name);
	else if (label_refused(&c->args->label, c->verb, err))
		cli_error(c->verb, "or the server of channel '%s' said so: %s", name,
			  strerror(-err));
	else
		cli_error(c->verb, "the call of channel '%s' failed: %s", name,
			  strerror(-err));
	return EXIT_SYSTEM;
}

static int error_too_long(const struct caller *c, size_t len)
{
	cli_error(c->verb, "a request of %zu bytes is longer than channel '%s' takes, "
		  "%zu bytes; make the channel with a larger --max-msg-size", len,
		  c->args->name, c->max_len);
	return EXIT_SYSTEM;
}

static int write_reply(struct caller *c, size_t len)
{
	bool newline = c->args->lines && c->reply[len - 1] != '\n';
	int err;

	err = output_write(&c->out, c->reply, len, NULL);
	if (!err && newline)
		err = output_write(&c->out, "\n", 1, NULL);
	if (!err)
		return EXIT_OK;
	cli_error(c->verb, "cannot write to %s: %s", c->out.label, strerror(-err));
	return EXIT_SYSTEM;
}

static int call(struct caller *c, const void *request, size_t len)
{
	const struct call_args *args = c->args;
	struct ipcchan_call call = { .timeout_ns = args->timeout_ns };
	int err;

	if (len > c->max_len)
		return error_too_long(c, len);
	label_init(&args->label, &call.request, request, len);
	ipcchan_msg_init(&call.reply, c->reply, c->max_len);
	err = ipcchan_call_msg(c->chan, &call);
	if (err)
		return error_call(c, err);
	c->calls++;
	return write_reply(c, call.reply.len);
}

static int call_texts(struct caller *c)
{
	const struct call_args *args = c->args;
	int status = EXIT_OK;

	/* Nothing is asked when not all of it can be. */
	for (size_t i = 0; i < args->n_texts; i++)
		if (strlen(args->texts[i]) > c->max_len)
			return error_too_long(c, strlen(args->texts[i]));
	for (size_t i = 0; i < args->n_texts && !status; i++)
		status = call(c, args->texts[i], strlen(args->texts[i]));
	return status;
}

static int call_input(struct caller *c, struct input *in)
{
	int status = EXIT_OK;
	const char *msg;
	ssize_t len;

	/* one byte more, to see what is too long */
	if (input_set_max(in, c->max_len + 1, c->args->lines, 1))
		return cli_error_chan(c->verb, c->args->name, -ENOMEM);
	do {
		len = input_next(in, &msg);
		if (len == -EMSGSIZE)
			return error_too_long(c, c->max_len + 1);
		if (len > 0)
			status = call(c, msg, len);
	} while (len > 0 && !status);
	if (len < 0) {
		cli_error(c->verb, "cannot read %s: %s", in->label, strerror(-len));
		return EXIT_SYSTEM;
	}
	if (!status && !c->calls && !c->args->lines) {
		cli_error(c->verb, "%s is empty; a request has at least one byte",
			  in->label);
		return EXIT_SYSTEM;
	}
	return status;
}

static int caller_open(struct caller *c)
{
	static const struct chan_opts there;
	struct ipcchan_info info;
	int status, err;

	status = chan_opts_open(c->verb, c->args->name, &there, IPCCHAN_ROLE_SEND,
				false, &c->chan);
	if (status)
		return status;
	err = ipcchan_get_info(c->chan, &info);
	if (!err && info.kind != IPCCHAN_KIND_RPC)
		err = -EOPNOTSUPP;
	if (err)
		goto close_chan;
	c->max_len = info.max_msg_size;
	c->reply = malloc(c->max_len);
	if (c->reply)
		return EXIT_OK;
	err = -ENOMEM;
close_chan:
	ipcchan_close(c->chan);
	return cli_error_chan(c->verb, c->args->name, err);
}

static int run(struct caller *c)
{
	const struct call_args *args = c->args;
	struct input in = { .fd = -1 };
	int status, err;

	output_open(&c->out, NULL);
	if (!args->n_texts) {
		err = input_open(&in, args->file);
		if (err) {
			cli_error(c->verb, "cannot open %s: %s", args->file,
				  strerror(-err));
			return EXIT_SYSTEM;
		}
	}
	status = caller_open(c);
	if (!status) {
		status = args->n_texts ? call_texts(c) : call_input(c, &in);
		ipcchan_close(c->chan);
		free(c->reply);
	}
	input_close(&in);
	return status;
}

int cmd_call(int argc, char **argv)
{
	struct call_args args = { .timeout_ns = IPCCHAN_WAIT_FOREVER };
	struct caller caller = { .verb = argv[0], .args = &args };
	int status;

	args.texts = calloc(argc, sizeof(*args.texts));
	if (!args.texts) {
		cli_error(argv[0], "out of memory");
		return EXIT_SYSTEM;
	}
	argp_parse(&call_argp, argc, argv, 0, NULL, &args);
	status = run(&caller);
	free(args.texts);
	return status;
}
