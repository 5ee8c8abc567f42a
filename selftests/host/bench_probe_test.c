// SPDX-License-Identifier: GPL-2.0
/* What bench-rings makes of the probes before and after a run. */
#include <stdio.h>

#include "bench/probe.h"

/**
 * struct probes - nanoseconds of round trips
 * @usual: of this pair
 * @kept: is the run between them?
 * @label: of the first
 */
struct probes {
	double usual;
	double before;
	double after;
	bool kept;
	enum placement_kind label;
};

static const struct probes table[] = {
	/* far from every bound */
	{ 100, 100, 105, true, PLACE_CACHE },
	{ 40, 40, 41, true, PLACE_SMT },
	{ 250, 250, 255, true, PLACE_BETWEEN },
	{ 500, 500, 480, true, PLACE_FAR },
	/* it has moved */
	{ 100, 100, 500, false, PLACE_CACHE },
	{ 500, 100, 500, false, PLACE_CACHE },
	{ 100, 500, 100, false, PLACE_FAR },
	{ 50, 40, 90, false, PLACE_SMT },
	/* within one label, too */
	{ 100, 100, 140, false, PLACE_CACHE },
	{ 400, 600, 400, false, PLACE_FAR },
	/* and is elsewhere than it mostly is: that counts */
	{ 100, 500, 510, true, PLACE_FAR },
	{ 500, 100, 105, true, PLACE_CACHE },
	{ 58, 70, 72, true, PLACE_CACHE },
	{ 290, 375, 376, true, PLACE_FAR },
	{ 205, 160, 165, true, PLACE_CACHE },
	{ 70, 50, 52, true, PLACE_SMT },
	/* at a bound, where it mostly is: one label for all */
	{ 58, 59, 62, true, PLACE_SMT },
	{ 62, 58, 63, true, PLACE_CACHE },
	{ 195, 195, 205, true, PLACE_CACHE },
	{ 205, 195, 205, true, PLACE_BETWEEN },
	{ 305, 295, 310, true, PLACE_FAR },
	{ 295, 305, 290, true, PLACE_BETWEEN },
	/* at another bound than where it mostly is */
	{ 205, 59, 61, false, PLACE_SMT },
	/* nobody knows where it mostly is */
	{ 0, 100, 105, true, PLACE_CACHE },
	{ 0, 195, 205, false, PLACE_CACHE },
};

int main(void)
{
	const struct probes *p;
	int n = 0, failed = 0;
	bool good;

	printf("TAP version 13\n");
	for (p = table; p < table + sizeof(table) / sizeof(table[0]); p++) {
		good = probe_agree(p->before, p->after, p->usual) == p->kept &&
		       probe_label(p->before, p->usual) == p->label;
		failed += !good;
		printf("%sok %d - usual %g, before %g, after %g: %s, at label %d\n",
		       good ? "" : "not ", ++n, p->usual, p->before, p->after,
		       p->kept ? "kept" : "thrown away", (int)p->label);
	}
	printf("1..%d\n", n);
	return failed != 0;
}
