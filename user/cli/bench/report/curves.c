// SPDX-License-Identifier: GPL-2.0
#include "curves.h"

#include <stdlib.h>

#include "picks.h"

static int by_rank(const void *a, const void *b)
{
	const struct curve *x = a, *y = b;

	return compare_numbers(x->rank, y->rank);
}

static struct line line_of(const struct curve *curve, size_t rank, bool marks)
{
	bool best = rank < SVG_STYLES;

	return (struct line){
		.label = best ? curve->name : NULL,
		.name = curve->name,
		.x = curve->x,
		.y = curve->y,
		.hollow = curve->hollow,
		.n = curve->n,
		.style = best ? (unsigned int)rank : SVG_OTHER,
		.marks = marks,
	};
}

void curves_print(struct page *page, struct lines *picture, struct curve *curves, size_t n,
		  bool marks)
{
	struct line *lines = calloc(2 * n + 1, sizeof(*lines));
	size_t i;

	if (!lines) {
		page->failed = true;
		return;
	}
	qsort(curves, n, sizeof(*curves), by_rank);
	for (i = 0; i < n; i++)
		lines[i] = line_of(&curves[i], i, marks);
	picture->n = n;
	for (i = 0; i < n && i < SVG_STYLES; i++) {
		if (!curves[i].second)
			continue;
		lines[picture->n] = lines[i];
		lines[picture->n].y = curves[i].second;
		lines[picture->n].label = NULL;
		lines[picture->n].dashed = true;
		picture->n++;
	}
	picture->lines = lines;
	lines_print(page->out, page_picture(page, picture->title), picture);
	free(lines);
}
