// SPDX-License-Identifier: GPL-2.0
#include "floor.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "aside.h"
#include "median.h"
#include "probe.h"
#include "workload.h"

/* Where two CPUs take turns a line may take a time slice */
#define TIMEOUT_NS	2000000000ull

/**
 * struct probes - what a run leaves, for all processes
 * @ns: of all probes
 */
struct probes {
	struct probe_lines lines;
	double ns[FLOOR_PROBES];
};

struct probe_transport {
	struct transport transport;
	struct probes *probes;
};

static int nothing(struct link *link)
{
	(void)link;
	return 0;
}

static int attach_nothing(struct link *link, int side)
{
	(void)side;
	return nothing(link);
}

static void tear_nothing(struct link *link)
{
	nothing(link);
}

static int probes_run(const struct run_plan *plan, struct run_shared *shared,
		      struct link *link, int side)
{
	struct probes *p = ((const struct probe_transport *)link->transport)->probes;
	uint64_t seq = 0;
	int i;

	(void)plan;
	workload_handshake(&shared->arrived, SIDES);
	for (i = 0; i < FLOOR_PROBES; i++) {
		double ns = probe_run(&p->lines, &seq, side);

		if (!side)
			p->ns[i] = ns;
	}
	return CHILD_OK;
}

/* Of all probes */
static double middle(const struct floor *floor)
{
	double ns[FLOOR_TIMES * FLOOR_PROBES];

	memcpy(ns, floor->ns, sizeof(ns));
	return median(ns, floor->n);
}

/* What can be known without a try; NULL for nothing */
static const char *impossible(const struct placement *place)
{
	if (!place->present)
		return placement_missing(place->kind);
	if (place->kind == PLACE_REMOTE)
		return "one of the CPUs is in another host";
	if (place->cpu[0] < 0)
		return "the scheduler chooses the CPUs, and they change";
	if (place->cpu[0] == place->cpu[1])
		return "one CPU passes nothing to itself: there the floor is two context "
		       "switches";
	return NULL;
}

static void probe_fail(struct floor *floor, int time, const char *why)
{
	snprintf(floor->why, sizeof(floor->why), "%s%.*s", time ? "afterwards: " : "",
		 WHY_SIZE - 16, why);
}

static void probe_once(struct bench *bench, const struct placement *place, int time)
{
	struct floor *floor = &bench->floor[place->kind];
	struct probe_transport t = {
		.transport = {
			.name = "floor", .wait = WAIT_SPIN, .setup = nothing,
			.attach = attach_nothing, .run = probes_run, .teardown = tear_nothing,
		},
		.probes = aside_memory(sizeof(*t.probes)),
	};
	char why[WHY_SIZE];

	if (!t.probes) {
		probe_fail(floor, time, "no memory");
		return;
	}
	if (aside_run(bench, &t.transport, place, sizeof(uint64_t), TIMEOUT_NS, why)) {
		memcpy(floor->ns + floor->n, t.probes->ns, sizeof(t.probes->ns));
		floor->n += FLOOR_PROBES;
		floor->middle[time] = median(t.probes->ns, FLOOR_PROBES);
	} else {
		probe_fail(floor, time, why);
	}
	munmap(t.probes, sizeof(*t.probes));
}

void floor_probe(struct bench *bench, int time)
{
	const struct bench_options *o = &bench->opts;
	size_t i;

	for (i = 0; i < o->n_placements; i++) {
		const struct placement *place = &bench->placements[o->placements[i]];
		struct floor *floor = &bench->floor[place->kind];
		const char *why = impossible(place);

		if (why)
			snprintf(floor->why, sizeof(floor->why), "%s", why);
		else if (!*floor->why && bench->interrupted)
			probe_fail(floor, time, "not run");
		else if (!*floor->why)
			probe_once(bench, place, time);
	}
}

bool floor_ns(const struct floor *floor, double ns[3])
{
	size_t i;

	if (!floor->n)
		return false;
	ns[0] = floor->ns[0];
	ns[1] = middle(floor);
	ns[2] = floor->ns[0];
	for (i = 0; i < floor->n; i++) {
		ns[0] = floor->ns[i] < ns[0] ? floor->ns[i] : ns[0];
		ns[2] = floor->ns[i] > ns[2] ? floor->ns[i] : ns[2];
	}
	return true;
}

enum placement_kind floor_label(const struct floor *floor, int time)
{
	if (floor->middle[time] <= 0)
		return PLACE_NR;
	return probe_label(floor->middle[time], middle(floor));
}

bool floor_moved(const struct floor *floor)
{
	return floor->middle[0] > 0 && floor->middle[1] > 0 &&
	       !probe_agree(floor->middle[0], floor->middle[1], middle(floor));
}

/* Cores of one cache may be farther from each other on a large machine */
static bool claims(enum placement_kind kind, enum placement_kind label)
{
	return kind == label || label == PLACE_NR ||
	       (label == PLACE_BETWEEN && kind != PLACE_SMT);
}

void floor_judge(struct bench *bench)
{
	const struct bench_options *o = &bench->opts;
	size_t i;

	bench->env.moved = 0;
	bench->env.mislabelled = 0;
	for (i = 0; i < o->n_placements; i++) {
		enum placement_kind kind = o->placements[i];
		const struct floor *floor = &bench->floor[kind];

		bench->env.moved += floor_moved(floor);
		bench->env.mislabelled += !claims(kind, floor_label(floor, 0)) ||
					  !claims(kind, floor_label(floor, 1));
	}
}
