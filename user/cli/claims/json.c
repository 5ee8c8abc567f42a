// SPDX-License-Identifier: GPL-2.0
#include "json.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "bench/env_json.h"
#include "cli.h"
#include "lab.h"
#include "nls.h"
#include "text.h"

/* Whole numbers as such */
static json_t *number(double value)
{
	if (value == floor(value) && fabs(value) < 1e15)
		return json_integer((json_int_t)value);
	return json_real(value);
}

static json_t *value_json(const struct claim_value *v)
{
	if (!v->known)
		return json_null();
	if (v->percent <= 0)
		return json_pack("{s:o, s:n, s:n}", "value", number(v->value), "interval",
				 "interval_percent");
	return json_pack("{s:o, s:[o, o], s:o}", "value", number(v->value), "interval",
			 number(v->low), number(v->high), "interval_percent",
			 number(v->percent));
}

static json_t *numbers_json(const struct claim_result *result)
{
	json_t *all = json_object();
	unsigned int i;

	for (i = 0; result->claim->names[i]; i++)
		if (json_object_set_new(all, result->claim->names[i], value_json(&result->v[i]))) {
			json_decref(all);
			return NULL;
		}
	return all;
}

static json_t *result_json(const struct claim_result *result)
{
	const struct claim *claim = result->claim;
	const struct claim_judgement judgement = claim_judge(result);
	char *seen = claim_seen(result);
	json_t *json;

	if (!seen)
		return NULL;
	json = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:o}", "number",
			 (int)claim->number, "concept", _(claim->concept), "statement",
			 _(claim->statement), "done", _(claim->done), "seen", seen, "verdict",
			 verdict_word(judgement.verdict), "why",
			 judgement.why ? _(judgement.why) : NULL, "failed",
			 *result->failed ? result->failed : NULL, "numbers",
			 numbers_json(result));
	free(seen);
	return json;
}

json_t *claims_json(const struct lab *lab, const struct claim_result *results, size_t n)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		if (json_array_append_new(all, result_json(&results[i]))) {
			json_decref(all);
			return NULL;
		}
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "schema", CLAIMS_SCHEMA,
			 "quick", lab ? json_boolean(lab->quick) : json_null(),
			 "module", lab ? json_boolean(lab->module) : json_null(),
			 "environment", lab ? env_json(&lab->env) : json_null(),
			 "claims", all);
}

/* Return: false when it is none of ours */
static bool load_interval(const json_t *interval, const json_t *percent, struct claim_value *v)
{
	const json_t *low = json_array_get(interval, 0), *high = json_array_get(interval, 1);

	if (json_array_size(interval) != 2 || !json_is_number(low) || !json_is_number(high))
		return false;
	v->percent = json_number_value(percent);
	v->low = json_number_value(low);
	v->high = json_number_value(high);
	return v->percent > 0 && v->percent <= 100 && v->low <= v->high;
}

/* Likewise; a number may be missing, and may have no interval. */
static bool load_value(const json_t *json, struct claim_value *v)
{
	const json_t *value = json_object_get(json, "value");
	const json_t *interval = json_object_get(json, "interval");

	if (!json_is_number(value))
		return true;
	value_set(v, json_number_value(value));
	return !interval || json_is_null(interval) ||
	       load_interval(interval, json_object_get(json, "interval_percent"), v);
}

/* Of what a verdict needs the file may lack something. */
static void find_needed(struct claim_result *result)
{
	const char *name = claim_lacks(result);

	if (name)
		snprintf(result->failed, sizeof(result->failed),
			 _("there is no number %s in the file"), name);
}

/* Return: false when it is none of ours */
static bool load_result(const json_t *json, struct claim_result *result)
{
	const json_t *number = json_object_get(json, "number");
	const json_t *numbers = json_object_get(json, "numbers");
	const char *failed = json_string_value(json_object_get(json, "failed"));
	const struct claim *claim;
	unsigned int i;

	claim = json_is_integer(number) ?
		claim_find((unsigned long)json_integer_value(number)) : NULL;
	if (!claim || !json_is_object(numbers))
		return false;
	*result = (struct claim_result){ .claim = claim };
	for (i = 0; claim->names[i]; i++)
		if (!load_value(json_object_get(numbers, claim->names[i]), &result->v[i]))
			return false;
	if (failed && *failed)
		text_safe(failed, result->failed, sizeof(result->failed));
	else
		find_needed(result);
	return true;
}

static int load_all(const json_t *doc, struct claim_result *results, size_t *n)
{
	const char *schema = json_string_value(json_object_get(doc, "schema"));
	const json_t *all = json_object_get(doc, "claims");
	size_t i;

	if (!schema || strcmp(schema, CLAIMS_SCHEMA) || json_array_size(all) > CLAIMS_NR)
		return -EINVAL;
	for (i = 0; i < json_array_size(all); i++)
		if (!load_result(json_array_get(all, i), &results[i]))
			return -EINVAL;
	*n = i;
	return 0;
}

int claims_load(const char *path, struct claim_result *results, size_t *n, const char *verb)
{
	FILE *in = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char why[2 * JSON_ERROR_TEXT_LENGTH];
	json_error_t error;
	json_t *doc;
	int err;

	if (!in) {
		cli_error(verb, "cannot open %s: %s", path, strerror(errno));
		return EXIT_SYSTEM;
	}
	doc = json_loadf(in, 0, &error);
	if (in != stdin)
		fclose(in);
	if (!doc) {
		text_safe(error.text, why, sizeof(why));
		cli_error(verb, "%s is no JSON: line %d: %s", path, error.line, why);
		return EXIT_USAGE;
	}
	err = load_all(doc, results, n);
	json_decref(doc);
	if (!err)
		return EXIT_OK;
	cli_error(verb, "%s is no result of ipcchan claims; \"ipcchan claims --json\" makes one",
		  path);
	return EXIT_USAGE;
}
