// SPDX-License-Identifier: GPL-2.0
/* What the verbs that show something have in common: -j -p -s -n, and which channel. */
#include <errno.h>
#include <string.h>

#include "view.h"

static const struct argp_option json_options[] = {
	{ "json", 'j', NULL, 0, "print JSON", 0 },
	{ "pretty", 'p', NULL, 0, "print the JSON indented (implies --json)", 0 },
	{ 0 }
};

static const struct argp_option numeric_options[] = {
	{ "numeric", 'n', NULL, 0, "print numbers, not names, of users and groups", 0 },
	{ 0 }
};

static const struct argp_option stats_options[] = {
	{ "stats", 's', NULL, 0, "print more: counters and the like", 0 },
	{ 0 }
};

static error_t parse_json(int key, char *arg, struct argp_state *state)
{
	struct view *view = state->input;

	(void)arg;
	switch (key) {
	case 'p':
		view->pretty = true;
		view->json = true;
		return 0;
	case 'j':
		view->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_numeric(int key, char *arg, struct argp_state *state)
{
	struct view *view = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = view;
		return 0;
	case 'n':
		view->numeric = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_stats(int key, char *arg, struct argp_state *state)
{
	struct view *view = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = view;
		return 0;
	case 's':
		view->stats = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp json_argp = {
	.options = json_options,
	.parser = parse_json,
};

const struct argp_child view_json[] = { { &json_argp, 0, NULL, 0 }, { 0 } };

static const struct argp numeric_argp = {
	.options = numeric_options,
	.parser = parse_numeric,
	.children = view_json,
};

const struct argp_child view_numeric[] = { { &numeric_argp, 0, NULL, 0 }, { 0 } };

static const struct argp stats_argp = {
	.options = stats_options,
	.parser = parse_stats,
	.children = view_numeric,
};

const struct argp_child view_stats[] = { { &stats_argp, 0, NULL, 0 }, { 0 } };

void chan_ref_arg(struct chan_ref *ref, const struct argp_state *state, const char *arg)
{
	if (!ref->text) {
		ref->text = arg_name(state, arg);
	} else if (!ref->by_id && !strcmp(ref->text, "id")) {
		ref->id = arg_count(state, "id", arg, 1, UINT32_MAX);
		ref->text = arg;
		ref->by_id = true;
	} else {
		argp_error(state, "takes one channel");
	}
}

int chan_ref_get(struct nl *nl, const struct chan_ref *ref, struct nl_chan *chan,
		 struct nl_times *times)
{
	uint64_t id;
	int err;

	if (ref->by_id)
		return nl_get_channel(nl, NULL, ref->id, chan, times);
	err = nl_get_channel(nl, ref->text, 0, chan, times);
	if (err == -ENOENT && !parse_count(ref->text, &id) && id && id <= UINT32_MAX)
		err = nl_get_channel(nl, NULL, id, chan, times);
	return err;
}

/* A name that is a number was looked for as an id, too: nobody is told to make it. */
int chan_ref_error(const char *verb, const struct nl *nl, const struct chan_ref *ref, int err)
{
	uint64_t id;

	if (err != -ENOENT || !ref->text || (!ref->by_id && parse_count(ref->text, &id)))
		return cli_error_nl(verb, ref->text, err, nl_text(nl));
	cli_error(verb, "no channel in this network namespace has the %sid %s; \"ipcchan list\" "
		  "shows those that are there", ref->by_id ? "" : "name or the ", ref->text);
	return EXIT_SYSTEM;
}

int view_dumped(const char *verb, const struct nl *nl, int ret)
{
	if (ret < 0)
		return cli_error_nl(verb, NULL, ret, nl_text(nl));
	if (ret == NL_INCONSISTENT)
		cli_error(verb, "it changed while it was read, at each of several tries: some "
			  "may be missing or told twice");
	return EXIT_OK;
}
