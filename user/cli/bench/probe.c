// SPDX-License-Identifier: GPL-2.0
#include "probe.h"

#include <math.h>

#include "clock.h"
#include "median.h"
#include "relax.h"

/* Round trips at a place; few, so that most places are not interrupted */
#define WARM_UP		4
#define TRIPS		40

/* Round trips up to so many nanoseconds, as measured where the placement was known */
#define SMT_NS		60.0
#define CACHE_NS	200.0
#define FAR_NS		300.0

/* Two probes of one placement differ by less */
#define AGREE		1.3

/* What differs from a bound by less may be on its other side the next time */
#define AT_BOUND	1.1

static void go(struct probe_line *lines, uint64_t *seq, int side, int trips)
{
	uint64_t *own = &lines[side].seq, *peer = &lines[!side].seq;

	for (; trips; trips--) {
		++*seq;
		if (!side)
			__atomic_store_n(own, *seq, __ATOMIC_RELEASE);
		while (__atomic_load_n(peer, __ATOMIC_ACQUIRE) != *seq)
			spin_relax();
		if (side)
			__atomic_store_n(own, *seq, __ATOMIC_RELEASE);
	}
}

double probe_run(struct probe_lines *lines, uint64_t *seq, int side)
{
	double took[PROBE_PLACES];
	uint64_t start;
	int i;

	for (i = 0; i < PROBE_PLACES; i++) {
		go(lines->place[i], seq, side, WARM_UP);
		start = clock_ns();
		go(lines->place[i], seq, side, TRIPS);
		took[i] = (double)(clock_ns() - start) / TRIPS;
	}
	return side ? 0 : median(took, PROBE_PLACES);
}

static bool near(double a, double b, double factor)
{
	return fmax(a, b) <= factor * fmin(a, b);
}

/* Are both at the same bound? */
static bool at_bound(double a, double b)
{
	static const double bounds[] = { SMT_NS, CACHE_NS, FAR_NS };
	size_t i;

	for (i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
		if (near(a, bounds[i], AT_BOUND) && near(b, bounds[i], AT_BOUND))
			return true;
	return false;
}

enum placement_kind probe_label(double ns, double usual)
{
	if (at_bound(ns, usual))
		ns = usual;
	if (ns < SMT_NS)
		return PLACE_SMT;
	if (ns <= CACHE_NS)
		return PLACE_CACHE;
	return ns > FAR_NS ? PLACE_FAR : PLACE_BETWEEN;
}

bool probe_agree(double before, double after, double usual)
{
	return probe_label(before, usual) == probe_label(after, usual) &&
	       near(before, after, AGREE);
}
