// SPDX-License-Identifier: GPL-2.0
/* The ledger of each case: what its messages cost beside time. */
#include "crew.h"
#include "report.h"

#define CELL	16

static const struct column {
	enum ledger_item item;
	const char *name;
	int width;
} columns[] = {
	{ LEDGER_CALLS, "calls", 8 },
	{ LEDGER_VOLUNTARY, "sleeps", 8 },
	{ LEDGER_INVOLUNTARY, "preempted", 9 },
	{ LEDGER_FAULTS, "faults", 8 },
	{ LEDGER_CPU_NS, "CPU ns", 8 },
	{ LEDGER_USER_NS, "user ns", 9 },
	{ LEDGER_SYSTEM_NS, "system ns", 9 },
	{ LEDGER_INSTRUCTIONS, "insn", 8 },
	{ LEDGER_CYCLES, "cycles", 8 },
	{ LEDGER_CACHE_MISSES, "misses", 8 },
	{ LEDGER_NANOJOULES, "nJ", 8 },
};

#define COLUMNS	(sizeof(columns) / sizeof(columns[0]))

/* Times and large numbers without a fraction */
static const char *cell(const struct bench_case *c, enum ledger_item item, char text[CELL])
{
	double each;

	if (!ledger_each(&c->ledger, item, &each))
		return "-";
	if (each > 0 && each < 0.001)
		return "<0.001";
	snprintf(text, CELL, each < 100 ? "%.3f" : "%.0f", each);
	return text;
}

static const char *copies_cell(const struct bench_case *c, char text[CELL])
{
	double copies;

	if (!case_copies(c, &copies))
		return "-";
	snprintf(text, CELL, "%.0f", copies);
	return text;
}

static void print_head(FILE *out, const struct bench_case *c)
{
	char name[CREW_NAME_SIZE];
	size_t i;

	fprintf(out, "\n%s, %zu bytes: the ledger of a %s, of all processes\n%-21s %-8s %-9s",
		crew_name(c, name), c->size,
		c->workload == WORKLOAD_PINGPONG ? "round trip" : "message", "transport",
		"wait", "placement");
	for (i = 0; i < COLUMNS; i++)
		fprintf(out, " %*s", columns[i].width, columns[i].name);
	fprintf(out, " %8s\n", "copies");
}

static bool failed(const struct bench_case *c)
{
	return c->outcome == OUTCOME_FAILED;
}

static void print_row(FILE *out, const struct bench_case *c)
{
	char text[CELL];
	size_t i;

	fprintf(out, "%-21s %-8s %-9s", c->transport->name, wait_name(c->wait),
		placement_name(c->placement.kind));
	for (i = 0; i < COLUMNS; i++)
		fprintf(out, " %*s", columns[i].width, cell(c, columns[i].item, text));
	fprintf(out, " %8s", copies_cell(c, text));
	if (c->workload == WORKLOAD_OPENLOOP)
		fprintf(out, "  %.0f/s, %s", c->load.offered_per_s,
			arrivals_name(c->load.arrivals));
	fprintf(out, "%s%s\n", failed(c) ? "  " : "", failed(c) ? c->status : "");
}

void report_ledger(FILE *out, const struct bench *bench)
{
	const struct bench_case *c, *last = NULL, *end = bench->cases + bench->n_cases;

	for (c = bench->cases; c < end; c++) {
		if (!c->runs && !failed(c))
			continue;
		if (!last || !crew_same(last, c))
			print_head(out, c);
		print_row(out, c);
		last = c;
	}
	if (!last)
		return;
	fprintf(out, "\nsleeps, preempted: context switches.  nJ: of the whole processor "
		"meanwhile.\ncopies: of all bytes by a CPU, as the transport declares, not "
		"counted.\n- nothing counts it here, or of user and system ns there were too few "
		"ticks.  System\ncalls are counted for root, where tracefs is mounted on "
		"/sys/kernel/tracing.\n");
}
