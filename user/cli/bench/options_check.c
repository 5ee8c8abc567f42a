// SPDX-License-Identifier: GPL-2.0
#include "options_check.h"

/* The end of all, which is always there, for what is none of them */
static size_t index_of(const struct command_line *line, int key)
{
	size_t i;

	for (i = 0; line->options[i].name && line->options[i].key != key; i++)
		;
	return i;
}

void command_line_note(struct command_line *line, int key)
{
	line->given[index_of(line, key)] = true;
}

static bool is_given(const struct command_line *line, int key)
{
	return line->given[index_of(line, key)];
}

static void check_listen(const struct command_line *line, const struct argp_state *state)
{
	const struct argp_option *o = line->options;
	size_t i;

	for (i = 0; o[i].name; i++) {
		switch (o[i].key) {
		case KEY_LISTEN:
		case KEY_ONCE:
		case KEY_TIMEOUT:
			continue;
		}
		if (line->given[i])
			argp_error(state, "--%s is not of --listen, which has only --timeout and "
				   "--once: who connects gives all else", o[i].name);
	}
}

static void check_remote(const struct command_line *line, const struct argp_state *state)
{
	const struct bench_options *opts = line->opts;

	if (opts->connect && opts->listen)
		argp_error(state, "either --connect or --listen");
	if (opts->once && !opts->listen)
		argp_error(state, "--once is of --listen");
	if (opts->listen)
		check_listen(line, state);
	if (opts->connect && opts->n_placements)
		argp_error(state, "--placement is of one host: with --connect each side runs "
			   "where its scheduler lets it");
	if (opts->connect && is_given(line, KEY_BATCH))
		argp_error(state, "--batch is of one host: what goes to another one takes one "
			   "message a call");
}

bool options_have(const struct bench_options *opts, enum workload workload)
{
	size_t i;

	for (i = 0; i < opts->n_workloads; i++)
		if (opts->workloads[i] == workload)
			return true;
	return false;
}

/* What no workload would heed is a mistake */
static void check_workloads(const struct bench_options *opts, const struct argp_state *state)
{
	bool mesh = options_have(opts, WORKLOAD_MESH);

	if (opts->n_senders && !mesh && !options_have(opts, WORKLOAD_FANIN))
		argp_error(state, "--senders is of the workloads fanin and mesh: "
			   "--workloads fanin");
	if (opts->n_receivers && !mesh && !options_have(opts, WORKLOAD_FANOUT) &&
	    !options_have(opts, WORKLOAD_BROADCAST))
		argp_error(state, "--receivers is of the workloads fanout, mesh and broadcast: "
			   "--workloads fanout");
	if ((opts->n_offers || opts->n_arrivals) && !options_have(opts, WORKLOAD_OPENLOOP))
		argp_error(state, "%s is of the workload openloop: --workloads openloop",
			   opts->n_offers ? "--rate" : "--arrivals");
}

void options_check(const struct command_line *line, const struct argp_state *state)
{
	const struct bench_options *opts = line->opts;

	check_remote(line, state);
	if (opts->quick && opts->thorough)
		argp_error(state, "either --quick or --thorough");
	check_workloads(opts, state);
	if (opts->messages && opts->duration_ns)
		argp_error(state, "either --messages or --duration");
}
