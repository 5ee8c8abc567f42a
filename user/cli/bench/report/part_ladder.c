// SPDX-License-Identifier: GPL-2.0
/* What each rung of a channel removes from the one above. */
#include "../ladder.h"

#include <math.h>
#include <string.h>

#include "bars.h"
#include "page.h"
#include "picks.h"

static const char *const placements[] = { "same", "smt", "cache", "far", "free" };

#define PLACEMENTS	(sizeof(placements) / sizeof(placements[0]))

/**
 * struct ladder - which results it is made of
 * @trips: round trips, instead of the messages of a stream
 */
struct ladder {
	bool trips;
	const char *placement;
	double size;
};

/* Of a round trip; or what a message took of all the time of its stream */
static double time_of(const struct ladder *ladder, const struct row *row)
{
	return ladder->trips ? row->p50 : 1e9 / row->rate;
}

static const char *workload_of(const struct ladder *ladder)
{
	return ladder->trips ? "pingpong" : "stream";
}

static const struct row *find_rung(const struct page *page, const struct ladder *ladder,
				   const char *transport)
{
	const struct row *row, *end = page->rows.rows + page->rows.n;
	double time;

	for (row = page->rows.rows; row < end; row++) {
		time = time_of(ladder, row);
		if (!strcmp(row->transport, transport) && row->size == ladder->size &&
		    !strcmp(row->workload, workload_of(ladder)) &&
		    !strcmp(row->placement, ladder->placement) && time > 0 && isfinite(time))
			return row;
	}
	return NULL;
}

static void print_numbers(struct page *page, const struct row *const *rows,
			  const struct bar *bars, const struct bar_part *parts, size_t n)
{
	static const char *const heads[] = {
		"rung", "#time", "beside the one above, and what it removes", NULL,
	};
	size_t i;

	page_data(page);
	table_begin(page->out, page_time_unit(page), heads);
	for (i = 0; i < n; i++) {
		fputs("<tr>", page->out);
		cell_text(page->out, bars[i].label);
		cell_number(page->out, parts[i].value);
		cell_text(page->out, bars[i].note);
		fputs("</tr>\n", page->out);
	}
	table_end(page->out);
	page_rows(page, rows, n);
	page_data_end(page);
}

/* Return: how many rungs were found */
static size_t fill(const struct page *page, const struct ladder *ladder,
		   const struct row **rows, struct bar *bars, struct bar_part *parts)
{
	const struct rung *rung;
	const struct row *row;
	size_t n = 0;
	int told;

	for (rung = ladder_rungs; rung < ladder_rungs + LADDER_RUNGS; rung++) {
		row = find_rung(page, ladder, rung->transport);
		if (!row)
			continue;
		rows[n] = row;
		parts[n] = (struct bar_part){ .name = rung->transport, .style = n ? 0 : 7,
					      .value = time_of(ladder, row) };
		bars[n] = (struct bar){ .label = rung->name, .first = n, .n = 1 };
		told = n ? snprintf(bars[n].note, sizeof(bars[n].note), "%.2f × %s: ",
				    parts[n].value / parts[n - 1].value, bars[n - 1].label) : 0;
		snprintf(bars[n].note + told, sizeof(bars[n].note) - (size_t)told, "%s%s",
			 rung == ladder_rungs ? "" : "without ", rung->removes);
		n++;
	}
	return n;
}

static bool print_ladder(struct page *page, const struct ladder *ladder, bool first)
{
	const struct row *rows[LADDER_RUNGS];
	struct bar_part parts[LADDER_RUNGS];
	struct bar bars[LADDER_RUNGS];
	char title[ROW_SETTING_SIZE + 2 * SVG_TEXT], size[SVG_TEXT];
	struct bars picture = {
		.title = title, .about = "Time of each rung of the channel",
		.quantity = page->time, .bars = bars, .parts = parts,
		.n = fill(page, ladder, rows, bars, parts),
	};

	if (picture.n < 2)
		return false;
	if (first)
		page_part(page, "The ladder", "Each rung of the channel removes a cost of the one "
			  "above: what it takes beside that one is what the cost was.");
	snprintf(title, sizeof(title), "%s of %s, ", ladder->trips ? "A round trip" :
		 "In a stream, a message", svg_number(ladder->size, SVG_BYTES, size));
	row_place(rows[0], title + strlen(title));
	bars_print(page->out, page_picture(page, title), &picture);
	print_numbers(page, rows, bars, parts, picture.n);
	return true;
}

void part_ladder(struct page *page)
{
	struct ladder ladder;
	bool first = true;
	size_t i;
	int k;

	for (i = 0; i < PLACEMENTS; i++) {
		for (k = 0; k < 2; k++) {
			ladder = (struct ladder){ .trips = !k, .placement = placements[i] };
			ladder.size = rows_smallest(&page->rows, workload_of(&ladder),
						    k ? row_rate : row_p50);
			if (print_ladder(page, &ladder, first))
				first = false;
		}
	}
}
