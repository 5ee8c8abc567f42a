// SPDX-License-Identifier: GPL-2.0
#include "results_match.h"

#include <stdio.h>
#include <string.h>

#include "report/doc.h"

/* Floors that differ by more are of CPUs that lie otherwise, or run at another speed */
#define FLOOR_CHANGE	0.10

/* What is absent is as null */
static bool same(const json_t *a, const json_t *b, const char *name)
{
	const json_t *x = doc_member(a, name), *y = doc_member(b, name);

	return x && y ? json_equal(x, y) : x == y;
}

bool result_same_case(const struct result *a, const struct result *b)
{
	static const char *const names[] = {
		"producers", "consumers", "arrivals", "offered_percent",
	};
	size_t i;

	/* Each row is looked for among thousands: first what most of them differ in */
	if (a->size != b->size || strcmp(a->transport, b->transport) ||
	    strcmp(a->workload, b->workload) || strcmp(a->placement, b->placement) ||
	    strcmp(a->wait, b->wait) || strcmp(a->payload, b->payload))
		return false;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!same(a->json, b->json, names[i]))
			return false;
	/* A share of what a transport carries is another rate each time */
	return doc_member(a->json, "offered_percent") || same(a->json, b->json, "offered_per_s");
}

const struct result *results_find(const struct results *results, const struct result *row)
{
	size_t i;

	for (i = 0; i < results->n; i++)
		if (result_same_case(&results->rows[i], row))
			return &results->rows[i];
	return NULL;
}

const struct result *results_twice(const struct results *results)
{
	size_t i;

	for (i = 0; i < results->n; i++)
		if (results_find(results, &results->rows[i]) != &results->rows[i])
			return &results->rows[i];
	return NULL;
}

const char *result_more(const struct result *row, char cell[RESULT_MORE])
{
	json_int_t producers = json_integer_value(doc_member(row->json, "producers"));
	json_int_t consumers = json_integer_value(doc_member(row->json, "consumers"));
	double percent = json_number_value(doc_member(row->json, "offered_percent"));
	double per_s = json_number_value(doc_member(row->json, "offered_per_s"));
	size_t n = 0;

	cell[0] = '\0';
	if (strcmp(row->payload, payload_name(PAYLOAD_TOUCH)))
		n += (size_t)snprintf(cell, RESULT_MORE, "%.20s ", row->payload);
	if (producers > 1 || consumers > 1)
		n += (size_t)snprintf(cell + n, RESULT_MORE - n, "%lld to %lld ",
				      (long long)producers, (long long)consumers);
	if (percent > 0)
		n += (size_t)snprintf(cell + n, RESULT_MORE - n, "%.3g %% ", percent);
	else if (per_s > 0)
		n += (size_t)snprintf(cell + n, RESULT_MORE - n, "%.3g/s ", per_s);
	if (n)
		cell[n - 1] = '\0';
	return cell;
}

void result_print_name(FILE *out, const struct result *row)
{
	char more[RESULT_MORE];

	result_more(row, more);
	fprintf(out, "%s, %s of %llu bytes, placement %s, wait %s%s%s", row->transport,
		row->workload, (unsigned long long)row->size, row->placement, row->wait,
		*more ? ", " : "", more);
}

static void warn_of(FILE *out, const json_t *from, const json_t *to, const char *name)
{
	if (same(from, to, name))
		return;
	fprintf(out, "Mind: %s differs: ", name);
	results_print_value(out, doc_member(from, name));
	fprintf(out, " then ");
	results_print_value(out, doc_member(to, name));
	fprintf(out, ".\n");
}

static void warn_floors(FILE *out, const struct results *from, const struct results *to)
{
	const json_t *olds = json_object_get(from->json, "floor"), *old;
	const json_t *news = json_object_get(to->json, "floor"), *new;
	const char *place;
	double was, is;
	size_t i, j;

	json_array_foreach(olds, i, old) {
		json_array_foreach(news, j, new) {
			was = json_number_value(json_object_get(old, "round_trip_ns"));
			is = json_number_value(json_object_get(new, "round_trip_ns"));
			place = json_string_value(json_object_get(old, "placement"));
			if (!place || !same(old, new, "placement") || was <= 0 || is <= 0 ||
			    (is < was * (1 + FLOOR_CHANGE) && was < is * (1 + FLOOR_CHANGE)))
				continue;
			fprintf(out, "Mind: the floor of a placement differs: ");
			results_print_value(out, json_object_get(old, "placement"));
			fprintf(out, " takes %.0f %s, then %.0f.\n", was, results_unit(from), is);
		}
	}
}

void results_warn(FILE *out, const struct results *from, const struct results *to)
{
	static const char *const env[] = {
		"kernel", "kernel_version", "command_line", "arch", "cpu_model", "cpus",
		"hypervisor", "mitigations", "governor", "frequency_boost", "idle_driver", "smt",
		"clocksource", "clock", "times_valid", "grade", "peers",
	}, *const parameters[] = {
		"duration_ns", "messages", "warmup_ns", "depth_bytes", "messages_per_call",
	};
	size_t i;

	for (i = 0; i < sizeof(env) / sizeof(env[0]); i++)
		warn_of(out, json_object_get(from->json, "environment"),
			json_object_get(to->json, "environment"), env[i]);
	for (i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
		warn_of(out, json_object_get(from->json, "parameters"),
			json_object_get(to->json, "parameters"), parameters[i]);
	warn_floors(out, from, to);
}
