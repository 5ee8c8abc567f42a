// SPDX-License-Identifier: GPL-2.0
/* What depends on the size of a message, or on the rate that is offered. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "curves.h"
#include "picks.h"

#define ABOUT_COLOURS \
	"The eight that are best with the smallest messages have a colour; the others are grey, " \
	"and in the table."

/**
 * struct axes - what is drawn by what
 * @workload: whose results
 * @second: also drawn, dashed; NULL for nothing
 * @per_size: each size has a picture of its own
 * @high: is best
 * @order: brings together what is one line, and then what is one picture
 */
struct axes {
	const char *workload;
	row_value x;
	row_value y;
	row_value second;
	bool per_size;
	bool high;
	int (*order)(const void *a, const void *b);
};

static bool is_wanted(const struct row *row, const void *arg)
{
	const struct axes *axes = arg;

	return !strcmp(row->workload, axes->workload) && axes->x(row) > 0 &&
	       isfinite(axes->x(row)) && axes->y(row) > 0 && isfinite(axes->y(row));
}

static int by_size(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;
	int order = strcmp(x->transport, y->transport);

	if (x->setting != y->setting)
		return x->setting < y->setting ? -1 : 1;
	return order ? order : compare_numbers(x->size, y->size);
}

static int by_offered(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;
	int order = strcmp(x->transport, y->transport);

	if (x->setting != y->setting)
		return x->setting < y->setting ? -1 : 1;
	if (x->size != y->size)
		return compare_numbers(x->size, y->size);
	return order ? order : compare_numbers(x->offered, y->offered);
}

static bool same_picture(const struct axes *axes, const struct row *a, const struct row *b)
{
	return a->setting == b->setting && (!axes->per_size || a->size == b->size);
}

/**
 * struct points - of all lines of a picture, one after the other
 */
struct points {
	double *x;
	double *y;
	double *second;
	bool *hollow;
	struct curve *curves;
};

static bool points_make(struct points *p, size_t n)
{
	p->x = calloc(n, sizeof(*p->x));
	p->y = calloc(n, sizeof(*p->y));
	p->second = calloc(n, sizeof(*p->second));
	p->hollow = calloc(n, sizeof(*p->hollow));
	p->curves = calloc(n, sizeof(*p->curves));
	return p->x && p->y && p->second && p->hollow && p->curves;
}

static void points_free(struct points *p)
{
	free(p->x);
	free(p->y);
	free(p->second);
	free(p->hollow);
	free(p->curves);
}

/* Return: how many lines there are */
static size_t points_fill(struct points *p, const struct axes *axes,
			  const struct row *const *rows, size_t n)
{
	struct curve *c = p->curves - 1;
	size_t i;

	for (i = 0; i < n; i++) {
		p->x[i] = axes->x(rows[i]);
		p->y[i] = axes->y(rows[i]);
		p->second[i] = axes->second ? axes->second(rows[i]) : NAN;
		p->hollow[i] = rows[i]->missed;
		if (!i || strcmp(rows[i]->transport, rows[i - 1]->transport))
			*++c = (struct curve){
				.name = rows[i]->transport,
				.x = p->x + i,
				.y = p->y + i,
				.second = axes->second ? p->second + i : NULL,
				.hollow = p->hollow + i,
				.rank = axes->high ? -p->y[i] : p->y[i],
			};
		c->n++;
	}
	return (size_t)(c + 1 - p->curves);
}

static void print_picture(struct page *page, const struct axes *axes, struct lines *picture,
			  const struct row *const *rows, size_t n)
{
	char title[ROW_SETTING_SIZE + SVG_TEXT + 8], size[SVG_TEXT];
	struct points points = { 0 };

	row_setting(rows[0], title);
	if (axes->per_size)
		snprintf(title + strlen(title), SVG_TEXT + 8, ", messages of %s",
			 svg_number(rows[0]->size, SVG_BYTES, size));
	picture->title = title;
	picture->floor = page_floor(page, rows[0]);
	if (points_make(&points, n)) {
		curves_print(page, picture, points.curves, points_fill(&points, axes, rows, n),
			     true);
		page_data(page);
		page_rows(page, rows, n);
		page_data_end(page);
	} else {
		page->failed = true;
	}
	points_free(&points);
	picture->title = NULL;
}

/* One point makes no line */
static bool has_line(const struct axes *axes, const struct row *const *rows, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (!strcmp(rows[i]->transport, rows[i - 1]->transport) &&
		    axes->x(rows[i]) > axes->x(rows[i - 1]))
			return true;
	return false;
}

static void print_part(struct page *page, const struct axes *axes, struct lines *picture,
		       const char *title, const char *about)
{
	struct picks picks;
	bool first = true;
	size_t i, from = 0;

	if (!picks_make(&picks, &page->rows, is_wanted, axes, axes->order)) {
		page->failed = true;
		return;
	}
	for (i = 1; i <= picks.n; i++) {
		if (i < picks.n && same_picture(axes, picks.rows[i], picks.rows[from]))
			continue;
		if (has_line(axes, picks.rows + from, i - from)) {
			if (first)
				page_part(page, title, about);
			first = false;
			print_picture(page, axes, picture, picks.rows + from, i - from);
		}
		from = i;
	}
	picks_free(&picks);
}

static void print_latency(struct page *page, const char *workload)
{
	const struct axes axes = { .workload = workload, .x = row_size, .y = row_p50,
				   .order = by_size };
	char title[128], name[128];
	struct lines picture = {
		.about = "Median of the times of each transport by the size of a message",
		.x = SVG_BYTES, .x_log = true, .y = page->time, .x_name = "size of a message",
		.y_name = name,
	};

	snprintf(name, sizeof(name), "p50 of a %s", workload_times(workload));
	snprintf(title, sizeof(title), "Latency by size, %s", workload);
	print_part(page, &axes, &picture, title, ABOUT_COLOURS);
}

static void print_throughput(struct page *page, const char *workload)
{
	const struct axes axes = { .workload = workload, .x = row_size, .y = row_bytes,
				   .high = true, .order = by_size };
	struct lines picture = {
		.about = "Bytes a second of each transport by the size of a message",
		.x = SVG_BYTES, .x_log = true, .y = SVG_BYTES_PER_SECOND,
		.x_name = "size of a message", .y_name = "bytes a second",
	};
	char title[128];

	snprintf(title, sizeof(title), "Throughput by size, %.60s", workload);
	print_part(page, &axes, &picture, title, ABOUT_COLOURS);
}

void part_sizes(struct page *page)
{
	const char *workload;
	size_t i;

	for (i = 0; i < page->rows.n_workloads; i++) {
		workload = page->rows.workloads[i];
		if (workload_times(workload))
			print_latency(page, workload);
		else if (strcmp(workload, "openloop"))
			print_throughput(page, workload);
	}
}

void part_load(struct page *page)
{
	const struct axes axes = { .workload = "openloop", .x = row_offered, .y = row_p50,
				   .second = row_p99, .per_size = true,
				   .order = by_offered };
	struct lines picture = {
		.about = "Time from when a message was to be sent until it was received, of each "
			 "transport, by the rate that was offered",
		.x = SVG_PER_SECOND, .x_log = true, .y = page->time,
		.x_name = "messages a second that were offered",
		.y_name = "p50, and dashed p99, from the intended time",
	};

	print_part(page, &axes, &picture, "Latency by load",
		   "Messages that are sent at their time, whether the last one has arrived or not: "
		   "where a line turns upwards, the transport is full. A hollow mark is a rate that "
		   "was not reached.");
}
