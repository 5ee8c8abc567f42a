// SPDX-License-Identifier: GPL-2.0
#include "rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc.h"

const char *placement_words(const char *placement)
{
	static const struct {
		const char *name;
		const char *words;
	} all[] = {
		{ "same", "one CPU" },
		{ "smt", "two threads of a core" },
		{ "cache", "two CPUs, shared cache" },
		{ "far", "two CPUs, no shared cache" },
		{ "free", "not pinned" },
		{ "remote", "two hosts" },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i].name, placement))
			return all[i].words;
	return placement;
}

const char *workload_times(const char *workload)
{
	if (!strcmp(workload, "pingpong"))
		return "round trip";
	if (!strcmp(workload, "oneway"))
		return "message one way";
	return NULL;
}

size_t row_place(const struct row *row, char *text)
{
	const json_t *cpus = json_object_get(row->json, "cpus");
	const char *peer = doc_text(row->json, "peer", NULL);
	size_t n;

	n = (size_t)snprintf(text, 64, "%.60s", placement_words(row->placement));
	if (isfinite(doc_item(cpus, 0)) && isfinite(doc_item(cpus, 1)) &&
	    doc_item(cpus, 0) != doc_item(cpus, 1))
		n += (size_t)snprintf(text + n, 48, " (%.9g, %.9g)", doc_item(cpus, 0),
				      doc_item(cpus, 1));
	if (peer)
		n += (size_t)snprintf(text + n, 64, ", with %.56s", peer);
	return n;
}

const char *row_setting(const struct row *row, char *text)
{
	double from = doc_number(row->json, "producers"), to = doc_number(row->json, "consumers");
	size_t n = row_place(row, text);

	n += (size_t)snprintf(text + n, 32, ", %.24s", doc_text(row->json, "wait", ""));
	if (from > 1 || to > 1)
		snprintf(text + n, 48, ", %.9g to %.9g", from, to);
	return text;
}

static void load_range(double range[2], const json_t *json, const char *name)
{
	const json_t *array = json_object_get(json, name);

	range[0] = doc_item(array, 0);
	range[1] = doc_item(array, 1);
}

static void load_row(struct row *row, const json_t *json)
{
	*row = (struct row){
		.transport = doc_text(json, "transport", ""),
		.workload = doc_text(json, "workload", ""),
		.placement = doc_text(json, "placement", ""),
		.status = doc_text(json, "status", ""),
		.size = doc_number(json, "size_bytes"),
		.p50 = doc_number(json, "p50_ns"),
		.p99 = doc_number(json, "p99_ns"),
		.rate = doc_number(json, "messages_per_s"),
		.bytes = doc_number(json, "bytes_per_s"),
		.offered = doc_number(json, "offered_per_s"),
		.missed = json_is_false(json_object_get(json, "reached")),
		.knee = json_is_true(json_object_get(json, "knee")),
		.json = json,
	};
	load_range(row->interval, json, "run_p50_ns_ci95");
	load_range(row->p99_interval, json, "p99_ns_ci95");
	load_range(row->rate_interval, json, "messages_per_s_ci95");
}

/*
 * The number of a name, the next one when it is new; -1 when there is no memory.  A name
 * may be cut amid a letter.
 */
static json_int_t number_of(json_t *names, const char *name)
{
	json_t *known = json_object_get(names, name);
	json_int_t next = (json_int_t)json_object_size(names);

	if (known)
		return json_integer_value(known);
	return json_object_set_new_nocheck(names, name, json_integer(next)) ? -1 : next;
}

static bool number_rows(struct rows *rows, json_t *settings, json_t *workloads)
{
	char text[ROW_SETTING_SIZE];
	json_int_t setting, workload;
	size_t i;

	for (i = 0; i < rows->n; i++) {
		setting = number_of(settings, row_setting(&rows->rows[i], text));
		workload = number_of(workloads, rows->rows[i].workload);
		if (setting < 0 || workload < 0)
			return false;
		rows->rows[i].setting = (size_t)setting;
		rows->workloads[workload] = rows->rows[i].workload;
	}
	rows->settings = json_object_size(settings);
	rows->n_workloads = json_object_size(workloads);
	return true;
}

bool rows_load(struct rows *rows, const json_t *doc)
{
	const json_t *results = json_object_get(doc, "results"), *json;
	json_t *settings = json_object(), *workloads = json_object();
	bool done = false;
	size_t i;

	*rows = (struct rows){ .n = json_array_size(results) };
	rows->rows = calloc(rows->n + 1, sizeof(*rows->rows));
	rows->workloads = calloc(rows->n + 1, sizeof(*rows->workloads));
	if (settings && workloads && rows->rows && rows->workloads) {
		json_array_foreach(results, i, json)
			load_row(&rows->rows[i], json);
		rows->n = i;
		done = number_rows(rows, settings, workloads);
	}
	json_decref(settings);
	json_decref(workloads);
	return done;
}

void rows_free(struct rows *rows)
{
	free(rows->rows);
	free(rows->workloads);
	*rows = (struct rows){ 0 };
}
