// SPDX-License-Identifier: GPL-2.0
/* How the times of messages are distributed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../hist.h"
#include "curves.h"
#include "doc.h"
#include "picks.h"

#define MAX_POINTS	240	/* of a line, which is more than can be seen */

/* Which results: those of a workload, of the smallest size that there is */
struct wanted {
	const char *workload;
	double size;
};

static bool is_wanted(const struct row *row, const void *arg)
{
	const struct wanted *w = arg;
	struct doc_hist hist;

	return !strcmp(row->workload, w->workload) && row->size == w->size &&
	       doc_hist_of(row->json, &hist) && hist.total > HIST_MIN_BEYOND;
}

static int by_setting(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;

	if (x->setting != y->setting)
		return x->setting < y->setting ? -1 : 1;
	return compare_numbers(x->p50, y->p50);
}

/*
 * Up to the percentile that has enough samples beyond it.  Return: how many points, each a
 * step to the right of the last one that can be seen.
 */
static size_t fill(const struct doc_hist *hist, double *x, double *y)
{
	double seen = 0, end = log10(hist->total / HIST_MIN_BEYOND), nines;
	size_t i, n = 0;

	for (i = 0; i < hist->n && n < MAX_POINTS; i++) {
		x[n] = log10(hist->total / (hist->total - seen));
		y[n] = doc_item(hist->values, i) / hist->batch;
		seen += doc_item(hist->counts, i);
		nines = seen < hist->total ? log10(hist->total / (hist->total - seen)) : INFINITY;
		if (nines > end) {
			n++;
			if (x[n - 1] < end && n < MAX_POINTS) {
				x[n] = end;
				y[n] = y[n - 1];
				n++;
			}
			break;
		}
		if (!n || nines - x[n - 1] > end / MAX_POINTS)
			n++;
	}
	return n;
}

static void print_curves(struct page *page, struct lines *picture,
			 const struct row *const *rows, size_t n, struct curve *curves,
			 double *points)
{
	struct doc_hist hist;
	size_t i;

	for (i = 0; i < n; i++) {
		doc_hist_of(rows[i]->json, &hist);
		curves[i] = (struct curve){
			.name = rows[i]->transport,
			.x = points,
			.y = points + MAX_POINTS,
			.n = fill(&hist, points, points + MAX_POINTS),
			.rank = isfinite(rows[i]->p50) ? rows[i]->p50 : INFINITY,
		};
		points += 2 * MAX_POINTS;
	}
	curves_print(page, picture, curves, n, false);
	page_data(page);
	page_rows(page, rows, n);
	page_data_end(page);
}

static void print_picture(struct page *page, const struct row *const *rows, size_t n)
{
	char title[ROW_SETTING_SIZE + SVG_TEXT + 16], size[SVG_TEXT], name[SVG_TEXT];
	struct lines picture = {
		.title = title,
		.about = "Time of each transport by percentile",
		.x = SVG_NINES, .y = page->time, .x_name = "percentile",
		.y_name = name,
		.floor = page_floor(page, rows[0]),
	};
	struct curve *curves = calloc(n, sizeof(*curves));
	double *points = calloc(n, 2 * MAX_POINTS * sizeof(*points));

	snprintf(name, sizeof(name), "time of a %s", workload_times(rows[0]->workload));
	row_setting(rows[0], title);
	snprintf(title + strlen(title), SVG_TEXT + 16, ", messages of %s",
		 svg_number(rows[0]->size, SVG_BYTES, size));
	if (curves && points)
		print_curves(page, &picture, rows, n, curves, points);
	else
		page->failed = true;
	free(curves);
	free(points);
}

static void print_workload(struct page *page, const char *workload)
{
	struct wanted wanted = {
		.workload = workload, .size = rows_smallest(&page->rows, workload, row_p50),
	};
	struct picks picks;
	char title[128];
	size_t i, from = 0;

	if (!picks_make(&picks, &page->rows, is_wanted, &wanted, by_setting)) {
		page->failed = true;
		return;
	}
	snprintf(title, sizeof(title), "Percentiles, %s", workload);
	if (picks.n)
		page_part(page, title,
			  "How many of all messages were done within a time. Each line ends where "
			  "fewer than 100 samples lie beyond; the longest time is in the table. Of "
			  "what was timed in blocks it is the blocks’ means.");
	for (i = 1; i <= picks.n; i++) {
		if (i < picks.n && picks.rows[i]->setting == picks.rows[from]->setting)
			continue;
		print_picture(page, picks.rows + from, i - from);
		from = i;
	}
	picks_free(&picks);
}

void part_percentiles(struct page *page)
{
	size_t i;

	for (i = 0; i < page->rows.n_workloads; i++)
		if (workload_times(page->rows.workloads[i]))
			print_workload(page, page->rows.workloads[i]);
}
