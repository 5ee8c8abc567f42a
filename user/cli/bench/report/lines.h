/* SPDX-License-Identifier: GPL-2.0 */
/* A picture of lines through points, over two scales. */
#ifndef BENCH_LINES_H
#define BENCH_LINES_H

#include "floor_mark.h"

/**
 * struct line - points in the order of @x
 * @label: beside it; NULL for none, when it belongs to another one
 * @name: told under the pointer
 * @style: below SVG_STYLES; SVG_OTHER for one that has no label
 * @dashed: instead of a full line
 * @marks: at the points
 * @hollow: for each point, whether its mark is; NULL for none
 */
struct line {
	const char *label;
	const char *name;
	const double *x;
	const double *y;
	const bool *hollow;
	size_t n;
	unsigned int style;
	bool dashed;
	bool marks;
};

/**
 * struct lines - the picture
 * @x_log: the scale of @x is logarithmic; that of @y always is
 * @x_name: what it is, below its scale
 * @floor: a line at this value of @y, where it has one
 */
struct lines {
	const char *title;
	const char *about;
	enum quantity x;
	bool x_log;
	enum quantity y;
	const char *x_name;
	const char *y_name;
	struct floor_mark floor;
	const struct line *lines;
	size_t n;
};

/** lines_print() - draw it, wide and narrow */
void lines_print(FILE *out, unsigned int id, const struct lines *lines);

#endif /* BENCH_LINES_H */
