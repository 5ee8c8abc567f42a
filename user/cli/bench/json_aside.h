/* SPDX-License-Identifier: GPL-2.0 */
/* What the results hold beside the cases. */
#ifndef BENCH_JSON_ASIDE_H
#define BENCH_JSON_ASIDE_H

#include <jansson.h>

#include "bench.h"

/** floor_json() - an array of the floors of all placements of the benchmark */
json_t *floor_json(const struct bench *bench);

/** stages_json() - an array of where the time of a message goes; empty where nothing tells */
json_t *stages_json(const struct bench *bench);

#endif /* BENCH_JSON_ASIDE_H */
