/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_JSON_WRITE_H
#define BENCH_JSON_WRITE_H

#include <stdio.h>

/**
 * json_write() - print JSON to be read by people, too
 * @arg: a json_t
 *
 * Indented, but an array of plain values is one line.  As out_file_write() wants it.
 *
 * Return: 0; -ENOMEM.
 */
int json_write(FILE *out, const void *arg);

#endif /* BENCH_JSON_WRITE_H */
