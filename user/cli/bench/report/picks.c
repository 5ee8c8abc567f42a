// SPDX-License-Identifier: GPL-2.0
#include "picks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool picks_make(struct picks *picks, const struct rows *rows, row_test test, const void *arg,
		int (*order)(const void *a, const void *b))
{
	size_t i;

	*picks = (struct picks){ .rows = calloc(rows->n + 1, sizeof(const struct row *)) };
	if (!picks->rows)
		return false;
	for (i = 0; i < rows->n; i++)
		if (test(&rows->rows[i], arg))
			picks->rows[picks->n++] = &rows->rows[i];
	qsort(picks->rows, picks->n, sizeof(const struct row *), order);
	return true;
}

void picks_free(struct picks *picks)
{
	free(picks->rows);
	*picks = (struct picks){ 0 };
}

int compare_numbers(double a, double b)
{
	return (a > b) - (a < b);
}

double row_p50(const struct row *row)
{
	return row->p50;
}

double row_p99(const struct row *row)
{
	return row->p99;
}

double row_rate(const struct row *row)
{
	return row->rate;
}

double row_bytes(const struct row *row)
{
	return row->bytes;
}

double row_size(const struct row *row)
{
	return row->size;
}

double row_offered(const struct row *row)
{
	return row->offered;
}

double rows_smallest(const struct rows *rows, const char *workload, row_value value)
{
	const struct row *row, *end = rows->rows + rows->n;
	double least = NAN;

	for (row = rows->rows; row < end; row++)
		if (!strcmp(row->workload, workload) && value(row) > 0 &&
		    !(least <= row->size))
			least = row->size;
	return least;
}
