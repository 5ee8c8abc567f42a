// SPDX-License-Identifier: GPL-2.0
#include "rank.h"

#include <stdlib.h>
#include <string.h>

enum figure rank_figure(const struct result *row)
{
	return result_by_rate(row) ? FIGURE_RATE : FIGURE_P50;
}

double rank_number(const struct result *row, const char *name)
{
	return json_number_value(json_object_get(row->json, name));
}

bool rank_is_open(const char *workload)
{
	return !strcmp(workload, workload_name(WORKLOAD_OPENLOOP));
}

bool rank_has_senders(const char *workload)
{
	return !strcmp(workload, workload_name(WORKLOAD_FANIN)) ||
	       !strcmp(workload, workload_name(WORKLOAD_MESH));
}

bool rank_has_receivers(const char *workload)
{
	return !strcmp(workload, workload_name(WORKLOAD_FANOUT)) ||
	       !strcmp(workload, workload_name(WORKLOAD_MESH)) || rank_is_each(workload);
}

bool rank_is_each(const char *workload)
{
	return !strcmp(workload, workload_name(WORKLOAD_BROADCAST));
}

bool rank_is_many(const char *workload)
{
	return rank_has_senders(workload) || rank_has_receivers(workload);
}

bool rank_may_lose(const struct result *row)
{
	return json_is_integer(json_object_get(row->json, "lost_messages"));
}

double rank_lost(const struct result *row)
{
	double lost = rank_number(row, "lost_messages");

	return lost > 0 ? lost / (lost + rank_number(row, "messages")) : 0;
}

/* Is this of one pair of processes? */
static bool is_pair(const struct result *row)
{
	return rank_number(row, "producers") <= 1 && rank_number(row, "consumers") <= 1;
}

static bool is_kind(const struct result *row, enum workload workload)
{
	return !strcmp(row->workload, workload_name(workload));
}

static const char *arrivals(const struct result *row)
{
	const char *text = json_string_value(json_object_get(row->json, "arrivals"));

	return text ? text : "";
}

static bool has_workload(const struct wanted *w, const struct result *row)
{
	if (!w->workload)
		return is_kind(row, WORKLOAD_PINGPONG) ||
		       (w->rate && is_kind(row, WORKLOAD_OPENLOOP));
	return !strcmp(row->workload, w->workload);
}

static bool suits(const struct wanted *w, const struct result *row)
{
	if (!has_workload(w, row) || (w->wait && strcmp(row->wait, w->wait)) ||
	    (w->placement && strcmp(row->placement, w->placement)))
		return false;
	if (rank_is_many(row->workload))
		return rank_number(row, "producers") == (double)w->senders &&
		       rank_number(row, "consumers") == (double)w->receivers;
	return is_pair(row) && (!*arrivals(row) || !w->arrivals ||
				!strcmp(arrivals(row), w->arrivals));
}

/* A rate that it surely has: the low end of the interval, of few runs the least */
static double sure_rate(const struct result *row)
{
	struct spread rate;

	if (!spread_find(row->figure[FIGURE_RATE], row->runs, &rate))
		return 0;
	return rate.sure ? rate.low : rate.min;
}

/* Of the same transport, used in the same way for the same messages */
static bool same_use(const struct result *a, const struct result *b)
{
	return a->size == b->size && !strcmp(a->transport, b->transport) &&
	       !strcmp(a->wait, b->wait) && !strcmp(a->placement, b->placement) &&
	       !strcmp(a->payload, b->payload);
}

/*
 * What a stream of the transport carries, or its round trips: each has a message in one
 * direction, and one in the other.
 */
static double carried(const struct results *results, const struct result *row)
{
	double most = 0, rate;
	size_t i;

	if (rank_is_many(row->workload))
		return sure_rate(row);
	for (i = 0; i < results->n; i++) {
		const struct result *r = &results->rows[i];

		if (!is_pair(r) || *arrivals(r) || !same_use(r, row))
			continue;
		rate = sure_rate(r);
		most = rate > most ? rate : most;
	}
	return most;
}

static bool same_curve(const struct result *a, const struct result *b)
{
	return same_use(a, b) && !strcmp(a->workload, b->workload) &&
	       !strcmp(arrivals(a), arrivals(b));
}

static bool is_reached(const struct result *row)
{
	double ns[STATS_MAX];

	return json_is_true(json_object_get(row->json, "reached")) &&
	       result_times(row, FIGURE_P50, ns);
}

/* Of two rates of a curve, does @a tell more of what is wanted than @b? */
static bool tells_more(const struct wanted *w, const struct result *a, const struct result *b)
{
	double x = rank_number(a, "offered_per_s"), y = rank_number(b, "offered_per_s");
	bool below = x < (double)w->rate, other = y < (double)w->rate;

	if (is_reached(a) != is_reached(b))
		return is_reached(a);
	if (below != other)
		return !below;
	if (x == y)
		return a < b;
	return below ? x > y : x < y;
}

