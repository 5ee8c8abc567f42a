// SPDX-License-Identifier: GPL-2.0
/* Events of each message beside the times that its sender and its receiver have seen. */
#include "stages_events.h"

#include <stdio.h>
#include <string.h>

#include "../trace_life.h"
#include "../tracer.h"
#include "aside.h"
#include "median.h"

#define TIMEOUT_NS	5000000000ull

#define EVENTS_KEPT	(EVENTS_TRIPS - EVENTS_WARM_UP)

/* So many that were handed over are enough */
#define HANDED_LEAST	30

/*
 * The parts of a message's way, each way's own: where both are on one CPU, the one that waits
 * first may be woken otherwise than the other.
 */
enum part {
	PART_CALLS,
	PART_WAKE_UP,
	PART_SWITCH,
	PART_NR,
};

/**
 * struct way - messages of one way, without the warm-up
 * @ns: @n of each part
 */
struct way {
	double ns[PART_NR][EVENTS_KEPT];
	size_t n;
};

/**
 * struct match - messages and stamps, one after the other
 * @n: messages so far: they go one way and the other by turns
 * @way: of each side's, those that were queued and those that were handed over
 * @wrong: an event is not where it should be
 */
struct match {
	const struct events_stamps *stamps;
	int n;
	struct way way[SIDES][2];
	bool wrong;
};

static void match_life(const struct life *life, void *arg)
{
	struct match *m = arg;
	int from = m->n % SIDES, trip = m->n / SIDES;
	const uint64_t *at = life->at;
	/* Who did not sleep, and only let others run, needs no waking. */
	uint64_t begin, end, woken = at[STAMP_SENT];
	struct way *way;

	if (m->n++ >= SIDES * EVENTS_TRIPS) {
		m->wrong = true;
		return;
	}
	begin = m->stamps->begin[from][trip];
	end = m->stamps->end[!from][trip];
	if (begin > at[STAMP_SENT] || at[STAMP_TAKEN] > end)
		m->wrong = true;
	if (trip < EVENTS_WARM_UP)
		return;
	if (at[STAMP_WOKEN])
		woken = at[STAMP_WOKEN];
	way = &m->way[from][life->handed_over];
	way->ns[PART_CALLS][way->n] = (double)(at[STAMP_SENT] - begin + end - at[STAMP_TAKEN]);
	way->ns[PART_WAKE_UP][way->n] = (double)(woken - at[STAMP_SENT]);
	way->ns[PART_SWITCH][way->n++] = (double)(at[STAMP_TAKEN] - woken);
}

/* Of those that were queued only where few others are: their receiver has another way. */
static double way_ns(struct way way[2], enum part part)
{
	way += way[true].n >= HANDED_LEAST;
	return median(way->ns[part], way->n);
}

/* Both ways alike.  What the clock took is once in the calls of each. */
static double part_ns(struct match *m, enum part part)
{
	return (way_ns(m->way[0], part) + way_ns(m->way[1], part)) / SIDES;
}

static double trip_ns(const struct events_stamps *stamps)
{
	const uint64_t *begin = stamps->trip[0] + EVENTS_WARM_UP;
	const uint64_t *end = stamps->trip[1] + EVENTS_WARM_UP;
	double ns[EVENTS_KEPT];
	int i;

	for (i = 0; i < EVENTS_KEPT; i++)
		ns[i] = (double)(end[i] - begin[i]);
	return median(ns, EVENTS_KEPT);
}

static bool ping_pong(struct bench *bench, struct stages *s, struct events_stamps *stamps,
		      size_t size)
{
	struct events_transport t = { .transport = *s->transport, .stamps = stamps };

	t.transport.run = stages_events_run;
	return aside_run(bench, &t.transport, &s->placement, size, TIMEOUT_NS, s->events_why);
}

static bool explain(struct stages *s, const char *why)
{
	snprintf(s->events_why, WHY_SIZE, "%.*s", WHY_SIZE - 1, why);
	return false;
}

/* A ping-pong whose events are told; @m has been zeroed. */
static bool traced(struct bench *bench, struct tracer *tracer, struct stages *s, size_t size,
		   struct match *m, struct events_stamps *stamps)
{
	struct lives lives = { .tasks.tracer = tracer, .tell = match_life, .arg = m };
	char why[TRACE_WHY_SIZE];
	bool good;
	int err;

	memset(m, 0, sizeof(*m));
	m->stamps = stamps;
	if (tracer_children(tracer, true, why))
		return explain(s, why);
	good = ping_pong(bench, s, stamps, size);
	err = tracer_read(tracer, true, lives_event, &lives);
	lives_end(&lives);
	if (tracer_children(tracer, false, why))
		return explain(s, why);
	if (!good)
		return false;
	if (err || lives.err)
		return explain(s, "its events cannot be read");
	if (lives.broken || m->wrong || m->n != SIDES * EVENTS_TRIPS)
		return explain(s, "some of its events are missing");
	return true;
}

void stages_events(struct bench *bench, struct tracer *tracer, struct events_stamps *stamps,
		   struct stages *s, size_t n)
{
	static struct match m;

	if (!traced(bench, tracer, s, 1, &m, stamps))
		return;
	s->piece[PIECE_EVENTS_ONE][n] = part_ns(&m, PART_CALLS) - bench->clock.cost_ns;
	if (!ping_pong(bench, s, stamps, s->size))
		return;
	s->piece[PIECE_EVENTS_OFF][n] = trip_ns(stamps);
	if (!traced(bench, tracer, s, s->size, &m, stamps))
		return;
	s->piece[PIECE_EVENTS_CALLS][n] = part_ns(&m, PART_CALLS) - bench->clock.cost_ns;
	s->piece[PIECE_EVENTS_WAKE_UP][n] = part_ns(&m, PART_WAKE_UP);
	s->piece[PIECE_EVENTS_SWITCH][n] = part_ns(&m, PART_SWITCH);
	s->piece[PIECE_EVENTS_TRIP][n] = trip_ns(stamps);
	*s->events_why = '\0';
}

struct tracer *stages_events_open(char *why)
{
	struct tracer *tracer = NULL;
	char text[TRACE_WHY_SIZE];

	*why = '\0';
	if (!tracer_open(&tracer, 0, text))
		return tracer;
	snprintf(why, WHY_SIZE, "%.*s", WHY_SIZE - 1, text);
	return NULL;
}
