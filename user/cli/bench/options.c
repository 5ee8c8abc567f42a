// SPDX-License-Identifier: GPL-2.0
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../cli.h"
#include "bench.h"
#include "run_options.h"
#include "workload.h"

enum {
	KEY_DEPTH = KEY_OWN, KEY_TIMEOUT, KEY_PAYLOAD, KEY_BATCH, KEY_WAIT, KEY_THOROUGH,
	KEY_RATE, KEY_ARRIVALS, KEY_CONNECT, KEY_LISTEN, KEY_ONCE, KEY_SENDERS, KEY_RECEIVERS,
};

#define MAX_MESSAGES	1000000000000ull
#define MIN_DEPTH	4096
#define MAX_RATE	1000000000ull

/* Many senders, or receivers, if nothing else is asked for */
#define CREW		4

static const struct argp_option argp_options[] = {
	{ "transports", 't', "LIST", 0, "what to measure (default: all, see --list)", 1 },
	{ "workloads", 'w', "LIST", 0,
	  "pingpong: round trips; stream: one way, as fast as they go (default: these two); "
	  "oneway: one at a time; openloop: each at its time, see --rate; of more processes "
	  "than two, one way: fanin, many senders; fanout, many receivers, each message to "
	  "one of them; mesh, many of both", 1 },
	{ "senders", KEY_SENDERS, "LIST", 0,
	  "of fanin and mesh, how many (default: 4)", 1 },
	{ "receivers", KEY_RECEIVERS, "LIST", 0,
	  "of fanout and mesh, how many (default: 4)", 1 },
	{ "sizes", 's', "LIST", 0,
	  "bytes of a message, as 64,1K,1M (default: 64,1K,16K)", 1 },
	{ "placement", 'p', "LIST", 0,
	  "same (one CPU for both), smt, cache, far, free (default: same, and two "
	  "CPUs that share a cache or are else as near as can be)", 1 },
	{ "wait", KEY_WAIT, "LIST", 0,
	  "block, poll (in epoll), spin, adaptive (spin, then sleep); default: as --list "
	  "tells of each transport", 1 },
	{ "payload", KEY_PAYLOAD, "MODE", 0,
	  "notify: only a sequence number; write+read: every byte (default); "
	  "verify: and every message compared", 1 },
	{ "depth", KEY_DEPTH, "BYTES", 0,
	  "what each direction holds (default: 64K; at least 4 messages)", 1 },
	{ "batch", KEY_BATCH, "N", 0,
	  "messages a system call, of a transport that can take many (default: 32)", 1 },
	{ "rate", KEY_RATE, "LIST", 0,
	  "messages a second of an open loop, or sweep: 10 to 110 % of what it can carry "
	  "(default: sweep)", 1 },
	{ "arrivals", KEY_ARRIVALS, "LIST", 0,
	  "of an open loop: fixed, poisson (default: poisson; with --thorough both)", 1 },
	{ "messages", 'n', "N", 0,
	  "length of a run in messages, or round trips", 2 },
	{ "duration", 'd', "SECONDS", 0, "length of a run in time (default: 0.1)", 2 },
	{ "warmup", KEY_WARMUP, "SECONDS", 0, "before each run (default: 0.02)", 2 },
	{ "runs", 'r', "N", 0, "of each case, each with fresh processes (default: 10)", 2 },
	{ "seed", KEY_SEED, "N", 0,
	  "of the random order of the runs, and of the schedules of an open loop", 2 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0,
	  "end a run that takes longer (default: 10 and 16 times its length; 60 "
	  "with --messages)", 2 },
	{ "quick", KEY_QUICK, NULL, 0,
	  "a first look: 2 short runs, of 64-byte messages", 2 },
	{ "thorough", KEY_THOROUGH, NULL, 0,
	  "30 runs of 0.5 s, of 8 bytes to 1M, at every placement there is: hours, unless "
	  "lists are given", 2 },
	{ "json", 'j', "FILE", 0, "write the results there; - for standard output", 3 },
	{ "csv", KEY_CSV, "FILE", 0, "likewise as comma-separated values", 3 },
	{ "hgrm", KEY_HGRM, "FOLDER", 0,
	  "write the distribution of each case there, for HdrHistogram's plotters", 3 },
	{ "html", KEY_HTML, "FILE", 0, "write a report with pictures there", 3 },
	{ "list", KEY_LIST, NULL, 0, "list the transports", 3 },
	{ "connect", KEY_CONNECT, "HOST:PORT", 0,
	  "measure between this host and another one, on which the next option is", 4 },
	{ "listen", KEY_LISTEN, "[ADDR:]PORT", 0,
	  "serve such measurements, one at a time, to whoever connects (default: of this host "
	  "only)", 4 },
	{ "once", KEY_ONCE, NULL, 0, "end after one of them", 4 },
	{ 0 },
};

