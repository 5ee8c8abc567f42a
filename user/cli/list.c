// SPDX-License-Identifier: GPL-2.0
/* ipcchan list: the channels of this network namespace. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "chan_format.h"
#include "chan_table.h"
#include "cli.h"
#include "view.h"
#include "words.h"

struct list_args {
	struct view view;
	struct nl_filter filter;
	const char *state;	/* which of --named, --anonymous, --deleted was given */
};

enum {
	OPT_KIND = 0x100,
	OPT_USER,
	OPT_NAMED,
	OPT_ANONYMOUS,
	OPT_DELETED,
};

static const struct argp_option options[] = {
	{ "kind", OPT_KIND, "KIND", 0, "only those of this kind", 0 },
	{ "user", OPT_USER, "USER", 0, "only those that this user owns", 0 },
	{ "named", OPT_NAMED, NULL, 0, "only those that have a name", 0 },
	{ "anonymous", OPT_ANONYMOUS, NULL, 0, "only those that never had one", 0 },
	{ "deleted", OPT_DELETED, NULL, 0, "only those that had one, and are open still", 0 },
	{ 0 }
};

static void parse_state(struct list_args *args, const char *option,
			const struct argp_state *state)
{
	if (args->state && strcmp(args->state, option))
		argp_error(state, "%s and %s exclude each other", args->state, option);
	args->state = option;
}

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct list_args *args = state->input;
	struct nl_filter *filter = &args->filter;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->view;
		return 0;
	case OPT_KIND:
		filter->by_kind = true;
		filter->kind = arg_word(state, "--kind", arg, kind_words);
		return 0;
	case OPT_USER:
		filter->by_uid = true;
		filter->uid = arg_user(state, "--user", arg);
		return 0;
	case OPT_NAMED:
		parse_state(args, "--named", state);
		return 0;
	case OPT_ANONYMOUS:
		parse_state(args, "--anonymous", state);
		filter->flags = IPCCHAN_CHAN_ANON;
		return 0;
	case OPT_DELETED:
		parse_state(args, "--deleted", state);
		filter->flags = IPCCHAN_CHAN_UNLINKED;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "takes no argument; \"ipcchan show NAME\" shows "
			   "one channel");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp list_argp = {
	.options = options,
	.parser = parse_opt,
	.doc = "List the channels of this network namespace that you may see: your own, "
	       "and those that you may attach to."
	       "\vMSGS and BYTES are queued now, OPEN is the number of descriptors, SLOW "
	       "what happens to a receiver of a broadcast that has no room.  USER is a name "
	       "or a number.",
	.children = view_stats,
};

static int print_json(const char *verb, const struct nl_chan *chans, size_t n,
		      const struct view *view)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(array, chan_json(&chans[i], view->stats))) {
			json_decref(array);
			array = NULL;
		}
	return json_print(verb, array, view->pretty);
}

/* The kernel goes by bits that are set, --named by some that are not. */
static size_t keep_named(struct nl_chan *chans, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!(chans[i].flags & (IPCCHAN_CHAN_ANON | IPCCHAN_CHAN_UNLINKED)))
			chans[kept++] = chans[i];
	return kept;
}

int cmd_list(int argc, char **argv)
{
	struct list_args args = { 0 };
	struct nl_chan *chans = NULL;
	struct nl *nl;
	size_t n = 0;
	int ret, status;

	argp_parse(&list_argp, argc, argv, 0, NULL, &args);
	ret = nl_begin(&nl);
	if (!ret)
		ret = nl_dump_channels(nl, &args.filter, &chans, &n);
	status = view_dumped(argv[0], nl, ret);
	nl_end(nl);
	if (status)
		return status;
	if (args.state && !strcmp(args.state, "--named"))
		n = keep_named(chans, n);
	if (args.view.json)
		status = print_json(argv[0], chans, n, &args.view);
	else if (chans_print(chans, n, args.view.stats, args.view.numeric))
		status = cli_error_nl(argv[0], NULL, -ENOMEM, "");
	else
		status = cli_flush_stdout(argv[0]);
	free(chans);
	return status;
}
