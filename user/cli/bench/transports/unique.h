/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_TRANSPORTS_UNIQUE_H
#define BENCH_TRANSPORTS_UNIQUE_H

#define UNIQUE_NAME_SIZE	64

/**
 * unique_name() - a random name for an object that has to have one
 * @name: out, with a slash in front, of %UNIQUE_NAME_SIZE bytes
 *
 * To be made with O_EXCL, and removed once it is open.
 * Return: 0; -1 with errno set.
 */
int unique_name(char *name);

#endif /* BENCH_TRANSPORTS_UNIQUE_H */
