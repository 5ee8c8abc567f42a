/* SPDX-License-Identifier: GPL-2.0 */
/* Where the results of a benchmark are written, and in which forms. */
#ifndef BENCH_REPORT_FILES_H
#define BENCH_REPORT_FILES_H

#include <stdbool.h>

#include <jansson.h>

struct bench;

/**
 * struct report_files - NULL for what is not wanted, "-" for stdout
 * @json: a file
 * @csv: likewise
 * @hgrm: a folder, never stdout
 * @html: a file
 * @results: that they are made of, a file that shall stay; NULL where they are measured, or
 *	from the standard input
 */
struct report_files {
	const char *json;
	const char *csv;
	const char *hgrm;
	const char *html;
	const char *results;
};

/** report_files_on_stdout() - is one of them written to stdout? */
bool report_files_on_stdout(const struct report_files *files);

/**
 * report_files_check() - find out before anything runs whether they can be written
 * @verb: argv[0] of the verb, for errors
 * @undone: for them, too: what was not done, therefore
 *
 * Return: EXIT_OK; EXIT_USAGE or EXIT_SYSTEM, with a message.
 */
int report_files_check(const struct report_files *files, const char *verb,
		       const char *undone);

/**
 * report_files_write() - write them all
 * @doc: of doc_load(), or as it would be
 * @verb: likewise
 *
 * Return: EXIT_OK; EXIT_SYSTEM, with a message.
 */
int report_files_write(const struct report_files *files, const json_t *doc, const char *verb);

/**
 * report_write() - write what was measured to the files of its options
 * @verb: likewise
 *
 * Also pushes out what was printed to stdout.
 *
 * Return: EXIT_OK; EXIT_SYSTEM, with a message.
 */
int report_write(const struct bench *bench, const char *verb);

#endif /* BENCH_REPORT_FILES_H */
