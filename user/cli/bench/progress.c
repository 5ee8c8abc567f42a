// SPDX-License-Identifier: GPL-2.0
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#define CLEAR_LINE	"\r\033[K"

void progress_start(struct progress *p, const struct bench *bench, size_t total)
{
	*p = (struct progress){
		.on = isatty(STDERR_FILENO),
		.total = total,
		.since = clock_ns(),
		.bench = bench,
	};
}

static void print_left(const struct progress *p)
{
	double spent = (double)(clock_ns() - p->since) / 1e9;
	unsigned int left;

	if (!p->done)
		return;
	left = (unsigned int)(spent / (double)p->done * (double)(p->total - p->done));
	fprintf(stderr, ", %u:%02u left", left / 60, left % 60);
}

void progress_live(void *progress, const struct hist *hist, uint32_t batch)
{
	const struct progress *p = progress;
	const struct bench_case *c = p->current;
	uint64_t p50, p99;

	fprintf(stderr, CLEAR_LINE "[%zu/%zu] %s %s %zu B %s", p->done + 1, p->total,
		c->transport->name, workload_name(c->workload), c->size,
		placement_name(c->placement.kind));
	if (c->load.offered_per_s > 0)
		fprintf(stderr, ", %.0f/s", c->load.offered_per_s);
	if (batch && hist_percentile(hist, 50, &p50))
		fprintf(stderr, ", p50 %.0f", (double)p50 / batch);
	if (batch && hist_percentile(hist, 99, &p99))
		fprintf(stderr, ", p99 %.0f", (double)p99 / batch);
	print_left(p);
	fflush(stderr);
}

void progress_end(struct progress *p)
{
	if (p->on)
		fprintf(stderr, CLEAR_LINE);
}
