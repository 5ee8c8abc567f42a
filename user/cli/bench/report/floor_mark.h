/* SPDX-License-Identifier: GPL-2.0 */
/* The floor below the times of a placement, as a document has it. */
#ifndef BENCH_FLOOR_MARK_H
#define BENCH_FLOOR_MARK_H

#include <jansson.h>

#include "svg.h"

#define FLOOR_AS_SIZE		64
#define FLOOR_LABEL_SIZE	(SVG_TEXT + FLOOR_AS_SIZE + 8)

/**
 * struct floor_mark - a round trip of a bare line of the cache
 * @value: NAN where there is none
 * @range: the shortest and the longest
 * @as: what the CPUs were measured as, in words that follow the value; "" when that is not known
 */
struct floor_mark {
	double value;
	double range[2];
	char as[FLOOR_AS_SIZE];
};

/** floor_mark_json() - the floor of a placement in a document; NULL where it has none */
const json_t *floor_mark_json(const json_t *doc, const char *placement);

/** floor_mark_of() - likewise, as it is shown */
struct floor_mark floor_mark_of(const json_t *doc, const char *placement);

/** floor_mark_label() - in words: "floor", its value and what the CPUs were measured as */
const char *floor_mark_label(const struct floor_mark *mark, enum quantity quantity,
			     char text[FLOOR_LABEL_SIZE]);

#endif /* BENCH_FLOOR_MARK_H */
