/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A document of results, the JSON that `ipcchan bench --json` writes.  It may come from
 * another machine or from anybody: doc_load() checks it, and then each field that is known
 * here is of the type that it should be, null or absent.
 */
#ifndef BENCH_DOC_H
#define BENCH_DOC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define DOC_MAX_RESULTS	20000
#define DOC_WHY_SIZE	256

/**
 * enum doc_kind - of a field of a result
 * @DOC_RANGE: two numbers, least and greatest
 * @DOC_MIDDLE: three, least, middle and greatest
 * @DOC_PAIR: two, of the two sides
 */
enum doc_kind {
	DOC_TEXT,
	DOC_NUMBER,
	DOC_BOOL,
	DOC_RANGE,
	DOC_MIDDLE,
	DOC_PAIR,
};

/**
 * struct doc_field - a field of a result that is a plain value or a few
 * @object: of the result, that it is in; NULL for the result itself
 * @required: in each result
 */
struct doc_field {
	const char *object;
	const char *name;
	enum doc_kind kind;
	bool required;
};

/* All of them, in the order in which they are told; ends with one without a name */
extern const struct doc_field doc_fields[];

/**
 * doc_load() - read a document and check it
 * @path: of a file, or "-" for stdin
 * @why: out, when there is none: what is wrong, in words that may be printed; DOC_WHY_SIZE
 *	bytes
 *
 * Return: to be given back with json_decref(); NULL, with @why.
 */
json_t *doc_load(const char *path, char *why);

/** doc_member() - of an object; NULL where it is absent or null */
const json_t *doc_member(const json_t *object, const char *name);

/** doc_value() - of a field; NULL where it is absent or null */
const json_t *doc_value(const json_t *result, const struct doc_field *field);

/** doc_text() - Return: @otherwise where it is absent or null */
const char *doc_text(const json_t *object, const char *name, const char *otherwise);

/** doc_number() - Return: NAN where it is absent or null */
double doc_number(const json_t *object, const char *name);

/** doc_item() - number @index of an array; Return: NAN where there is none */
double doc_item(const json_t *array, size_t index);

/** doc_instructions() - are its times counts of instructions? */
bool doc_instructions(const json_t *doc);

/** doc_doubt() - why its times are not those of a machine; NULL when they are */
const char *doc_doubt(const json_t *doc);

/**
 * struct doc_hist - a histogram of a result
 * @batch: how many messages each value is of
 * @values: nanoseconds of @batch messages, ascending
 * @counts: how often
 * @n: how many values
 * @total: of all counts
 */
struct doc_hist {
	double batch;
	const json_t *values;
	const json_t *counts;
	size_t n;
	double total;
};

/** doc_hist_of() - Return: false when the result has none, or an empty one */
bool doc_hist_of(const json_t *result, struct doc_hist *hist);

#endif /* BENCH_DOC_H */
