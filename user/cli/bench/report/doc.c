// SPDX-License-Identifier: GPL-2.0
#include "doc.h"

#include <math.h>
#include <string.h>

const json_t *doc_member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_null(value) ? NULL : value;
}

const json_t *doc_value(const json_t *result, const struct doc_field *field)
{
	return doc_member(field->object ? json_object_get(result, field->object) : result,
		      field->name);
}

const char *doc_text(const json_t *object, const char *name, const char *otherwise)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) ? json_string_value(value) : otherwise;
}

double doc_number(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

double doc_item(const json_t *array, size_t index)
{
	const json_t *value = json_array_get(array, index);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

bool doc_instructions(const json_t *doc)
{
	return !strcmp(doc_text(json_object_get(doc, "environment"), "clock", ""),
		       "instructions");
}

const char *doc_doubt(const json_t *doc)
{
	const json_t *env = json_object_get(doc, "environment");

	if (json_is_false(json_object_get(env, "times_valid")))
		return doc_text(env, "times_invalid_reason", "no reason is given");
	return NULL;
}

bool doc_hist_of(const json_t *result, struct doc_hist *hist)
{
	const json_t *json = doc_member(result, "histogram");
	size_t i;

	if (!json)
		return false;
	*hist = (struct doc_hist){
		.batch = doc_number(json, "batch"),
		.values = json_object_get(json, "values_ns"),
		.counts = json_object_get(json, "counts"),
	};
	hist->n = json_array_size(hist->values);
	for (i = 0; i < hist->n; i++)
		hist->total += doc_item(hist->counts, i);
	return hist->n > 0;
}
