// SPDX-License-Identifier: GPL-2.0
/* ipcchan bench rank: which transport to use, by results that were measured before. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cli.h"
#include "crew.h"
#include "rank.h"

enum { KEY_RATE = 256, KEY_ARRIVALS, KEY_SENDERS, KEY_RECEIVERS, KEY_WAIT };

#define RATE_MOST	1000000000000ull

/* Return: how many answers there are; -1 when memory is short */
static int answer_size(const struct results *results, const struct wanted *w, uint64_t size)
{
	struct candidate *c = calloc(results->n + 1, sizeof(*c));
	const struct result *row, *end = results->rows + results->n;
	struct wanted this;
	int answers = 0;
	size_t n;

	if (!c)
		return -1;
	for (row = results->rows; row < end; row++) {
		if (row->size != size || rank_told(results, row) ||
		    (w->placement && strcmp(w->placement, row->placement)))
			continue;
		this = rank_evidence(results, w, size, row->placement);
		n = rank_find(results, &this, size, c);
		if (n)
			rank_print(&this, size, c, n);
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
	cli_error(verb, "--rate: %s has counts of instructions, which do not tell how many "
		  "messages a machine carries in a second; measure it on the machine",
		  results->path);
	return false;
}

/* What of it is not in the results */
static void print_none(const struct results *results, const struct wanted *w, const char *verb)
{
	char crew[64] = "";

	if (w->workload && rank_is_many(w->workload))
		snprintf(crew, sizeof(crew), " of %llu sender%s and %llu receiver%s",
			 (unsigned long long)w->senders, w->senders == 1 ? "" : "s",
			 (unsigned long long)w->receivers, w->receivers == 1 ? "" : "s");
	cli_error(verb, "%s has no %s%s that was measured with this wait and placement; see "
		  "\"ipcchan bench --help\" for how to measure it, and --runs %d at least",
		  results->path, w->workload ? w->workload : workload_name(WORKLOAD_PINGPONG), crew,
		  STATS_LEAST);
}

static int rank(const struct results *results, struct wanted *w, const char *verb)
{
	uint64_t size[2];
	int i, n;

	if (!set_unit(results, w, verb))
		return EXIT_SYSTEM;
	rank_nearest(results, w, size);
	if (!size[0] && !size[1]) {
		print_none(results, w, verb);
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
	{ "rate", KEY_RATE, "N", 0, "messages a second that it must carry (default: any); by the "
	  "times of an open loop, where one was measured", 1 },
	{ "arrivals", KEY_ARRIVALS, "HOW", 0,
	  "of an open loop: poisson (default, where it was measured) or fixed", 1 },
	{ "senders", KEY_SENDERS, "N", 0, "processes that send (default: 1)", 1 },
	{ "receivers", KEY_RECEIVERS, "N", 0,
	  "processes that receive, each message by one of them, or of a broadcast by all "
	  "(default: 1)", 1 },
	{ "wait", KEY_WAIT, "WAIT", 0,
	  "block (default), poll, spin, adaptive, or any", 1 },
	{ "workload", 'w', "WORKLOAD", 0,
	  "by whose times: pingpong (default), stream, oneway, openloop, or, of many processes, "
	  "fanin, fanout, mesh or broadcast", 1 },
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

/* The workload of so many processes, where none was named */
static const char *crew_workload(const struct wanted *w)
{
	if (w->senders > 1)
		return workload_name(w->receivers > 1 ? WORKLOAD_MESH : WORKLOAD_FANIN);
	return w->receivers > 1 ? workload_name(WORKLOAD_FANOUT) : NULL;
}

static void complete_crew(const struct argp_state *state, struct wanted *w)
{
	if (!w->workload)
		w->workload = crew_workload(w);
	if (!w->workload) {
		w->senders = 1;
		w->receivers = 1;
		return;
	}
	if (w->senders > 1 && !rank_has_senders(w->workload))
		argp_error(state, "--senders: a %s has one; several are of fanin and mesh",
			   w->workload);
	if (w->receivers > 1 && !rank_has_receivers(w->workload))
		argp_error(state, "--receivers: a %s has one; several are of fanout, mesh and "
			   "broadcast", w->workload);
	if (!w->senders)
		w->senders = rank_has_senders(w->workload) ? CREW_DEFAULT : 1;
	if (!w->receivers)
		w->receivers = rank_has_receivers(w->workload) ? CREW_DEFAULT : 1;
}

static void complete(const struct argp_state *state, struct wanted *w)
{
	if (!w->path)
		argp_error(state, "by which results? Make some with \"ipcchan bench --json "
			   "FILE\", on the machine that it is for");
	complete_crew(state, w);
	if (w->workload && rank_is_open(w->workload) && !w->rate)
		argp_error(state, "an open loop has times of a rate: give --rate");
	if (w->arrivals && (!w->rate || (w->workload && !rank_is_open(w->workload))))
		argp_error(state, "--arrivals is of open loops: give --rate, and no other "
			   "workload");
}

static error_t parse_number(int key, const char *arg, struct argp_state *state)
{
	struct wanted *w = state->input;

	switch (key) {
	case 's':
		w->size = arg_size(state, "--size", arg, 1, MAX_MSG_SIZE);
		return 0;
	case KEY_RATE:
		w->rate = arg_count(state, "--rate", arg, 1, RATE_MOST);
		return 0;
	case KEY_SENDERS:
		w->senders = arg_count(state, "--senders", arg, 1, MAX_CREW);
		return 0;
	case KEY_RECEIVERS:
		w->receivers = arg_count(state, "--receivers", arg, 1, MAX_CREW);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	static const char *const waits[] = { "block", "poll", "spin", "adaptive", "any", NULL };
	static const char *const workloads[] = { "pingpong", "stream", "oneway", "openloop",
						 "fanin", "fanout", "mesh", "broadcast",
						 NULL };
	static const char *const arrivals[] = { "poisson", "fixed", NULL };
	static const char *const places[] = { "same", "smt", "cache", "far", "free", NULL };
	struct wanted *w = state->input;

	switch (key) {
	case KEY_ARRIVALS:
		w->arrivals = one_of(state, "--arrivals", arrivals, arg);
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
		complete(state, w);
		return 0;
	default:
		return parse_number(key, arg, state);
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
		       "\vWith --rate only those are named that carry it: in an open loop those whose "
		       "rate, or a higher one, was reached; else by the low end of the interval of "
		       "their rate.\n\n"
		       "Exit status: 0 done, 1 wrong usage, 2 the results cannot be read, or have "
		       "nothing of that kind.",
	};
	struct wanted w = { .size = 64, .wait = "block" };
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
