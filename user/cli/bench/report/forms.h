/* SPDX-License-Identifier: GPL-2.0 */
/* The forms of results for people, each made from a document that doc_load() found right. */
#ifndef BENCH_FORMS_H
#define BENCH_FORMS_H

#include <stdio.h>

/**
 * csv_print() - print the results as comma-separated values
 * @doc: a json_t
 *
 * As out_file_write() wants it.  Return: 0.
 */
int csv_print(FILE *out, const void *doc);

/**
 * html_print() - print a page with pictures, which is all in one file
 * @doc: a json_t
 *
 * As out_file_write() wants it.  Return: 0; -ENOMEM.
 */
int html_print(FILE *out, const void *doc);

#endif /* BENCH_FORMS_H */
