// SPDX-License-Identifier: GPL-2.0
/* ipcchan top: the busiest channels, again and again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chan_format.h"
#include "cli.h"
#include "live.h"
#include "stop.h"
#include "top.h"
#include "view.h"
#include "words.h"

#define NS_PER_S	1000000000LL

struct top_args {
	bool batch;
	struct view view;
	uint64_t count;		/* 0 for no end */
};

enum {
	OPT_NUMERIC = 0x100,
	OPT_SORT,
	OPT_CHANNEL,
};

static const struct argp_option options[] = {
	{ "batch", 'b', NULL, 0,
	  "print one table after the other, as where the output is no terminal", 0 },
	{ "iterations", 'n', "N", 0,
	  "end after so many intervals; on a terminal the table of the last one stays", 0 },
	{ "delay", 'd', "SECONDS", 0, "how long an interval is (default 1)", 0 },
	{ "sort", OPT_SORT, "KEY", 0,
	  "sent (the default), received, bytes, queued, waiting, p50, p99, lost, open: the "
	  "most first; id, name", 0 },
	{ "reverse", 'r', NULL, 0, "the other way round", 0 },
	{ "channel", OPT_CHANNEL, "TEXT|PATTERN", 0,
	  "only those that have this in their name, or that a pattern with *, ? or [] fits", 0 },
	{ "numeric", OPT_NUMERIC, NULL, 0, "print numbers, not names, of users", 0 },
	{ 0 }
};

/* What the parser fills in. */
struct top_input {
	struct top_args args;
	struct top *top;
};

static void set_filter(struct top *top, const struct argp_state *state, const char *arg)
{
	if (strlen(arg) >= TOP_FILTER_SIZE)
		argp_error(state, "--channel: at most %d bytes", TOP_FILTER_SIZE - 1);
	strcpy(top->view.filter, arg);
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct top_input *input = state->input;
	struct top_args *args = &input->args;
	struct top *top = input->top;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->view;
		return 0;
	case 'b':
		args->batch = true;
		return 0;
	case 'n':
		args->count = arg_count(state, "-n", arg, 1, UINT64_MAX);
		return 0;
	case 'd':
		top->interval_ns = arg_seconds(state, "--delay", arg);
		return 0;
	case OPT_SORT:
		top->view.key = arg_word(state, "--sort", arg, top_keys);
		return 0;
	case 'r':
		top->view.reverse = true;
		return 0;
	case OPT_CHANNEL:
		set_filter(top, state, arg);
		return 0;
	case OPT_NUMERIC:
		top->view.numeric = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "takes no argument; --channel NAME shows some of them");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp top_argp = {
	.options = options,
	.parser = parse_opt,
	.children = view_json,
	.doc = "Show what channels do in each interval: messages sent, received and lost, "
	       "bytes sent, a second's worth; then how many are queued, which part of what may "
	       "be, how many senders and receivers wait, and half and 99 % of the messages were "
	       "queued for how long at most, where that is recorded (\"ipcchan set --times\")."
	       "\vKeys: q ends it, < and > choose what to sort by, r reverses it, / takes a "
	       "filter, arrows and pages move, p pauses, the space bar looks at once.  With --json an "
	       "interval is an object a line.",
};

int top_sort(struct top *top)
{
	struct rate *rates;

	free(top->rates);
	top->rates = NULL;
	top->n = 0;
	if (sample_rates(&top->before, &top->now, &rates))
		return -ENOMEM;
	top->rates = rates;
	top->n = top_select(&top->view, top->rates, top->now.n);
	top->view.name_columns = top_name_columns(top->rates, top->n);
	return 0;
}

int top_update(struct top *top)
{
	struct sample next;
	int err = sample_take(top->nl, 0, true, &next);

	if (err)
		return err;
	/* the rates point into what is freed, until they are made anew */
	sample_free(&top->before);
	top->before = top->now;
	top->now = next;
	return top_sort(top);
}

void top_free(struct top *top)
{
	free(top->rates);
	sample_free(&top->before);
	sample_free(&top->now);
}

static int print_json(const struct top *top, const struct top_args *args)
{
	json_t *json = rates_json(top->rates, top->n, top->now.time_ns,
				  top->now.time_ns - top->before.time_ns);

	return json_put(top->verb, json, args->view.pretty);
}

static void print_table(const struct top *top, bool first)
{
	char line[TOP_LINE_SIZE];

	top_summary(top, line);
	printf("%s%s\n", first ? "" : "\n", line);
	top_header(&top->view, line);
	puts(line);
	for (size_t i = 0; i < top->n && !ferror(stdout); i++) {
		top_line(&top->rates[i], &top->view, line);
		puts(line);
	}
}

/* Return: exit status. */
static int batch(struct top *top, const struct top_args *args)
{
	int64_t end_ns = top->now.time_ns;
	int err, status = EXIT_OK;

	for (uint64_t i = 1; !status && (!args->count || i <= args->count); i++) {
		end_ns = stop_next(end_ns, top->interval_ns);
		stop_until(end_ns);
		if (stop_asked)
			break;
		err = top_update(top);
		if (err)
			return cli_error_nl(top->verb, NULL, err, nl_text(top->nl));
		status = view_dumped(top->verb, top->nl,
				     top->now.inconsistent ? NL_INCONSISTENT : 0);
		if (args->view.json)
			status |= print_json(top, args);
		else
			print_table(top, i == 1);
		status |= live_flush(top->verb);
	}
	return status;
}

/* What was on the terminal is there again at the end: the last table is put below it. */
static int screen(struct top *top, const struct top_args *args)
{
	int err = top_screen(top, args->count);

	if (err > 0) {
		print_table(top, true);
		return cli_flush_stdout(top->verb);
	}
	if (err == -ENOTTY) {
		cli_error(top->verb, "the terminal '%s' is not known; use --batch, or set TERM",
			  getenv("TERM") ? getenv("TERM") : "");
		return EXIT_SYSTEM;
	}
	return err ? cli_error_nl(top->verb, NULL, err, nl_text(top->nl)) : EXIT_OK;
}

int cmd_top(int argc, char **argv)
{
	struct top top = { .verb = argv[0], .interval_ns = NS_PER_S };
	struct top_input input = { .top = &top };
	const struct top_args *args = &input.args;
	int err, status;

	argp_parse(&top_argp, argc, argv, 0, NULL, &input);
	err = nl_begin(&top.nl);
	if (!err)
		err = top_update(&top);
	if (err) {
		status = cli_error_nl(argv[0], NULL, err, nl_text(top.nl));
	} else {
		stop_on_signals();
		/* of one interval there is nothing to show before its end */
		if (args->batch || args->view.json || args->count == 1 ||
		    !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
			status = batch(&top, args);
		else
			status = screen(&top, args);
	}
	top_free(&top);
	nl_end(top.nl);
	return status;
}
