// SPDX-License-Identifier: GPL-2.0
/* ipcchan trace: the life of each message of a channel, by the kernel's events. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "chan_format.h"
#include "cli.h"
#include "live.h"
#include "stop.h"
#include "trace_print.h"
#include "view.h"

/* How often events are read: the kernel wakes nobody for them. */
#define READ_NS		50000000

struct trace_args {
	struct chan_ref ref;
	uint64_t count;
	int64_t duration_ns;
	uint64_t buffer;
	bool json;
};

static const struct argp_option options[] = {
	{ "count", 'c', "N", 0, "end after N messages", 0 },
	{ NULL, 'n', NULL, OPTION_ALIAS, NULL, 0 },
	{ "duration", 'd', "SECONDS", 0, "end after that time", 0 },
	{ "buffer", 'b', "SIZE", 0,
	  "room for events of each CPU, until they are read (default: what the kernel "
	  "takes, about 1.4 MiB)", 0 },
	{ "json", 'j', NULL, 0, "print a JSON object a line", 0 },
	{ 0 }
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct trace_args *args = state->input;

	switch (key) {
	case 'c':
	case 'n':
		args->count = arg_count(state, "--count", arg, 1, UINT64_MAX);
		return 0;
	case 'd':
		args->duration_ns = arg_seconds(state, "--duration", arg);
		return 0;
	case 'b':
		args->buffer = arg_size(state, "--buffer", arg, 1, 1 << 30);
		return 0;
	case 'j':
		args->json = true;
		return 0;
	case ARGP_KEY_ARG:
		chan_ref_arg(&args->ref, state, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "give the name or the id of a channel");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp trace_argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = CHAN_REF_DOC,
	.doc = "Tell the life of each message of a channel, and where its time goes."
	       "\vBy the tracepoints of the module and of the kernel, which root may use. Ends "
	       "with a summary, at Ctrl-C, too.",
};

/*
 * struct trace - a trace under way; @netns: in which the channel is, @left: messages until its
 * end, @status: of its output
 */
struct trace {
	struct trace_print print;
	struct lives lives;
	uint32_t netns;
	uint64_t left;
	int status;
};

static void tell(const struct life *life, void *arg)
{
	struct trace *trace = arg;

	if (!trace->left || trace->status)
		return;
	trace->left--;
	trace->status = trace_print_life(&trace->print, life);
}

/* One reading.  Return: 0; negative errno. */
static int read_events(struct trace *trace, struct tracer *tracer, bool end)
{
	int err = tracer_read(tracer, end, lives_event, &trace->lives);

	if (!err)
		err = trace->lives.err;
	if (!err && !end)
		err = trace_tasks_watch(&trace->lives.tasks);
	return err;
}

static int follow(struct trace *trace, struct tracer *tracer, int64_t duration_ns)
{
	uint64_t until = trace->print.begin + (uint64_t)duration_ns;
	uint64_t now;
	int err = 0;

	while (!err && !trace->status && trace->left && !stop_asked) {
		now = tracer_now();
		if (duration_ns && now >= until)
			break;
		stop_poll(NULL, 0, duration_ns && until - now < READ_NS ?
			  (int64_t)(until - now) : READ_NS, 0);
		err = read_events(trace, tracer, false);
		if (!err && !trace->status)
			trace->status = live_flush(trace->print.verb);
	}
	return err ? err : read_events(trace, tracer, true);
}

static int trace_channel(struct trace *trace, struct tracer *tracer,
			 const struct nl_chan *chan, int64_t duration_ns,
			 char why[TRACE_WHY_SIZE])
{
	struct trace_end end = { 0 };
	int64_t lost = 0;
	int err;

	trace->lives.tasks.tracer = tracer;
	trace_tasks_scan(&trace->lives.tasks, chan->id, trace->netns);
	err = trace_tasks_watch(&trace->lives.tasks);
	if (!err)
		err = tracer_channel(tracer, chan->id, trace->netns, why);
	if (!err) {
		trace->print.begin = tracer_now();
		trace->status = trace_print_begin(&trace->print, chan);
		fflush(stdout);
		err = follow(trace, tracer, duration_ns);
	}
	lives_end(&trace->lives);
	if (!err)
		lost = tracer_lost(tracer);
	if (lost < 0)
		err = (int)lost;
	if (err && !*why)
		snprintf(why, TRACE_WHY_SIZE, "cannot read events: %s", strerror(-err));
	if (err)
		return err;
	end = (struct trace_end){
		.broken = trace->lives.broken, .lost = (uint64_t)lost,
		.unwatched = trace->lives.tasks.unwatched, .calls = trace->lives.calls,
		.switches = tracer_has(tracer, TRACE_SCHED_SWITCH),
	};
	if (!trace->status)
		trace->status = trace_print_end(&trace->print, &end);
	return 0;
}

/* The channel was found in the caller's. */
static int find_netns(struct trace *trace, char why[TRACE_WHY_SIZE])
{
	static const char path[] = "/proc/self/ns/net";
	struct stat st;
	int err;

	if (!stat(path, &st)) {
		trace->netns = (uint32_t)st.st_ino;
		return 0;
	}
	err = -errno;
	snprintf(why, TRACE_WHY_SIZE, "cannot tell the network namespace: %s: %s", path,
		 strerror(-err));
	return err;
}

static int trace_run(const struct trace_args *args, const struct nl_chan *chan, const char *verb)
{
	struct trace *trace = calloc(1, sizeof(*trace));
	char why[TRACE_WHY_SIZE] = "";
	struct tracer *tracer = NULL;
	int err, status;

	if (!trace) {
		cli_error(verb, "out of memory");
		return EXIT_SYSTEM;
	}
	trace->left = args->count ? args->count : UINT64_MAX;
	trace->print.verb = verb;
	trace->print.json = args->json;
	trace->lives.tell = tell;
	trace->lives.arg = trace;
	stop_on_signals();
	err = find_netns(trace, why);
	if (!err)
		err = tracer_open(&tracer, args->buffer, why);
	if (!err) {
		trace->lives.calls = tracer_has(tracer, TRACE_SYS_EXIT);
		err = trace_channel(trace, tracer, chan, args->duration_ns, why);
	}
	tracer_close(tracer);
	status = trace->status;
	free(trace);
	if (err) {
		cli_error(verb, "%s", why);
		return EXIT_SYSTEM;
	}
	return status ? status : live_flush(verb);
}

int cmd_trace(int argc, char **argv)
{
	struct trace_args args = { 0 };
	struct nl_chan chan;
	int err, status;
	struct nl *nl;

	argp_parse(&trace_argp, argc, argv, 0, NULL, &args);
	err = nl_begin(&nl);
	if (!err)
		err = chan_ref_get(nl, &args.ref, &chan, NULL);
	if (err) {
		status = chan_ref_error(argv[0], nl, &args.ref, err);
		nl_end(nl);
		return status;
	}
	nl_end(nl);
	return trace_run(&args, &chan, argv[0]);
}
