// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <sys/utsname.h>

#include "crew.h"
#include "env.h"
#include "report.h"
#include "report_cell.h"

/* The transport that others are compared with */
#define BASELINE	"pipe"

/* Half of what the median lies in with 95 %, for reading beside it */
static const char *sure_cell(const struct bench_case *c, char cell[CELL])
{
	struct spread s;

	if (!case_spread(c, FIGURE_P50, &s) || !s.sure)
		return "-";
	snprintf(cell, CELL, "%.1f%%", 50 * (s.high - s.low) / s.median);
	return cell;
}

/* The baseline under the same workload, size and placement, that waits in the same way */
static const struct bench_case *baseline(const struct bench *bench,
					 const struct bench_case *c)
{
	const struct bench_case *b, *end = bench->cases + bench->n_cases;

	for (b = bench->cases; b < end; b++) {
		if (crew_same(b, c) && b->wait == c->wait &&
		    b->placement.kind == c->placement.kind &&
		    !strcmp(b->transport->name, BASELINE))
			return b;
	}
	return NULL;
}

static const char *ratio_cell(const struct bench *bench, const struct bench_case *c,
			      const struct bench_case *b, char cell[CELL])
{
	double time, base;

	if (!b || !case_time(c, &bench->clock, &time) || !case_time(b, &bench->clock, &base))
		return "-";
	snprintf(cell, CELL, "%.2f", time / base);
	return cell;
}

/* Of what is another than the baseline */
static const char *verdict_cell(const struct bench_case *c, const struct bench_case *b)
{
	struct shift shift;

	if (!b || b == c || !case_compare(b, c, &shift))
		return "";
	return verdict_name(shift.verdict);
}

/* The mean over the runs, where it is told */
static const char *fairness_cell(const struct bench_case *c, int side, char cell[CELL])
{
	if (!c->fairness[side])
		return "-";
	snprintf(cell, CELL, "%.3f", c->fairness[side] / c->runs);
	return cell;
}

static void print_row(FILE *out, const struct bench *bench,
		      const struct bench_case *c)
{
	char place[CELL], p50[CELL], sure[CELL], p99[CELL], max[CELL], rate[CELL],
		bytes[CELL], spread[CELL] = "-", ratio[CELL];
	bool many = workload_is_of_many(c->workload);
	struct spread s = { 0 };
	bool rated = case_spread(c, FIGURE_RATE, &s);
	const struct bench_case *base = baseline(bench, c);
	const char *verdict = verdict_cell(c, base);

	fprintf(out, "%-21s %-8s %-11s", c->transport->name,
		wait_name(c->wait), cell_place(c, place));
	if (!c->runs) {
		fprintf(out, " %s\n", c->status);
		return;
	}
	if (rated)
		snprintf(spread, CELL, "%.0f%%", 100 * (s.max - s.min) / s.median);
	fprintf(out, " %11s %6s %11s %13s %13s %6s %10s %8s%s%s%s%s\n",
		many ? fairness_cell(c, 0, p50) : cell_percentile(bench, c, 50, p50),
		many ? "" : sure_cell(c, sure),
		many ? fairness_cell(c, 1, p99) : cell_percentile(bench, c, 99, p99),
		many ? "" : cell_max(c, max), rated ? readable(s.median, rate) : "-", spread,
		rated ? readable(s.median * (double)c->size / 1e6, bytes) : "-",
		ratio_cell(bench, c, base, ratio), *verdict ? " " : "", verdict,
		c->outcome == OUTCOME_OK ? "" : "  ",
		c->outcome == OUTCOME_OK ? "" : c->status);
}

/* ", means of blocks of N messages", when a time in the group is one */
static void print_blocks(FILE *out, const struct bench *bench,
			 const struct bench_case *group)
{
	const struct bench_case *c, *end = bench->cases + bench->n_cases;
	uint32_t least = UINT32_MAX, most = 0;
	char low[CELL], high[CELL];

	for (c = group; c < end && crew_same(c, group); c++) {
		if (!case_timed(c))
			continue;
		least = c->batch < least ? c->batch : least;
		most = c->batch > most ? c->batch : most;
	}
	if (most <= 1)
		return;
	snprintf(low, CELL, "%u", least);
	snprintf(high, CELL, " to %u", most);
	fprintf(out, ", means of blocks of %s%s %s", low, least < most ? high : "",
		group->workload == WORKLOAD_PINGPONG ? "round trips" : "messages");
}

