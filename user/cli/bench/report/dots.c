// SPDX-License-Identifier: GPL-2.0
#include "dots.h"

#include <math.h>
#include <string.h>

#define TOP		26
#define HEAD		26	/* height of a group's title */
#define ROW		20
#define ROW_NARROW	33	/* the label has a line of its own */
#define LABEL		168	/* width of the labels */
#define NUMBER		74	/* width of the numbers at the right */
#define AXIS		26
#define LETTER		6.6	/* width of one, about */

static double row_height(bool narrow)
{
	return narrow ? ROW_NARROW : ROW;
}

static double head_height(const struct dot_group *group, bool narrow)
{
	return narrow && isfinite(group->floor.value) ? HEAD + 18 : HEAD;
}

static double group_height(const struct dot_group *group, bool narrow)
{
	return head_height(group, narrow) + (double)group->n * row_height(narrow);
}

static double height_of(const struct dots *dots, bool narrow)
{
	double height = TOP + AXIS;
	size_t i;

	for (i = 0; i < dots->n_groups; i++)
		height += group_height(&dots->groups[i], narrow);
	return height;
}

static void fit(const struct dots *dots, struct scale *scale)
{
	const struct dot *dot;
	size_t i, k;

	for (i = 0; i < dots->n_groups; i++) {
		scale_fit(scale, dots->groups[i].floor.value);
		for (k = 0; k < dots->groups[i].n; k++) {
			dot = &dots->dots[dots->groups[i].first + k];
			scale_fit(scale, dot->value);
			scale_fit(scale, dot->low);
			scale_fit(scale, dot->high);
			scale_fit(scale, dot->second);
		}
	}
}

static bool has_floor(const struct dots *dots)
{
	size_t i;

	for (i = 0; i < dots->n_groups; i++)
		if (isfinite(dots->groups[i].floor.value))
			return true;
	return false;
}

static bool has_second(const struct dots *dots)
{
	size_t i, k;

	for (i = 0; i < dots->n_groups; i++)
		for (k = 0; k < dots->groups[i].n; k++)
			if (isfinite(dots->dots[dots->groups[i].first + k].second))
				return true;
	return false;
}

static void print_legend(FILE *out, const struct dots *dots, double x)
{
	svg_mark(out, 0, false, x + 6, 10, NULL);
	svg_text(out, x + 16, 14, "start", "label", dots->value_name);
	x += 30 + LETTER * (double)strlen(dots->value_name);
	if (has_second(dots)) {
		svg_mark(out, 1, true, x + 6, 10, NULL);
		svg_text(out, x + 16, 14, "start", "label", dots->second_name);
		x += 30 + LETTER * (double)strlen(dots->second_name);
	}
	if (has_floor(dots)) {
		svg_line(out, "floor", x + 6, 2, x + 6, 18);
		svg_text(out, x + 14, 14, "start", "label", "the floor");
	}
}

static void print_dot(FILE *out, const struct dots *dots, const struct dot *dot,
		      const struct scale *scale, double y)
{
	char value[SVG_TEXT], second[SVG_TEXT], about[4 * SVG_TEXT];

	snprintf(about, sizeof(about), "%.60s: %s %s", dot->label, dots->value_name,
		 svg_number(dot->value, dots->quantity, value));
	if (scale_has(scale, dot->low) && scale_has(scale, dot->high))
		svg_line(out, "range", scale_at(scale, dot->low), y, scale_at(scale, dot->high),
			 y);
	if (scale_has(scale, dot->second)) {
		svg_line(out, "reach", scale_at(scale, dot->value), y,
			 scale_at(scale, dot->second), y);
		svg_number(dot->second, dots->quantity, second);
		snprintf(about + strlen(about), sizeof(about) - strlen(about), ", %s %s",
			 dots->second_name, second);
		svg_mark(out, 1, true, scale_at(scale, dot->second), y, about);
	}
	svg_mark(out, 0, false, scale_at(scale, dot->value), y, about);
}

static void print_row(FILE *out, const struct dots *dots, const struct dot *dot,
		      const struct scale *scale, double y, bool narrow)
{
	char text[SVG_TEXT];

	svg_number(dot->value, dots->quantity, text);
	if (narrow) {
		svg_label(out, 0, y + 13, "start", dot->label);
		svg_text(out, SVG_NARROW, y + 13, "end", "value", text);
		print_dot(out, dots, dot, scale, y + 23);
		return;
	}
	svg_label(out, LABEL - 10, y + 14, "end", dot->label);
	svg_text(out, SVG_WIDE, y + 14, "end", "value", text);
	print_dot(out, dots, dot, scale, y + 10);
}

/* The floor in words: beside the title, or below it */
static void print_floor(FILE *out, const struct dot_group *group, const struct scale *scale,
			double y, bool narrow)
{
	char label[FLOOR_LABEL_SIZE];

	if (!scale_has(scale, group->floor.value))
		return;
	svg_text(out, narrow ? 0 : SVG_WIDE, narrow ? y + 38 : y + 20, narrow ? "start" : "end",
		 "tick", floor_mark_label(&group->floor, scale->quantity, label));
}

/* Its line, of a row: not through a label */
static void print_floor_line(FILE *out, const struct dot_group *group,
			     const struct scale *scale, double y, bool narrow)
{
	double x = scale_at(scale, group->floor.value);

	if (scale_has(scale, group->floor.value))
		svg_line(out, "floor", x, narrow ? y + 16 : y, x, y + row_height(narrow));
}

static void print_group(FILE *out, const struct dots *dots, const struct dot_group *group,
			const struct scale *scale, double y, bool narrow)
{
	size_t i;

	svg_line(out, "grid", 0, y + 4, narrow ? SVG_NARROW : SVG_WIDE, y + 4);
	svg_text(out, 0, y + 20, "start", "head", group->title);
	print_floor(out, group, scale, y, narrow);
	y += head_height(group, narrow);
	for (i = 0; i < group->n; i++) {
		print_floor_line(out, group, scale, y, narrow);
		print_row(out, dots, &dots->dots[group->first + i], scale, y, narrow);
		y += row_height(narrow);
	}
}

static void print(FILE *out, unsigned int id, const struct dots *dots, bool narrow)
{
	double height = height_of(dots, narrow), y = TOP;
	struct scale scale = {
		.quantity = dots->quantity, .log = true, .low = NAN, .high = NAN,
		.from = narrow ? 26 : LABEL, .to = narrow ? SVG_NARROW - 28 : SVG_WIDE - NUMBER,
	};
	size_t i;

	fit(dots, &scale);
	if (!scale_finish(&scale))
		return;
	svg_begin(out, id, narrow, height, dots->title, dots->about);
	print_legend(out, dots, narrow ? 0 : LABEL);
	svg_axis_x(out, &scale, TOP + 4, height - AXIS);
	for (i = 0; i < dots->n_groups; i++) {
		print_group(out, dots, &dots->groups[i], &scale, y, narrow);
		y += group_height(&dots->groups[i], narrow);
	}
	svg_end(out);
}

void dots_print(FILE *out, unsigned int id, const struct dots *dots)
{
	print(out, id, dots, false);
	print(out, id, dots, true);
}
