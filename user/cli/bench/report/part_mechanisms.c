// SPDX-License-Identifier: GPL-2.0
/* Transports side by side, for the smallest messages. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dots.h"
#include "page.h"
#include "picks.h"

struct wanted {
	const char *workload;
	double size;
	row_value value;
};

static bool is_wanted(const struct row *row, const void *arg)
{
	const struct wanted *w = arg;
	double value = w->value(row);

	return !strcmp(row->workload, w->workload) && row->size == w->size && value > 0 &&
	       isfinite(value);
}

/* The best of each setting first: the shortest time */
static int by_time(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;

	if (x->setting != y->setting)
		return x->setting < y->setting ? -1 : 1;
	return compare_numbers(x->p50, y->p50);
}

/* or the highest rate */
static int by_rate(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;

	if (x->setting != y->setting)
		return x->setting < y->setting ? -1 : 1;
	return compare_numbers(y->rate, x->rate);
}

static void print_groups(struct page *page, const struct picks *picks, struct dots *dots,
			 struct dot *all, struct dot_group *groups,
			 char (*titles)[ROW_SETTING_SIZE], bool times)
{
	const struct row *row;
	size_t i;

	for (i = 0; i < picks->n; i++) {
		row = picks->rows[i];
		if (!i || row->setting != picks->rows[i - 1]->setting) {
			groups[dots->n_groups] = (struct dot_group){
				.title = row_setting(row, titles[dots->n_groups]),
				.floor = page_floor(page, row),
				.first = i,
			};
			dots->n_groups++;
		}
		groups[dots->n_groups - 1].n++;
		all[i] = (struct dot){
			.label = row->transport,
			.value = times ? row->p50 : row->rate,
			.low = times ? row->interval[0] : row->rate_interval[0],
			.high = times ? row->interval[1] : row->rate_interval[1],
			.second = times ? row->p99 : NAN,
		};
	}
	dots->dots = all;
	dots->groups = groups;
	dots_print(page->out, page_picture(page, dots->title), dots);
	page_data(page);
	page_rows(page, picks->rows, picks->n);
	page_data_end(page);
}

static void print_picks(struct page *page, const struct picks *picks, struct dots *dots,
			bool times)
{
	struct dot *all = calloc(picks->n, sizeof(*all));
	struct dot_group *groups = calloc(page->rows.settings, sizeof(*groups));
	char (*titles)[ROW_SETTING_SIZE] = calloc(page->rows.settings, sizeof(*titles));

	if (all && groups && titles)
		print_groups(page, picks, dots, all, groups, titles, times);
	else
		page->failed = true;
	free(all);
	free(groups);
	free(titles);
}

static bool print_workload(struct page *page, const char *workload, bool first)
{
	const char *time = workload_times(workload);
	bool times = time;
	struct wanted wanted = { .workload = workload, .value = times ? row_p50 : row_rate };
	char title[3 * SVG_TEXT], size[SVG_TEXT];
	struct dots dots = {
		.quantity = times ? page->time : SVG_PER_SECOND,
		.title = title,
		.about = times ? "Transports by the median of their times" :
				 "Transports by messages a second",
		.value_name = times ? "p50 and interval" : "median of the runs and interval",
		.second_name = times ? "p99" : NULL,
	};
	struct picks picks;

	wanted.size = rows_smallest(&page->rows, workload, wanted.value);
	if (isnan(wanted.size))
		return false;
	if (!picks_make(&picks, &page->rows, is_wanted, &wanted, times ? by_time : by_rate)) {
		page->failed = true;
		return false;
	}
	if (first)
		page_part(page, "By mechanism", "The best first, in each setting. Compare only "
			  "what waits in the same way, at the same place. The floor, where there "
			  "is one, is a round trip of a bare cache line between the two CPUs.");
	svg_number(wanted.size, SVG_BYTES, size);
	if (times)
		snprintf(title, sizeof(title), "Time of a %s, of %s", time, size);
	else
		snprintf(title, sizeof(title), "Messages of %s a second, %.60s", size, workload);
	print_picks(page, &picks, &dots, times);
	picks_free(&picks);
	return true;
}

void part_mechanisms(struct page *page)
{
	bool first = true;
	size_t i;

	for (i = 0; i < page->rows.n_workloads; i++)
		if (strcmp(page->rows.workloads[i], "openloop"))
			first = !print_workload(page, page->rows.workloads[i], first) && first;
}
