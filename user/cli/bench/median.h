/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_MEDIAN_H
#define BENCH_MEDIAN_H

#include <stddef.h>

/**
 * median() - the middle one of some values, the mean of the two of an even number
 * @values: @n of them, 1 at least; sorted by this
 */
double median(double *values, size_t n);

#endif /* BENCH_MEDIAN_H */
