// SPDX-License-Identifier: GPL-2.0
/*
 * Where no memory is shared, the last message of a phase tells that it is: it has the number
 * that a message of the other direction would have in its place.  Nobody looks for that
 * unless the number is not the one that is due.  A round trip is timed by who drives, and a
 * stream by its receiver, from when the last message of the warm-up has come.
 */
#include "remote_work.h"

#include "touch.h"
#include "worker.h"

#define WARMUP_LEAST	32

/* The sender of a stream does not read the clock each time */
#define LOOK		16

/**
 * struct leg - the warm-up or what is measured
 * @count: messages, 0 to go by time; for who sends first, as the next ones
 * @least: messages, even after @until
 * @until: clock_ns() after which it ends
 * @until_last: even with fewer than @least
 * @begin: when it began
 * @hist: NULL for none
 * @messages: out
 * @wall_ns: out
 */
struct leg {
	uint64_t count;
	uint64_t least;
	uint64_t until;
	uint64_t until_last;
	uint64_t begin;
	struct hist *hist;
	uint64_t messages;
	uint64_t wall_ns;
};

/* From the number of a side's message to that of a last one in its place */
static uint64_t last_step(int side)
{
	return side ? -PAYLOAD_FACTOR : PAYLOAD_FACTOR;
}

static bool is_last(const struct leg *leg, uint64_t sent, uint64_t now)
{
	if (leg->count)
		return sent + 1 == leg->count;
	return now >= leg->until && (sent + 1 >= leg->least || now >= leg->until_last);
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

/* @apart: gets longer by the time of what no user of the transport would do */
static bool compare_apart(struct worker *w, uint64_t *apart)
{
	uint64_t start;
	bool good;

	if (!worker_compares(w))
		return true;
	start = clock_ns();
	good = worker_compare(w);
	*apart += clock_ns() - start;
	return good;
}

static bool ping(struct worker *w, struct leg *leg)
{
	uint64_t now = leg->begin, start, apart, n = 0;
	bool last, back;

	do {
		last = is_last(leg, n, now);
		apart = 0;
		start = clock_ns();
		if (!send_one(w, last) || !recv_one(w, &back) || !compare_apart(w, &apart) ||
		    !worker_release(w))
			return false;
		if (back != last)
			return worker_corrupt(w, w->form.size);
		now = clock_ns();
		if (leg->hist)
			hist_record(leg->hist, now - start - apart);
		n++;
	} while (!last);
	leg->messages = n;
	leg->wall_ns = now - leg->begin;
	return true;
}

static bool pong(struct worker *w)
{
	bool last;

	do {
		if (!recv_one(w, &last) || !send_one(w, last) || !worker_done(w))
			return false;
	} while (!last);
	return true;
}

static bool stream_send(struct worker *w, struct leg *leg)
{
	uint64_t now = leg->begin, n = 0;
	bool last;

	do {
		if (!(n % LOOK))
			now = clock_ns();
		last = is_last(leg, n, now);
		if (!send_one(w, last))
			return false;
		n++;
	} while (!last);
	leg->messages = n;
	return true;
}

static bool stream_receive(struct worker *w, struct leg *leg)
{
	uint64_t start = leg->begin, now, apart = 0, n = 0;
	uint32_t in_batch = 0;
	bool last;

	do {
		if (!recv_one(w, &last) || !compare_apart(w, &apart) || !worker_release(w))
			return false;
		n++;
		if (++in_batch == w->plan->batch && leg->hist) {
			now = clock_ns();
			hist_record(leg->hist, now - start - apart);
			in_batch = 0;
			start = now;
			apart = 0;
		}
	} while (!last);
	leg->messages = n;
	leg->wall_ns = clock_ns() - leg->begin;
	return true;
}

static bool run_leg(struct worker *w, struct leg *leg)
{
	leg->begin = clock_ns();
	leg->until += leg->begin;
	leg->until_last += leg->begin;
	if (w->plan->workload == WORKLOAD_PINGPONG)
		return w->side ? pong(w) : ping(w, leg);
	return w->side ? stream_receive(w, leg) : stream_send(w, leg);
}

/* One message more than there are: had one been repeated, it would come in its place */
static bool run_close(struct worker *w)
{
	bool answers = w->plan->workload == WORKLOAD_PINGPONG, last = false;

	if (w->side)
		return recv_one(w, &last) && (!answers || send_one(w, false)) &&
		       worker_done(w);
	return send_one(w, false) && (!answers || (recv_one(w, &last) && worker_done(w)));
}

int remote_work(const struct run_plan *plan, struct run_shared *shared, struct link *link,
		int side)
{
	struct worker w = {
		.plan = plan, .shared = shared, .link = link, .t = link->transport,
		.form = payload_form(plan->payload, link->size), .side = side,
		.tx_base = payload_base(payload_tag(0, side)),
		.rx_base = payload_base(payload_tag(0, !side)),
		.why = shared->why[side],
	};
	struct leg warm = {
		.least = WARMUP_LEAST, .until = plan->warmup_ns, .until_last = UINT64_MAX / 2,
	};
	struct leg real = {
		.count = plan->messages, .until = plan->duration_ns,
		.until_last = RUN_LONGER * plan->duration_ns,
	};
	bool times = side == (plan->workload == WORKLOAD_STREAM);
	struct ledger_counters counters;

	memory_touch(shared, sizeof(*shared));
	ledger_open(&counters, plan->counts, times);
	real.least = plan->batch * run_plan_samples(plan);
	if (times)
		real.hist = &shared->hist;
	if (!run_leg(&w, &warm))
		return w.status;
	ledger_prepare(&counters);
	ledger_start(&counters);
	if (!run_leg(&w, &real))
		return w.status;
	ledger_stop(&counters, &shared->ledger[side]);
	if (!run_close(&w))
		return w.status;
	if (times) {
		shared->messages = real.messages;
		shared->wall_ns = real.wall_ns;
		atomic_store(&shared->batch, plan->batch);
	}
	return CHILD_OK;
}
