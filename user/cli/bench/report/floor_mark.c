// SPDX-License-Identifier: GPL-2.0
#include "floor_mark.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "doc.h"

const json_t *floor_mark_json(const json_t *doc, const char *placement)
{
	const json_t *floor;
	size_t i;

	json_array_foreach(json_object_get(doc, "floor"), i, floor)
		if (!strcmp(doc_text(floor, "placement", ""), placement))
			return floor;
	return NULL;
}

/* As the table of the benchmark tells it */
static void set_as(struct floor_mark *mark, const json_t *floor, const char *placement)
{
	const char *before = doc_text(floor, "measured_before", NULL);
	const char *after = doc_text(floor, "measured_after", NULL);

	before = before ? before : after;
	if (!before)
		return;
	if (after && strcmp(before, after))
		snprintf(mark->as, sizeof(mark->as), "measured as %.12s, then as %.12s", before,
			 after);
	else if (strcmp(before, placement))
		snprintf(mark->as, sizeof(mark->as), "measured as %.12s, not %.12s", before,
			 placement);
	else
		snprintf(mark->as, sizeof(mark->as), "measured as %.12s", before);
}

struct floor_mark floor_mark_of(const json_t *doc, const char *placement)
{
	const json_t *floor = floor_mark_json(doc, placement);
	const json_t *range = json_object_get(floor, "round_trip_ns_range");
	struct floor_mark mark = {
		.value = doc_number(floor, "round_trip_ns"),
		.range = { doc_item(range, 0), doc_item(range, 1) },
	};

	set_as(&mark, floor, placement);
	return mark;
}

const char *floor_mark_label(const struct floor_mark *mark, enum quantity quantity,
			     char text[FLOOR_LABEL_SIZE])
{
	char value[SVG_TEXT];

	snprintf(text, FLOOR_LABEL_SIZE, "floor %s%s%s",
		 svg_number(mark->value, quantity, value), *mark->as ? ", " : "", mark->as);
	return text;
}
