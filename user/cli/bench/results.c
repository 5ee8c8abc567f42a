// SPDX-License-Identifier: GPL-2.0
#include "results.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../cli.h"
#include "report/doc.h"

/* A figure beyond is none that was measured */
#define LEAST		1e-4
#define MOST		1e18

/* A value is printed up to here */
#define VALUE_MOST	60

static bool wrong(char *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool wrong(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, DOC_WHY_SIZE, fmt, ap);
	va_end(ap);
	return false;
}

/* Shown as it is, it must not move the cursor, or worse */
static bool printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static bool read_text(const struct result *row, const char *name, const char **text,
		      size_t index, char *why)
{
	*text = json_string_value(json_object_get(row->json, name));
	if (*text && printable(*text))
		return true;
	return wrong(why, "results[%zu]: \"%s\" is not a text of plain characters", index, name);
}

static bool read_figure(const json_t *run, enum figure figure, double *value)
{
	const json_t *json = json_object_get(run, figure_name(figure));

	if (json_is_null(json))
		return true;
	*value = json_number_value(json);
	return *value >= LEAST && *value <= MOST;
}

static bool is_round(const json_t *round, size_t index)
{
	return json_is_integer(round) && json_integer_value(round) == (json_int_t)index;
}

/* What each run told; a row that was not measured may have none */
static bool read_runs(struct result *row, size_t index, char *why)
{
	const json_t *all = json_object_get(row->json, "per_run"), *run;
	size_t i;
	int j;

	if (!json_is_array(all) && json_integer_value(json_object_get(row->json, "runs")) > 0)
		return wrong(why, "results[%zu] has no \"per_run\", the figures of each run: it is "
			     "of an older ipcchan, measure again", index);
	row->runs = json_array_size(all);
	if (row->runs > STATS_MAX)
		return wrong(why, "results[%zu]: more than %d runs", index, STATS_MAX);
	for (j = 0; row->runs && j < FIGURE_NR; j++) {
		row->figure[j] = calloc(row->runs, sizeof(*row->figure[j]));
		if (!row->figure[j])
			return wrong(why, "no memory");
	}
	row->rounds = true;
	json_array_foreach(all, i, run) {
		row->rounds &= is_round(json_object_get(run, "round"), i);
		for (j = 0; j < FIGURE_NR; j++)
			if (!read_figure(run, j, &row->figure[j][i]))
				return wrong(why, "results[%zu].per_run[%zu]: \"%s\" is neither "
					     "null nor a number above 0", index, i, figure_name(j));
	}
	return true;
}

static bool read_row(struct result *row, size_t index, char *why)
{
	json_int_t size = json_integer_value(json_object_get(row->json, "size_bytes"));

	row->size = (uint64_t)size;
	if (size < 1)
		return wrong(why, "results[%zu]: \"size_bytes\" is not a number from 1 on", index);
	return read_text(row, "transport", &row->transport, index, why) &&
	       read_text(row, "workload", &row->workload, index, why) &&
	       read_text(row, "placement", &row->placement, index, why) &&
	       read_text(row, "wait", &row->wait, index, why) &&
	       read_text(row, "payload", &row->payload, index, why) &&
	       read_text(row, "status", &row->status, index, why) &&
	       read_runs(row, index, why);
}

static bool read_rows(struct results *results, char *why)
{
	const json_t *all = json_object_get(results->json, "results");
	size_t i, n = json_array_size(all);

	results->rows = calloc(n + 1, sizeof(*results->rows));
	if (!results->rows)
		return wrong(why, "no memory");
	for (i = 0; i < n; i++) {
		results->rows[results->n++].json = json_array_get(all, i);
		if (!read_row(&results->rows[i], i, why))
			return false;
	}
	return true;
}

int results_read(struct results *results, const char *path, const char *verb)
{
	char why[DOC_WHY_SIZE];

	*results = (struct results){ .path = path, .json = doc_load(path, why) };
	if (results->json && read_rows(results, why))
		return EXIT_OK;
	cli_error(verb, "cannot read the results in %s: %s", path, why);
	results_free(results);
	return EXIT_SYSTEM;
}

void results_free(struct results *results)
{
	size_t i;
	int j;

	for (i = 0; i < results->n; i++)
		for (j = 0; j < FIGURE_NR; j++)
			free(results->rows[i].figure[j]);
	free(results->rows);
	json_decref(results->json);
	*results = (struct results){ 0 };
}

bool results_instructions(const struct results *results)
{
	return doc_instructions(results->json);
}

const char *results_unit(const struct results *results)
{
	return results_instructions(results) ? "insn" : "ns";
}

void results_print_doubt(FILE *out, const struct results *results)
{
	const json_t *env = json_object_get(results->json, "environment");

	if (results_instructions(results))
		fprintf(out, "Units of %s are instructions, not times", results->path);
	else if (doc_doubt(results->json))
		fprintf(out, "Mind: the times of %s are not those of a machine", results->path);
	else
		return;
	if (doc_member(env, "times_invalid_reason")) {
		fprintf(out, ": ");
		results_print_value(out, doc_member(env, "times_invalid_reason"));
	}
	fprintf(out, "%s.\n", results_instructions(results) ? "; a second is 10^9 of them" : "");
}

void results_print_value(FILE *out, const json_t *value)
{
	char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;

	if (text && strlen(text) > VALUE_MOST)
		fprintf(out, "%.*s...", VALUE_MOST, text);
	else
		fprintf(out, "%s", text ? text : "null");
	free(text);
}

bool result_by_rate(const struct result *row)
{
	return strcmp(row->workload, workload_name(WORKLOAD_PINGPONG)) &&
	       strcmp(row->workload, workload_name(WORKLOAD_ONEWAY)) &&
	       !json_is_string(json_object_get(row->json, "arrivals"));
}

size_t result_times(const struct result *row, enum figure which, double *ns)
{
	size_t i;

	for (i = 0; i < row->runs; i++) {
		if (!row->figure[which][i])
			return 0;
		ns[i] = row->figure[which][i];
		if (which == FIGURE_RATE)
			ns[i] = 1e9 / ns[i];
	}
	return row->runs;
}

bool result_compare(const struct result *from, const struct result *to, enum figure which,
		    double effect, struct shift *shift)
{
	double a[STATS_MAX], b[STATS_MAX];
	size_t n = result_times(from, which, a), m = result_times(to, which, b);

	return n && m && !shift_find(a, n, b, m, effect, shift);
}

bool result_compare_rounds(const struct result *from, const struct result *to,
			   enum figure which, double effect, struct shift *shift)
{
	double a[STATS_MAX], b[STATS_MAX];
	size_t n = result_times(from, which, a), m = result_times(to, which, b);

	if (!from->rounds || !to->rounds)
		return result_compare(from, to, which, effect, shift);
	return n && m && !shift_rounds(a, n, b, m, effect, shift);
}
