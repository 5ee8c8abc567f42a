// SPDX-License-Identifier: GPL-2.0
/* ipcchan serve: reply to requests with the output of a command. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "chan_opts.h"
#include "job.h"
#include "stop.h"
#include "transfer.h"

#define JOBS_MAX	1024

/* Until a request is taken again for which there was no memory */
#define NO_MEMORY_NAP_NS	50000000LL

struct serve_args {
	const char *name;
	char **command;
	uint64_t count;		/* requests, 0: no limit */
	int64_t timeout_ns;
	uint32_t jobs;
	struct chan_opts chan;
	bool verbose;
};

struct server {
	const char *verb;
	const struct serve_args *args;
	struct ipcchan *chan;
	char *request;
	size_t max_len;		/* bytes at @request */
	struct job *jobs;	/* args->jobs, of which the first @running do */
	struct pollfd *pfds;	/* the channel's, then two of each job */
	uint32_t running;
	bool closed;		/* no more requests will come */
	struct transfer done;	/* requests taken */
	uint64_t last_ns;	/* when the last one was, or the start */
};

enum {
	OPT_JOBS = 0x100,
};

static const struct argp_option options[] = {
	{ "count", 'n', "N", 0, "end after N requests", 0 },
	{ "jobs", OPT_JOBS, "N", 0, "run up to N commands at a time (default 1)", 0 },
	{ "timeout", 't', "SECONDS", 0, "end when no request has come for so long", 0 },
	{ "verbose", 'v', NULL, 0, "print a summary to the standard error", 0 },
	{ 0 }
};

/* From its first word on all is the command's. */
static void parse_arg(struct serve_args *args, char *arg, struct argp_state *state)
{
	if (!args->name) {
		args->name = arg_name(state, arg);
		return;
	}
	args->command = state->argv + state->next - 1;
	state->next = state->argc;
}

static void check_args(const struct serve_args *args, struct argp_state *state)
{
	if (args->name && !args->command)
		argp_error(state, "give a command that makes the replies");
	if (args->chan.open.kind != IPCCHAN_KIND_RPC)
		argp_error(state, "--kind: only an rpc channel can be served");
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct serve_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->chan;
		return 0;
	case 'n':
		args->count = arg_count(state, "--count", arg, 1, UINT64_MAX);
		return 0;
	case 't':
		args->timeout_ns = arg_seconds(state, "--timeout", arg);
		return 0;
	case OPT_JOBS:
		args->jobs = arg_count(state, "--jobs", arg, 1, JOBS_MAX);
		return 0;
	case 'v':
		args->verbose = true;
		return 0;
	case ARGP_KEY_ARG:
		parse_arg(args, arg, state);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "give the name of a channel and a command");
		return 0;
	case ARGP_KEY_SUCCESS:
		check_args(args, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &chan_create_argp, 0, NULL, 0 },
	{ 0 }
};

static const struct argp serve_argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "NAME COMMAND [ARG...]",
	.doc = "Serve an rpc channel: for each request run COMMAND, with the request on "
	       "its standard input; what it writes is the reply."
	       "\vThe call fails when COMMAND ends with another exit status than 0, or "
	       "writes nothing.  Descriptors that come with a request are closed.  Ends "
	       "when --count is reached, the --timeout passes, the last client has left "
	       "(--hangup), or SIGINT, SIGTERM or SIGHUP comes; commands that run then "
	       "are waited for.  A second signal kills them.",
	.children = children,
};

/* Let a call fail; a client that has given up need not be told. @why: negative errno. */
static int reply_error(struct server *s, uint64_t call, int why)
{
	int err = ipcchan_reply_error(s->chan, call, -why);

	if (!err || err == -ECANCELED)
		return EXIT_OK;
	return cli_error_chan(s->verb, s->args->name, err);
}

/* The job's place is taken by the last one. */
static int finish(struct server *s, struct job *job, int error)
{
	int err = 0, status = EXIT_OK;

	if (error)
		status = reply_error(s, job->call, error);
	else
		err = ipcchan_reply(s->chan, job->call, job->reply, job->len);
	if (err && err != -ECANCELED)
		status = reply_error(s, job->call, err);
	job_free(job);
	*job = s->jobs[--s->running];
	return status;
}

/* Run the command for a request. */
static int run(struct server *s, struct ipcchan_serve *serve)
{
	int err;

	s->done.msgs++;
	s->done.bytes += serve->request.len;
	s->last_ns = clock_ns();
	if (serve->request.flags & IPCCHAN_MSG_FDS_LOST)
		cli_error(s->verb, "descriptors that came with a request were closed: "
			  "the command is not given any");
	if (serve->room > s->max_len)
		serve->room = s->max_len;
	err = job_start(s->verb, &s->jobs[s->running], s->args->command, serve);
	if (!err) {
		s->running++;
		return EXIT_OK;
	}
	cli_error(s->verb, "cannot start the command: %s", strerror(-err));
	return reply_error(s, serve->call, err);
}

/* Take a request, if there is one, and run the command for it. */
static int take(struct server *s)
{
	struct ipcchan_serve serve = {
		.flags = IPCCHAN_SERVE_NEXT | IPCCHAN_SERVE_NONBLOCK,
	};
	int ret;

	ipcchan_msg_init(&serve.request, s->request, s->max_len);
	ret = ipcchan_serve(s->chan, &serve);
	switch (ret) {
	case 1:
		return run(s, &serve);
	case 0:
		s->closed = true;
		return EXIT_OK;
	case -ENOMEM:
		stop_poll(NULL, 0, NO_MEMORY_NAP_NS, stop_asked);
		return EXIT_OK;
	case -EAGAIN:
	case -EINTR:
		return EXIT_OK;
	default:
		return cli_error_chan(s->verb, s->args->name, ret);
	}
}

