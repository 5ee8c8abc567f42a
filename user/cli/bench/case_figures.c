// SPDX-License-Identifier: GPL-2.0
/* What the runs of a case tell. */
#include "bench.h"
#include "crew.h"

static bool timed(const struct bench_case *c, const struct hist *hist)
{
	return hist->count &&
	       (c->workload != WORKLOAD_STREAM || c->batch >= c->depth / c->size);
}

bool case_timed(const struct bench_case *c)
{
	return timed(c, c->hist);
}

static bool percentile(const struct bench_case *c, const struct hist *hist,
		       const struct clock_info *clock, double percent, double *ns)
{
	uint64_t value;

	if (!timed(c, hist) || !hist_percentile(hist, percent, &value) ||
	    value < clock->quantum_ns)
		return false;
	*ns = (double)value / c->batch;
	return true;
}

bool case_percentile(const struct bench_case *c, const struct clock_info *clock,
		     double percent, double *ns)
{
	return percentile(c, c->hist, clock, percent, ns);
}

void case_keep(struct bench_case *c, const struct hist *hist, double rate,
	       const struct clock_info *clock)
{
	static const double percents[FIGURE_NR] = {
		[FIGURE_P50] = 50, [FIGURE_P99] = 99, [FIGURE_P999] = 99.9,
	};
	double ns;
	int i;

	for (i = 0; i < FIGURE_NR; i++) {
		if (!c->figure[i])
			continue;
		if (i == FIGURE_RATE)
			c->figure[i][c->runs] = rate;
		else if (percentile(c, hist, clock, percents[i], &ns))
			c->figure[i][c->runs] = ns;
	}
	c->runs++;
	hist_merge(c->hist, hist);
}

bool case_spread(const struct bench_case *c, enum figure figure, struct spread *spread)
{
	return spread_find(c->figure[figure], c->runs, spread);
}

bool case_copies(const struct bench_case *c, double *copies)
{
	unsigned int each = c->transport->copies;

	*copies = each ? each - 1 : 0;
	if (c->workload == WORKLOAD_PINGPONG)
		*copies *= SIDES;
	if (c->workload == WORKLOAD_BROADCAST)
		*copies = crew_copies(c, *copies);
	return each > 0;
}

/* Its senders and receivers overlap: how long a message takes is the time of all */
static bool is_rated(const struct bench_case *c)
{
	return c->workload == WORKLOAD_STREAM || workload_is_of_many(c->workload);
}

bool case_time(const struct bench_case *c, const struct clock_info *clock, double *ns)
{
	struct spread rate;

	if (!is_rated(c))
		return case_percentile(c, clock, 50, ns);
	if (!case_spread(c, FIGURE_RATE, &rate))
		return false;
	*ns = 1e9 / rate.median;
	return true;
}

/* Of each run; false when one does not tell it */
static bool run_times(const struct bench_case *c, double *ns)
{
	bool rated = is_rated(c);
	const double *figure = c->figure[rated ? FIGURE_RATE : FIGURE_P50];
	unsigned int i;

	for (i = 0; i < c->runs; i++) {
		if (figure[i] <= 0)
			return false;
		ns[i] = rated ? 1e9 / figure[i] : figure[i];
	}
	return c->runs > 0;
}

bool case_compare(const struct bench_case *base, const struct bench_case *c,
		  struct shift *shift)
{
	double a[MAX_RUNS], b[MAX_RUNS];

	return run_times(base, a) && run_times(c, b) &&
	       !shift_rounds(a, base->runs, b, c->runs, STATS_EFFECT, shift);
}
