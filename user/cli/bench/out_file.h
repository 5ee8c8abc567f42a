/* SPDX-License-Identifier: GPL-2.0 */
/* A file of results: there as a whole, or not at all. */
#ifndef BENCH_OUT_FILE_H
#define BENCH_OUT_FILE_H

#include <stdbool.h>
#include <stdio.h>

/**
 * out_file_check() - find out before anything runs whether a file can be written
 * @path: of a file, or "-" for stdout
 *
 * Return: 0; negative errno.
 */
int out_file_check(const char *path);

/**
 * out_file_same() - do two paths lead to one file, so that one would be lost?
 * @a: of a file or a folder, there or not yet, or "-" for stdout
 * @b: likewise
 *
 * By whatever names: over links, or from another folder.  What is written to /dev/null is not
 * lost there.
 *
 * Return: also false where neither can be looked at, which out_file_check() finds out.
 */
bool out_file_same(const char *a, const char *b);

/**
 * out_file_write() - write a file, all of it or nothing
 * @path: of a file, or "-" for stdout
 * @print: prints what is to be in it to @out; returns 0 or a negative errno.  What it could
 *	not print is found out here.
 * @arg: for @print
 *
 * An old file stays as it was until the new one is whole.  Through a link, a pipe or a
 * device is written, and it stays what it is.
 *
 * Return: 0; negative errno.
 */
int out_file_write(const char *path, int (*print)(FILE *out, const void *arg),
		   const void *arg);

#endif /* BENCH_OUT_FILE_H */
