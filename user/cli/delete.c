// SPDX-License-Identifier: GPL-2.0
/* ipcchan delete: remove the names of channels. */
#include <stdlib.h>

#include "cli.h"

struct delete_args {
	const char **names;
	size_t n_names;
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct delete_args *args = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		args->names[args->n_names++] = arg_name(state, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "give the name of a channel");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp delete_argp = {
	.parser = parse_opt,
	.args_doc = "NAME...",
	.doc = "Remove channels."
	       "\vA name is free at once.  Processes that have the channel open go on "
	       "using it; it ends, with what is queued, when the last of them closes "
	       "it.  Each name is tried; the exit status is 2 when one failed.",
};

int cmd_delete(int argc, char **argv)
{
	struct delete_args args = { 0 };
	int status = EXIT_OK;

	args.names = calloc(argc, sizeof(*args.names));
	if (!args.names) {
		cli_error(argv[0], "out of memory");
		return EXIT_SYSTEM;
	}
	argp_parse(&delete_argp, argc, argv, 0, NULL, &args);
	for (size_t i = 0; i < args.n_names; i++) {
		int err = ipcchan_unlink(args.names[i]);

		if (!err)
			continue;
		status = cli_error_chan(argv[0], args.names[i], err);
		if (cli_module_missing(err))
			break;
	}
	free(args.names);
	return status;
}
