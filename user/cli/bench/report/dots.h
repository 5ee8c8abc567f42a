/* SPDX-License-Identifier: GPL-2.0 */
/* A picture of values on one scale, a row each, in groups. */
#ifndef BENCH_DOTS_H
#define BENCH_DOTS_H

#include "floor_mark.h"

/**
 * struct dot - a row
 * @value: shown as a dot
 * @low: end of the interval that @value is sure to lie in; NAN when it is not known
 * @high: its other end
 * @second: shown as a hollow mark; NAN for none
 */
struct dot {
	const char *label;
	double value;
	double low;
	double high;
	double second;
};

/**
 * struct dot_group - rows that may be compared with each other
 * @title: what they have in common
 * @floor: a line through all of them, where it has a value
 * @first: index of the first of its rows
 * @n: how many there are
 */
struct dot_group {
	const char *title;
	struct floor_mark floor;
	size_t first;
	size_t n;
};

/**
 * struct dots - the picture
 * @quantity: of all values
 * @value_name: what the dot is
 * @second_name: what the hollow mark is, where there are some
 */
struct dots {
	enum quantity quantity;
	const char *title;
	const char *about;
	const char *value_name;
	const char *second_name;
	const struct dot *dots;
	const struct dot_group *groups;
	size_t n_groups;
};

/** dots_print() - draw it, wide and narrow */
void dots_print(FILE *out, unsigned int id, const struct dots *dots);

#endif /* BENCH_DOTS_H */
