// SPDX-License-Identifier: GPL-2.0
/* ipcchan tree: who talks to whom. */
#include <errno.h>
#include <stdlib.h>

#include "chan_format.h"
#include "cli.h"
#include "tree.h"
#include "view.h"

struct tree_args {
	struct view view;
	struct chan_ref ref;
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct tree_args *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &args->view;
		return 0;
	case ARGP_KEY_ARG:
		chan_ref_arg(&args->ref, state, arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp tree_argp = {
	.parser = parse_opt,
	.args_doc = "[" CHAN_REF_DOC "]",
	.doc = "Show for one channel or for all who has it open: \"<-\" is a process that sends "
	       "to it, \"->\" one that receives from it, \"<>\" one that does both; with --stats, "
	       "what is queued for it, what it has lost, and the blocks that it has."
	       "\vThe process is the one that opened it, which may have passed it on.",
	.children = view_stats,
};

static int print(const char *verb, const struct tree *tree, const struct view *view)
{
	if (view->json)
		return json_print(verb, tree_json(tree), view->pretty);
	tree_print(tree, view->numeric, view->stats);
	return cli_flush_stdout(verb);
}

static int take(const char *verb, struct nl *nl, const struct tree_args *args,
		struct tree *tree)
{
	int ret;

	if (args->ref.text) {
		tree->chans = malloc(sizeof(*tree->chans));
		if (!tree->chans)
			return cli_error_nl(verb, NULL, -ENOMEM, "");
		tree->n_chans = 1;
		ret = chan_ref_get(nl, &args->ref, tree->chans, NULL);
		if (ret)
			return chan_ref_error(verb, nl, &args->ref, ret);
	} else {
		ret = view_dumped(verb, nl, nl_dump_channels(nl, NULL, &tree->chans,
							     &tree->n_chans));
		if (ret)
			return ret;
	}
	return view_dumped(verb, nl,
			   nl_dump_endpoints(nl, args->ref.text ? tree->chans->id : 0,
					     &tree->eps, &tree->n_eps));
}

int cmd_tree(int argc, char **argv)
{
	struct tree_args args = { 0 };
	struct tree tree = { 0 };
	struct nl *nl;
	int err, status;

	argp_parse(&tree_argp, argc, argv, 0, NULL, &args);
	err = nl_begin(&nl);
	if (err)
		return cli_error_nl(argv[0], NULL, err, "");
	status = take(argv[0], nl, &args, &tree);
	if (!status)
		status = print(argv[0], &tree, &args.view);
	free(tree.chans);
	free(tree.eps);
	nl_end(nl);
	return status;
}
