// SPDX-License-Identifier: GPL-2.0
#include <jansson.h>
#include <math.h>

#include "env_json.h"
#include "json_aside.h"
#include "report.h"

/* To a thousandth; whole numbers as such */
static json_t *number(double value)
{
	value = round(value * 1000) / 1000;
	if (value == floor(value) && fabs(value) < 1e15)
		return json_integer((json_int_t)value);
	return json_real(value);
}

static json_t *percentile(const struct bench_case *c, const struct bench *bench,
			  double percent)
{
	double ns;

	if (!case_percentile(c, &bench->clock, percent, &ns))
		return json_null();
	return number(ns);
}

static json_t *cpus(const struct placement *place)
{
	if (!place->present || place->cpu[0] < 0)
		return json_null();
	return json_pack("[i, i]", place->cpu[0], place->cpu[1]);
}

static json_t *null_unless(bool known, double value)
{
	return known ? number(value) : json_null();
}

static json_t *range(bool known, double least, double most)
{
	return known ? json_pack("[o, o]", number(least), number(most)) : json_null();
}

/* Of the runs' medians: least, middle and most */
static json_t *medians(const struct bench_case *c)
{
	struct spread ns;

	if (!case_spread(c, FIGURE_P50, &ns))
		return json_null();
	return json_pack("[o, o, o]", number(ns.min), number(ns.median), number(ns.max));
}

/* What the figure's median over the runs lies in */
static json_t *interval(const struct bench_case *c, enum figure figure)
{
	struct spread s = { 0 };

	case_spread(c, figure, &s);
	return range(s.sure, s.low, s.high);
}

/* With the round that it was in, one run of each case, where there were rounds */
static json_t *per_run(const struct bench_case *c, bool rounds)
{
	json_t *all = json_array(), *run;
	unsigned int i;
	double value;
	int j;

	for (i = 0; i < c->runs; i++) {
		run = json_object();
		json_object_set_new(run, "round", rounds ? json_integer(i) : json_null());
		for (j = 0; j < FIGURE_NR; j++) {
			value = c->figure[j] ? c->figure[j][i] : 0;
			json_object_set_new(run, figure_name(j), null_unless(value > 0, value));
		}
		json_array_append_new(all, run);
	}
	return all;
}

static json_t *ledger(const struct bench_case *c)
{
	static const char *const names[LEDGER_NR] = {
		[LEDGER_CALLS] = "system_calls",
		[LEDGER_VOLUNTARY] = "voluntary_switches",
		[LEDGER_INVOLUNTARY] = "involuntary_switches",
		[LEDGER_FAULTS] = "page_faults",
		[LEDGER_CPU_NS] = "cpu_ns",
		[LEDGER_USER_NS] = "user_ns",
		[LEDGER_SYSTEM_NS] = "system_ns",
		[LEDGER_INSTRUCTIONS] = "instructions",
		[LEDGER_CYCLES] = "cycles",
		[LEDGER_CACHE_MISSES] = "cache_misses",
		[LEDGER_NANOJOULES] = "processor_nanojoules",
	};
	json_t *all = json_object();
	double each = 0;
	bool known;
	int i;

	for (i = 0; i < LEDGER_NR; i++) {
		known = ledger_each(&c->ledger, i, &each);
		json_object_set_new(all, names[i], null_unless(known, each));
	}
	known = case_copies(c, &each);
	json_object_set_new(all, "copies_declared", null_unless(known, each));
	return all;
}

/* @all gets what is null of all workloads but an open loop */
static void add_load(json_t *all, const struct bench_case *c)
{
	const struct load *load = &c->load;
	bool open = c->workload == WORKLOAD_OPENLOOP, runs = open && c->runs;
	struct spread rate = { 0 };
	bool rated = open && case_spread(c, FIGURE_RATE, &rate);

	json_object_set_new(all, "arrivals",
			    open ? json_string(arrivals_name(load->arrivals)) : json_null());
	json_object_set_new(all, "capacity_per_s",
			    null_unless(load->capacity_per_s > 0, load->capacity_per_s));
	json_object_set_new(all, "offered_percent",
			    null_unless(load->offer.percent, load->offer.percent));
	json_object_set_new(all, "offered_per_s",
			    null_unless(load->offered_per_s > 0, load->offered_per_s));
	json_object_set_new(all, "achieved_per_s", null_unless(rated, rate.median));
	json_object_set_new(all, "reached", runs ? json_boolean(load_reached(c)) : json_null());
	json_object_set_new(all, "knee", open ? json_boolean(load->knee) : json_null());
	json_object_set_new(all, "late_sends_share",
			    null_unless(runs, load_late_share(load)));
	json_object_set_new(all, "woken_late_ns",
			    null_unless(load->sent.waits, load_woken_late_ns(load)));
}

/* The mean over the runs */
static json_t *fairness(const struct bench_case *c, int side)
{
	return null_unless(c->fairness[side] > 0, c->fairness[side] / c->runs);
}

