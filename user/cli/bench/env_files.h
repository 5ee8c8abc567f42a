/* SPDX-License-Identifier: GPL-2.0 */
/* Files of the kernel that tell one thing. */
#ifndef BENCH_ENV_FILES_H
#define BENCH_ENV_FILES_H

#include <stddef.h>

#define ENV_CPU_DIR	"/sys/devices/system/cpu"

/**
 * env_read_line() - the first line of a file
 * @line: out, without its end; "" when there is none
 * @size: bytes at @line
 *
 * Return: @line; NULL when there is none.
 */
const char *env_read_line(const char *path, char *line, size_t size);

/** env_read_number() - the number that a file begins with; -1 when there is none */
long env_read_number(const char *path);

#endif /* BENCH_ENV_FILES_H */
