/* SPDX-License-Identifier: GPL-2.0 */
/* The results of a document, as the pictures need them. */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define ROW_SETTING_SIZE	256

/**
 * struct row - a result; numbers that are not there are NAN
 * @setting: what makes it comparable with others beside workload and size: placement, peer,
 *	wait, producers and consumers; equal numbers are equal settings
 * @rate: messages a second
 * @interval: of the median of the runs' p50
 * @p99_interval: likewise
 * @rate_interval: likewise
 * @missed: the rate that was offered was not reached
 * @json: all of it
 */
struct row {
	const char *transport;
	const char *workload;
	const char *placement;
	const char *status;
	size_t setting;
	double size;
	double p50;
	double interval[2];
	double p99;
	double p99_interval[2];
	double rate;
	double rate_interval[2];
	double bytes;
	double offered;
	bool missed;
	bool knee;
	const json_t *json;
};

/**
 * struct rows - all results, which the document must outlive
 * @workloads: their names, each once
 * @settings: how many different ones there are
 */
struct rows {
	struct row *rows;
	size_t n;
	const char **workloads;
	size_t n_workloads;
	size_t settings;
};

/** rows_load() - Return: false when there is no memory */
bool rows_load(struct rows *rows, const json_t *doc);

/** rows_free() - also of those that were not loaded */
void rows_free(struct rows *rows);

/**
 * workload_times() - is a workload told by the times of its messages, one at a time?
 *
 * Return: what a time is of, in words; NULL when it is told by its rate, or by both.
 */
const char *workload_times(const char *workload);

/** placement_words() - Return: of one that is not known, its name */
const char *placement_words(const char *placement);

/** row_place() - its placement in words, into ROW_SETTING_SIZE bytes; Return: their length */
size_t row_place(const struct row *row, char *text);

/** row_setting() - its setting in words; Return: @text, of ROW_SETTING_SIZE bytes */
const char *row_setting(const struct row *row, char *text);

#endif /* BENCH_ROWS_H */
