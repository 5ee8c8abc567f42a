// SPDX-License-Identifier: GPL-2.0
/* ipcchan bench compare: what has become slower, or faster, since other results. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cli.h"
#include "../table.h"
#include "readable.h"
#include "results.h"
#include "results_match.h"

/* A row is slower by more than the gate */
#define EXIT_GATE	3

#define COLUMNS		11
#define LEFT		0x43bul

enum { KEY_GATE = 256, KEY_EFFECT };

/**
 * struct compare - the command line, and what came of it
 * @gate: 0 for none, 0.05 for 5 %
 * @effect: likewise, a smaller change is none
 * @verdicts: how many figures, by enum verdict
 * @beyond: of these, slower by more than the gate
 */
struct compare {
	const char *path[2];
	double gate;
	double effect;
	struct results from;
	struct results to;
	struct table *table;
	size_t verdicts[VERDICT_SLOWER + 1];
	size_t beyond;
};

static double arg_percent(const struct argp_state *state, const char *option, const char *text)
{
	char *end = NULL;
	double value = 0;

	if (strspn(text, "0123456789.") >= 1)
		value = strtod(text, &end);
	if (!end || end == text || strcmp(end + (*end == '%'), "") || !(value > 0 && value <= 1000))
		argp_error(state, "%s: '%s' is none; give a number of percent, above 0, such as "
			   "5%% or 0.5", option, text);
	return value / 100;
}

static void compare_figure(struct compare *c, const struct result *from,
			   const struct result *to, enum figure figure)
{
	static const char *const names[FIGURE_NR][2] = {
		[FIGURE_RATE] = { "", "/message" },
		[FIGURE_P50] = { "p50 ", "" }, [FIGURE_P99] = { "p99 ", "" },
	};
	double ns[2][STATS_MAX];
	struct spread spread[2];
	char more[RESULT_MORE], cell[2][READABLE_SIZE], interval[64] = "-";
	struct shift shift;

	if (!result_compare(from, to, figure, c->effect, &shift))
		return;
	spread_find(ns[0], result_times(from, figure, ns[0]), &spread[0]);
	spread_find(ns[1], result_times(to, figure, ns[1]), &spread[1]);
	if (shift.verdict != VERDICT_FEW)
		snprintf(interval, sizeof(interval), "%+.1f to %+.1f %%", 100 * (shift.low - 1),
			 100 * (shift.high - 1));
	table_cell(c->table, "%s", from->transport);
	table_cell(c->table, "%s", from->workload);
	table_cell(c->table, "%llu", (unsigned long long)from->size);
	table_cell(c->table, "%s", from->placement);
	table_cell(c->table, "%s", from->wait);
	table_cell(c->table, "%s%s%s", names[figure][0], results_unit(&c->from),
		   names[figure][1]);
	table_cell(c->table, "%s", readable(spread[0].median, cell[0]));
	table_cell(c->table, "%s", readable(spread[1].median, cell[1]));
	table_cell(c->table, "%+.1f %%", 100 * (shift.ratio - 1));
	table_cell(c->table, "%s", interval);
	table_cell(c->table, "%s%s%s", verdict_name(shift.verdict),
		   *result_more(from, more) ? " " : "", more);
	c->verdicts[shift.verdict]++;
	c->beyond += shift.verdict == VERDICT_SLOWER && shift.low > 1 + c->gate;
}

static void compare_rows(struct compare *c)
{
	static const char *const titles[COLUMNS] = {
		"transport", "workload", "bytes", "placement", "wait", "figure", "old", "new",
		"change", "interval", "verdict",
	};
	const struct result *from, *to;
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		table_cell(c->table, "%s", titles[i]);
	for (i = 0; i < c->from.n; i++) {
		from = &c->from.rows[i];
		to = results_find(&c->to, from);
		if (!to)
			continue;
		if (result_by_rate(from)) {
			compare_figure(c, from, to, FIGURE_RATE);
			continue;
		}
		compare_figure(c, from, to, FIGURE_P50);
		compare_figure(c, from, to, FIGURE_P99);
	}
}

/* Rows of @has that @lacks does not have, or has no figures of */
static void print_only(const struct results *has, const struct results *lacks)
{
	const struct result *row, *other;
	size_t i;

	for (i = 0; i < has->n; i++) {
		row = &has->rows[i];
		other = results_find(lacks, row);
		if (!row->runs || (other && other->runs))
			continue;
		printf("Only in %s: ", has->path);
		result_print_name(stdout, row);
		printf("%s%s.\n", other ? "; there: " : "", other ? other->status : "");
	}
}