static void print_group_head(FILE *out, const struct bench *bench,
			     const struct bench_case *c)
{
	bool trips = c->workload == WORKLOAD_PINGPONG, many = workload_is_of_many(c->workload);
	char name[CREW_NAME_SIZE], cell[CELL], p50[CELL], p99[CELL], max[CELL];

	snprintf(p50, CELL, "p50 %s", cell_unit(bench));
	snprintf(p99, CELL, "p99 %s", cell_unit(bench));
	snprintf(max, CELL, "max %s", cell_unit(bench));
	fprintf(out, "\n%s, %s bytes%s%s", crew_name(c, name),
		c->size < 1000 ? (snprintf(cell, CELL, "%zu", c->size), cell) :
				 readable((double)c->size, cell),
		many ? "" : ": times of a ",
		many ? "" : c->workload == WORKLOAD_ONEWAY ? "message, one way" :
		trips ? "round trip" : "message at the receiver");
	print_blocks(out, bench, c);
	fprintf(out, "\n%-21s %-8s %-11s %11s %6s %11s %13s %13s %6s %10s %8s\n",
		"transport", "wait", "placement", many ? "fair tx" : p50, many ? "" : "+-95%",
		many ? "fair rx" : p99, many ? "" : max,
		trips ? "round trips/s" : "messages/s", "spread", "MB/s", "vs pipe");
}

static void print_doubt(FILE *out, const struct bench *bench)
{
	const char *doubt = env_times_doubt(&bench->clock);

	if (bench->clock.instructions)
		fprintf(out, "Units are instructions, not times: %s; a second is 10^9 "
			"of them.\n", doubt);
	else if (doubt)
		fprintf(out, "Mind: %s.\n", doubt);
}

void report_head(FILE *out, const struct bench *bench)
{
	const struct bench_options *o = &bench->opts;
	const char *hypervisor = env_hypervisor();
	struct utsname uts;

	uname(&uts);
	fprintf(out, "Linux %s %s, %d CPU%s%s%s; the clock costs %.1f ns, its step is "
		"%llu ns\n", uts.release, uts.machine, bench->cpus,
		bench->cpus == 1 ? "" : "s", *hypervisor ? ", under " : "", hypervisor,
		bench->clock.cost_ns, (unsigned long long)bench->clock.quantum_ns);
	if (o->messages)
		fprintf(out, "%u runs of %llu messages", o->runs,
			(unsigned long long)o->messages);
	else
		fprintf(out, "%u runs of %.3g s", o->runs, (double)o->duration_ns / 1e9);
	fprintf(out, " for each of %zu cases, payload %s, %zu bytes deep, seed %llu\n",
		bench->n_cases, payload_name(o->payload), o->depth,
		(unsigned long long)o->seed);
	if (o->connect)
		fprintf(out, "One side is on another host, %s\n", o->connect);
	print_doubt(out, bench);
	report_grade(out, bench);
}

/* Whether an earlier case has the same queue, or one of the same load curve has told its own */
static bool depth_told(const struct bench *bench, const struct bench_case *c)
{
	const struct bench_case *b;

	for (b = bench->cases; b < c; b++)
		if (b->transport == c->transport && b->size == c->size &&
		    (b->depth == c->depth || load_same_curve(b, c)))
			return true;
	return false;
}

/* A message more or less is what sizes that do not divide the depth come to */
static void print_depths(FILE *out, const struct bench *bench)
{
	const struct bench_case *c, *end = bench->cases + bench->n_cases;
	size_t want, off;

	for (c = bench->cases; c < end; c++) {
		want = case_depth(bench, c);
		off = c->depth < want ? want - c->depth : c->depth - want;
		if (!c->depth || off < c->size || depth_told(bench, c))
			continue;
		fprintf(out, "%s, messages of %zu bytes: %zu bytes deep, not %zu.\n",
			c->transport->name, c->size, c->depth, want);
	}
}

