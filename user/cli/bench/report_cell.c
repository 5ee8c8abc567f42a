// SPDX-License-Identifier: GPL-2.0
#include "report_cell.h"

#include <stdio.h>

const char *cell_unit(const struct bench *bench)
{
	return bench->clock.instructions ? "insn" : "ns";
}

const char *cell_percentile(const struct bench *bench, const struct bench_case *c,
			    double percent, char cell[CELL])
{
	double ns;

	if (!case_percentile(c, &bench->clock, percent, &ns))
		return "-";
	return readable(ns, cell);
}

const char *cell_max(const struct bench_case *c, char cell[CELL])
{
	if (!case_timed(c))
		return "-";
	return readable((double)c->hist->max / c->batch, cell);
}

const char *cell_place(const struct bench_case *c, char cell[CELL])
{
	const int *cpu = c->placement.cpu;

	if (c->placement.present && cpu[0] >= 0)
		snprintf(cell, CELL, "%s %d,%d", placement_name(c->placement.kind), cpu[0],
			 cpu[1]);
	else
		snprintf(cell, CELL, "%s", placement_name(c->placement.kind));
	return cell;
}
