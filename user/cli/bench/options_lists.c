// SPDX-License-Identifier: GPL-2.0
#include "options_lists.h"

#include <string.h>

#include "../cli.h"

#define MAX_RATE	1000000000ull

static const struct choice {
	const char *name;
	int value;
} workload_choices[] = {
	{ "pingpong", WORKLOAD_PINGPONG }, { "stream", WORKLOAD_STREAM },
	{ "oneway", WORKLOAD_ONEWAY }, { "openloop", WORKLOAD_OPENLOOP },
	{ "fanin", WORKLOAD_FANIN }, { "fanout", WORKLOAD_FANOUT }, { "mesh", WORKLOAD_MESH },
	{ "broadcast", WORKLOAD_BROADCAST },
	{ 0 },
}, arrivals_choices[] = {
	{ "fixed", ARRIVALS_FIXED }, { "poisson", ARRIVALS_POISSON }, { 0 },
}, placement_choices[] = {
	{ "same", PLACE_SAME }, { "smt", PLACE_SMT }, { "cache", PLACE_CACHE },
	{ "far", PLACE_FAR }, { "free", PLACE_FREE }, { 0 },
}, wait_choices[] = {
	{ "block", WAIT_BLOCK }, { "poll", WAIT_POLL }, { "spin", WAIT_SPIN },
	{ "adaptive", WAIT_ADAPTIVE }, { 0 },
}, payload_choices[] = {
	{ "notify", PAYLOAD_NOTIFY }, { "write+read", PAYLOAD_TOUCH },
	{ "verify", PAYLOAD_VERIFY }, { 0 },
};

static int choose(const struct argp_state *state, const char *option,
		  const struct choice *choices, const char *text)
{
	const struct choice *c;
	char all[256] = "";

	for (c = choices; c->name; c++) {
		if (!strcmp(c->name, text))
			return c->value;
		if (c != choices)
			strncat(all, ", ", sizeof(all) - strlen(all) - 1);
		strncat(all, c->name, sizeof(all) - strlen(all) - 1);
	}
	argp_error(state, "%s: '%s' is none of: %s", option, text, all);
	return 0;
}

/*
 * Take the next item off a list.  Empty items, as in "a,,b" or an empty list,
 * are items too: they are then refused as what they are.
 */
static char *next_item(char **list)
{
	return strsep(list, ",");
}

/* The next item of a list that no earlier one was.  Return: false at its end. */
static bool next_choice(const struct argp_state *state, const char *option,
			const struct choice *choices, char **list, unsigned int *seen, int *value)
{
	const char *item;

	while ((item = next_item(list))) {
		*value = choose(state, option, choices, item);
		if (!(*seen & 1u << *value)) {
			*seen |= 1u << *value;
			return true;
		}
	}
	return false;
}

static void no_room(const struct argp_state *state, const char *option, size_t max)
{
	argp_error(state, "%s: at most %zu different ones", option, max);
}

static void add_transport(struct bench_options *opts, const struct argp_state *state,
			  const struct transport *t)
{
	size_t i;

	for (i = 0; i < opts->n_transports; i++)
		if (opts->transports[i] == t)
			return;
	if (i == MAX_TRANSPORTS)
		no_room(state, "--transports", MAX_TRANSPORTS);
	opts->transports[opts->n_transports++] = t;
}

void options_set_transports(struct bench_options *opts, const struct argp_state *state, char *list)
{
	const char *item;
	size_t i;

	opts->n_transports = 0;
	while ((item = next_item(&list))) {
		const struct transport *t = transport_find(item);

		if (t)
			add_transport(opts, state, t);
		else if (!strcmp(item, "all"))
			for (i = 0; transports[i]; i++)
				add_transport(opts, state, transports[i]);
		else
			argp_error(state, "--transports: there is no '%s'; --list shows "
				   "what there is", item);
	}
}

void options_set_workloads(struct bench_options *opts, const struct argp_state *state, char *list)
{
	unsigned int seen = 0;
	int value;

	opts->n_workloads = 0;
	while (next_choice(state, "--workloads", workload_choices, &list, &seen, &value))
		opts->workloads[opts->n_workloads++] = (enum workload)value;
}

void options_set_placements(struct bench_options *opts, const struct argp_state *state, char *list)
{
	unsigned int seen = 0;
	int value;

	opts->n_placements = 0;
	while (next_choice(state, "--placement", placement_choices, &list, &seen, &value))
		opts->placements[opts->n_placements++] = (enum placement_kind)value;
}

void options_set_waits(struct bench_options *opts, const struct argp_state *state, char *list)
{
	unsigned int seen = 0;
	int value;

	opts->n_waits = 0;
	while (next_choice(state, "--wait", wait_choices, &list, &seen, &value))
		opts->waits[opts->n_waits++] = (enum wait_strategy)value;
}

void options_set_sizes(struct bench_options *opts, const struct argp_state *state, char *list)
{
	const char *item;
	size_t i;

	opts->n_sizes = 0;
	while ((item = next_item(&list))) {
		size_t size = arg_size(state, "--sizes", item, 1, MAX_MSG_SIZE);

		for (i = 0; i < opts->n_sizes && opts->sizes[i] != size; i++)
			;
		if (i == MAX_SIZES)
			no_room(state, "--sizes", MAX_SIZES);
		if (i == opts->n_sizes)
			opts->sizes[opts->n_sizes++] = size;
	}
}

void options_set_arrivals(struct bench_options *opts, const struct argp_state *state, char *list)
{
	unsigned int seen = 0;
	int value;

	opts->n_arrivals = 0;
	while (next_choice(state, "--arrivals", arrivals_choices, &list, &seen, &value))
		opts->arrivals[opts->n_arrivals++] = (enum arrivals)value;
}

static void add_offers(struct bench_options *opts, const struct argp_state *state,
		       const struct offer *offers, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < opts->n_offers; j++)
			if (opts->offers[j].percent == offers[i].percent &&
			    opts->offers[j].per_s == offers[i].per_s)
				break;
		if (j == MAX_OFFERS)
			no_room(state, "--rate", MAX_OFFERS);
		opts->offers[j] = offers[i];
		opts->n_offers += j == opts->n_offers;
	}
}

void options_set_rates(struct bench_options *opts, const struct argp_state *state, char *list)
{
	struct offer sweep[MAX_OFFERS], given = { 0 };
	const char *item;

	opts->n_offers = 0;
	while ((item = next_item(&list))) {
		if (!strcmp(item, "sweep")) {
			add_offers(opts, state, sweep, load_sweep(sweep));
			continue;
		}
		given.per_s = arg_count(state, "--rate", item, 1, MAX_RATE);
		add_offers(opts, state, &given, 1);
	}
}

size_t options_set_crews(const struct argp_state *state, const char *option, char *list,
			 unsigned int crews[MAX_CREWS])
{
	const char *item;
	size_t i, n = 0;

	while ((item = next_item(&list))) {
		unsigned int crew = (unsigned int)arg_count(state, option, item, 1, MAX_CREW);

		for (i = 0; i < n && crews[i] != crew; i++)
			;
		if (i == MAX_CREWS)
			no_room(state, option, MAX_CREWS);
		if (i == n)
			crews[n++] = crew;
	}
	return n;
}

void options_set_payload(struct bench_options *opts, const struct argp_state *state,
			 const char *text)
{
	opts->payload = (enum payload_mode)choose(state, "--payload", payload_choices, text);
}
