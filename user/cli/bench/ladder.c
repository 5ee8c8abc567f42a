// SPDX-License-Identifier: GPL-2.0
/* ipcchan ladder: the rungs of a channel, and what each removes from the one before. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "../cli.h"
#include "bench.h"
#include "ladder.h"
#include "report.h"
#include "run_options.h"
#include "runner.h"

#define CELL		48

static const struct argp_option argp_options[] = {
	{ "size", 's', "SIZE", 0, "bytes of a message (default: 64)", 1 },
	{ "duration", 'd', "SECONDS", 0, "length of a run (default: 0.1)", 2 },
	{ "runs", 'r', "N", 0, "of each case (default: 10)", 2 },
	{ "json", 'j', "FILE", 0, "write the results there; - for standard output", 3 },
	{ "csv", KEY_CSV, "FILE", 0, "likewise as comma-separated values", 3 },
	{ "hgrm", KEY_HGRM, "FOLDER", 0,
	  "write the distribution of each case there, for HdrHistogram's plotters", 3 },
	{ "html", KEY_HTML, "FILE", 0, "write a report with pictures there", 3 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct bench_options *opts = state->input;

	switch (key) {
	case 's':
		opts->sizes[0] = arg_size(state, "--size", arg, 1, MAX_MSG_SIZE);
		return 0;
	default:
		return run_option(key, arg, state, opts);
	}
}

static void parse(struct bench_options *opts, int argc, char **argv)
{
	static const struct argp argp = {
		.options = argp_options,
		.parser = parse_option,
		.doc = "Measure the rungs of the channel, from copying to spinning, and tell "
		       "what each removes and what that is worth."
		       "\vExit status: 0 done, 1 wrong usage, 2 nothing could be measured, or "
		       "a rung hung, died, lost or changed a message.",
	};
	size_t i;

	options_init(opts);
	opts->sizes[0] = 64;
	opts->n_sizes = 1;
	argp_parse(&argp, argc, argv, 0, NULL, opts);
	for (i = 0; i < LADDER_RUNGS; i++) {
		const struct transport *t = transport_find(ladder_rungs[i].transport);

		if (t)
			opts->transports[opts->n_transports++] = t;
	}
	options_complete(opts);
}

static const struct bench_case *find_case(const struct bench *bench, const char *transport,
					  enum workload workload, enum placement_kind kind)
{
	const struct bench_case *c;

	for (c = bench->cases; c < bench->cases + bench->n_cases; c++)
		if (!strcmp(c->transport->name, transport) && c->workload == workload &&
		    c->placement.kind == kind)
			return c;
	return NULL;
}

/**
 * struct above - what a rung is compared with: the nearest one above that has a figure
 * @rung: NULL when there is none
 */
struct above {
	const struct rung *rung;
	double ns;
};

/* The time, what it is more or less than that of a rung above, and how many times it */
static void print_time(FILE *out, const struct bench *bench, const struct rung *rung,
		       const struct bench_case *c, struct above *above)
{
	char worth[CELL] = "";
	double ns;

	if (!case_time(c, &bench->clock, &ns)) {
		fprintf(out, "%10s %-24s", "-", "");
		return;
	}
	if (above->rung)
		snprintf(worth, CELL, "%+.1f, %.2f x %s", ns - above->ns, ns / above->ns,
			 above->rung->name);
	fprintf(out, "%10.1f %-24s", ns, worth);
	*above = (struct above){ rung, ns };
}

static void print_why(FILE *out, const struct bench_case *trip,
		      const struct bench_case *stream)
{
	if (!strcmp(trip->status, stream->status))
		fprintf(out, " %s\n", trip->status);
	else
		fprintf(out, " round trip: %s; a message: %s\n", trip->status, stream->status);
}

static void print_rung(FILE *out, const struct bench *bench, const struct rung *rung,
		       enum placement_kind kind, struct above above[WORKLOAD_NR])
{
	const struct bench_case *trip, *stream;

	trip = find_case(bench, rung->transport, WORKLOAD_PINGPONG, kind);
	stream = find_case(bench, rung->transport, WORKLOAD_STREAM, kind);
	fprintf(out, "%-6s", rung->name);
	if (!trip || !stream) {
		fprintf(out, " it was not measured\n");
		return;
	}
	if (!trip->runs && !stream->runs) {
		print_why(out, trip, stream);
		return;
	}
	print_time(out, bench, rung, trip, &above[WORKLOAD_PINGPONG]);
	print_time(out, bench, rung, stream, &above[WORKLOAD_STREAM]);
	fprintf(out, " %s", rung->removes);
	if (trip->outcome == OUTCOME_FAILED)
		fprintf(out, " (round trip: %s)", trip->status);
	if (stream->outcome == OUTCOME_FAILED)
		fprintf(out, " (a message: %s)", stream->status);
	putc('\n', out);
}

static void print_ladder(FILE *out, const struct bench *bench,
			 const struct placement *place)
{
	const char *unit = bench->clock.instructions ? "insn" : "ns";
	struct above above[WORKLOAD_NR] = { 0 };
	size_t i;

	fprintf(out, "\nTwo processes, placement %s", placement_name(place->kind));
	if (place->present && place->cpu[0] >= 0)
		fprintf(out, " (CPUs %d and %d)", place->cpu[0], place->cpu[1]);
	fprintf(out, ", messages of %zu bytes; %s, and beside a rung above\n"
		"%-6s%10s %-24s%10s %-24s %s\n", bench->opts.sizes[0], unit, "rung",
		"round trip", "", "a message", "", "it removes");
	for (i = 0; i < LADDER_RUNGS; i++)
		print_rung(out, bench, &ladder_rungs[i], place->kind, above);
}

static int report(const struct bench *bench, const char *verb)
{
	const struct bench_options *o = &bench->opts;
	FILE *out = report_files_on_stdout(&o->files) ? stderr : stdout;
	size_t i;

	for (i = 0; i < o->n_placements; i++)
		print_ladder(out, bench, &bench->placements[o->placements[i]]);
	return report_write(bench, verb);
}

int cmd_ladder(int argc, char **argv)
{
	struct bench bench = { 0 };
	int status;

	parse(&bench.opts, argc, argv);
	status = report_files_check(&bench.opts.files, argv[0], "nothing was measured");
	if (status)
		return status;
	status = bench_run(&bench, argv[0]);
	if (!status) {
		status = report(&bench, argv[0]);
		runner_stop();
		status = status ? status : bench_verdict(&bench);
	}
	cases_free(&bench);
	return status;
}
