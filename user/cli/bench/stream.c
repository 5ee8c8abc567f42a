// SPDX-License-Identifier: GPL-2.0
/* Messages in one direction, as fast as they go. */
#include <math.h>

#include "phase.h"

/*
 * Messages of a block of a stream, at most, unless they are short for the clock.
 * Of a deeper queue no times are told.
 */
#define BLOCK_MOST	1024

static bool send_all(struct worker *w, struct phase *p)
{
	uint64_t look = w->form.size < STREAM_SMALL ? STREAM_LOOK : 1;
	uint64_t now = clock_ns(), n = 0, next = 0, most, sent;

	atomic_store_explicit(p->begin, now, memory_order_release);
	do {
		if (n == next) {
			if (!p->count)
				now = clock_ns();
			most = phase_tell_end(p, n, now);
			next = n + (most < look ? most : look);
		}
		sent = worker_send(w, next - n);
		if (!sent)
			return false;
		n += sent;
	} while (!phase_at_end(p, n));
	p->messages = n;
	return worker_flush(w);
}

/*
 * Timed from when the sender began: it has filled the queue by the time that the
 * first message is here.
 */
static bool receive_all(struct worker *w, struct phase *p)
{
	uint64_t begin = 0, start = 0, now, apart = 0, n = 0, got;
	uint32_t in_batch = 0;

	do {
		got = worker_recv(w, p->batch - in_batch);
		if (!got)
			return false;
		if (worker_compares(w) && !phase_compare(w, &apart))
			return false;
		if (!worker_release(w))
			return false;
		n += got;
		atomic_store_explicit(&w->shared->received, n, memory_order_relaxed);
		if (n == got) {
			start = atomic_load_explicit(p->begin, memory_order_acquire);
			begin = start;
		}
		in_batch += (uint32_t)got;
		if (in_batch == p->batch) {
			now = clock_ns();
			in_batch = 0;
			if (p->hist)
				hist_record(p->hist, now - start - apart);
			start = now;
			apart = 0;
		}
	} while (!phase_at_end(p, n));
	p->messages = n;
	p->wall_ns = clock_ns() - begin;
	return true;
}

/*
 * Timed in blocks of what a direction holds: in smaller ones the receiver would be timed
 * emptying it, without what it waits for the sender to fill it.
 */
static double batch(const struct worker *w, const struct phase *warm)
{
	double mean = (double)warm->wall_ns / (double)warm->messages;
	double held = (double)(w->link->depth / w->form.size);

	return fmax(clock_batch(&w->plan->clock, mean), fmin(held, BLOCK_MOST));
}

const struct workload_ops workload_stream = {
	.timed = 1,
	.side0 = send_all,
	.side1 = receive_all,
	.batch = batch,
};
