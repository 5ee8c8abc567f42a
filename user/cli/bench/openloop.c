// SPDX-License-Identifier: GPL-2.0
/*
 * Messages in one direction, each at its time, whatever became of those before: from when a
 * message was meant to be sent until the receiver has read it.  A sender that had to wait
 * for room, or came late by itself, sends what has become due meanwhile at once, and the
 * time that all of it waited is counted.
 *
 * Where all are due at once (the warm-up, and to find out what a transport can carry) the
 * same two loops go as fast as they can.
 */
#include "pace.h"
#include "phase.h"

/* A message sent so much after its time was sent late */
#define LATE_NS		10000

/*
 * The least times of the quarters of a run show whether its queue was ever empty again.  It
 * grew when they do, in all by such a part of the schedule's length.
 */
#define QUARTERS	4
#define GREW_PART	200

struct backlog {
	uint64_t least[QUARTERS];
	bool seen[QUARTERS];
};

static struct schedule start_schedule(const struct worker *w, const struct phase *p)
{
	return schedule_start(w->plan->arrivals, p->gap_ns, w->plan->seed);
}

/* Messages that the phase is to have; 0 to go by time */
static uint64_t planned(const struct worker *w, const struct phase *p)
{
	uint64_t count;

	if (p->count || p->gap_ns <= 0)
		return p->count;
	count = (uint64_t)((double)w->plan->duration_ns / p->gap_ns);
	return count < p->least ? p->least : count;
}

static bool send_due(struct worker *w, struct phase *p)
{
	struct schedule schedule = start_schedule(w, p);
	struct pace pace = pace_start(w->plan);
	struct load_sent sent = { 0 };
	uint64_t begin = clock_ns(), now = begin, due;

	p->count = planned(w, p);
	atomic_store_explicit(p->begin, begin, memory_order_release);
	do {
		due = begin + schedule_next(&schedule);
		if (due > now) {
			if (!worker_flush(w))
				return false;
			now = pace_until(&pace, due);
			sent.waits++;
			sent.woken_late_ns += now - due;
		}
		sent.late += now - due > LATE_NS;
		if (p->count && now >= p->until_last)
			p->count = sent.messages + 1;
		phase_tell_end(p, sent.messages, now);
		if (!worker_send(w, 1))
			return false;
		sent.messages++;
		now = clock_ns();
	} while (!phase_at_end(p, sent.messages));
	p->messages = sent.messages;
	w->shared->load.sent = sent;
	return worker_flush(w);
}

static void look(struct backlog *b, uint64_t index, uint64_t count, uint64_t ns)
{
	uint64_t at = count ? index * QUARTERS / count : 0;

	if (b->seen[at] && b->least[at] <= ns)
		return;
	b->seen[at] = true;
	b->least[at] = ns;
}

static bool grew(const struct backlog *b, uint64_t span_ns)
{
	int i;

	for (i = 1; i < QUARTERS; i++)
		if (!b->seen[i] || b->least[i] <= b->least[i - 1])
			return false;
	return b->least[QUARTERS - 1] - b->least[0] > span_ns / GREW_PART;
}

/* What was received at once has been read at the same time */
static void record(struct phase *p, struct schedule *schedule, struct backlog *backlog,
		   uint64_t count, uint64_t since, uint64_t got)
{
	uint64_t due, ns, i;

	for (i = 0; i < got; i++) {
		due = schedule_next(schedule);
		ns = since > due ? since - due : 0;
		if (p->hist)
			hist_record(p->hist, ns);
		look(backlog, p->messages++, count, ns);
	}
}

/*
 * Told as the wall time is that from the begin until the last message has been read, and at
 * least until the next one would be due: who keeps up then has the schedule's own rate.
 */
static bool receive_due(struct worker *w, struct phase *p)
{
	struct schedule schedule = start_schedule(w, p);
	uint64_t count = planned(w, p), begin = 0, now, got;
	struct backlog backlog = { 0 };

	p->messages = 0;
	do {
		got = worker_recv(w, UINT64_MAX);
		if (!got)
			return false;
		now = clock_ns();
		if (!begin)
			begin = atomic_load_explicit(p->begin, memory_order_acquire);
		record(p, &schedule, &backlog, count, now - begin, got);
		if (!worker_done(w))
			return false;
		atomic_store_explicit(&w->shared->received, p->messages, memory_order_relaxed);
	} while (!phase_at_end(p, p->messages));
	p->wall_ns = now - begin;
	w->shared->load.span_ns = schedule_next(&schedule);
	w->shared->load.took_ns = p->wall_ns;
	w->shared->load.grew = grew(&backlog, w->shared->load.span_ns);
	if (p->wall_ns < w->shared->load.span_ns)
		p->wall_ns = w->shared->load.span_ns;
	return true;
}

const struct workload_ops workload_openloop = {
	.timed = 1,
	.side0 = send_due,
	.side1 = receive_due,
};
