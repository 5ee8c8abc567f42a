// SPDX-License-Identifier: GPL-2.0
#include "json_write.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>

#define INDENT	2

static int print_value(FILE *out, const json_t *json, int depth);

static int print_plain(FILE *out, const json_t *json)
{
	return json_dumpf(json, out, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) &&
	       !ferror(out) ? -ENOMEM : 0;
}

static int print_name(FILE *out, const char *name)
{
	json_t *text = json_string(name);
	int err = text ? print_plain(out, text) : -ENOMEM;

	json_decref(text);
	fputs(": ", out);
	return err;
}

static void next_line(FILE *out, bool more, int depth)
{
	fprintf(out, "%s\n%*s", more ? "," : "", INDENT * depth, "");
}

static int print_object(FILE *out, json_t *json, int depth)
{
	const char *name;
	json_t *value;
	bool more = false;
	int err;

	putc('{', out);
	json_object_foreach(json, name, value) {
		next_line(out, more, depth + 1);
		err = print_name(out, name);
		if (!err)
			err = print_value(out, value, depth + 1);
		if (err)
			return err;
		more = true;
	}
	if (more)
		next_line(out, false, depth);
	putc('}', out);
	return 0;
}

static bool has_plain_values(const json_t *array)
{
	const json_t *value;
	size_t i;

	json_array_foreach(array, i, value)
		if (json_is_object(value) || json_is_array(value))
			return false;
	return true;
}

static int print_array(FILE *out, const json_t *json, int depth)
{
	bool plain = has_plain_values(json);
	const json_t *value;
	size_t i;
	int err;

	putc('[', out);
	json_array_foreach(json, i, value) {
		if (!plain)
			next_line(out, i > 0, depth + 1);
		else if (i)
			fputs(", ", out);
		err = print_value(out, value, depth + 1);
		if (err)
			return err;
	}
	if (!plain)
		next_line(out, false, depth);
	putc(']', out);
	return 0;
}

static int print_value(FILE *out, const json_t *json, int depth)
{
	if (json_is_object(json))
		return print_object(out, (json_t *)json, depth);
	if (json_is_array(json))
		return print_array(out, json, depth);
	return print_plain(out, json);
}

int json_write(FILE *out, const void *arg)
{
	int err = print_value(out, arg, 0);

	putc('\n', out);
	return err;
}