static bool accepts(const struct server *s)
{
	const struct serve_args *args = s->args;

	return !stop_asked && !s->closed && s->running < args->jobs &&
	       (!args->count || s->done.msgs < args->count);
}

/* Nothing more will come of it. */
static bool ended(const struct server *s)
{
	const struct serve_args *args = s->args;

	return !s->running && (stop_asked || s->closed ||
			       (args->count && s->done.msgs >= args->count));
}

/* What is left of the timeout, nanoseconds; it does not run while a command does. */
static int64_t time_left(const struct server *s)
{
	int64_t timeout = s->args->timeout_ns, idle;

	if (timeout == IPCCHAN_WAIT_FOREVER || s->running)
		return IPCCHAN_WAIT_FOREVER;
	idle = clock_ns() - s->last_ns;
	return idle < timeout ? timeout - idle : 0;
}

/* Return: how many there are. */
static nfds_t fill_pfds(struct server *s)
{
	struct pollfd *pfd = s->pfds;

	*pfd++ = (struct pollfd) {
		.fd = accepts(s) ? ipcchan_fd(s->chan) : -1, .events = POLLIN,
	};
	for (uint32_t i = 0; i < s->running; i++) {
		*pfd++ = (struct pollfd) { .fd = s->jobs[i].out, .events = POLLIN };
		*pfd++ = (struct pollfd) { .fd = s->jobs[i].pidfd, .events = POLLIN };
	}
	return pfd - s->pfds;
}

/* Do what stop_poll() found to be done. */
static int advance(struct server *s)
{
	int status = EXIT_OK, error;

	/* From the last one on: one that ends is replaced by one that was looked at. */
	for (uint32_t i = s->running; i-- && !status;) {
		const struct pollfd *pfd = &s->pfds[1 + 2 * i];

		if (!pfd[0].revents && !pfd[1].revents)
			continue;
		if (job_advance(s->verb, &s->jobs[i], pfd[1].revents, &error)) {
			s->last_ns = clock_ns();
			status = finish(s, &s->jobs[i], error);
		}
	}
	if (!status && s->pfds[0].revents)
		status = take(s);
	return status;
}

static int serve(struct server *s)
{
	int ret, seen, status = EXIT_OK;
	nfds_t n;

	while (!status && !ended(s)) {
		seen = stop_asked;
		/* The second signal does not wait for commands that run. */
		if (seen > 1)
			break;
		n = fill_pfds(s);
		ret = stop_poll(s->pfds, n, time_left(s), seen);
		if (ret == -ETIMEDOUT)
			break;
		if (ret == -EINTR)
			continue;
		if (ret < 0) {
			cli_error(s->verb, "cannot wait: %s", strerror(-ret));
			return EXIT_SYSTEM;
		}
		status = advance(s);
	}
	if (status || !s->args->count || s->done.msgs >= s->args->count)
		return status;
	cli_error(s->verb, "ended after %llu of %llu requests",
		  (unsigned long long)s->done.msgs,
		  (unsigned long long)s->args->count);
	return EXIT_SYSTEM;
}

static int server_open(struct server *s)
{
	struct ipcchan_info info;
	int status, err;

	status = job_allow(s->verb, s->args->jobs);
	if (status)
		return status;
	status = chan_opts_open(s->verb, s->args->name, &s->args->chan,
				IPCCHAN_ROLE_RECV, false, &s->chan);
	if (status)
		return status;
	err = ipcchan_get_info(s->chan, &info);
	if (!err && info.kind != IPCCHAN_KIND_RPC)
		err = -EOPNOTSUPP;
	if (err)
		goto close_chan;
	s->max_len = info.max_msg_size;
	s->request = malloc(s->max_len);
	s->jobs = calloc(s->args->jobs, sizeof(*s->jobs));
	s->pfds = calloc(1 + 2 * (size_t)s->args->jobs, sizeof(*s->pfds));
	if (s->request && s->jobs && s->pfds)
		return EXIT_OK;
	err = -ENOMEM;
	free(s->request);
	free(s->jobs);
	free(s->pfds);
close_chan:
	ipcchan_close(s->chan);
	return cli_error_chan(s->verb, s->args->name, err);
}

static void server_close(struct server *s)
{
	if (s->running)
		cli_error(s->verb, "killed %u commands that had not ended", s->running);
	while (s->running)
		job_kill(&s->jobs[--s->running]);
	ipcchan_close(s->chan);
	free(s->request);
	free(s->jobs);
	free(s->pfds);
}

int cmd_serve(int argc, char **argv)
{
	struct serve_args args = {
		.timeout_ns = IPCCHAN_WAIT_FOREVER,
		.jobs = 1,
		.chan.open.kind = IPCCHAN_KIND_RPC,
	};
	struct server server = { .verb = argv[0], .args = &args };
	int status;

	argp_parse(&serve_argp, argc, argv, ARGP_IN_ORDER, NULL, &args);
	stop_on_signals();
	status = server_open(&server);
	if (status)
		return status;
	transfer_start(&server.done);
	server.last_ns = server.done.start_ns;
	status = serve(&server);
	if (args.verbose)
		transfer_summary(&server.done, argv[0], "served");
	server_close(&server);
	return status;
}
