/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_HGRM_H
#define BENCH_HGRM_H

#include <jansson.h>

/**
 * hgrm_check() - find out before anything runs whether hgrm_write() can write
 *
 * Return: 0; negative errno.
 */
int hgrm_check(const char *folder);

/**
 * hgrm_write() - write the histogram of each result that has one
 * @folder: made when it is not there; each file in it is named for its result
 * @doc: that doc_load() found right
 *
 * Return: 0; negative errno.
 */
int hgrm_write(const char *folder, const json_t *doc);

#endif /* BENCH_HGRM_H */
