// SPDX-License-Identifier: GPL-2.0
#include "stages.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../tracer.h"
#include "aside.h"
#include "median.h"
#include "stages_events.h"
#include "stages_run.h"

/* Repetitions of a first look */
#define REPEAT_QUICK	3

/* Of so many one at least tells a wake-up: see stages_run.c */
#define TRIES		5

#define TIMEOUT_NS	5000000000ull

const char *stage_name(enum stage stage)
{
	static const char *const names[STAGE_NR] = {
		[STAGE_SYSTEM_CALL] = "system_call",
		[STAGE_COPY] = "copy",
		[STAGE_QUEUE] = "queue",
		[STAGE_WAKE_UP] = "wake_up",
		[STAGE_SWITCH] = "switch",
		[STAGE_PAYLOAD] = "payload",
		[STAGE_RESIDUAL] = "residual",
	};

	return names[stage];
}

const char *stages_method_name(enum stages_method method)
{
	return method == STAGES_TRACEPOINTS ? "tracepoints" : "differences";
}

bool stages_has(const struct stages *s, enum stages_method method)
{
	return method == STAGES_DIFFERENCES || s->transport->events;
}

const char *stages_why(const struct stages *s, enum stages_method method)
{
	const char *why = method == STAGES_TRACEPOINTS && !*s->why ? s->events_why : s->why;

	return *why ? why : "ok";
}

/* What has passed messages between two that sleep in the call, on CPUs that are known */
static bool can_be_split(const struct bench_case *c)
{
	return c->workload == WORKLOAD_PINGPONG && c->outcome == OUTCOME_OK &&
	       c->wait == WAIT_BLOCK && c->transport->stages && c->placement.cpu[0] >= 0 &&
	       c->producers <= 1 && c->consumers <= 1;
}

static int make_all(struct bench *bench)
{
	size_t i;

	bench->stages = calloc(bench->n_cases, sizeof(*bench->stages));
	if (!bench->stages)
		return -ENOMEM;
	bench->n_stages = 0;
	for (i = 0; i < bench->n_cases; i++) {
		const struct bench_case *c = &bench->cases[i];

		if (can_be_split(c))
			bench->stages[bench->n_stages++] = (struct stages){
				.transport = c->transport, .placement = c->placement,
				.size = c->size,
			};
	}
	return 0;
}

static double both(const struct stages_shared *shared, enum piece piece)
{
	return shared->ns[piece][0] + shared->ns[piece][1];
}

static bool same_calls(const struct stages *a, const struct stages *b)
{
	return a->transport == b->transport && a->placement.kind == b->placement.kind;
}

/* Once with a message of one byte, if no other size had that in this repetition */
static bool measure_one(struct bench *bench, struct stages *s, struct stages_transport *t,
			double *ns)
{
	const struct stages *before;

	for (before = bench->stages; before < s; before++) {
		if (same_calls(before, s) && before->repeats > s->repeats) {
			*ns = before->piece[PIECE_ONE][s->repeats];
			return true;
		}
	}
	t->calls_only = true;
	if (!aside_run(bench, &t->transport, &s->placement, 1, TIMEOUT_NS, s->why))
		return false;
	*ns = both(t->shared, PIECE_SEND) + both(t->shared, PIECE_RECV);
	return true;
}

/* And once with all bytes */
static void repeat(struct bench *bench, struct stages *s, struct stages_shared *shared)
{
	struct stages_transport t = { .transport = *s->transport, .shared = shared };
	double one;
	int piece;

	t.transport.run = stages_run;
	memset(shared, 0, sizeof(*shared));
	if (!measure_one(bench, s, &t, &one))
		return;
	memset(shared, 0, sizeof(*shared));
	t.calls_only = false;
	if (!aside_run(bench, &t.transport, &s->placement, s->size, TIMEOUT_NS, s->why))
		return;
	*s->why = '\0';
	if (both(shared, PIECE_ASLEEP) <= 0)
		return;
	for (piece = 0; piece < PIECE_EVENTS_CALLS; piece++)
		s->piece[piece][s->repeats] = both(shared, piece);
	s->piece[PIECE_LATENCY][s->repeats] /= SIDES;
	s->piece[PIECE_ONE][s->repeats++] = one;
}

/* By events, too: as often as by differences, of which some pieces are the same */
static int measure_events(struct bench *bench)
{
	struct events_stamps *stamps = aside_memory(sizeof(*stamps));
	struct tracer *tracer;
	char why[WHY_SIZE];
	struct stages *s;
	size_t n;

	if (!stamps)
		return -ENOMEM;
	tracer = stages_events_open(why);
	for (s = bench->stages; s < bench->stages + bench->n_stages; s++) {
		if (!s->transport->events)
			continue;
		memcpy(s->events_why, why, WHY_SIZE);
		for (n = 0; n < s->repeats && !*s->events_why && !bench->interrupted; n++)
			stages_events(bench, tracer, stamps, s, n);
		if (!*s->events_why && n < s->repeats)
			snprintf(s->events_why, WHY_SIZE, "not run");
	}
	tracer_close(tracer);
	munmap(stamps, sizeof(*stamps));
	return 0;
}