/* Return: whether @c, with its row, is the rate of its curve that tells most */
static bool pick_rate(const struct results *results, const struct wanted *w,
		      struct candidate *c)
{
	double highest = 0, rate;
	size_t i;

	c->knee = NULL;
	for (i = 0; i < results->n; i++) {
		const struct result *r = &results->rows[i];

		if (!same_curve(r, c->row))
			continue;
		if (r != c->row && tells_more(w, r, c->row))
			return false;
		rate = rank_number(r, "offered_per_s");
		highest = rate > highest ? rate : highest;
		if (json_is_true(json_object_get(r->json, "knee")))
			c->knee = r;
	}
	c->carries = is_reached(c->row) ? rank_number(c->row, "offered_per_s") : 0;
	c->highest = highest;
	return true;
}

/* With its row.  Return: whether that is of the transport what tells most */
static bool complete(const struct results *results, const struct wanted *w,
		     struct candidate *c)
{
	double ns[STATS_MAX];
	size_t runs = result_times(c->row, rank_figure(c->row), ns);
	bool open = rank_is_open(c->row->workload);

	/* A rate that was not reached need not have a time */
	if (!spread_find(ns, runs, &c->time) && !(open && c->row->runs))
		return false;
	if (open)
		return pick_rate(results, w, c);
	c->carries = carried(results, c->row);
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->time.median > y->time.median) - (x->time.median < y->time.median);
}

size_t rank_find(const struct results *results, const struct wanted *w, uint64_t size,
		 struct candidate *found)
{
	size_t i, n = 0;

	for (i = 0; i < results->n; i++) {
		const struct result *row = &results->rows[i];

		found[n] = (struct candidate){ .row = row };
		if (row->size == size && suits(w, row) && complete(results, w, &found[n]))
			n++;
	}
	qsort(found, n, sizeof(*found), by_time);
	return n;
}

/* Of @n in order, put those first that are so.  Return: how many */
static size_t put_first(const struct wanted *w, struct candidate *c, size_t n,
			bool (*are)(const struct wanted *w, const struct candidate *c))
{
	size_t i, first = 0;

	for (i = 0; i < n; i++) {
		struct candidate this = c[i];

		if (!are(w, &this))
			continue;
		memmove(&c[first + 1], &c[first], (i - first) * sizeof(*c));
		c[first++] = this;
	}
	return first;
}

static bool is_able(const struct wanted *w, const struct candidate *c)
{
	return !w->rate || c->carries >= (double)w->rate;
}

size_t rank_able_first(const struct wanted *w, struct candidate *c, size_t n)
{
	return put_first(w, c, n, is_able);
}

static bool is_whole(const struct wanted *w, const struct candidate *c)
{
	(void)w;
	return rank_lost(c->row) <= 0;
}

size_t rank_whole_first(const struct wanted *w, struct candidate *c, size_t n)
{
	return put_first(w, c, n, is_whole);
}

bool rank_told(const struct results *results, const struct result *row)
{
	const struct result *r;

	for (r = results->rows; r < row; r++)
		if (r->size == row->size && !strcmp(r->placement, row->placement))
			return true;
	return false;
}

struct wanted rank_evidence(const struct results *results, const struct wanted *w,
			    uint64_t size, const char *placement)
{
	const char *poisson = arrivals_name(ARRIVALS_POISSON);
	struct wanted all = *w;
	const struct result *row, *end = results->rows + results->n, *open = NULL;

	all.placement = placement;
	for (row = results->rows; row < end; row++) {
		if (row->size != size || !row->runs || !rank_is_open(row->workload) ||
		    !suits(&all, row))
			continue;
		if (!open || !strcmp(arrivals(row), poisson))
			open = row;
	}
	if (!all.workload)
		all.workload = workload_name(open ? WORKLOAD_OPENLOOP : WORKLOAD_PINGPONG);
	if (open && !all.arrivals)
		all.arrivals = arrivals_name(strcmp(arrivals(open), poisson) ? ARRIVALS_FIXED :
									ARRIVALS_POISSON);
	return all;
}

void rank_nearest(const struct results *results, const struct wanted *w, uint64_t size[2])
{
	double ns[STATS_MAX];
	size_t i;

	size[0] = 0;
	size[1] = 0;
	for (i = 0; i < results->n; i++) {
		const struct result *row = &results->rows[i];

		if (!suits(w, row) || !(result_times(row, rank_figure(row), ns) ||
					(rank_is_open(row->workload) && row->runs)))
			continue;
		if (row->size <= w->size && row->size > size[0])
			size[0] = row->size;
		if (row->size >= w->size && (!size[1] || row->size < size[1]))
			size[1] = row->size;
	}
}
