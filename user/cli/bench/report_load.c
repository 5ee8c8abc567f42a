// SPDX-License-Identifier: GPL-2.0
/* The load curves of open loops: a block for each, and their knees side by side. */
#include "report.h"
#include "report_cell.h"

static const struct bench_case *cases_end(const struct bench *bench)
{
	return bench->cases + bench->n_cases;
}

static const struct bench_case *curve_end(const struct bench *bench,
					  const struct bench_case *first)
{
	const struct bench_case *c = first;

	while (c < cases_end(bench) && load_same_curve(first, c))
		c++;
	return c;
}

static void print_rate(FILE *out, const struct bench *bench, const struct bench_case *c)
{
	char share[CELL] = "-", offered[CELL], achieved[CELL], p50[CELL], p99[CELL],
		max[CELL], woken[CELL];
	struct spread rate = { 0 };
	bool rated = case_spread(c, FIGURE_RATE, &rate);

	if (c->load.offer.percent)
		snprintf(share, CELL, "%u%%", c->load.offer.percent);
	fprintf(out, "%6s %13s", share, c->load.offered_per_s > 0 ?
		readable(c->load.offered_per_s, offered) : "-");
	if (!c->runs) {
		fprintf(out, " %s\n", c->status);
		return;
	}
	fprintf(out, " %13s %-7s %11s %11s %13s %8.1f%% %11s%s%s%s\n",
		rated ? readable(rate.median, achieved) : "-",
		load_reached(c) ? "yes" : "NO", cell_percentile(bench, c, 50, p50),
		cell_percentile(bench, c, 99, p99), cell_max(c, max),
		100 * load_late_share(&c->load),
		c->load.sent.waits ? readable(load_woken_late_ns(&c->load), woken) : "-",
		c->load.knee ? "  <- knee" : "", c->outcome == OUTCOME_OK ? "" : "  ",
		c->outcome == OUTCOME_OK ? "" : c->status);
}

static bool has_run(const struct bench_case *first, const struct bench_case *end)
{
	while (first < end && !first->runs)
		first++;
	return first < end;
}

static void print_curve(FILE *out, const struct bench *bench, const struct bench_case *first)
{
	const struct bench_case *c, *end = curve_end(bench, first);
	char place[CELL], carries[CELL], p50[CELL], p99[CELL], max[CELL], woken[CELL];

	fprintf(out, "\nopenloop, %zu bytes, %s arrivals: %s, %s, %s", first->size,
		arrivals_name(first->load.arrivals), first->transport->name,
		wait_name(first->wait), cell_place(first, place));
	if (!has_run(first, end)) {
		fprintf(out, ": %s\n", first->status);
		return;
	}
	if (first->load.capacity_per_s > 0)
		fprintf(out, "; carries %s messages/s when all are due at once",
			readable(first->load.capacity_per_s, carries));
	snprintf(p50, CELL, "p50 %s", cell_unit(bench));
	snprintf(p99, CELL, "p99 %s", cell_unit(bench));
	snprintf(max, CELL, "max %s", cell_unit(bench));
	snprintf(woken, CELL, "woken +%s", cell_unit(bench));
	fprintf(out, "\n%6s %13s %13s %-7s %11s %11s %13s %9s %11s\n", "of it", "offered/s",
		"achieved/s", "reached", p50, p99, max, "sent late", woken);
	for (c = first; c < end; c++)
		print_rate(out, bench, c);
}

static const struct bench_case *find_knee(const struct bench_case *first,
					  const struct bench_case *end)
{
	while (first < end && !first->load.knee)
		first++;
	return first < end ? first : NULL;
}

static bool is_highest(const struct bench_case *knee, const struct bench_case *first,
		       const struct bench_case *end)
{
	for (; first < end; first++)
		if (first->load.offered_per_s > knee->load.offered_per_s)
			return false;
	return true;
}

static bool any_reached(const struct bench_case *first, const struct bench_case *end)
{
	while (first < end && !load_reached(first))
		first++;
	return first < end;
}

static void print_knee(FILE *out, const struct bench *bench, const struct bench_case *first)
{
	const struct bench_case *end = curve_end(bench, first), *knee = find_knee(first, end);
	char place[CELL], rate[CELL], p50[CELL], p99[CELL];

	if (end - first < 2 || !has_run(first, end))
		return;
	fprintf(out, "%-21s %-8s %-11s %7zu %-8s", first->transport->name,
		wait_name(first->wait), cell_place(first, place), first->size,
		arrivals_name(first->load.arrivals));
	if (!knee) {
		fprintf(out, " %13s %s\n", "-", any_reached(first, end) ?
			"none of the rates that were reached has a p50 that tells it" :
			"none of the rates was reached");
		return;
	}
	fprintf(out, " %13s %11s %11s%s\n", readable(knee->load.offered_per_s, rate),
		cell_percentile(bench, knee, 50, p50), cell_percentile(bench, knee, 99, p99),
		is_highest(knee, first, end) ? "  or beyond: it is the highest offered" : "");
}

static void print_knees(FILE *out, const struct bench *bench, const struct bench_case *first)
{
	char p50[CELL], p99[CELL];

	snprintf(p50, CELL, "p50 %s", cell_unit(bench));
	snprintf(p99, CELL, "p99 %s", cell_unit(bench));
	fprintf(out, "\nopenloop: the knees\n%-21s %-8s %-11s %7s %-8s %13s %11s %11s\n",
		"transport", "wait", "placement", "bytes", "arrivals", "knee/s", p50, p99);
	for (; first < cases_end(bench) && first->workload == WORKLOAD_OPENLOOP;
	     first = curve_end(bench, first))
		print_knee(out, bench, first);
	fprintf(out, "\nTimes of an open loop count from when a message was meant to be sent until "
		"it had been read.\nreached: most runs had %.0f %% of what their schedule asked for, and "
		"what waited did not grow.\nknee: the highest rate that was, with a p50 of no more "
		"than %d times that at the lowest.\nsent late: messages sent 10 us or more after "
		"their time.  woken +: how much too long the sender itself\nwaited for that time; "
		"both are part of the times.\n", 100 * LOAD_REACHED, LOAD_KNEE);
}

void report_load(FILE *out, const struct bench *bench)
{
	const struct bench_case *first = bench->cases, *c;

	while (first < cases_end(bench) && first->workload != WORKLOAD_OPENLOOP)
		first++;
	if (first == cases_end(bench))
		return;
	for (c = first; c < cases_end(bench) && c->workload == WORKLOAD_OPENLOOP;
	     c = curve_end(bench, c))
		print_curve(out, bench, c);
	print_knees(out, bench, first);
}
