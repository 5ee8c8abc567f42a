// SPDX-License-Identifier: GPL-2.0
#include "rank.h"

#include <stdlib.h>
#include <string.h>

enum figure rank_figure(const struct result *row)
{
	return result_by_rate(row) ? FIGURE_RATE : FIGURE_P50;
}

/* Is this of one pair of processes, as fast as they can? */
static bool is_plain(const struct result *row)
{
	json_t *producers = json_object_get(row->json, "producers");
	json_t *consumers = json_object_get(row->json, "consumers");

	return json_integer_value(producers) <= 1 && json_integer_value(consumers) <= 1 &&
	       !json_is_string(json_object_get(row->json, "arrivals"));
}

static bool suits(const struct wanted *w, const struct result *row)
{
	return is_plain(row) && (!w->wait || !strcmp(row->wait, w->wait)) &&
	       (!w->placement || !strcmp(row->placement, w->placement));
}

/* A rate that it surely has: the low end of the interval, of few runs the least */
static double sure_rate(const struct result *row)
{
	struct spread rate;

	if (!spread_find(row->figure[FIGURE_RATE], row->runs, &rate))
		return 0;
	return rate.sure ? rate.low : rate.min;
}

/*
 * What a stream of the transport carries, or its round trips: each has a message in one
 * direction, and one in the other.
 */
static double carried(const struct results *results, const struct result *row)
{
	double most = 0, rate;
	size_t i;

	for (i = 0; i < results->n; i++) {
		const struct result *r = &results->rows[i];

		if (!is_plain(r) || r->size != row->size || strcmp(r->transport, row->transport) ||
		    strcmp(r->wait, row->wait) || strcmp(r->placement, row->placement) ||
		    strcmp(r->payload, row->payload))
			continue;
		rate = sure_rate(r);
		most = rate > most ? rate : most;
	}
	return most;
}

static int by_time(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->time.median > y->time.median) - (x->time.median < y->time.median);
}

size_t rank_find(const struct results *results, const struct wanted *w, uint64_t size,
		 const char *placement, struct candidate *found)
{
	double ns[STATS_MAX];
	size_t i, n = 0, runs;

	for (i = 0; i < results->n; i++) {
		const struct result *row = &results->rows[i];

		if (!suits(w, row) || row->size != size || strcmp(row->workload, w->workload) ||
		    strcmp(row->placement, placement))
			continue;
		runs = result_times(row, rank_figure(row), ns);
		if (!runs || !spread_find(ns, runs, &found[n].time))
			continue;
		found[n].row = row;
		found[n++].carries = carried(results, row);
	}
	qsort(found, n, sizeof(*found), by_time);
	return n;
}

size_t rank_able_first(const struct wanted *w, struct candidate *c, size_t n)
{
	size_t i, able = 0;

	for (i = 0; i < n; i++) {
		struct candidate this = c[i];

		if (w->rate && this.carries < (double)w->rate)
			continue;
		memmove(&c[able + 1], &c[able], (i - able) * sizeof(*c));
		c[able++] = this;
	}
	return able;
}

bool rank_told(const struct results *results, const struct result *row)
{
	const struct result *r;

	for (r = results->rows; r < row; r++)
		if (r->size == row->size && !strcmp(r->placement, row->placement))
			return true;
	return false;
}

void rank_nearest(const struct results *results, const struct wanted *w, uint64_t size[2])
{
	double ns[STATS_MAX];
	size_t i;

	size[0] = 0;
	size[1] = 0;
	for (i = 0; i < results->n; i++) {
		const struct result *row = &results->rows[i];

		if (!suits(w, row) || strcmp(row->workload, w->workload) ||
		    !result_times(row, rank_figure(row), ns))
			continue;
		if (row->size <= w->size && row->size > size[0])
			size[0] = row->size;
		if (row->size >= w->size && (!size[1] || row->size < size[1]))
			size[1] = row->size;
	}
}
