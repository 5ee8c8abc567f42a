// SPDX-License-Identifier: GPL-2.0
#include <argp.h>

#include "../cli.h"
#include "bench.h"
#include "crew.h"
#include "options_check.h"
#include "options_lists.h"
#include "run_options.h"
#include "workload.h"

#define MAX_MESSAGES	1000000000000ull
#define MIN_DEPTH	4096

static const struct argp_option argp_options[] = {
	{ "transports", 't', "LIST", 0, "what to measure (default: all, see --list)", 1 },
	{ "workloads", 'w', "LIST", 0,
	  "pingpong: round trips; stream: one way, as fast as they go (default: these two); "
	  "oneway: one at a time; openloop: each at its time, see --rate; of more processes "
	  "than two, one way: fanin, many senders; fanout, many receivers, each message to "
	  "one of them; mesh, many of both; broadcast, many receivers, each message to all "
	  "of them", 1 },
	{ "senders", KEY_SENDERS, "LIST", 0,
	  "of fanin and mesh, how many (default: 4)", 1 },
	{ "receivers", KEY_RECEIVERS, "LIST", 0,
	  "of fanout, mesh and broadcast, how many (default: 4)", 1 },
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
	  "with --messages); with --listen, a client that says nothing for so long (default: "
	  "60)", 2 },
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

_Static_assert(sizeof(argp_options) <= MAX_OPTIONS * sizeof(*argp_options), "MAX_OPTIONS");

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct command_line *line = state->input;
	struct bench_options *opts = line->opts;

	command_line_note(line, key);
	switch (key) {
	case 't':
		options_set_transports(opts, state, arg);
		return 0;
	case 'w':
		options_set_workloads(opts, state, arg);
		return 0;
	case KEY_SENDERS:
		opts->n_senders = options_set_crews(state, "--senders", arg, opts->senders);
		return 0;
	case KEY_RECEIVERS:
		opts->n_receivers = options_set_crews(state, "--receivers", arg, opts->receivers);
		return 0;
	case 's':
		options_set_sizes(opts, state, arg);
		return 0;
	case 'p':
		options_set_placements(opts, state, arg);
		return 0;
	case KEY_WAIT:
		options_set_waits(opts, state, arg);
		return 0;
	case KEY_PAYLOAD:
		options_set_payload(opts, state, arg);
		return 0;
	case KEY_DEPTH:
		opts->depth = arg_size(state, "--depth", arg, MIN_DEPTH, MAX_MSG_SIZE);
		return 0;
	case KEY_BATCH:
		opts->batch = (unsigned int)arg_count(state, "--batch", arg, 1, MAX_BATCH);
		return 0;
	case KEY_RATE:
		options_set_rates(opts, state, arg);
		return 0;
	case KEY_ARRIVALS:
		options_set_arrivals(opts, state, arg);
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
		options_check(line, state);
		return 0;
	default:
		return run_option(key, arg, state, opts);
	}
}

/* What N messages, or another host, may take is not known: only what goes by time has a length */
static uint64_t default_timeout(const struct bench_options *opts)
{
	if (opts->messages || opts->listen)
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

/* What has broadcasts only is measured by default where they are asked for */
static bool is_default(const struct bench_options *opts, const struct transport *t)
{
	if (opts->connect)
		return t->remote;
	return t->workloads || options_have(opts, WORKLOAD_BROADCAST);
}

static void default_lists(struct bench_options *opts, const size_t *sizes)
{
	size_t i;

	if (!opts->n_workloads) {
		opts->workloads[opts->n_workloads++] = WORKLOAD_PINGPONG;
		opts->workloads[opts->n_workloads++] = WORKLOAD_STREAM;
	}
	if (!opts->n_transports)
		for (i = 0; transports[i]; i++)
			if (is_default(opts, transports[i]))
				opts->transports[opts->n_transports++] = transports[i];
	if (!opts->n_offers)
		opts->n_offers = load_sweep(opts->offers);
	if (!opts->n_arrivals) {
		opts->arrivals[opts->n_arrivals++] = ARRIVALS_POISSON;
		if (opts->thorough)
			opts->arrivals[opts->n_arrivals++] = ARRIVALS_FIXED;
	}
	if (!opts->n_senders)
		opts->senders[opts->n_senders++] = CREW_DEFAULT;
	if (!opts->n_receivers)
		opts->receivers[opts->n_receivers++] = CREW_DEFAULT;
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
		       "bench rank RESULTS\" tells which transport to use, \"ipcchan bench "
		       "report RESULTS\" makes a page or a table of them; all know "
		       "--help.\n\n"
		       "Exit status: 0 done, 1 wrong usage, 2 nothing could be measured, "
		       "or a transport hung, died, lost or changed a message.",
	};

	struct command_line line = { .opts = opts, .options = argp_options };

	options_init(opts);
	argp_parse(&argp, argc, argv, 0, NULL, &line);
	options_complete(opts);
}
