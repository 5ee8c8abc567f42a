// SPDX-License-Identifier: GPL-2.0
/* ipcchan bench report: results that were written before, in other forms. */
#include <argp.h>
#include <string.h>

#include "../../cli.h"
#include "../bench.h"
#include "../run_options.h"
#include "doc.h"

struct arguments {
	struct bench_options opts;
	const char *results;
};

static const struct argp_option argp_options[] = {
	{ "csv", KEY_CSV, "FILE", 0, "write them as comma-separated values", 1 },
	{ "hgrm", KEY_HGRM, "FOLDER", 0,
	  "write the distribution of each case there, for HdrHistogram's plotters", 1 },
	{ "html", KEY_HTML, "FILE", 0, "write a report with pictures there", 1 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *args = state->input;
	const struct report_files *files = &args->opts.files;

	switch (key) {
	case ARGP_KEY_ARG:
		if (args->results)
			argp_error(state, "one file of results at a time");
		args->results = arg;
		return 0;
	case ARGP_KEY_END:
		if (!args->results)
			argp_error(state, "whose results? Give the file that \"ipcchan bench "
				   "--json\" wrote, or - for the standard input");
		if (!files->csv && !files->hgrm && !files->html)
			argp_error(state, "give --html, --csv or --hgrm");
		return 0;
	default:
		return run_option(key, arg, state, &args->opts);
	}
}

int cmd_bench_report(int argc, char **argv)
{
	static const struct argp argp = {
		.options = argp_options,
		.parser = parse_option,
		.args_doc = "RESULTS",
		.doc = "Turn results into a report, of whatever machine they are: the file RESULTS "
		       "that \"ipcchan bench --json\" wrote, or - for the standard input."
		       "\vFILE may be - for the standard output.\n\n"
		       "Exit status: 0 done, 1 wrong usage, 2 the results cannot be read, or the "
		       "report not be written.",
	};
	struct arguments args = { 0 };
	char why[DOC_WHY_SIZE];
	json_t *doc;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (strcmp(args.results, "-"))
		args.opts.files.results = args.results;
	status = report_files_check(&args.opts.files, argv[0], "nothing was done");
	if (status)
		return status;
	doc = doc_load(args.results, why);
	if (!doc) {
		cli_error(argv[0], "cannot read the results in %s: %s", args.results, why);
		return EXIT_SYSTEM;
	}
	status = report_files_write(&args.opts.files, doc, argv[0]);
	json_decref(doc);
	return status ? status : cli_flush_stdout(argv[0]);
}
