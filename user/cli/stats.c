// SPDX-License-Identifier: GPL-2.0
/* ipcchan stats: counters of channels, or with an interval their rates. */
#include <errno.h>
#include <stdlib.h>

#include "chan_format.h"
#include "cli.h"
#include "live.h"
#include "sample.h"
#include "stop.h"
#include "table.h"
#include "view.h"

#define NS_PER_S	1000000000LL

struct stats_args {
	struct view view;
	struct chan_ref ref;
	int64_t interval_ns;	/* 0 for none */
	uint64_t count;		/* 0 for no end */
};

static const struct argp_option options[] = {
	{ "interval", 'i', "SECONDS", 0,
	  "show the rates of each interval, again and again", 0 },
	{ "count", 'c', "N", 0, "end after so many intervals (without -i of 1 s)", 0 },
	{ 0 }
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct stats_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->view;
		return 0;
	case 'i':
		args->interval_ns = arg_seconds(state, "--interval", arg);
		return 0;
	case 'c':
		args->count = arg_count(state, "--count", arg, 1, UINT64_MAX);
		return 0;
	case ARGP_KEY_ARG:
		chan_ref_arg(&args->ref, state, arg);
		return 0;
	case ARGP_KEY_SUCCESS:
		if (args->count && !args->interval_ns)
			args->interval_ns = NS_PER_S;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp stats_argp = {
	.options = options,
	.parser = parse_opt,
	.args_doc = "[" CHAN_REF_DOC "]",
	.doc = "Show the counters of one channel or of all since they were made, or with "
	       "--interval how fast they grew in each interval: a second's worth, with k for "
	       "1000, M, G."
	       "\vWith --json an interval is an object a line.  SIGINT, SIGTERM or SIGHUP end it.",
	.children = view_numeric,
};

static struct table *new_table(void)
{
	/* NAME, the first, is a word */
	struct table *table = table_new(2 + IPCCHAN_A_STATS_MAX - IPCCHAN_A_STATS_SENT, 0x1);

	if (!table)
		return NULL;
	table_cell(table, "NAME");
	for (int i = IPCCHAN_A_STATS_SENT; i <= IPCCHAN_A_STATS_MAX; i++) {
		char title[STAT_TITLE_SIZE];

		chan_stat_title(i, title);
		table_cell(table, "%s", title);
	}
	return table;
}

/* @rates: NULL for the counters themselves.  Return: exit status. */
static int print_table(const char *verb, const struct sample *sample, const struct rate *rates)
{
	struct table *table = new_table();
	int err = -ENOMEM;

	for (size_t i = 0; table && i < sample->n; i++) {
		char name[NAME_TEXT_SIZE], text[SIZE_TEXT_SIZE];

		chan_label_text(&sample->chans[i], name);
		table_cell(table, "%s", name);
		for (int k = IPCCHAN_A_STATS_SENT; k <= IPCCHAN_A_STATS_MAX; k++) {
			if (rates)
				rate_text(rates[i].per_s[k], text);
			else
				snprintf(text, sizeof(text), "%llu",
					 (unsigned long long)sample->chans[i].stats[k]);
			table_cell(table, "%s", text);
		}
	}
	if (table)
		err = table_print(table);
	table_free(table);
	if (err) {
		cli_error(verb, "out of memory");
		return EXIT_SYSTEM;
	}
	return EXIT_OK;
}

static json_t *totals_json(const struct sample *sample)
{
	json_t *array = json_array();

	for (size_t i = 0; i < sample->n; i++) {
		const struct nl_chan *chan = &sample->chans[i];
		char name[NAME_TEXT_SIZE];
		json_t *json;

		chan_name_text(chan, name);
		json = json_pack("{s:I, s:s?, s:o}", "id", (json_int_t)chan->id,
				 "name", chan->has_name ? name : NULL,
				 "stats", chan_stats_json(chan));
		if (json_array_append_new(array, json)) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static int print_totals(const char *verb, const struct stats_args *args,
			const struct sample *sample)
{
	int status;

	if (args->view.json)
		status = json_put(verb, totals_json(sample), args->view.pretty);
	else
		status = print_table(verb, sample, NULL);
	return status ? status : cli_flush_stdout(verb);
}

static int print_rates(const char *verb, const struct stats_args *args,
		       const struct sample *before, const struct sample *now)
{
	int64_t interval_ns = now->time_ns - before->time_ns;
	struct rate *rates;
	int status;

	if (sample_rates(before, now, &rates)) {
		cli_error(verb, "out of memory");
		return EXIT_SYSTEM;
	}
	if (args->view.json)
		status = json_put(verb, rates_json(rates, now->n, now->time_ns, interval_ns),
				  args->view.pretty);
	else
		status = print_table(verb, now, rates);
	free(rates);
	return status ? status : live_flush(verb);
}

static int take(const char *verb, struct nl *nl, const struct stats_args *args, uint32_t id,
		struct sample *sample)
{
	int err = sample_take(nl, id, args->view.json && args->interval_ns, sample);

	if (err)
		return chan_ref_error(verb, nl, &args->ref, err);
	return view_dumped(verb, nl, sample->inconsistent ? NL_INCONSISTENT : 0);
}

static int repeat(const char *verb, struct nl *nl, const struct stats_args *args, uint32_t id,
		  struct sample *before)
{
	int64_t end_ns = before->time_ns;
	int status = EXIT_OK;

	for (uint64_t i = 1; !status && (!args->count || i <= args->count); i++) {
		struct sample now;

		end_ns = stop_next(end_ns, args->interval_ns);
		stop_until(end_ns);
		if (stop_asked)
			break;
		status = take(verb, nl, args, id, &now);
		if (status)
			break;
		/* between two tables */
		if (i > 1 && !args->view.json)
			putchar('\n');
		status = print_rates(verb, args, before, &now);
		sample_free(before);
		*before = now;
	}
	return status;
}

int cmd_stats(int argc, char **argv)
{
	struct stats_args args = { 0 };
	struct sample sample = { 0 };
	struct nl_chan chan = { 0 };
	struct nl *nl;
	int err, status;

	argp_parse(&stats_argp, argc, argv, 0, NULL, &args);
	err = nl_begin(&nl);
	if (!err && args.ref.text)
		err = chan_ref_get(nl, &args.ref, &chan, NULL);
	if (err) {
		status = chan_ref_error(argv[0], nl, &args.ref, err);
		nl_end(nl);
		return status;
	}
	if (args.interval_ns)
		stop_on_signals();
	status = take(argv[0], nl, &args, chan.id, &sample);
	if (!status && args.interval_ns)
		status = repeat(argv[0], nl, &args, chan.id, &sample);
	else if (!status)
		status = print_totals(argv[0], &args, &sample);
	sample_free(&sample);
	nl_end(nl);
	return status;
}
