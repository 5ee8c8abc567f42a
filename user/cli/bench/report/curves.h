/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of many transports in one picture: the best are told apart, the others are there. */
#ifndef BENCH_CURVES_H
#define BENCH_CURVES_H

#include "lines.h"
#include "page.h"

/**
 * struct curve - of a transport
 * @x: in order, @n of them
 * @y: at each
 * @second: likewise, for a dashed line; NULL for none
 * @hollow: whether the mark there is; NULL for none
 * @rank: the least is the best
 */
struct curve {
	const char *name;
	const double *x;
	const double *y;
	const double *second;
	const bool *hollow;
	size_t n;
	double rank;
};

/**
 * curves_print() - print a picture, but not its numbers
 * @picture: all but its lines, which are made here
 * @curves: @n of them, put into order
 * @marks: at their points
 */
void curves_print(struct page *page, struct lines *picture, struct curve *curves, size_t n,
		  bool marks);

#endif /* BENCH_CURVES_H */
