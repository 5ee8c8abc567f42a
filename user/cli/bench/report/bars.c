// SPDX-License-Identifier: GPL-2.0
#include "bars.h"

#include <math.h>
#include <string.h>

#define ROW		40
#define ROW_NARROW	54
#define LABEL		168	/* width of the labels */
#define NUMBER		74	/* width of the numbers at the right */
#define AXIS		26
#define THICK		14
#define LETTER		6.8	/* width of one, about */

/* What the bar takes: a part below 0 cannot be drawn */
static double length_of(const struct bars *all, const struct bar *bar)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < bar->n; i++)
		sum += fmax(all->parts[bar->first + i].value, 0);
	return sum;
}

static double total(const struct bars *all, const struct bar *bar)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < bar->n; i++)
		sum += all->parts[bar->first + i].value;
	return sum;
}

static void print_part(FILE *out, const struct bars *all, const struct bar *bar,
		       const struct bar_part *part, double x, double y, double width)
{
	char text[SVG_TEXT];

	fprintf(out, "<rect class=\"m%u\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\">"
		"<title>", part->style, x, y, fmax(width, 0.5), THICK);
	html_text(out, bar->label);
	fputs(", ", out);
	html_text(out, part->name);
	fprintf(out, ": %s</title></rect>\n", svg_number(part->value, all->quantity, text));
}

static void print_bar(FILE *out, const struct bars *all, const struct bar *bar,
		      const struct scale *scale, double y)
{
	const struct bar_part *part;
	double sum = 0, from;
	size_t i;

	for (i = 0; i < bar->n; i++) {
		part = &all->parts[bar->first + i];
		if (!(part->value > 0))
			continue;
		from = scale_at(scale, sum);
		sum += part->value;
		print_part(out, all, bar, part, from, y, scale_at(scale, sum) - from);
	}
}

static void print_row(FILE *out, const struct bars *all, const struct bar *bar,
		      const struct scale *scale, double y, bool narrow)
{
	char text[SVG_TEXT];

	svg_number(bar->n ? total(all, bar) : NAN, all->quantity, text);
	if (narrow) {
		svg_label(out, 0, y + 12, "start", bar->label);
		svg_text(out, SVG_NARROW, y + 12, "end", "value", text);
		print_bar(out, all, bar, scale, y + 18);
		svg_text(out, 0, y + 45, "start", "tick", bar->note);
		return;
	}
	svg_label(out, LABEL - 10, y + 15, "end", bar->label);
	svg_text(out, SVG_WIDE, y + 15, "end", "value", text);
	print_bar(out, all, bar, scale, y + 4);
	svg_text(out, LABEL, y + 31, "start", "tick", bar->note);
}

/* Entries one after the other, in as many lines as they take; Return: height of these */
static double print_legend(FILE *out, const struct bars *all, double width)
{
	double x = 0, y = 0, wide;
	size_t i;

	for (i = 0; i < all->n_legend; i++) {
		wide = 30 + LETTER * (double)strlen(all->legend[i].name);
		if (x > 0 && x + wide > width) {
			x = 0;
			y += 20;
		}
		if (out) {
			fprintf(out, "<rect class=\"m%u\" x=\"%.1f\" y=\"%.1f\" width=\"10\" "
				"height=\"10\"/>", all->legend[i].style, x, y + 4);
			svg_text(out, x + 16, y + 13, "start", "label", all->legend[i].name);
		}
		x += wide;
	}
	return all->n_legend ? y + 26 : 0;
}

static void print(FILE *out, unsigned int id, const struct bars *all, bool narrow)
{
	double width = narrow ? SVG_NARROW : SVG_WIDE, row = narrow ? ROW_NARROW : ROW;
	double top = print_legend(NULL, all, width), bottom = top + row * (double)all->n;
	struct scale scale = {
		.quantity = all->quantity, .low = 0, .high = 0, .from = narrow ? 16 : LABEL,
		.to = narrow ? SVG_NARROW - 24 : SVG_WIDE - NUMBER,
	};
	size_t i;

	for (i = 0; i < all->n; i++)
		scale_fit(&scale, length_of(all, &all->bars[i]));
	if (!scale_finish(&scale))
		return;
	svg_begin(out, id, narrow, bottom + AXIS, all->title, all->about);
	print_legend(out, all, width);
	svg_axis_x(out, &scale, top, bottom);
	for (i = 0; i < all->n; i++)
		print_row(out, all, &all->bars[i], &scale, top + row * (double)i, narrow);
	svg_end(out);
}

void bars_print(FILE *out, unsigned int id, const struct bars *bars)
{
	print(out, id, bars, false);
	print(out, id, bars, true);
}
