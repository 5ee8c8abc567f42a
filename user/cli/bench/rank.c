// SPDX-License-Identifier: GPL-2.0
/* ipcchan bench rank: which transport to use, by results that were measured before. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cli.h"
#include "readable.h"
#include "rank.h"
#include "report/rows.h"

enum { KEY_RATE = 256, KEY_WAIT };

#define RATE_MOST	1000000000000ull

static void print_interval(const struct spread *s)
{
	char low[READABLE_SIZE], high[READABLE_SIZE];

	if (s->sure)
		printf(" (95 %% sure: %s to %s)", readable(s->low, low), readable(s->high, high));
	else
		printf(" (%s to %s, too few runs to be sure)", readable(s->min, low),
		       readable(s->max, high));
}

static void print_figures(const struct wanted *w, const struct candidate *c)
{
	const char *time = workload_times(c->row->workload);
	char cell[READABLE_SIZE];
	double ns[STATS_MAX];
	struct spread p99;

	printf("%s", c->row->transport);
	if (!w->wait)
		printf(" with wait %s", c->row->wait);
	printf(": a %s takes %s %s", time ? time : "message",
	       readable(c->time.median, cell), w->unit);
	print_interval(&c->time);
	if (time && spread_find(ns, result_times(c->row, FIGURE_P99, ns), &p99))
		printf(", p99 %s", readable(p99.median, cell));
	printf(".\n");
	if (c->carries > 0)
		printf("    It carries %s messages %s at least.\n", readable(c->carries, cell),
		       w->per);
	if (!strcmp(c->row->wait, wait_name(WAIT_SPIN)))
		printf("    It keeps a CPU busy on each side, messages or none.\n");
}

/* How another compares with the first of them */
static void print_shift(const struct shift *s)
{
	if (s->verdict == VERDICT_FEW)
		printf("    Of so few runs nobody can say whether the two differ.\n");
	else if (s->verdict == VERDICT_SAME)
		printf("    The two are indistinguishable: it takes %+.1f %% (%+.1f to %+.1f).\n",
		       100 * (s->ratio - 1), 100 * (s->low - 1), 100 * (s->high - 1));
	else
		printf("    It is %s: it takes %.2f times as long (%.2f to %.2f).\n",
		       verdict_name(s->verdict), s->ratio, s->low, s->high);
}

/* The second of @n, and which of the others cannot be told from the first either */
static void print_next(const struct wanted *w, const struct candidate *c, size_t n)
{
	struct shift shift;
	size_t i, told = 0;

	printf("  runner-up: ");
	print_figures(w, &c[1]);
	for (i = 1; i < n; i++) {
		if (!result_compare(c[0].row, c[i].row, rank_figure(c[0].row), STATS_EFFECT,
				    &shift))
			continue;
		if (i == 1)
			print_shift(&shift);
		else if (shift.verdict == VERDICT_SAME)
			printf("%s%s", told++ ? ", " : "  as good as the first, too: ",
			       c[i].row->transport);
	}
	if (told)
		printf("\n");
}

static void print_unable(const struct candidate *c, size_t n)
{
	char cell[READABLE_SIZE];
	size_t i;

	if (!n)
		return;
	printf("  It is not sure that these carry so many:");
	for (i = 0; i < n; i++)
		printf("%s %s (%s)", i ? "," : "", c[i].row->transport,
		       readable(c[i].carries, cell));
	printf(".\n");
}

static void print_answer(const struct wanted *w, uint64_t size, const char *placement,
			 struct candidate *c, size_t n)
{
	size_t able = rank_able_first(w, c, n);
	char cell[READABLE_SIZE];

	printf("\nFor messages of %llu bytes", (unsigned long long)size);
	if (w->rate)
		printf(", %s of them a second", readable((double)w->rate, cell));
	printf(", %s%s, placement %s:\n", w->wait ? "wait " : "any wait", w->wait ? w->wait : "",
	       placement);
	if (!able) {
		printf("  nothing that was measured surely carries so many.\n");
	} else {
		printf("  use ");
		print_figures(w, &c[0]);
	}
	if (able > 1)
		print_next(w, c, able);
	print_unable(c + able, n - able);
}

/* Return: how many answers there are; -1 when memory is short */
static int answer_size(const struct results *results, const struct wanted *w, uint64_t size)
{
	struct candidate *c = calloc(results->n + 1, sizeof(*c));
	const struct result *row, *end = results->rows + results->n;
	int answers = 0;
	size_t n;

	if (!c)
		return -1;
	for (row = results->rows; row < end; row++) {
		if (row->size != size || rank_told(results, row))
			continue;
		n = rank_find(results, w, size, row->placement, c);
		if (n)
			print_answer(w, size, row->placement, c, n);
		answers += n > 0;
	}
	free(c);
	return answers;
}