/* Where a queue holds fewer messages than a batch has, the batch is of a whole queue */
static void print_batches(FILE *out, const struct bench *bench)
{
	const struct bench_case *c, *end = bench->cases + bench->n_cases;

	for (c = bench->cases; c < end; c++) {
		if (c->per_call <= 1 || c->per_call == bench->opts.batch ||
		    depth_told(bench, c))
			continue;
		fprintf(out, "%s, messages of %zu bytes: %u messages a system call, not "
			"%u.\n", c->transport->name, c->size, c->per_call,
			bench->opts.batch);
	}
}

static void print_fairness(FILE *out, const struct bench *bench)
{
	const struct bench_case *c, *end = bench->cases + bench->n_cases;

	for (c = bench->cases; c < end; c++) {
		if (!workload_is_of_many(c->workload))
			continue;
		fprintf(out, "fair tx, fair rx: how even the senders', the receivers' parts are, "
			"Jain's index: 1 when all\nhave the same, 1/n when one of n has all.  "
			"- of one alone, and of senders that have a number to send.\n");
		return;
	}
}

/* What was lost by a mechanism that says it loses is no fault, and is told */
static void print_lost(FILE *out, const struct bench *bench)
{
	const struct bench_case *c, *end = bench->cases + bench->n_cases;
	char name[CREW_NAME_SIZE], place[CELL];

	for (c = bench->cases; c < end; c++)
		if (c->lost)
			fprintf(out, "%s, %s, %zu bytes, %s: of the messages sent a receiver "
				"lost %.1f %%, and rates are\nof those that came.\n",
				c->transport->name, crew_name(c, name), c->size,
				cell_place(c, place),
				100 * (double)c->lost / (double)(c->lost + c->messages));
}

static void print_notes(FILE *out, const struct bench *bench)
{
	fprintf(out, "\n- cannot be told: too few samples, or blocks of less than a whole queue.\n"
		"+-95%%: half of the interval that the median of the runs' p50 lies in with 95 %%.\n"
		"spread: (fastest - slowest) / median of the runs.  MB is 10^6 bytes.\n"
		"vs pipe: the time that a round trip (p50) or a message (of messages/s) takes, "
		"divided by that of a pipe that waits in the same way.\n"
		"floor: a bare line of the cache, forth and back.\n");
	if (bench->opts.runs < STATS_LEAST)
		fprintf(out, "%u run%s of a case tell%s no interval and no verdict: that takes %d "
			"(--runs %d).\n", bench->opts.runs, bench->opts.runs == 1 ? "" : "s",
			bench->opts.runs == 1 ? "s" : "", STATS_LEAST, STATS_LEAST);
	else
		fprintf(out, "faster, slower: by %g %% at least, of the runs' medians or rates "
			"(Hodges-Lehmann), and\nsuch a verdict is wrong in %g %% of cases that do "
			"not differ (%s).\n", 100 * STATS_EFFECT, 100 * STATS_ALPHA,
			bench->opts.runs < STATS_LEAST_PAIRS ? "Mann-Whitney" :
			"Wilcoxon, of the pairs of each round");
	print_fairness(out, bench);
	print_lost(out, bench);
	print_depths(out, bench);
	print_batches(out, bench);
	if (bench->cpus == 1)
		fprintf(out, "One CPU: placements on two are not there.\n");
	print_doubt(out, bench);
	if (bench->interrupted)
		fprintf(out, "Ended early by signal %d: this is what was measured until "
			"then.\n", bench->interrupted);
}

/* Before the first row of a placement of round trips */
static void print_floor(FILE *out, const struct bench *bench, const struct bench_case *c)
{
	const struct bench_case *b = baseline(bench, c);
	double base = 0;

	if (c->workload != WORKLOAD_PINGPONG)
		return;
	if (b && !case_time(b, &bench->clock, &base))
		base = 0;
	report_floor(out, bench, c->placement.kind, base);
}

void report_table(FILE *out, const struct bench *bench)
{
	const struct bench_case *c, *last = NULL;
	size_t i;

	for (i = 0; i < bench->n_cases; i++) {
		c = &bench->cases[i];
		if (c->workload == WORKLOAD_OPENLOOP)
			continue;
		if (!last || !crew_same(last, c)) {
			print_group_head(out, bench, c);
			last = NULL;
		}
		if (!last || last->placement.kind != c->placement.kind)
			print_floor(out, bench, c);
		print_row(out, bench, c);
		last = c;
	}
	report_load(out, bench);
	print_notes(out, bench);
}
