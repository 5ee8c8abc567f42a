// SPDX-License-Identifier: GPL-2.0
#include "json_aside.h"

#include <math.h>

/* To a thousandth */
static json_t *number(double value)
{
	return json_real(round(value * 1000) / 1000);
}

static json_t *range(double least, double most)
{
	return json_pack("[o, o]", number(least), number(most));
}

static json_t *cpus(const struct placement *place)
{
	if (!place->present || place->cpu[0] < 0)
		return json_null();
	return json_pack("[i, i]", place->cpu[0], place->cpu[1]);
}

static json_t *label(const struct floor *floor, int time)
{
	enum placement_kind kind = floor_label(floor, time);

	return kind == PLACE_NR ? json_null() : json_string(placement_name(kind));
}

static json_t *one_floor(const struct bench *bench, const struct placement *place)
{
	const struct floor *floor = &bench->floor[place->kind];
	bool known;
	double ns[3];

	known = floor_ns(floor, ns);
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:s}",
		"placement", placement_name(place->kind),
		"cpus", cpus(place),
		"round_trip_ns", known ? number(ns[1]) : json_null(),
		"round_trip_ns_range", known ? range(ns[0], ns[2]) : json_null(),
		"measured_before", label(floor, 0),
		"measured_after", label(floor, 1),
		"status", *floor->why ? floor->why : "ok");
}

json_t *floor_json(const struct bench *bench)
{
	const struct bench_options *o = &bench->opts;
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < o->n_placements; i++)
		json_array_append_new(all, one_floor(bench,
						     &bench->placements[o->placements[i]]));
	return all;
}

static json_t *one_stage(enum stage stage, double ns, const double least_most[2])
{
	return json_pack("{s:s, s:o, s:o}", "name", stage_name(stage), "ns", number(ns),
			 "ns_range", range(least_most[0], least_most[1]));
}

static json_t *one_split(const struct stages *s, enum stages_method method)
{
	double one_way, cost, ns[STAGE_NR], spread[STAGE_NR][2];
	bool known = stages_times(s, method, &one_way, ns, spread);
	bool traced = known && method == STAGES_TRACEPOINTS && stages_cost(s, &cost);
	json_t *parts = json_array();
	int stage;

	for (stage = 0; known && stage < STAGE_NR; stage++)
		json_array_append_new(parts, one_stage(stage, ns[stage], spread[stage]));
	return json_pack("{s:s, s:s, s:s, s:o, s:I, s:s, s:I, s:o, s:o, s:o}",
		"transport", s->transport->name,
		"method", stages_method_name(method),
		"placement", placement_name(s->placement.kind),
		"cpus", cpus(&s->placement),
		"size_bytes", (json_int_t)s->size,
		"status", stages_why(s, method),
		"repetitions", (json_int_t)(known ? s->repeats : 0),
		"one_way_ns", known ? number(one_way) : json_null(),
		"tracing_cost_ns", traced ? number(cost) : json_null(),
		"stages", parts);
}

json_t *stages_json(const struct bench *bench)
{
	json_t *all = json_array();
	enum stages_method method;
	size_t i;

	for (i = 0; i < bench->n_stages; i++)
		for (method = 0; method < STAGES_METHODS; method++)
			if (stages_has(&bench->stages[i], method))
				json_array_append_new(all, one_split(&bench->stages[i], method));
	return all;
}
