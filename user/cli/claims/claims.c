// SPDX-License-Identifier: GPL-2.0
/* ipcchan claims: what the lecture notes say, and how far it is so here. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "chan_format.h"
#include "cli.h"
#include "json.h"
#include "lab.h"
#include "nls.h"
#include "print.h"
#include "view.h"

/**
 * struct claims_options
 * @wanted: by number; none of them for all
 * @from: a file of results; NULL for to measure
 */
struct claims_options {
	struct view view;
	bool list;
	bool quick;
	bool wanted[CLAIMS_NR + 1];
	bool some;
	const char *from;
};

enum { KEY_LIST = 256, KEY_QUICK };

static const struct argp_option argp_options[] = {
	{ "list", KEY_LIST, NULL, 0, "list the claims, and try none", 0 },
	{ "quick", KEY_QUICK, NULL, 0, "fewer and shorter runs", 0 },
	{ "from", 'f', "FILE", 0,
	  "judge what an earlier run measured, from its JSON, and measure nothing; - for the "
	  "standard input", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct claims_options *opts = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &opts->view;
		return 0;
	case KEY_LIST:
		opts->list = true;
		return 0;
	case KEY_QUICK:
		opts->quick = true;
		return 0;
	case 'f':
		opts->from = arg;
		return 0;
	case ARGP_KEY_ARG:
		opts->wanted[arg_count(state, "NUMBER", arg, 1, CLAIMS_NR)] = true;
		opts->some = true;
		return 0;
	case ARGP_KEY_END:
		if (opts->list && (opts->some || opts->quick || opts->from || opts->view.json))
			argp_error(state, "--list goes with nothing else");
		if (opts->from && opts->quick)
			argp_error(state, "--quick says how to measure, and --from measures "
					  "nothing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp claims_argp = {
	.options = argp_options,
	.parser = parse_option,
	.args_doc = "[NUMBER...]",
	.children = view_json,
	.doc = "Try what lecture notes say of inter-process communication, and tell of each claim "
	       "what was done, what was seen, and whether it holds, holds with a condition or "
	       "does not hold.\vEach verdict comes from an experiment that is made now.  Texts "
	       "are in the language of the locale: English or Korean.\n\nExit status: 0 done, 1 "
	       "wrong usage, 2 a claim could not be tried.",
};

static bool is_wanted(const struct claims_options *opts, const struct claim *claim)
{
	return !opts->some || opts->wanted[claim->number];
}

/* Return: 0; -ENOMEM */
static int measure_all(const struct claims_options *opts, struct lab *lab,
		       struct claim_result *results, size_t *n)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < CLAIMS_NR && !lab->interrupted; i++) {
		if (!is_wanted(opts, claims[i]))
			continue;
		claim_measure(claims[i], lab, &results[*n]);
		if (lab->interrupted)
			break;
		if (!opts->view.json)
			err = print_result(&results[*n]);
		(*n)++;
	}
	return err;
}

static int end_status(const struct lab *lab, const struct claim_result *results, size_t n)
{
	size_t i;

	if (lab && lab->interrupted)
		return 128 + lab->interrupted;
	for (i = 0; i < n; i++)
		if (claim_judge(&results[i]).verdict == CLAIM_UNTRIED)
			return EXIT_SYSTEM;
	return EXIT_OK;
}

/* With @lab as of claims_json() */
static int report(const struct claims_options *opts, const struct lab *lab,
		  const struct claim_result *results, size_t n, const char *verb)
{
	int status;

	if (opts->view.json) {
		status = json_print(verb, claims_json(lab, results, n), opts->view.pretty);
	} else {
		if (n > 1)
			print_sum(results, n);
		status = cli_flush_stdout(verb);
	}
	return status ? status : end_status(lab, results, n);
}

static int try_claims(const struct claims_options *opts, const char *verb)
{
	struct lab lab = { .verb = verb, .quick = opts->quick };
	static struct claim_result results[CLAIMS_NR];
	int status = lab_start(&lab);
	size_t n = 0;

	if (status)
		return status;
	if (!opts->view.json)
		print_head(&lab);
	status = measure_all(opts, &lab, results, &n);
	lab_end(&lab);
	if (!status)
		return report(opts, &lab, results, n, verb);
	cli_error(verb, "out of memory");
	return EXIT_SYSTEM;
}

static int judge_again(const struct claims_options *opts, const char *verb)
{
	static struct claim_result results[CLAIMS_NR];
	size_t i, n = 0, kept = 0;
	int status = claims_load(opts->from, results, &n, verb);

	if (status)
		return status;
	for (i = 0; i < n; i++)
		if (is_wanted(opts, results[i].claim))
			results[kept++] = results[i];
	if (!kept) {
		cli_error(verb, "%s has none of these claims; measure them, without --from",
			  opts->from);
		return EXIT_USAGE;
	}
	for (i = 0; !opts->view.json && i < kept; i++)
		if (print_result(&results[i])) {
			cli_error(verb, "out of memory");
			return EXIT_SYSTEM;
		}
	return report(opts, NULL, results, kept, verb);
}

int cmd_claims(int argc, char **argv)
{
	struct claims_options opts = { 0 };

	argp_parse(&claims_argp, argc, argv, 0, NULL, &opts);
	nls_start(opts.view.json);
	if (opts.list) {
		print_list();
		return cli_flush_stdout(argv[0]);
	}
	return opts.from ? judge_again(&opts, argv[0]) : try_claims(&opts, argv[0]);
}
