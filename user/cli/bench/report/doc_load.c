// SPDX-License-Identifier: GPL-2.0
/* A document is read, and checked against what is known of each field. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../report.h"
#include "doc.h"

const struct doc_field doc_fields[] = {
	{ NULL, "transport", DOC_TEXT, true },
	{ NULL, "workload", DOC_TEXT, true },
	{ NULL, "peer", DOC_TEXT, false },
	{ NULL, "size_bytes", DOC_NUMBER, true },
	{ NULL, "producers", DOC_NUMBER, false },
	{ NULL, "consumers", DOC_NUMBER, false },
	{ NULL, "placement", DOC_TEXT, true },
	{ NULL, "cpus", DOC_PAIR, false },
	{ NULL, "wait", DOC_TEXT, true },
	{ NULL, "payload", DOC_TEXT, false },
	{ NULL, "arrivals", DOC_TEXT, false },
	{ NULL, "capacity_per_s", DOC_NUMBER, false },
	{ NULL, "offered_percent", DOC_NUMBER, false },
	{ NULL, "offered_per_s", DOC_NUMBER, false },
	{ NULL, "achieved_per_s", DOC_NUMBER, false },
	{ NULL, "reached", DOC_BOOL, false },
	{ NULL, "knee", DOC_BOOL, false },
	{ NULL, "late_sends_share", DOC_NUMBER, false },
	{ NULL, "woken_late_ns", DOC_NUMBER, false },
	{ NULL, "status", DOC_TEXT, true },
	{ NULL, "runs", DOC_NUMBER, false },
	{ NULL, "messages", DOC_NUMBER, false },
	{ NULL, "samples", DOC_NUMBER, false },
	{ NULL, "batch", DOC_NUMBER, false },
	{ NULL, "depth_bytes", DOC_NUMBER, false },
	{ NULL, "messages_per_call", DOC_NUMBER, false },
	{ NULL, "min_ns", DOC_NUMBER, false },
	{ NULL, "mean_ns", DOC_NUMBER, false },
	{ NULL, "p50_ns", DOC_NUMBER, false },
	{ NULL, "p99_ns", DOC_NUMBER, false },
	{ NULL, "p99_ns_ci95", DOC_RANGE, false },
	{ NULL, "p999_ns", DOC_NUMBER, false },
	{ NULL, "p999_ns_ci95", DOC_RANGE, false },
	{ NULL, "max_ns", DOC_NUMBER, false },
	{ NULL, "messages_per_s", DOC_NUMBER, false },
	{ NULL, "messages_per_s_range", DOC_RANGE, false },
	{ NULL, "messages_per_s_ci95", DOC_RANGE, false },
	{ NULL, "sender_fairness", DOC_NUMBER, false },
	{ NULL, "receiver_fairness", DOC_NUMBER, false },
	{ NULL, "lost_messages", DOC_NUMBER, false },
	{ NULL, "bytes_per_s", DOC_NUMBER, false },
	{ NULL, "run_p50_ns", DOC_MIDDLE, false },
	{ NULL, "run_p50_ns_ci95", DOC_RANGE, false },
	{ NULL, "probe_ns", DOC_RANGE, false },
	{ NULL, "runs_discarded", DOC_NUMBER, false },
	{ "ledger", "system_calls", DOC_NUMBER, false },
	{ "ledger", "voluntary_switches", DOC_NUMBER, false },
	{ "ledger", "involuntary_switches", DOC_NUMBER, false },
	{ "ledger", "page_faults", DOC_NUMBER, false },
	{ "ledger", "cpu_ns", DOC_NUMBER, false },
	{ "ledger", "user_ns", DOC_NUMBER, false },
	{ "ledger", "system_ns", DOC_NUMBER, false },
	{ "ledger", "instructions", DOC_NUMBER, false },
	{ "ledger", "cycles", DOC_NUMBER, false },
	{ "ledger", "cache_misses", DOC_NUMBER, false },
	{ "ledger", "processor_nanojoules", DOC_NUMBER, false },
	{ "ledger", "copies_declared", DOC_NUMBER, false },
	{ 0 },
};

static bool __attribute__((format(printf, 2, 3))) wrong(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, DOC_WHY_SIZE, fmt, ap);
	va_end(ap);
	return false;
}

static bool has_numbers(const json_t *value, size_t n)
{
	size_t i;

	if (!json_is_array(value) || json_array_size(value) != n)
		return false;
	for (i = 0; i < n; i++)
		if (!json_is_number(json_array_get(value, i)))
			return false;
	return true;
}

/* Return: what it should be; NULL when it is that */
static const char *not_of_kind(const json_t *value, enum doc_kind kind)
{
	switch (kind) {
	case DOC_TEXT:
		return json_is_string(value) ? NULL : "a text";
	case DOC_NUMBER:
		return json_is_number(value) ? NULL : "a number";
	case DOC_BOOL:
		return json_is_boolean(value) ? NULL : "true or false";
	case DOC_RANGE:
	case DOC_PAIR:
		return has_numbers(value, 2) ? NULL : "two numbers";
	case DOC_MIDDLE:
		return has_numbers(value, 3) ? NULL : "three numbers";
	}
	return "known";
}

static bool check_fields(const json_t *result, size_t index, char *why)
{
	const struct doc_field *f;
	const json_t *value;
	const char *want;

	for (f = doc_fields; f->name; f++) {
		value = doc_value(result, f);
		if (!value && !f->required)
			continue;
		want = not_of_kind(value, f->kind);
		if (want)
			return wrong(why, "results[%zu]: \"%s\" is not %s", index, f->name, want);
	}
	return true;
}

