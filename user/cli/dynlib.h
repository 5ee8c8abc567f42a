/* SPDX-License-Identifier: GPL-2.0 */
/* Libraries that are used where they are installed, and the command needs none of them. */
#ifndef IPCCHAN_CLI_DYNLIB_H
#define IPCCHAN_CLI_DYNLIB_H

#include <stddef.h>

/**
 * struct dynlib - one of them
 * @file: its name, with the version of its interface
 * @package: of Debian
 * @symbols: functions of it, %NULL behind the last one
 */
struct dynlib {
	const char *file;
	const char *package;
	const char *const *symbols;
};

/**
 * dynlib_load() - load it into this process, for good
 * @functions: out, as many pointers to functions as @lib->symbols has names
 * @why: out, why that failed
 * @size: of @why, bytes
 *
 * Return: 0; -ENOENT.
 */
int dynlib_load(const struct dynlib *lib, void *functions, char *why, size_t size);

#endif /* IPCCHAN_CLI_DYNLIB_H */
