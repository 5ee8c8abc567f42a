// SPDX-License-Identifier: GPL-2.0
/*
 * Messages in one direction, one at a time: from before a message is built until the
 * receiver has read it, of one clock, which both sides read.  Nothing is subtracted: one
 * reading of it is part of each time.
 *
 * One message is under way.  The receiver puts the time at which it has read it into memory
 * that both share, where nothing of the transport is, and the sender takes it from there: the
 * other direction carries nothing, and the sender writes nothing but its message, which
 * would have to wait behind that.  Then the sender lets GAP_NS pass, so that the receiver
 * waits for the message when it comes; with block it sleeps by then, as the ledger shows.
 */
#include "pace.h"
#include "phase.h"

/* Longer than a receiver takes from a message to its sleep */
#define GAP_NS	20000

/* Until the message after that of @before has been read, and its reader waits for the next */
static uint64_t wait_read(struct worker *w, const struct pace *pace, uint64_t before)
{
	uint64_t read_ns;

	while ((read_ns = atomic_load(&w->shared->read_ns)) == before)
		pace_nap(pace, GAP_NS);
	pace_until(pace, read_ns + GAP_NS);
	return read_ns;
}

static bool send_each(struct worker *w, struct phase *p)
{
	struct pace pace = pace_start(w->plan);
	uint64_t read_ns = atomic_load(&w->shared->read_ns), start = clock_ns(), n = 0;

	do {
		phase_tell_end(p, n, start);
		start = clock_ns();
		if (!worker_send(w, 1) || !worker_flush(w))
			return false;
		read_ns = wait_read(w, &pace, read_ns);
		n++;
		if (p->hist)
			hist_record(p->hist, read_ns > start ? read_ns - start : 0);
	} while (!phase_at_end(p, n));
	p->messages = n;
	return true;
}

static bool receive_each(struct worker *w, struct phase *p)
{
	uint64_t now, n = 0;

	do {
		if (!worker_recv(w, 1))
			return false;
		now = clock_ns();
		if (!worker_done(w))
			return false;
		atomic_store_explicit(&w->shared->received, ++n, memory_order_relaxed);
		atomic_store(&w->shared->read_ns, now);
	} while (!phase_at_end(p, n));
	p->messages = n;
	return true;
}

const struct workload_ops workload_oneway = {
	.timed = 0,
	.side0 = send_each,
	.side1 = receive_each,
};
