// SPDX-License-Identifier: GPL-2.0
/* Round trips, one at a time. */
#include "phase.h"

/*
 * A round trip ends when its message has been given back: read() does that, too.
 */
static bool ping(struct worker *w, struct phase *p)
{
	uint64_t begin = clock_ns(), start = begin, now = begin, apart = 0, n = 0;
	uint32_t in_batch = 0;

	do {
		if (!in_batch)
			start = clock_ns();
		phase_tell_end(p, n, now);
		if (!worker_send(w, 1) || !worker_recv(w, 1))
			return false;
		if (worker_compares(w) && !phase_compare(w, &apart))
			return false;
		if (!worker_release(w))
			return false;
		n++;
		if (++in_batch == p->batch) {
			now = clock_ns();
			if (p->hist)
				hist_record(p->hist, now - start - apart);
			in_batch = 0;
			apart = 0;
		}
	} while (!phase_at_end(p, n));
	p->messages = n;
	p->wall_ns = clock_ns() - begin;
	return true;
}

/* Where every message is compared, the answer does not wait for that. */
static bool pong(struct worker *w, struct phase *p)
{
	bool first = w->plan->payload == PAYLOAD_VERIFY;
	uint64_t n = 0;

	do {
		if (!worker_recv(w, 1) || !worker_send(w, 1) ||
		    (first && !worker_flush(w)) || !worker_done(w))
			return false;
		n++;
		atomic_store_explicit(&w->shared->received, n, memory_order_relaxed);
	} while (!phase_at_end(p, n));
	p->messages = n;
	return worker_flush(w);
}

/* One that is short against the clock is timed with others. */
static double batch(const struct worker *w, const struct phase *warm)
{
	return clock_batch(&w->plan->clock, (double)warm->wall_ns / (double)warm->messages);
}

const struct workload_ops workload_pingpong = {
	.timed = 0,
	.side0 = ping,
	.side1 = pong,
	.batch = batch,
};
