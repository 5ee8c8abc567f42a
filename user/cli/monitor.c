// SPDX-License-Identifier: GPL-2.0
/* ipcchan monitor: what happens, as it happens. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chan_format.h"
#include "cli.h"
#include "event_format.h"
#include "live.h"
#include "stop.h"
#include "view.h"
#include "words.h"

struct monitor_args {
	struct view view;
	uint32_t events;	/* bits 1 << enum ipcchan_event; 0 for all */
	const char *channel;	/* pattern, NULL for all */
	uint64_t count;		/* events to tell, 0 for no end */
};

/* What is told while events come. */
struct monitor {
	const char *verb;
	const struct monitor_args *args;
	struct event_view view;
	uint64_t told;
};

enum {
	OPT_EVENT = 0x100,
	OPT_CHANNEL,
};

static const struct argp_option options[] = {
	{ "event", OPT_EVENT, "WHAT[,WHAT...]", 0,
	  "only these: created, deleted, changed, attached, detached, full, drained, lagging, "
	  "peer-died, quota, corrupt", 0 },
	{ "channel", OPT_CHANNEL, "NAME|PATTERN", 0,
	  "only of channels whose name the pattern fits, with *, ? and [] as in a shell", 0 },
	{ "count", 'c', "N", 0, "end after so many events", 0 },
	{ 0 }
};

static void parse_events(struct monitor_args *args, const struct argp_state *state, char *arg)
{
	char *rest = NULL;

	for (char *word = strtok_r(arg, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
		args->events |= 2U << arg_word(state, "--event", word, event_words);
	if (!args->events)
		argp_error(state, "--event: say which");
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct monitor_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->view;
		return 0;
	case OPT_EVENT:
		parse_events(args, state, arg);
		return 0;
	case OPT_CHANNEL:
		args->channel = arg;
		return 0;
	case 'c':
		args->count = arg_count(state, "--count", arg, 1, UINT64_MAX);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "takes no argument; --channel NAME watches one channel");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp monitor_argp = {
	.options = options,
	.parser = parse_opt,
	.doc = "Tell what happens to channels, an event a line, with the time of day; with "
	       "--json an object a line.  SIGINT, SIGTERM or SIGHUP end it."
	       "\vWho is not root is told of the channels that it sees, but nothing on Linux "
	       "5.18 to 6.5.  When events come faster than they are read, some are lost, and a "
	       "line says so in their place.",
	.children = view_numeric,
};

/* Each line goes out at once; @json: reference is taken. */
static int print_line(const struct monitor *mon, json_t *json)
{
	int status = EXIT_OK;

	if (mon->args->view.json)
		status = json_put(mon->verb, json, mon->args->view.pretty);
	else
		putchar('\n');
	return status ? status : live_flush(mon->verb);
}

static bool is_wanted(const struct monitor_args *args, const struct nl_event *event)
{
	if (args->events && (event->what > 31 || !(args->events & 1U << event->what)))
		return false;
	return !args->channel ||
	       (event->has_name && !fnmatch(args->channel, event->name, 0));
}

/* Return: 0; -ECANCELED when it is the last one; -EIO when it cannot be told. */
static int on_event(const struct nl_event *event, void *arg)
{
	struct monitor *mon = arg;
	json_t *json = NULL;

	if (!is_wanted(mon->args, event))
		return 0;
	if (mon->args->view.json)
		json = event_json(event, &mon->view);
	else
		event_print(event, &mon->view, stdout);
	if (print_line(mon, json))
		return -EIO;
	mon->told++;
	/* events may come faster than they are told, for as long as they like */
	return stop_asked || mon->told == mon->args->count ? -ECANCELED : 0;
}

static int tell_lost(const struct monitor *mon)
{
	json_t *json = NULL;

	if (mon->args->view.json)
		json = events_lost_json(&mon->view);
	else
		events_lost_print(&mon->view, stdout);
	return print_line(mon, json);
}

/* Return: exit status. */
static int watch(struct monitor *mon, struct nl *nl, int fd)
{
	/* of the output only its end is waited for: that nobody reads it any more */
	struct pollfd pfds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};
	int ret, status;

	for (;;) {
		ret = stop_poll(pfds, 2, -1, 0);
		if (stop_asked)
			return EXIT_OK;
		if (ret < 0 && ret != -EINTR)
			break;
		if (ret < 0)
			continue;
		if (pfds[1].revents)
			return EXIT_OK;
		event_view_clock(&mon->view);
		ret = nl_events_read(nl, on_event, mon);
		if (ret == -ECANCELED)
			return EXIT_OK;
		if (ret == -EIO)
			return EXIT_SYSTEM;
		if (ret && ret != -ENOBUFS)
			break;
		status = ret ? tell_lost(mon) : EXIT_OK;
		if (status)
			return status;
	}
	cli_error(mon->verb, "cannot read events: %s", strerror(-ret));
	return EXIT_SYSTEM;
}

int cmd_monitor(int argc, char **argv)
{
	struct monitor_args args = { 0 };
	struct monitor mon = { .verb = argv[0], .args = &args };
	struct nl *nl;
	int fd, err, status;

	argp_parse(&monitor_argp, argc, argv, 0, NULL, &args);
	stop_on_signals();
	err = nl_events_begin(&nl, &fd);
	if (err == -ENOENT) {
		cli_error(argv[0], "the module tells no events; build both from the same "
			  "sources, then \"sudo rmmod ipcchan\" and load the new module");
		return EXIT_SYSTEM;
	}
	if (err == -EACCES) {
		cli_error(argv[0], "permission denied; on Linux 5.18 to 6.5 events are for root "
			  "alone");
		return EXIT_SYSTEM;
	}
	if (err)
		return cli_error_nl(argv[0], NULL, err, "");
	mon.view.numeric = args.view.numeric;
	event_view_init(&mon.view);
	status = watch(&mon, nl, fd);
	nl_end(nl);
	return status;
}
