/* SPDX-License-Identifier: GPL-2.0 */
/* A picture of bars that are made up of parts. */
#ifndef BENCH_BARS_H
#define BENCH_BARS_H

#include "svg.h"

/**
 * struct bar_part - of a bar
 * @name: told under the pointer, and in the legend
 * @value: a part below 0 is not drawn, and is a part of the sum
 * @style: its colour: below SVG_STYLES, or SVG_OTHER
 */
struct bar_part {
	const char *name;
	double value;
	unsigned int style;
};

/**
 * struct bar - a row
 * @label: at its left
 * @note: after it, or below it; "" for none
 * @first: index of the first of its parts
 * @n: how many there are
 */
struct bar {
	const char *label;
	char note[128];
	size_t first;
	size_t n;
};

/**
 * struct bars - the picture
 * @legend: of parts; NULL where each bar is of one
 * @n_legend: how many there are
 */
struct bars {
	const char *title;
	const char *about;
	enum quantity quantity;
	const struct bar *bars;
	size_t n;
	const struct bar_part *parts;
	const struct bar_part *legend;
	size_t n_legend;
};

/** bars_print() - draw it, wide and narrow */
void bars_print(FILE *out, unsigned int id, const struct bars *bars);

#endif /* BENCH_BARS_H */
