// SPDX-License-Identifier: GPL-2.0
/*
 * Where no memory is shared, the last message of a phase tells that it is: it has the number
 * that a message of the other direction would have in its place.  Nobody looks for that
 * unless the number is not the one that is due.  A round trip is timed by who drives, and a
 * stream by its receiver, from when the last message of the warm-up has come.
 */
#include "remote_work.h"

#include "phase.h"

/* The sender of a stream does not read the clock each time */
#define LOOK		16

/* From the number of a side's message to that of a last one in its place */
static uint64_t last_step(int side)
{
	return side ? -PAYLOAD_FACTOR : PAYLOAD_FACTOR;
}

static bool is_last(const struct phase *p, uint64_t sent, uint64_t now)
{
	if (p->count)
		return sent + 1 == p->count;
	return now >= p->until && (sent + 1 >= p->least || now >= p->until_last);
}

static bool send_one(struct worker *w, bool last)
{
	bool sent;

	if (last)
		w->tx_base += last_step(w->side);
	sent = worker_send(w, 1) && worker_flush(w);
	if (last)
		w->tx_base -= last_step(w->side);
	return sent;
}

/* A last one is compared in full, which is no time of anybody's */
static bool recv_one(struct worker *w, bool *last)
{
	const void *msg;
	ssize_t len = w->t->recv(w->link, &msg);

	*last = false;
	if (len < 0)
		return worker_fail(w, "receive", (int)len);
	w->msg = msg;
	if ((size_t)len != w->form.size)
		return worker_corrupt(w, (size_t)len);
	if (!payload_read(&w->form, msg, w->rx_base)) {
		if (!payload_read(&w->form, msg, w->rx_base + last_step(!w->side)) ||
		    !payload_compare(w->plan->payload, msg, w->form.size,
				     payload_tag(w->got, !w->side) ^ 1))
			return worker_corrupt(w, (size_t)len);
		*last = true;
	}
	w->rx_base += PAYLOAD_NEXT;
	w->got++;
	if (*last && w->turn < w->got)
		w->turn = w->got;
	return true;
}

/* For who looks whether the run goes on */
static void tell_received(struct worker *w)
{
	atomic_store_explicit(&w->shared->received, w->got, memory_order_relaxed);
}

static bool ping(struct worker *w, struct phase *p)
{
	uint64_t begin = clock_ns(), now = begin, start, apart, n = 0;
	bool last, back;

	do {
		last = is_last(p, n, now);
		apart = 0;
		start = clock_ns();
		if (!send_one(w, last) || !recv_one(w, &back) ||
		    (worker_compares(w) && !phase_compare(w, &apart)) || !worker_release(w))
			return false;
		if (back != last)
			return worker_corrupt(w, w->form.size);
		now = clock_ns();
		if (p->hist)
			hist_record(p->hist, now - start - apart);
		n++;
	} while (!last);
	p->messages = n;
	p->wall_ns = now - begin;
	return true;
}

static bool pong(struct worker *w, struct phase *p)
{
	bool last;

	(void)p;
	do {
		if (!recv_one(w, &last) || !send_one(w, last) || !worker_done(w))
			return false;
		tell_received(w);
	} while (!last);
	return true;
}

static bool stream_send(struct worker *w, struct phase *p)
{
	uint64_t now = 0, n = 0;
	bool last;

	do {
		if (!(n % LOOK))
			now = clock_ns();
		last = is_last(p, n, now);
		if (!send_one(w, last))
			return false;
		n++;
	} while (!last);
	p->messages = n;
	return true;
}

static bool stream_receive(struct worker *w, struct phase *p)
{
	uint64_t begin = clock_ns(), start = begin, now, apart = 0, n = 0;
	uint32_t in_batch = 0;
	bool last;

	do {
		if (!recv_one(w, &last) ||
		    (worker_compares(w) && !phase_compare(w, &apart)) || !worker_release(w))
			return false;
		tell_received(w);
		n++;
		if (++in_batch == p->batch && p->hist) {
			now = clock_ns();
			hist_record(p->hist, now - start - apart);
			in_batch = 0;
			start = now;
			apart = 0;
		}
	} while (!last);
	p->messages = n;
	p->wall_ns = clock_ns() - begin;
	return true;
}

static const struct workload_ops pingpong = {
	.timed = 0, .apart = true, .side0 = ping, .side1 = pong,
}, stream = {
	.timed = 1, .apart = true, .side0 = stream_send, .side1 = stream_receive,
};

int remote_work(const struct run_plan *plan, struct run_shared *shared, struct link *link,
		int side)
{
	return workload_run_by(plan->workload == WORKLOAD_STREAM ? &stream : &pingpong, plan,
			       shared, link, side);
}