/* The buckets that hold something: each value is the middle of one, and falls into it again */
static json_t *histogram(const struct bench_case *c)
{
	json_t *values = json_array(), *counts = json_array();
	unsigned int i;

	for (i = 0; case_timed(c) && i < HIST_BUCKETS; i++) {
		if (!c->hist->bucket[i])
			continue;
		json_array_append_new(values, json_integer((json_int_t)hist_bucket_value(i)));
		json_array_append_new(counts, json_integer((json_int_t)c->hist->bucket[i]));
	}
	if (json_array_size(values))
		return json_pack("{s:I, s:o, s:o}", "batch", (json_int_t)c->batch,
				 "values_ns", values, "counts", counts);
	json_decref(values);
	json_decref(counts);
	return json_null();
}

static json_t *figures(const struct bench_case *c, const struct bench *bench)
{
	const struct hist *h = c->hist;
	bool samples = h->count > 0, timed = case_timed(c);
	double batch = c->batch ? c->batch : 1;
	struct spread rate = { 0 };
	bool rated = case_spread(c, FIGURE_RATE, &rate);
	const char *peer = bench->opts.connect;

	return json_pack("{s:s, s:s, s:s?, s:I, s:I, s:I, s:s, s:o, s:s, s:s, s:s, s:I, s:I, s:I,"
			 " s:I,"
			 " s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
			 " s:o, s:o, s:o, s:o, s:I, s:o}",
		"transport", c->transport->name,
		"workload", workload_name(c->workload),
		"peer", peer,
		"size_bytes", (json_int_t)c->size,
		"producers", (json_int_t)(c->producers ? c->producers : 1),
		"consumers", (json_int_t)(c->consumers ? c->consumers : 1),
		"placement", placement_name(c->placement.kind),
		"cpus", cpus(&c->placement),
		"wait", wait_name(c->wait),
		"payload", payload_name(bench->opts.payload),
		"status", c->status,
		"runs", (json_int_t)c->runs,
		"messages", (json_int_t)c->messages,
		"samples", (json_int_t)h->count,
		"batch", (json_int_t)c->batch,
		"depth_bytes", c->depth ? json_integer((json_int_t)c->depth) : json_null(),
		"messages_per_call",
		c->per_call ? json_integer((json_int_t)c->per_call) : json_null(),
		"min_ns", null_unless(timed, (double)h->min / batch),
		"mean_ns", null_unless(samples, (double)h->sum / (double)h->count / batch),
		"max_ns", null_unless(timed, (double)h->max / batch),
		"p50_ns", percentile(c, bench, 50),
		"p99_ns", percentile(c, bench, 99),
		"p999_ns", percentile(c, bench, 99.9),
		"messages_per_s", null_unless(rated, rate.median),
		"bytes_per_s", null_unless(rated, rate.median * (double)c->size),
		"messages_per_s_range",
		range(rated, rate.min, rate.max),
		"messages_per_s_ci95", range(rate.sure, rate.low, rate.high),
		"run_p50_ns", medians(c),
		"run_p50_ns_ci95", interval(c, FIGURE_P50),
		"p99_ns_ci95", interval(c, FIGURE_P99),
		"p999_ns_ci95", interval(c, FIGURE_P999),
		"per_run", per_run(c, bench->rounds),
		"probe_ns", range(c->probe_ns[0] > 0, c->probe_ns[0], c->probe_ns[1]),
		"runs_discarded", (json_int_t)c->discarded,
		"ledger", ledger(c));
}

static json_t *result(const struct bench_case *c, const struct bench *bench)
{
	json_t *all = figures(c, bench);

	if (!all)
		return NULL;
	json_object_set_new(all, "sender_fairness", fairness(c, 0));
	json_object_set_new(all, "receiver_fairness", fairness(c, 1));
	json_object_set_new(all, "lost_messages", c->transport->drops && c->runs ?
			    json_integer((json_int_t)c->lost) : json_null());
	add_load(all, c);
	if (json_object_set_new(all, "histogram", histogram(c))) {
		json_decref(all);
		return NULL;
	}
	return all;
}

static json_t *parameters(const struct bench_options *o)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		"runs", (json_int_t)o->runs,
		"messages", (json_int_t)o->messages,
		"duration_ns", (json_int_t)o->duration_ns,
		"warmup_ns", (json_int_t)o->warmup_ns,
		"timeout_ns", (json_int_t)o->timeout_ns,
		"depth_bytes", (json_int_t)o->depth,
		"messages_per_call", (json_int_t)o->batch,
		"seed", (json_int_t)o->seed);
}

json_t *report_document(const struct bench *bench)
{
	json_t *results = json_array(), *env;
	size_t i;

	for (i = 0; results && i < bench->n_cases; i++)
		if (json_array_append_new(results, result(&bench->cases[i], bench)))
			break;
	if (!results || i < bench->n_cases) {
		json_decref(results);
		return NULL;
	}
	env = env_json(&bench->env);
	json_object_set_new(env, "peers", bench->peers ? json_string(bench->peers) : json_null());
	return json_pack("{s:s, s:b, s:o, s:o, s:o, s:o, s:o}",
		"schema", REPORT_SCHEMA,
		"partial", bench->interrupted != 0,
		"environment", env,
		"parameters", parameters(&bench->opts),
		"floor", floor_json(bench),
		"decomposition", stages_json(bench),
		"results", results);
}
