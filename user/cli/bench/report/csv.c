// SPDX-License-Identifier: GPL-2.0
/* Results as comma-separated values, as RFC 4180 has them: one line a result. */
#include <jansson.h>
#include <string.h>

#include "doc.h"
#include "floor_mark.h"
#include "forms.h"

/* What the names of a field's columns end with */
static const char *const endings[][3] = {
	[DOC_TEXT] = { "" }, [DOC_NUMBER] = { "" }, [DOC_BOOL] = { "" },
	[DOC_RANGE] = { "_low", "_high" },
	[DOC_PAIR] = { "_first", "_second" },
	[DOC_MIDDLE] = { "_low", "_median", "_high" },
};

static size_t columns(enum doc_kind kind)
{
	size_t n = 1;

	while (n < 3 && endings[kind][n])
		n++;
	return n;
}

/* What is of the whole document, in each line, as lines of several may come together */
static const char *const of_all[] = { "kernel", "arch", "cpu_model", "clock", "grade" };

#define OF_ALL	(sizeof(of_all) / sizeof(of_all[0]))

/* What is of the floor of the placement */
static const char *const of_floor[] = { "round_trip_ns", "measured_before", "measured_after" };

#define OF_FLOOR	(sizeof(of_floor) / sizeof(of_floor[0]))

/*
 * A spreadsheet takes what begins so for a formula, which may run programs; with an apostrophe
 * before it, it is text there.  Numbers are printed elsewhere, with their sign.
 */
static const char *apostrophe(const char *text)
{
	return *text && strchr("=+-@\t\r\n", *text) ? "'" : "";
}

static void print_text(FILE *out, const char *text)
{
	const char *before = apostrophe(text);

	if (!strpbrk(text, ",\"\r\n")) {
		fprintf(out, "%s%s", before, text);
		return;
	}
	fprintf(out, "\"%s", before);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void print_value(FILE *out, const json_t *value)
{
	if (json_is_string(value))
		print_text(out, json_string_value(value));
	else if (json_is_integer(value))
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		fprintf(out, "%.15g", json_real_value(value));
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "true" : "false", out);
}

static void print_field(FILE *out, const json_t *result, const struct doc_field *field)
{
	const json_t *value = doc_value(result, field);
	size_t i, n = columns(field->kind);

	for (i = 0; i < n; i++) {
		print_value(out, n > 1 ? json_array_get(value, i) : value);
		putc(',', out);
	}
}

static void print_head(FILE *out)
{
	const struct doc_field *f;
	size_t i;

	for (f = doc_fields; f->name; f++)
		for (i = 0; i < columns(f->kind); i++)
			fprintf(out, "%s%s%s%s,", f->object ? f->object : "",
				f->object ? "_" : "", f->name, endings[f->kind][i]);
	for (i = 0; i < OF_ALL; i++)
		fprintf(out, "%s,", of_all[i]);
	fputs("times_valid", out);
	for (i = 0; i < OF_FLOOR; i++)
		fprintf(out, ",floor_%s", of_floor[i]);
	fputs("\r\n", out);
}

static void print_floor(FILE *out, const json_t *doc, const json_t *result)
{
	const json_t *floor = floor_mark_json(doc, doc_text(result, "placement", ""));
	size_t i;

	for (i = 0; i < OF_FLOOR; i++) {
		putc(',', out);
		print_value(out, doc_member(floor, of_floor[i]));
	}
}

int csv_print(FILE *out, const void *arg)
{
	const json_t *doc = arg, *env = json_object_get(doc, "environment"), *result;
	const struct doc_field *f;
	size_t i, k;

	print_head(out);
	json_array_foreach(json_object_get(doc, "results"), i, result) {
		for (f = doc_fields; f->name; f++)
			print_field(out, result, f);
		for (k = 0; k < OF_ALL; k++) {
			print_text(out, doc_text(env, of_all[k], ""));
			putc(',', out);
		}
		print_value(out, json_object_get(env, "times_valid"));
		print_floor(out, doc, result);
		fputs("\r\n", out);
	}
	return 0;
}
