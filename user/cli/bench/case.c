// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "crew.h"
#include "random.h"

const char *workload_name(enum workload workload)
{
	static const char *const names[WORKLOAD_NR] = {
		[WORKLOAD_PINGPONG] = "pingpong",
		[WORKLOAD_STREAM] = "stream",
		[WORKLOAD_ONEWAY] = "oneway",
		[WORKLOAD_OPENLOOP] = "openloop",
		[WORKLOAD_FANIN] = "fanin",
		[WORKLOAD_FANOUT] = "fanout",
		[WORKLOAD_MESH] = "mesh",
		[WORKLOAD_BROADCAST] = "broadcast",
	};

	return names[workload];
}

const char *wait_name(enum wait_strategy wait)
{
	static const char *const names[WAIT_NR] = {
		[WAIT_BLOCK] = "block",
		[WAIT_POLL] = "poll",
		[WAIT_SPIN] = "spin",
		[WAIT_ADAPTIVE] = "adaptive",
	};

	return names[wait];
}

const char *payload_name(enum payload_mode mode)
{
	static const char *const names[PAYLOAD_NR] = {
		[PAYLOAD_NOTIFY] = "notify",
		[PAYLOAD_TOUCH] = "write+read",
		[PAYLOAD_VERIFY] = "verify",
	};

	return names[mode];
}

const char *figure_name(enum figure figure)
{
	static const char *const names[FIGURE_NR] = {
		[FIGURE_RATE] = "messages_per_s",
		[FIGURE_P50] = "p50_ns",
		[FIGURE_P99] = "p99_ns",
		[FIGURE_P999] = "p999_ns",
	};

	return names[figure];
}

/* What can be known to be impossible without a try */
static const char *impossible(const struct bench *bench, const struct bench_case *c)
{
	const struct transport *t = c->transport;

	if (!workload_is_of_many(c->workload) && !(t->workloads & 1u << c->workload))
		return "it does not have this workload";
	if (c->size > t->max_size)
		return "it does not carry messages of this size";
	if (c->wait != t->wait && !(t->waits & 1u << c->wait))
		return "it cannot wait so";
	if (bench->opts.connect && !t->remote)
		return "it does not go to another host";
	if (!c->placement.present)
		return placement_missing(c->placement.kind);
	if (c->wait == WAIT_SPIN && bench->cpus == 1)
		return "two that spin need two CPUs, there is one";
	if (c->wait == WAIT_SPIN && c->placement.kind == PLACE_SAME)
		return "two that spin need two CPUs";
	if (c->wait == WAIT_ADAPTIVE && (bench->cpus == 1 ||
					 c->placement.kind == PLACE_SAME))
		return "who shares a CPU sleeps at once";
	return workload_is_of_many(c->workload) ? crew_impossible(bench, c) : NULL;
}

static int case_make(const struct bench *bench, struct bench_case *c)
{
	const char *why = impossible(bench, c);
	int i;

	c->hist = calloc(1, sizeof(*c->hist));
	if (!c->hist)
		return -ENOMEM;
	for (i = 0; i < FIGURE_NR; i++) {
		c->figure[i] = calloc(bench->opts.runs, sizeof(*c->figure[i]));
		if (!c->figure[i])
			return -ENOMEM;
	}
	c->outcome = why ? OUTCOME_REFUSED : OUTCOME_NONE;
	snprintf(c->status, sizeof(c->status), why ? "refused: %s" : "not run%s",
		 why ? why : "");
	return 0;
}

/*
 * Sharing a cache is how two processes that talk usually are placed; to be thorough, all
 * there are.
 */
static void default_placements(struct bench *bench)
{
	static const enum placement_kind pairs[] = { PLACE_CACHE, PLACE_SMT, PLACE_FAR };
	struct bench_options *opts = &bench->opts;
	size_t i;

	opts->placements[opts->n_placements++] = PLACE_SAME;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (!bench->placements[pairs[i]].present)
			continue;
		opts->placements[opts->n_placements++] = pairs[i];
		if (!opts->thorough)
			return;
	}
	if (opts->thorough)
		opts->placements[opts->n_placements++] = PLACE_FREE;
}

/* How many there are of each transport */
static size_t count_waits(const struct bench_options *o)
{
	return o->n_waits ? o->n_waits : 1;
}

/* Cases of a workload */
static size_t count_cases(const struct bench_options *o, enum workload workload)
{
	size_t n = o->n_transports * count_waits(o) * o->n_placements * o->n_sizes;

	return n * (workload == WORKLOAD_OPENLOOP ? o->n_offers * o->n_arrivals :
						    crew_count(o, workload));
}

/* What an open loop has beside: its rates run faster than all else.  Return: the rest */
static size_t load_decode(const struct bench_options *o, size_t index, struct load *load)
{
	load->offer = o->offers[index % o->n_offers];
	load->offered_per_s = (double)load->offer.per_s;
	index /= o->n_offers;
	load->arrivals = o->arrivals[index % o->n_arrivals];
	return index / o->n_arrivals;
}

/* The index of a case in its workload, taken apart: the transport runs fastest */
static void case_decode(const struct bench *bench, size_t index, struct bench_case *c)
{
	const struct bench_options *o = &bench->opts;

	if (c->workload == WORKLOAD_OPENLOOP)
		index = load_decode(o, index, &c->load);
	c->transport = o->transports[index % o->n_transports];
	index /= o->n_transports;
	c->wait = o->n_waits ? o->waits[index % o->n_waits] : c->transport->wait;
	index /= count_waits(o);
	c->placement = bench->placements[o->placements[index % o->n_placements]];
	index /= o->n_placements;
	c->size = o->sizes[index % o->n_sizes];
	crew_pick(o, index / o->n_sizes, c);
}

int cases_make(struct bench *bench)
{
	struct bench_options *o = &bench->opts;
	struct bench_case *c;
	size_t i, w, n;

	if (!o->n_placements)
		default_placements(bench);
	for (w = 0; w < o->n_workloads; w++)
		bench->n_cases += count_cases(o, o->workloads[w]);
	bench->cases = calloc(bench->n_cases, sizeof(*bench->cases));
	if (!bench->cases)
		return -ENOMEM;
	for (w = 0, c = bench->cases; w < o->n_workloads; w++) {
		n = count_cases(o, o->workloads[w]);
		for (i = 0; i < n; i++, c++) {
			c->workload = o->workloads[w];
			case_decode(bench, i, c);
			if (case_make(bench, c))
				return -ENOMEM;
		}
	}
	return 0;
}

void cases_free(struct bench *bench)
{
	size_t i;
	int j;

	for (i = 0; bench->cases && i < bench->n_cases; i++) {
		free(bench->cases[i].hist);
		for (j = 0; j < FIGURE_NR; j++)
			free(bench->cases[i].figure[j]);
	}
	free(bench->cases);
	bench->cases = NULL;
}

void cases_order(const struct bench *bench, uint64_t *state, size_t *order)
{
	size_t i, other, swap;

	for (i = 0; i < bench->n_cases; i++)
		order[i] = i;
	for (i = bench->n_cases; i > 1; i--) {
		other = random_next(state) % i;
		swap = order[i - 1];
		order[i - 1] = order[other];
		order[other] = swap;
	}
}

size_t case_depth(const struct bench *bench, const struct bench_case *c)
{
	size_t least = 4 * c->size;

	return bench->opts.depth < least ? least : bench->opts.depth;
}