static void print_notes(const struct compare *c)
{
	const size_t *n = c->verdicts;

	printf("\n%zu slower, %zu faster, %zu indistinguishable, %zu of too few runs "
	       "(at least %d on both sides).\n", n[VERDICT_SLOWER], n[VERDICT_FASTER],
	       n[VERDICT_SAME], n[VERDICT_FEW], STATS_LEAST);
	printf("old, new: medians of the runs.  change: of Hodges and Lehmann, with %g %% in the "
	       "interval.\nslower, faster: by %g %% at least, at a level of %g %% "
	       "(Mann-Whitney); so many that do not\ndiffer are called so "
	       "nevertheless.  Two files are of two times: what else was going on\nthen is a part "
	       "of the change.\n", 100 * (1 - STATS_ALPHA), 100 * c->effect, 100 * STATS_ALPHA);
	print_only(&c->from, &c->to);
	print_only(&c->to, &c->from);
	results_warn(stdout, &c->from, &c->to);
}

static size_t count_told(const struct compare *c)
{
	return c->verdicts[VERDICT_SAME] + c->verdicts[VERDICT_FASTER] +
	       c->verdicts[VERDICT_SLOWER];
}

static int judge(const struct compare *c, const char *verb)
{
	if (c->gate <= 0)
		return EXIT_OK;
	if (!count_told(c)) {
		cli_error(verb, "the gate cannot judge anything: measure both with --runs %d at "
			  "least", STATS_LEAST);
		return EXIT_SYSTEM;
	}
	printf("Gate: %zu of %zu figures are slower by more than %g %%, all of the interval.\n",
	       c->beyond, count_told(c), 100 * c->gate);
	return c->beyond ? EXIT_GATE : EXIT_OK;
}

/* That no file has a case twice */
static bool check_cases(const struct compare *c, const char *verb)
{
	const struct results *both[2] = { &c->from, &c->to };
	const struct result *twice;
	int i;

	for (i = 0; i < 2; i++) {
		twice = results_twice(both[i]);
		if (!twice)
			continue;
		cli_error(verb, "%s: two rows are of %s, %s of %llu bytes: such results cannot be "
			  "compared", both[i]->path, twice->transport, twice->workload,
			  (unsigned long long)twice->size);
		return false;
	}
	return true;
}

/* That both have the same unit */
static bool check_units(const struct compare *c, const char *verb)
{
	bool insn = results_instructions(&c->from);

	if (insn == results_instructions(&c->to))
		return true;
	cli_error(verb, "%s has counts of instructions, %s has times: measure both in the same way",
		  insn ? c->from.path : c->to.path, insn ? c->to.path : c->from.path);
	return false;
}

/* What the times are not comes before them.  Return: 0; negative errno */
static int print_table(const struct compare *c)
{
	results_print_doubt(stdout, &c->from);
	results_print_doubt(stdout, &c->to);
	return table_print(c->table);
}

static int compare(struct compare *c, const char *verb)
{
	int status = EXIT_SYSTEM;

	if (!check_units(c, verb) || !check_cases(c, verb))
		return EXIT_SYSTEM;
	c->table = table_new(COLUMNS, LEFT);
	if (c->table)
		compare_rows(c);
	if (c->table && !count_told(c) && !c->verdicts[VERDICT_FEW]) {
		cli_error(verb, "nothing can be compared: no case has figures of each run in both "
			  "files; measure both with the same options");
	} else if (!c->table || print_table(c)) {
		cli_error(verb, "no memory");
	} else {
		print_notes(c);
		status = judge(c, verb);
	}
	table_free(c->table);
	return status;
}

static const struct argp_option argp_options[] = {
	{ "gate", KEY_GATE, "PERCENT", 0,
	  "exit status 3 when a figure is surely slower by more, as 5%", 1 },
	{ "effect", KEY_EFFECT, "PERCENT", 0,
	  "a smaller change is called indistinguishable (default: 1%)", 1 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct compare *c = state->input;

	switch (key) {
	case KEY_GATE:
		c->gate = arg_percent(state, "--gate", arg);
		return 0;
	case KEY_EFFECT:
		c->effect = arg_percent(state, "--effect", arg);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num >= 2)
			argp_error(state, "two files of results at a time");
		c->path[state->arg_num] = arg;
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num < 2)
			argp_error(state, "give two files of results, as \"ipcchan bench --json "
				   "FILE\" writes them");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_bench_compare(int argc, char **argv)
{
	static const struct argp argp = {
		.options = argp_options,
		.parser = parse_option,
		.args_doc = "OLD NEW",
		.doc = "Compare two files of results that \"ipcchan bench --json\" wrote, row by "
		       "row: what has become slower, or faster, and how sure that is.  One of "
		       "them may be - for the standard input."
		       "\vExit status: 0 done, 1 wrong usage, 2 the results cannot be read or "
		       "compared, 3 a figure is slower by more than the gate.",
	};
	struct compare c = { .effect = STATS_EFFECT };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &c);
	status = results_read(&c.from, c.path[0], argv[0]);
	if (status)
		return status;
	status = results_read(&c.to, c.path[1], argv[0]);
	if (!status)
		status = compare(&c, argv[0]);
	results_free(&c.from);
	results_free(&c.to);
	return status == EXIT_OK || status == EXIT_GATE ?
	       (cli_flush_stdout(argv[0]) ? EXIT_SYSTEM : status) : status;
}