static void print_machine(const struct results *results)
{
	static const char *const names[] = { "cpu_model", "kernel" };
	const json_t *env = json_object_get(results->json, "environment");
	char *text;
	size_t i;

	printf("By %s", results->path);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		text = json_dumps(json_object_get(env, names[i]),
				  JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
		if (text && strcmp(text, "null"))
			printf(", %s %s", names[i], text);
		free(text);
	}
	printf(".\n");
	results_print_doubt(stdout, results);
}

/* What follows from the unit of the results.  Return: whether they can tell what is wanted */
static bool set_unit(const struct results *results, struct wanted *w, const char *verb)
{
	bool insn = results_instructions(results);

	w->unit = results_unit(results);
	w->per = insn ? "for 10^9 instructions" : "a second";
	if (!insn || !w->rate)
		return true;
	cli_error(verb, "--rate: %s has counts of instructions, which do not tell how many messages "
		  "a machine carries in a second; measure it on the machine", results->path);
	return false;
}

static int rank(const struct results *results, struct wanted *w, const char *verb)
{
	uint64_t size[2];
	int i, n;

	if (!set_unit(results, w, verb))
		return EXIT_SYSTEM;
	rank_nearest(results, w, size);
	if (!size[0] && !size[1]) {
		cli_error(verb, "%s has no %s that was measured with this wait and placement; "
			  "see \"ipcchan bench --help\" for how to measure it, and --runs %d at "
			  "least", results->path, w->workload, STATS_LEAST);
		return EXIT_SYSTEM;
	}
	print_machine(results);
	if (size[0] != w->size)
		printf("Messages of %llu bytes were not measured: this is of the nearest sizes "
		       "that were.\n", (unsigned long long)w->size);
	for (i = 0; i < 2; i++) {
		if (!size[i] || (i && size[1] == size[0]))
			continue;
		n = answer_size(results, w, size[i]);
		if (n >= 0)
			continue;
		cli_error(verb, "no memory");
		return EXIT_SYSTEM;
	}
	return EXIT_OK;
}

static const struct argp_option argp_options[] = {
	{ "size", 's', "SIZE", 0, "bytes of a message (default: 64)", 1 },
	{ "rate", KEY_RATE, "N", 0, "messages a second that it must carry (default: any)", 1 },
	{ "wait", KEY_WAIT, "WAIT", 0,
	  "block (default), poll, spin, adaptive, or any", 1 },
	{ "workload", 'w', "WORKLOAD", 0,
	  "by whose times: pingpong (default), stream or oneway", 1 },
	{ "placement", 'p', "PLACEMENT", 0, "same, smt, cache, far or free (default: each that "
	  "was measured, by itself)", 1 },
	{ 0 },
};

/* Return: @text, when it is one of the words */
static const char *one_of(const struct argp_state *state, const char *option,
			  const char *const *words, const char *text)
{
	for (; *words; words++)
		if (!strcmp(*words, text))
			return text;
	argp_error(state, "%s: there is no '%s'; see --help", option, text);
	return NULL;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	static const char *const waits[] = { "block", "poll", "spin", "adaptive", "any", NULL };
	static const char *const workloads[] = { "pingpong", "stream", "oneway", NULL };
	static const char *const places[] = { "same", "smt", "cache", "far", "free", NULL };
	struct wanted *w = state->input;

	switch (key) {
	case 's':
		w->size = arg_size(state, "--size", arg, 1, MAX_MSG_SIZE);
		return 0;
	case KEY_RATE:
		w->rate = arg_count(state, "--rate", arg, 1, RATE_MOST);
		return 0;
	case KEY_WAIT:
		w->wait = one_of(state, "--wait", waits, arg);
		if (!strcmp(w->wait, "any"))
			w->wait = NULL;
		return 0;
	case 'w':
		w->workload = one_of(state, "--workload", workloads, arg);
		return 0;
	case 'p':
		w->placement = one_of(state, "--placement", places, arg);
		return 0;
	case ARGP_KEY_ARG:
		if (w->path)
			argp_error(state, "one file of results at a time");
		w->path = arg;
		return 0;
	case ARGP_KEY_END:
		if (!w->path)
			argp_error(state, "by which results? Make some with \"ipcchan bench --json "
				   "FILE\", on the machine that it is for");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_bench_rank(int argc, char **argv)
{
	static const struct argp argp = {
		.options = argp_options,
		.parser = parse_option,
		.args_doc = "RESULTS",
		.doc = "Tell which transport to use, and why, by a file of results that \"ipcchan "
		       "bench --json\" wrote, or - for the standard input."
		       "\vWith --rate only those are named that carried more, by the low end of "
		       "the interval of their rate.\n\n"
		       "Exit status: 0 done, 1 wrong usage, 2 the results cannot be read, or have "
		       "nothing of that kind.",
	};
	struct wanted w = { .size = 64, .wait = "block", .workload = "pingpong" };
	struct results results;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &w);
	status = results_read(&results, w.path, argv[0]);
	if (status)
		return status;
	status = rank(&results, &w, argv[0]);
	results_free(&results);
	return status ? status : cli_flush_stdout(argv[0]);
}
