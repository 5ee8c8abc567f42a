// SPDX-License-Identifier: GPL-2.0
/* Numbers with their units, scales, and axes that show them. */
#include <math.h>
#include <string.h>

#include "svg.h"

/* More than fit: only steps that are lost in rounding come to so many */
#define MAX_TICKS	50

struct unit {
	double size;
	const char *name;
};

static const struct unit units[][5] = {
	[SVG_TIME] = { { 1e9, "s" }, { 1e6, "ms" }, { 1e3, "µs" }, { 0, "ns" } },
	[SVG_INSTRUCTIONS] = { { 1e9, "G insn" }, { 1e6, "M insn" }, { 1e4, "k insn" },
			       { 0, "insn" } },
	[SVG_BYTES] = { { 1u << 30, "GiB" }, { 1u << 20, "MiB" }, { 1u << 10, "KiB" },
			{ 0, "B" } },
	[SVG_PER_SECOND] = { { 1e9, "G/s" }, { 1e6, "M/s" }, { 1e3, "k/s" }, { 0, "/s" } },
	[SVG_BYTES_PER_SECOND] = { { 1e9, "GB/s" }, { 1e6, "MB/s" }, { 1e3, "kB/s" },
				   { 0, "B/s" } },
};

/* 3 nines are 99.9 % */
static const char *nines(double value, char text[SVG_TEXT])
{
	double percent = 100 - 100 * pow(10, -value);

	snprintf(text, SVG_TEXT, "%.*f %%", value > 1.5 ? (int)(value + 0.5) - 2 : 0, percent);
	return text;
}

/* @plain: without zeros at the end, as a tick has it */
static const char *number(double value, enum quantity quantity, bool plain,
			  char text[SVG_TEXT])
{
	const struct unit *unit;
	double scaled;

	if (!isfinite(value))
		return strcpy(text, "–");
	if (quantity == SVG_NINES)
		return nines(value, text);
	for (unit = units[quantity]; unit->size > 0; unit++)
		if (fabs(value) >= 0.9995 * unit->size)
			break;
	scaled = unit->size > 0 ? value / (unit->size == 1e4 ? 1e3 : unit->size) : value;
	if (fabs(scaled) >= 99.95 && fabs(scaled) < 1e7)
		snprintf(text, SVG_TEXT, "%.0f %s", scaled, unit->name);
	else if (plain)
		snprintf(text, SVG_TEXT, "%.3g %s", scaled, unit->name);
	else
		snprintf(text, SVG_TEXT, "%#.3g %s", scaled, unit->name);
	return text;
}

const char *svg_number(double value, enum quantity quantity, char text[SVG_TEXT])
{
	return number(value, quantity, quantity == SVG_BYTES, text);
}

bool scale_has(const struct scale *scale, double value)
{
	return isfinite(value) && (!scale->log || value > 0);
}

void scale_fit(struct scale *scale, double value)
{
	if (!scale_has(scale, value))
		return;
	if (!(scale->low <= value))
		scale->low = value;
	if (!(scale->high >= value))
		scale->high = value;
}

bool scale_finish(struct scale *scale)
{
	double room;

	if (isnan(scale->low))
		return false;
	if (scale->log) {
		room = 1.02 * pow(scale->high / scale->low, 0.04);
		scale->low = fmax(scale->low / room, 1e-300);
		scale->high = fmin(scale->high * room, 1e300);
		return true;
	}
	room = 0.04 * (scale->high - scale->low);
	scale->high += room > 0 ? room : 1;
	if (scale->low != 0)
		scale->low -= room > 0 ? room : 1;
	return isfinite(scale->high - scale->low);
}

double scale_at(const struct scale *scale, double value)
{
	double low = scale->low, high = scale->high;

	if (scale->log) {
		low = log(low);
		high = log(high);
		value = log(value);
	}
	value = fmin(fmax((value - low) / (high - low), 0), 1);
	return scale->from + value * (scale->to - scale->from);
}

/* Sizes are powers of two, all else is of ten; 1, 2 and 5 of each where there is room */
static double tick_step(const struct scale *scale, double room)
{
	double base = scale->quantity == SVG_BYTES ? 2 : 10;
	double fit = fabs(scale->to - scale->from) / room;
	double powers = log(scale->high / scale->low) / log(base);

	return base == 10 && powers * 3 <= fit ? 0 : ceil(powers / fit);
}

typedef void (*tick_fn)(FILE *out, const struct scale *scale, double value, double a, double b);

static void tick_if_in(FILE *out, const struct scale *scale, double value, tick_fn tick,
		       double a, double b)
{
	if (value >= scale->low * (1 - 1e-9) && value <= scale->high * (1 + 1e-9))
		tick(out, scale, value, a, b);
}

static void log_ticks(FILE *out, const struct scale *scale, double room, tick_fn tick,
		      double a, double b)
{
	double base = scale->quantity == SVG_BYTES ? 2 : 10;
	double step = tick_step(scale, room), power;

	power = floor(log(scale->low) / log(base));
	if (step > 1)
		power = step * floor(power / step);
	for (; pow(base, power) <= scale->high; power += step > 0 ? step : 1) {
		tick_if_in(out, scale, pow(base, power), tick, a, b);
		if (step > 0)
			continue;
		tick_if_in(out, scale, 2 * pow(base, power), tick, a, b);
		tick_if_in(out, scale, 5 * pow(base, power), tick, a, b);
	}
}

/* 1, 2 or 5 of a power of ten */
static void plain_ticks(FILE *out, const struct scale *scale, double room, tick_fn tick,
			double a, double b)
{
	double least = (scale->high - scale->low) * room / fabs(scale->to - scale->from);
	double step = pow(10, floor(log10(least))), value;
	int i;

	if (scale->quantity == SVG_NINES)
		step = ceil(least);
	else if (5 * step < least)
		step *= 10;
	else if (2 * step < least)
		step *= 5;
	else if (step < least)
		step *= 2;
	value = ceil(scale->low / step) * step;
	for (i = 0; i < MAX_TICKS && value <= scale->high; i++, value += step)
		tick(out, scale, value, a, b);
}

/* A few decades are told by 1, 2 and 5; less than that by steps of equal size */
static void ticks(FILE *out, const struct scale *scale, double room, tick_fn tick,
		  double a, double b)
{
	if (scale->log && scale->high / scale->low > 4)
		log_ticks(out, scale, room, tick, a, b);
	else
		plain_ticks(out, scale, room, tick, a, b);
}

static void tick_x(FILE *out, const struct scale *scale, double value, double top,
		   double bottom)
{
	double x = scale_at(scale, value);
	char text[SVG_TEXT];

	svg_line(out, "grid", x, top, x, bottom);
	svg_text(out, x, bottom + 16, "middle", "tick",
		 number(value, scale->quantity, true, text));
}

static void tick_y(FILE *out, const struct scale *scale, double value, double left,
		   double right)
{
	double y = scale_at(scale, value);
	char text[SVG_TEXT];

	svg_line(out, "grid", left, y, right, y);
	svg_text(out, left - 6, y + 4, "end", "tick", number(value, scale->quantity, true, text));
}

void svg_axis_x(FILE *out, const struct scale *scale, double top, double bottom)
{
	ticks(out, scale, 62, tick_x, top, bottom);
	/* the median is not a whole number of nines */
	if (scale->quantity == SVG_NINES)
		tick_if_in(out, scale, log10(2), tick_x, top, bottom);
}

void svg_axis_y(FILE *out, const struct scale *scale, double left, double right)
{
	ticks(out, scale, 30, tick_y, left, right);
}