static bool ascends(const json_t *values, double above)
{
	const json_t *value;
	size_t i;

	json_array_foreach(values, i, value) {
		if (!json_is_number(value) || !(json_number_value(value) > above))
			return false;
		above = json_number_value(value);
	}
	return true;
}

static bool positive(const json_t *values)
{
	const json_t *value;
	size_t i;

	json_array_foreach(values, i, value)
		if (!json_is_integer(value) || json_integer_value(value) < 1)
			return false;
	return true;
}

static bool check_hist(const json_t *result, size_t index, char *why)
{
	const json_t *hist = doc_member(result, "histogram");
	const json_t *values = json_object_get(hist, "values_ns");
	const json_t *counts = json_object_get(hist, "counts");

	if (!hist)
		return true;
	if (!(doc_number(hist, "batch") >= 1))
		return wrong(why, "results[%zu].histogram: \"batch\" is not 1 or more", index);
	if (!json_is_array(values) || !ascends(values, -1))
		return wrong(why, "results[%zu].histogram: \"values_ns\" are not ascending "
			     "numbers from 0 on", index);
	if (!json_is_array(counts) || !positive(counts) ||
	    json_array_size(counts) != json_array_size(values))
		return wrong(why, "results[%zu].histogram: \"counts\" are not as many whole "
			     "numbers, each above 0, as there are \"values_ns\"", index);
	return true;
}

static bool check_results(const json_t *results, char *why)
{
	const json_t *result;
	size_t i;

	if (!json_is_array(results))
		return wrong(why, "\"results\" is not an array");
	if (json_array_size(results) > DOC_MAX_RESULTS)
		return wrong(why, "it has more than %d results", DOC_MAX_RESULTS);
	json_array_foreach(results, i, result) {
		if (!json_is_object(result))
			return wrong(why, "results[%zu] is not an object", i);
		if (!check_fields(result, i, why) || !check_hist(result, i, why))
			return false;
	}
	return true;
}

/* An array of objects, each with some texts and numbers */
static bool check_list(const json_t *list, const char *name, const char *text,
		       const char *number, char *why)
{
	const json_t *item;
	size_t i;

	if (list && !json_is_array(list))
		return wrong(why, "\"%s\" is not an array", name);
	json_array_foreach(list, i, item) {
		if (!json_is_string(json_object_get(item, text)))
			return wrong(why, "%s[%zu]: \"%s\" is not a text", name, i, text);
		if (doc_member(item, number) && !json_is_number(json_object_get(item, number)))
			return wrong(why, "%s[%zu]: \"%s\" is not a number", name, i, number);
	}
	return true;
}

static bool check_floor(const json_t *list, char *why)
{
	static const char *const texts[] = { "measured_before", "measured_after" };
	const json_t *floor;
	size_t i, k;

	if (!check_list(list, "floor", "placement", "round_trip_ns", why))
		return false;
	json_array_foreach(list, i, floor)
		for (k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
			if (doc_member(floor, texts[k]) &&
			    !json_is_string(doc_member(floor, texts[k])))
				return wrong(why, "floor[%zu]: \"%s\" is not a text", i, texts[k]);
	return true;
}

static bool check_decomposition(const json_t *paths, char *why)
{
	const json_t *path;
	size_t i;

	if (!check_list(paths, "decomposition", "transport", "size_bytes", why))
		return false;
	json_array_foreach(paths, i, path)
		if (!check_list(doc_member(path, "stages"), "stages", "name", "ns", why))
			return false;
	return true;
}

static bool check_environment(const json_t *env, char *why)
{
	static const char *const texts[] = {
		"kernel", "arch", "cpu_model", "hypervisor", "clock", "times_invalid_reason",
		"grade",
	};
	size_t i;

	if (!json_is_object(env))
		return wrong(why, "\"environment\" is not an object");
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (doc_member(env, texts[i]) && !json_is_string(doc_member(env, texts[i])))
			return wrong(why, "environment: \"%s\" is not a text", texts[i]);
	if (doc_member(env, "times_valid") && !json_is_boolean(doc_member(env, "times_valid")))
		return wrong(why, "environment: \"times_valid\" is not true or false");
	return true;
}

static bool check_parameters(const json_t *parameters, char *why)
{
	return json_is_object(parameters) ||
	       wrong(why, "\"parameters\" is not an object");
}

static bool check(const json_t *doc, char *why)
{
	const json_t *schema = json_object_get(doc, "schema");

	if (!json_is_string(schema) || strcmp(json_string_value(schema), REPORT_SCHEMA))
		return wrong(why, "its \"schema\" is not \"" REPORT_SCHEMA "\": it was not "
			     "written by \"ipcchan bench --json\", or by another version");
	return check_environment(json_object_get(doc, "environment"), why) &&
	       check_parameters(json_object_get(doc, "parameters"), why) &&
	       check_results(json_object_get(doc, "results"), why) &&
	       check_floor(doc_member(doc, "floor"), why) &&
	       check_decomposition(doc_member(doc, "decomposition"), why);
}

static json_t *load(const char *path, char *why)
{
	FILE *in = strcmp(path, "-") ? fopen(path, "re") : stdin;
	json_error_t error;
	json_t *doc = NULL;

	errno = in ? 0 : errno;
	if (in)
		doc = json_loadf(in, JSON_REJECT_DUPLICATES, &error);
	if (!in || (!doc && ferror(in)))
		wrong(why, "%s", strerror(errno));
	else if (!doc)
		wrong(why, "line %d: %s", error.line, error.text);
	if (in && in != stdin)
		fclose(in);
	return doc;
}

/* What of the file is told in an error must not move the cursor, or worse */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

json_t *doc_load(const char *path, char *why)
{
	json_t *doc = load(path, why);

	if (doc && check(doc, why))
		return doc;
	make_printable(why);
	json_decref(doc);
	return NULL;
}
