/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pictures as SVG inside of a page, whose style sheet gives them their colours, by classes:
 * so they follow what the reader's screen or printer wants.  Each is drawn twice, wide and
 * narrow, of which the style sheet shows the one that fits, with letters of the same size.
 */
#ifndef BENCH_SVG_H
#define BENCH_SVG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define SVG_WIDE	760
#define SVG_NARROW	350
#define SVG_STYLES	8	/* of lines and marks that can be told apart */
#define SVG_OTHER	SVG_STYLES	/* the style of those beyond */
#define SVG_TEXT	64
#define SVG_LABEL	21

/**
 * enum quantity - what a number is, by which its unit is chosen
 * @SVG_TIME: nanoseconds
 * @SVG_INSTRUCTIONS: instead of them
 * @SVG_BYTES: of a message
 * @SVG_NINES: logarithm to 10 of 1 / (1 - percentile / 100)
 */
enum quantity {
	SVG_TIME,
	SVG_INSTRUCTIONS,
	SVG_BYTES,
	SVG_PER_SECOND,
	SVG_BYTES_PER_SECOND,
	SVG_NINES,
};

/** svg_number() - a number with its unit, to three digits; Return: @text */
const char *svg_number(double value, enum quantity quantity, char text[SVG_TEXT]);

/** html_text() - print a text so that nothing in it is taken for markup */
void html_text(FILE *out, const char *text);

/**
 * struct scale - from values to places in the picture
 * @log: by the value's logarithm
 * @low: the least value, greater than 0 when @log
 * @high: greater than @low
 * @from: place of @low
 * @to: place of @high
 */
struct scale {
	enum quantity quantity;
	bool log;
	double low;
	double high;
	double from;
	double to;
};

/**
 * scale_fit() - take a value in
 * @scale: empty at first: @low and @high are NAN
 * @value: left out when it is not finite, or cannot be on the scale
 */
void scale_fit(struct scale *scale, double value);

/** scale_finish() - give values at the ends some room; Return: false when there are none */
bool scale_finish(struct scale *scale);

/** scale_has() - can a value be on it? */
bool scale_has(const struct scale *scale, double value);

/** scale_at() - the place of a value, within the scale's */
double scale_at(const struct scale *scale, double value);

/** svg_axis_x() - ticks, their lines and numbers; @top and @bottom of the field, in places */
void svg_axis_x(FILE *out, const struct scale *scale, double top, double bottom);

/** svg_axis_y() - likewise, from @left to @right */
void svg_axis_y(FILE *out, const struct scale *scale, double left, double right);

/**
 * svg_begin() - begin a picture
 * @id: number of the picture in the page
 * @narrow: which of the two
 * @height: in the units of SVG_WIDE and SVG_NARROW
 * @title: for those who cannot see it
 * @about: likewise, what it shows
 */
void svg_begin(FILE *out, unsigned int id, bool narrow, double height, const char *title,
	       const char *about);

void svg_end(FILE *out);

/**
 * svg_text() - a text
 * @anchor: start, middle or end, which is at @x
 * @class: of the style sheet
 */
void svg_text(FILE *out, double x, double y, const char *anchor, const char *class,
	      const char *text);

/** svg_label() - a name, as svg_text(), of which no more is there than SVG_LABEL letters */
void svg_label(FILE *out, double x, double y, const char *anchor, const char *name);

void svg_line(FILE *out, const char *class, double x1, double y1, double x2, double y2);

/**
 * svg_mark() - a mark of a style, with what is told of it under the pointer
 * @hollow: not filled
 * @about: NULL for nothing
 */
void svg_mark(FILE *out, unsigned int style, bool hollow, double x, double y,
	      const char *about);

#endif /* BENCH_SVG_H */
