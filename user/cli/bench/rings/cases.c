// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "rings.h"

#define SHALLOW		((size_t)64 << 10)
#define DEEP		((size_t)4 << 20)

/**
 * struct column - what is measured of every kind that has it
 * @bit: RING_8 to RING_4096
 * @crew: index into ring_crews
 */
struct column {
	enum workload workload;
	size_t size;
	unsigned int bit;
	size_t depth;
	unsigned int burst;
	unsigned int crew;
};

const struct crew ring_crews[CREWS] = { { 1, 1 }, { 2, 1 }, { 2, 2 } };

static const struct column columns[] = {
	{ WORKLOAD_PINGPONG, 8, RING_8, SHALLOW, 1, 0 },
	{ WORKLOAD_PINGPONG, 56, RING_56, SHALLOW, 1, 0 },
	{ WORKLOAD_PINGPONG, 64, RING_64, SHALLOW, 1, 0 },
	{ WORKLOAD_STREAM, 8, RING_8, SHALLOW, 1, 0 },
	{ WORKLOAD_STREAM, 8, RING_8, SHALLOW, RING_BURST, 0 },
	{ WORKLOAD_STREAM, 64, RING_64, SHALLOW, 1, 0 },
	{ WORKLOAD_STREAM, 64, RING_64, SHALLOW, RING_BURST, 0 },
	{ WORKLOAD_STREAM, 64, RING_64, SHALLOW, 1, 1 },
	{ WORKLOAD_STREAM, 64, RING_64, SHALLOW, 1, 2 },
	{ WORKLOAD_STREAM, 64, RING_64, DEEP, 1, 0 },
	{ WORKLOAD_STREAM, 64, RING_64, DEEP, RING_BURST, 0 },
	{ WORKLOAD_STREAM, 4096, RING_4096, SHALLOW, 1, 0 },
};

#define COLUMNS		(sizeof(columns) / sizeof(columns[0]))

static bool has(const struct ring_kind *kind, const struct column *col)
{
	unsigned int bits = col->workload == WORKLOAD_PINGPONG ? kind->trips : kind->streams;

	return (bits & col->bit) && (col->burst == 1 || kind->bursts) &&
	       (!col->crew || kind->several);
}

size_t ring_cases_make(const struct ring_teams *transports, size_t n,
		       struct ring_case **cases)
{
	struct ring_case *c = calloc(n * COLUMNS, sizeof(*c));
	size_t col, i, made = 0;

	*cases = c;
	for (col = 0; c && col < COLUMNS; col++) {
		for (i = 0; i < n; i++) {
			if (!has(transports[i].of[0].kind, &columns[col]))
				continue;
			c[made].transport = &transports[i].of[columns[col].crew];
			c[made].workload = columns[col].workload;
			c[made].size = columns[col].size;
			c[made].depth = columns[col].depth;
			c[made++].burst = columns[col].burst;
		}
	}
	return made;
}