static bool any_events(const struct bench *bench)
{
	size_t i;

	for (i = 0; i < bench->n_stages; i++)
		if (bench->stages[i].transport->events && bench->stages[i].repeats)
			return true;
	return false;
}

int stages_measure(struct bench *bench)
{
	struct stages_shared *shared;
	size_t i, n, times = bench->opts.quick ? REPEAT_QUICK : STAGES_REPEAT;

	if (make_all(bench))
		return -ENOMEM;
	shared = aside_memory(sizeof(*shared));
	if (!shared)
		return -ENOMEM;
	for (n = 0; n < TRIES * times; n++)
		for (i = 0; i < bench->n_stages && !bench->interrupted; i++)
			if (!*bench->stages[i].why && bench->stages[i].repeats < times)
				repeat(bench, &bench->stages[i], shared);
	for (i = 0; i < bench->n_stages; i++)
		if (!bench->stages[i].repeats && !*bench->stages[i].why)
			snprintf(bench->stages[i].why, WHY_SIZE, bench->interrupted ? "not run" :
				 "the receiver ran before the call that woke it was over");
	munmap(shared, sizeof(*shared));
	return any_events(bench) ? measure_events(bench) : 0;
}

void stages_free(struct bench *bench)
{
	free(bench->stages);
	bench->stages = NULL;
	bench->n_stages = 0;
}

static double rest(double whole, const double ns[STAGE_NR])
{
	int stage;

	for (stage = 0; stage < STAGE_RESIDUAL; stage++)
		whole -= ns[stage];
	return whole;
}

/* Return: a half of the round trip that they add up to. */
static double find_by_events(const double piece[PIECE_NR], double ns[STAGE_NR])
{
	ns[STAGE_SYSTEM_CALL] = piece[PIECE_NULL];
	ns[STAGE_QUEUE] = piece[PIECE_EVENTS_ONE] - piece[PIECE_NULL];
	ns[STAGE_COPY] = piece[PIECE_EVENTS_CALLS] - piece[PIECE_EVENTS_ONE];
	ns[STAGE_WAKE_UP] = piece[PIECE_EVENTS_WAKE_UP];
	ns[STAGE_SWITCH] = piece[PIECE_EVENTS_SWITCH];
	ns[STAGE_PAYLOAD] = piece[PIECE_PAYLOAD];
	ns[STAGE_RESIDUAL] = rest(piece[PIECE_EVENTS_TRIP] / 2, ns);
	return piece[PIECE_EVENTS_TRIP] / 2;
}

/* Likewise */
static double find(const double piece[PIECE_NR], double ns[STAGE_NR])
{
	double calls = piece[PIECE_SEND] + piece[PIECE_RECV];

	ns[STAGE_SYSTEM_CALL] = piece[PIECE_NULL];
	ns[STAGE_QUEUE] = piece[PIECE_ONE] - piece[PIECE_NULL];
	ns[STAGE_COPY] = calls - piece[PIECE_ONE];
	ns[STAGE_WAKE_UP] = piece[PIECE_ASLEEP] - piece[PIECE_SEND];
	ns[STAGE_SWITCH] = piece[PIECE_LATENCY] - calls - ns[STAGE_WAKE_UP];
	ns[STAGE_PAYLOAD] = piece[PIECE_PAYLOAD];
	ns[STAGE_RESIDUAL] = rest(piece[PIECE_TRIP] / 2, ns);
	return piece[PIECE_TRIP] / 2;
}

static double middle(const struct stages *s, enum piece piece)
{
	double values[STAGES_REPEAT];

	memcpy(values, s->piece[piece], sizeof(values));
	return median(values, s->repeats);
}

bool stages_cost(const struct stages *s, double *ns)
{
	if (!s->transport->events || !s->repeats || *s->events_why)
		return false;
	*ns = (middle(s, PIECE_EVENTS_TRIP) - middle(s, PIECE_EVENTS_OFF)) / 2;
	return true;
}

bool stages_times(const struct stages *s, enum stages_method method, double *one_way,
		  double ns[STAGE_NR], double range[STAGE_NR][2])
{
	double (*how)(const double piece[PIECE_NR], double ns[STAGE_NR]) =
		method == STAGES_TRACEPOINTS ? find_by_events : find;
	double middles[PIECE_NR], once[PIECE_NR], found[STAGE_NR], cost;
	int piece, stage;
	size_t n;

	if (!s->repeats || (method == STAGES_TRACEPOINTS && !stages_cost(s, &cost)))
		return false;
	for (piece = 0; piece < PIECE_NR; piece++)
		middles[piece] = middle(s, piece);
	*one_way = how(middles, ns);
	for (stage = 0; stage < STAGE_NR; stage++) {
		range[stage][0] = ns[stage];
		range[stage][1] = ns[stage];
	}
	for (n = 0; n < s->repeats; n++) {
		for (piece = 0; piece < PIECE_NR; piece++)
			once[piece] = s->piece[piece][n];
		how(once, found);
		for (stage = 0; stage < STAGE_NR; stage++) {
			range[stage][0] = fmin(range[stage][0], found[stage]);
			range[stage][1] = fmax(range[stage][1], found[stage]);
		}
	}
	return true;
}
