// SPDX-License-Identifier: GPL-2.0
#include "lines.h"

#include <math.h>
#include <stdlib.h>

#define TOP		24
#define FIELD		300	/* height of the field */
#define FIELD_NARROW	240
#define LEFT		62	/* width of the numbers at the left */
#define RIGHT		190	/* and of the labels at the right */
#define AXIS		42
#define LABEL		15	/* height of a label */

struct place {
	const struct line *line;
	double y;
};

static bool has_point(const struct scale *x, const struct scale *y, const struct line *line,
		      size_t i)
{
	return scale_has(x, line->x[i]) && scale_has(y, line->y[i]);
}

static void fit(const struct lines *all, struct scale *x, struct scale *y)
{
	const struct line *line;
	size_t i, k;

	scale_fit(y, all->floor.value);
	for (i = 0; i < all->n; i++) {
		line = &all->lines[i];
		for (k = 0; k < line->n; k++) {
			if (!has_point(x, y, line, k))
				continue;
			scale_fit(x, line->x[k]);
			scale_fit(y, line->y[k]);
		}
	}
}

static void print_marks(FILE *out, const struct lines *all, const struct line *line,
			const struct scale *x, const struct scale *y)
{
	char about[4 * SVG_TEXT], at[SVG_TEXT], value[SVG_TEXT];
	size_t i;

	for (i = 0; i < line->n; i++) {
		if (!has_point(x, y, line, i))
			continue;
		snprintf(about, sizeof(about), "%.80s, %s: %s", line->name,
			 svg_number(line->x[i], all->x, at),
			 svg_number(line->y[i], all->y, value));
		svg_mark(out, line->style, line->hollow && line->hollow[i],
			 scale_at(x, line->x[i]), scale_at(y, line->y[i]), about);
	}
}

static void print_line(FILE *out, const struct lines *all, const struct line *line,
		       const struct scale *x, const struct scale *y)
{
	char next = 'M';
	size_t i;

	fprintf(out, "<path class=\"l%u%s\" d=\"", line->style, line->dashed ? " dashed" : "");
	for (i = 0; i < line->n; i++) {
		if (!has_point(x, y, line, i))
			continue;
		fprintf(out, "%c%.1f %.1f", next, scale_at(x, line->x[i]),
			scale_at(y, line->y[i]));
		next = 'L';
	}
	fputs("\"><title>", out);
	html_text(out, line->name);
	fputs("</title></path>\n", out);
	if (line->marks)
		print_marks(out, all, line, x, y);
}

static int compare_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->y > y->y) - (x->y < y->y);
}

/* Those that have a label, where each ends; Return: how many */
static size_t find_places(const struct lines *all, const struct scale *x,
			  const struct scale *y, struct place places[SVG_STYLES])
{
	const struct line *line;
	size_t i, k, n = 0;

	for (i = 0; i < all->n && n < SVG_STYLES; i++) {
		line = &all->lines[i];
		for (k = line->n; line->label && k > 0; k--) {
			if (!has_point(x, y, line, k - 1))
				continue;
			places[n++] = (struct place){ line, scale_at(y, line->y[k - 1]) };
			break;
		}
	}
	return n;
}

/* Each at the end of its line, or as near as the others let it, from @top to @bottom */
static void part_places(struct place *places, size_t n, double top, double bottom)
{
	size_t i;

	qsort(places, n, sizeof(*places), compare_place);
	for (i = 0; i < n; i++) {
		places[i].y = fmax(places[i].y, top);
		if (i)
			places[i].y = fmax(places[i].y, places[i - 1].y + LABEL);
	}
	for (i = n; i > 0; i--) {
		places[i - 1].y = fmin(places[i - 1].y, bottom);
		if (i < n)
			places[i - 1].y = fmin(places[i - 1].y, places[i].y - LABEL);
	}
}

static void print_label(FILE *out, const struct line *line, double x, double y)
{
	svg_mark(out, line->style, false, x + 6, y, NULL);
	svg_label(out, x + 16, y + 4, "start", line->label);
}

static void print_labels(FILE *out, const struct lines *all, const struct scale *x,
			 const struct scale *y, bool narrow)
{
	struct place places[SVG_STYLES];
	size_t i, n = find_places(all, x, y, places);

	if (!narrow)
		part_places(places, n, TOP, TOP + FIELD);
	for (i = 0; i < n; i++) {
		if (narrow)
			print_label(out, places[i].line, i % 2 ? SVG_NARROW / 2 : 0,
				    TOP + FIELD_NARROW + AXIS + 8 + (double)(i / 2) * 20);
		else
			print_label(out, places[i].line, x->to + 8, places[i].y);
	}
}

static void print_floor(FILE *out, const struct lines *all, const struct scale *x,
			const struct scale *y)
{
	char label[FLOOR_LABEL_SIZE];
	double at;

	if (!scale_has(y, all->floor.value))
		return;
	at = scale_at(y, all->floor.value);
	svg_line(out, "floor", x->from, at, x->to, at);
	svg_text(out, x->to - 4, at - 5, "end", "tick",
		 floor_mark_label(&all->floor, all->y, label));
}

static size_t count_labels(const struct lines *all)
{
	size_t i, n = 0;

	for (i = 0; i < all->n; i++)
		n += all->lines[i].label ? 1 : 0;
	return n < SVG_STYLES ? n : SVG_STYLES;
}

static void print(FILE *out, unsigned int id, const struct lines *all, bool narrow)
{
	double bottom = TOP + (narrow ? FIELD_NARROW : FIELD), height = bottom + AXIS;
	struct scale x = {
		.quantity = all->x, .log = all->x_log, .low = NAN, .high = NAN, .from = LEFT,
		.to = narrow ? SVG_NARROW - 26 : SVG_WIDE - RIGHT,
	};
	struct scale y = {
		.quantity = all->y, .log = true, .low = NAN, .high = NAN, .from = bottom,
		.to = TOP,
	};
	size_t i;

	fit(all, &x, &y);
	if (!scale_finish(&x) || !scale_finish(&y))
		return;
	if (narrow)
		height += 20 * (double)((count_labels(all) + 1) / 2);
	svg_begin(out, id, narrow, height, all->title, all->about);
	svg_text(out, 0, 12, "start", "tick", all->y_name);
	svg_axis_x(out, &x, TOP, bottom);
	svg_axis_y(out, &y, x.from, x.to);
	svg_text(out, (x.from + x.to) / 2, bottom + 34, "middle", "tick", all->x_name);
	print_floor(out, all, &x, &y);
	/* the first ones on top */
	for (i = all->n; i > 0; i--)
		print_line(out, all, &all->lines[i - 1], &x, &y);
	print_labels(out, all, &x, &y, narrow);
	svg_end(out);
}

void lines_print(FILE *out, unsigned int id, const struct lines *lines)
{
	print(out, id, lines, false);
	print(out, id, lines, true);
}