static const struct choice {
	const char *name;
	int value;
} workload_choices[] = {
	{ "pingpong", WORKLOAD_PINGPONG }, { "stream", WORKLOAD_STREAM },
	{ "oneway", WORKLOAD_ONEWAY }, { "openloop", WORKLOAD_OPENLOOP },
	{ "fanin", WORKLOAD_FANIN }, { "fanout", WORKLOAD_FANOUT }, { "mesh", WORKLOAD_MESH },
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

static void set_transports(struct bench_options *opts, const struct argp_state *state,
			   char *list)
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

static void set_workloads(struct bench_options *opts, const struct argp_state *state,
			  char *list)
{
	const char *item;
	unsigned int seen = 0;

	opts->n_workloads = 0;
	while ((item = next_item(&list))) {
		int value = choose(state, "--workloads", workload_choices, item);

		if (!(seen & 1u << value))
			opts->workloads[opts->n_workloads++] = (enum workload)value;
		seen |= 1u << value;
	}
}

static void set_placements(struct bench_options *opts, const struct argp_state *state,
			   char *list)
{
	const char *item;
	unsigned int seen = 0;

	opts->n_placements = 0;
	while ((item = next_item(&list))) {
		int value = choose(state, "--placement", placement_choices, item);

		if (!(seen & 1u << value))
			opts->placements[opts->n_placements++] =
				(enum placement_kind)value;
		seen |= 1u << value;
	}
}

static void set_waits(struct bench_options *opts, const struct argp_state *state,
		      char *list)
{
	const char *item;
	unsigned int seen = 0;

	opts->n_waits = 0;
	while ((item = next_item(&list))) {
		int value = choose(state, "--wait", wait_choices, item);

		if (!(seen & 1u << value))
			opts->waits[opts->n_waits++] = (enum wait_strategy)value;
		seen |= 1u << value;
	}
}

static void set_sizes(struct bench_options *opts, const struct argp_state *state,
		      char *list)
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

static void set_arrivals(struct bench_options *opts, const struct argp_state *state,
			 char *list)
{
	const char *item;
	unsigned int seen = 0;

	opts->n_arrivals = 0;
	while ((item = next_item(&list))) {
		int value = choose(state, "--arrivals", arrivals_choices, item);

		if (!(seen & 1u << value))
			opts->arrivals[opts->n_arrivals++] = (enum arrivals)value;
		seen |= 1u << value;
	}
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

static void set_rates(struct bench_options *opts, const struct argp_state *state, char *list)
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

static void check_remote(const struct bench_options *opts, const struct argp_state *state)
{
	if (opts->connect && opts->listen)
		argp_error(state, "either --connect or --listen");
	if (opts->once && !opts->listen)
		argp_error(state, "--once is of --listen");
	if (opts->connect && opts->n_placements)
		argp_error(state, "--placement is of one host: with --connect each side runs "
			   "where its scheduler lets it");
}

/* Return: how many different numbers there are in @crews */
static size_t set_crews(const struct argp_state *state, const char *option, char *list,
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

static bool has_workload(const struct bench_options *opts, enum workload workload)
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
	bool mesh = has_workload(opts, WORKLOAD_MESH);

	if (opts->n_senders && !mesh && !has_workload(opts, WORKLOAD_FANIN))
		argp_error(state, "--senders is of the workloads fanin and mesh: "
			   "--workloads fanin");
	if (opts->n_receivers && !mesh && !has_workload(opts, WORKLOAD_FANOUT))
		argp_error(state, "--receivers is of the workloads fanout and mesh: "
			   "--workloads fanout");
	if ((opts->n_offers || opts->n_arrivals) && !has_workload(opts, WORKLOAD_OPENLOOP))
		argp_error(state, "%s is of the workload openloop: --workloads openloop",
			   opts->n_offers ? "--rate" : "--arrivals");
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct bench_options *opts = state->input;

	switch (key) {
	case 't':
		set_transports(opts, state, arg);
		return 0;
	case 'w':
		set_workloads(opts, state, arg);
		return 0;
	case KEY_SENDERS:
		opts->n_senders = set_crews(state, "--senders", arg, opts->senders);
		return 0;
	case KEY_RECEIVERS:
		opts->n_receivers = set_crews(state, "--receivers", arg, opts->receivers);
		return 0;
	case 's':
		set_sizes(opts, state, arg);
		return 0;
	case 'p':
		set_placements(opts, state, arg);
		return 0;
	case KEY_WAIT:
		set_waits(opts, state, arg);
		return 0;
	case KEY_PAYLOAD:
		opts->payload = (enum payload_mode)choose(state, "--payload",
							  payload_choices, arg);
		return 0;
	case KEY_DEPTH:
		opts->depth = arg_size(state, "--depth", arg, MIN_DEPTH, MAX_MSG_SIZE);
		return 0;
	case KEY_BATCH:
		opts->batch = (unsigned int)arg_count(state, "--batch", arg, 1, MAX_BATCH);
		return 0;
	case KEY_RATE:
		set_rates(opts, state, arg);
		return 0;
	case KEY_ARRIVALS:
		set_arrivals(opts, state, arg);
		return 0;
	case 'n':
		opts->messages = arg_count(state, "--messages", arg, 1, MAX_MESSAGES);
		return 0;
	case KEY_TIMEOUT:
		opts->timeout_ns = arg_run_seconds(state, "--timeout", arg);
		return 0;
	case KEY_THOROUGH:
		opts->thorough = true;
		return 0;
	case KEY_CONNECT:
		opts->connect = arg;
		return 0;
	case KEY_LISTEN:
		opts->listen = arg;
		return 0;
	case KEY_ONCE:
		opts->once = true;
		return 0;
	case ARGP_KEY_END:
		check_remote(opts, state);
		if (opts->quick && opts->thorough)
			argp_error(state, "either --quick or --thorough");
		check_workloads(opts, state);
		if (opts->messages && opts->duration_ns)
			argp_error(state, "either --messages or --duration");
		return 0;
	default:
		return run_option(key, arg, state, opts);
	}
}

/* A run of N messages may take long: only what goes by time has a known length */
static uint64_t default_timeout(const struct bench_options *opts)
{
	if (opts->messages)
		return 60 * SECOND;
	return 10 * SECOND + RUN_LONGER * (opts->duration_ns + opts->warmup_ns);
}

/* What holds where nothing is given, by how much time there is */
static const struct defaults {
	unsigned int runs;
	uint64_t duration_ns;
	size_t sizes[MAX_SIZES];
} quick = {
	2, SECOND / 20, { 64 },
}, usual = {
	10, SECOND / 10, { 64, 1024, 16384 },
}, thorough = {
	30, SECOND / 2, { 8, 64, 256, 1024, 4096, 16384, 65536, 1 << 20 },
};

static void default_lists(struct bench_options *opts, const size_t *sizes)
{
	size_t i;

	if (!opts->n_transports)
		for (i = 0; transports[i]; i++)
			if (!opts->connect || transports[i]->remote)
				opts->transports[opts->n_transports++] = transports[i];
	if (!opts->n_workloads) {
		opts->workloads[opts->n_workloads++] = WORKLOAD_PINGPONG;
		opts->workloads[opts->n_workloads++] = WORKLOAD_STREAM;
	}
	if (!opts->n_offers)
		opts->n_offers = load_sweep(opts->offers);
	if (!opts->n_arrivals) {
		opts->arrivals[opts->n_arrivals++] = ARRIVALS_POISSON;
		if (opts->thorough)
			opts->arrivals[opts->n_arrivals++] = ARRIVALS_FIXED;
	}
	if (!opts->n_senders)
		opts->senders[opts->n_senders++] = CREW;
	if (!opts->n_receivers)
		opts->receivers[opts->n_receivers++] = CREW;
	if (!opts->n_sizes)
		for (i = 0; i < MAX_SIZES && sizes[i]; i++)
			opts->sizes[opts->n_sizes++] = sizes[i];
}

/* What goes to another host is another transport, of the same name */
static void go_remote(struct bench_options *opts)
{
	size_t i;

	for (i = 0; i < opts->n_transports; i++)
		if (opts->transports[i]->remote)
			opts->transports[i] = opts->transports[i]->remote;
	opts->placements[opts->n_placements++] = PLACE_REMOTE;
}

void options_complete(struct bench_options *opts)
{
	const struct defaults *d = opts->quick ? &quick : opts->thorough ? &thorough : &usual;

	default_lists(opts, d->sizes);
	if (opts->connect)
		go_remote(opts);
	if (!opts->runs)
		opts->runs = d->runs;
	if (!opts->messages && !opts->duration_ns)
		opts->duration_ns = d->duration_ns;
	if (!opts->timeout_ns)
		opts->timeout_ns = default_timeout(opts);
}

void options_init(struct bench_options *opts)
{
	*opts = (struct bench_options){
		.warmup_ns = SECOND / 50,
		.depth = 65536,
		.batch = 32,
		.payload = PAYLOAD_TOUCH,
		.seed = random_seed(),
	};
}

void options_parse(struct bench_options *opts, int argc, char **argv)
{
	static const struct argp argp = {
		.options = argp_options,
		.parser = parse_option,
		.doc = "Measure ways of passing messages between processes."
		       "\vA case is a transport, a workload, a size, a placement and a way to wait; "
		       "the runs of all cases are interleaved in random order.  What "
		       "cannot be measured here is told in the status of its row.  Beside them "
		       "stand how good this machine is for measuring, the floor of each pair of "
		       "CPUs, and where the time of a message through the kernel goes.\n\n"
		       "\"ipcchan bench compare OLD NEW\" compares two files of results, \"ipcchan "
		       "bench rank RESULTS\" tells which transport to use, \"ipcchan bench report RESULTS\" "
		       "makes a page or a table of them; all know --help.\n\n"
		       "Exit status: 0 done, 1 wrong usage, 2 nothing could be measured, "
		       "or a transport hung, died, lost or changed a message.",
	};

	options_init(opts);
	argp_parse(&argp, argc, argv, 0, NULL, opts);
	options_complete(opts);
}
