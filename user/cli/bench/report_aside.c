// SPDX-License-Identifier: GPL-2.0
/* What is told beside the cases: the floor, where the time goes, and the machine's grade. */
#include <stdio.h>
#include <string.h>

#include "env_grade.h"
#include "report.h"

#define CELL	32

/* As "measured as cache", or what is wrong with that */
static void print_label(FILE *out, const struct floor *floor, enum placement_kind kind)
{
	enum placement_kind before = floor_label(floor, 0), after = floor_label(floor, 1);

	if (before != PLACE_NR && after != PLACE_NR && before != after)
		fprintf(out, "  measured as %s, then as %s\n", placement_name(before),
			placement_name(after));
	else
		fprintf(out, "  measured as %s%s%s\n",
			placement_name(before == PLACE_NR ? after : before),
			before == kind ? "" : ", not ",
			before == kind ? "" : placement_name(kind));
}

void report_floor(FILE *out, const struct bench *bench, enum placement_kind kind, double base)
{
	const struct placement *place = &bench->placements[kind];
	const struct floor *floor = &bench->floor[kind];
	char name[CELL], ratio[CELL] = "-";
	double ns[3];

	if (!floor_ns(floor, ns))
		return;
	snprintf(name, CELL, "%s %d,%d", placement_name(kind), place->cpu[0], place->cpu[1]);
	if (base > 0)
		snprintf(ratio, CELL, "%.3f", ns[1] / base);
	fprintf(out, "%-21s %-8s %-11s %11.1f %6s %11s %13s %13s %5.0f%% %10s %8s", "floor",
		"spin", name, ns[1], "-", "-", "-", "-", 100 * (ns[2] - ns[0]) / ns[1], "-", ratio);
	print_label(out, floor, kind);
}

static void print_split_head(FILE *out, const struct bench *bench, const struct stages *s)
{
	int stage;

	fprintf(out, "\nwhere the time of a message goes, %zu bytes: %s, a half of a round trip\n"
		"%-21s %-11s %-11s %10s", s->size,
		bench->clock.instructions ? "instructions" : "ns", "transport", "placement", "by",
		"one way");
	for (stage = 0; stage < STAGE_NR; stage++)
		fprintf(out, " %13s", stage_name(stage));
	putc('\n', out);
}

static void print_split(FILE *out, const struct stages *s, enum stages_method method)
{
	double one_way, cost, ns[STAGE_NR], range[STAGE_NR][2];
	char place[CELL];
	int stage;

	snprintf(place, CELL, "%s %d,%d", placement_name(s->placement.kind),
		 s->placement.cpu[0], s->placement.cpu[1]);
	fprintf(out, "%-21s %-11s %-11s", s->transport->name, place, stages_method_name(method));
	if (!stages_times(s, method, &one_way, ns, range)) {
		fprintf(out, " %s\n", stages_why(s, method));
		return;
	}
	fprintf(out, " %10.0f", one_way);
	for (stage = 0; stage < STAGE_NR; stage++)
		fprintf(out, " %8.0f %3.0f%%", ns[stage], 100 * ns[stage] / one_way);
	if (method == STAGES_TRACEPOINTS && stages_cost(s, &cost))
		fprintf(out, "  tracing: %.0f of it", cost);
	putc('\n', out);
}

void report_stages(FILE *out, const struct bench *bench)
{
	const struct stages *s, *last = NULL, *end = bench->stages + bench->n_stages;
	enum stages_method method;

	for (s = bench->stages; s < end; s++) {
		if (!last || last->size != s->size)
			print_split_head(out, bench, s);
		for (method = 0; method < STAGES_METHODS; method++)
			if (stages_has(s, method))
				print_split(out, s, method);
		last = s;
	}
	if (last)
		fputs("\nThe stages are differences of times, or by tracepoints of the module: "
		      "ipcchan-bench-results(7) tells of which.\nresidual: what they do not "
		      "explain; it may be below 0.\n", out);
}

static bool has_reason(const struct env_grade *grade, const char *reason)
{
	size_t i;

	for (i = 0; i < grade->n; i++)
		if (!strcmp(grade->reasons[i], reason))
			return true;
	return false;
}

void report_grade(FILE *out, const struct bench *bench)
{
	const struct env_grade grade = env_grade(&bench->env_before);
	size_t i;

	fprintf(out, "Environment: grade %c%s\n", grade.letter,
		grade.n ? "" : ", nothing to mend");
	for (i = 0; i < grade.n; i++)
		fprintf(out, "  - %s\n", grade.reasons[i]);
}

void report_grade_after(FILE *out, const struct bench *bench)
{
	const struct env_grade before = env_grade(&bench->env_before);
	const struct env_grade grade = env_grade(&bench->env);
	size_t i;

	fprintf(out, "Environment, while it ran: grade %c\n", grade.letter);
	for (i = 0; i < grade.n; i++)
		if (!has_reason(&before, grade.reasons[i]))
			fprintf(out, "  - %s\n", grade.reasons[i]);
}
