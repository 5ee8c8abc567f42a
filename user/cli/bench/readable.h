/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers for people. */
#ifndef BENCH_READABLE_H
#define BENCH_READABLE_H

#define READABLE_SIZE	32

/**
 * readable() - 1234567.8 as 1,234,568; what is short, with a digit more
 * @cell: where it is printed to
 *
 * Return: @cell.
 */
const char *readable(double value, char cell[READABLE_SIZE]);

#endif /* BENCH_READABLE_H */
