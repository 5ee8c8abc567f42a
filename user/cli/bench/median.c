// SPDX-License-Identifier: GPL-2.0
#include "median.h"

#include <stdlib.h>

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double median(double *values, size_t n)
{
	qsort(values, n, sizeof(values[0]), compare_double);
	return (values[(n - 1) / 2] + values[n / 2]) / 2;
}
