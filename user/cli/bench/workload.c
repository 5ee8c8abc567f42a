// SPDX-License-Identifier: GPL-2.0
#include "workload.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <math.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "worker.h"

/*
 * A case needs twice HIST_MIN_BEYOND samples over its runs to have a median: a
 * run goes on, up to RUN_LONGER times its length, until it has its part of them.
 */
#define SAMPLES_WANTED	(2 * HIST_MIN_BEYOND + HIST_MIN_BEYOND / 2)

/*
 * Messages of a block of a stream, at most, unless they are short for the clock.
 * Of a deeper queue no times are told.
 */
#define BLOCK_MOST	1024

/* A warm-up without these many messages would not tell how long one takes */
#define WARMUP_LEAST	32

/**
 * struct phase - the warm-up or what is measured
 * @begin: of struct run_shared, for this phase
 * @end: likewise
 * @least: messages, even after @until
 * @count: messages, 0 to go on until @until
 * @until: clock_ns() after which no other than the last message is sent
 * @until_last: likewise, even when there are fewer than @least; both are counted
 *	from the start of the phase until it starts
 * @batch: messages a sample
 * @hist: of the samples, NULL for none
 * @messages: out
 * @wall_ns: out, that they took
 */
struct phase {
	_Atomic uint64_t *begin;
	_Atomic uint64_t *end;
	uint64_t least;
	uint64_t count;
	uint64_t until;
	uint64_t until_last;
	uint32_t batch;
	struct hist *hist;
	uint64_t messages;
	uint64_t wall_ns;
};

bool worker_fail(struct worker *w, const char *what, int err)
{
	w->status = CHILD_FAILED;
	snprintf(w->why, WHY_SIZE, "%s: %s", what, strerror(-err));
	return false;
}

bool worker_corrupt(struct worker *w, size_t len)
{
	w->status = CHILD_CORRUPT;
	if (len != w->form.size)
		snprintf(w->why, WHY_SIZE, "message %llu has %zu bytes, not %zu",
			 (unsigned long long)w->got, len, w->form.size);
	else
		payload_explain(w->msg, w->form.size, payload_tag(w->got, !w->side), w->why,
				WHY_SIZE);
	return false;
}

bool worker_compare(struct worker *w)
{
	bool every = w->plan->payload == PAYLOAD_VERIFY;
	uint64_t first = w->got - w->link->rx_nr;
	const char *msgs = w->msg;

	while (w->turn < w->got) {
		w->msg = msgs + (w->turn - first) * w->link->step;
		if (!payload_compare(w->plan->payload, w->msg, w->form.size,
				     payload_tag(w->turn, !w->side))) {
			w->got = w->turn;
			return worker_corrupt(w, w->form.size);
		}
		w->turn += every || w->turn + 1 < COMPARE_FIRST ? 1 :
			   COMPARE_EVERY - w->turn % COMPARE_EVERY;
	}
	return true;
}

/* Sleeps, so that it also works with all on one CPU */
void workload_handshake(_Atomic uint32_t *arrived, uint32_t parties)
{
	uint32_t seen = atomic_fetch_add(arrived, 1) + 1;
	uint32_t target = (seen + parties - 1) / parties * parties;

	if (seen == target) {
		syscall(SYS_futex, arrived, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
		return;
	}
	while ((seen = atomic_load(arrived)) < target)
		syscall(SYS_futex, arrived, FUTEX_WAIT, seen, NULL, NULL, 0);
}

/*
 * Side 0 tells the end before it sends the last message, not earlier: what is missing
 * from then on was lost.  Return: how many it may send before it comes here again, with
 * @now as it is.
 */
static uint64_t tell_end(const struct phase *p, uint64_t sent, uint64_t now)
{
	uint64_t end = p->count;

	if (!end) {
		if (now < p->until)
			return UINT64_MAX;
		end = sent + 1;
		if (end < p->least && now < p->until_last)
			end = p->least;
	}
	if (sent + 1 < end)
		return end - 1 - sent;
	atomic_store_explicit(p->end, end, memory_order_release);
	return 1;
}

static bool at_end(const struct phase *p, uint64_t index)
{
	return index == atomic_load_explicit(p->end, memory_order_acquire);
}

/* @apart: gets longer by the time of what no user of the transport would do */
static bool compare_apart(struct worker *w, uint64_t *apart)
{
	uint64_t start = clock_ns();
	bool good = worker_compare(w);

	*apart += clock_ns() - start;
	return good;
}

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
		tell_end(p, n, now);
		if (!worker_send(w, 1) || !worker_recv(w, 1))
			return false;
		if (worker_compares(w) && !compare_apart(w, &apart))
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
	} while (!at_end(p, n));
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
	} while (!at_end(p, n));
	p->messages = n;
	return worker_flush(w);
}

static bool stream_send(struct worker *w, struct phase *p)
{
	uint64_t look = w->form.size < STREAM_SMALL ? STREAM_LOOK : 1;
	uint64_t now = clock_ns(), n = 0, next = 0, most, sent;

	atomic_store_explicit(p->begin, now, memory_order_release);
	do {
		if (n == next) {
			if (!p->count)
				now = clock_ns();
			most = tell_end(p, n, now);
			next = n + (most < look ? most : look);
		}
		sent = worker_send(w, next - n);
		if (!sent)
			return false;
		n += sent;
	} while (!at_end(p, n));
	p->messages = n;
	return worker_flush(w);
}

/*
 * Timed from when the sender began: it has filled the queue by the time that the
 * first message is here.
 */
static bool stream_receive(struct worker *w, struct phase *p)
{
	uint64_t begin = 0, start = 0, now, apart = 0, n = 0, got;
	uint32_t in_batch = 0;

	do {
		got = worker_recv(w, p->batch - in_batch);
		if (!got)
			return false;
		if (worker_compares(w) && !compare_apart(w, &apart))
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
	} while (!at_end(p, n));
	p->messages = n;
	p->wall_ns = clock_ns() - begin;
	return true;
}

static bool run_phase(struct worker *w, struct phase *p)
{
	uint64_t now = clock_ns();

	p->until += now;
	p->until_last += now;
	if (w->plan->workload == WORKLOAD_PINGPONG)
		return w->side ? pong(w, p) : ping(w, p);
	return w->side ? stream_receive(w, p) : stream_send(w, p);
}

/*
 * A round trip that is short against the clock is timed with others.  A stream
 * is timed in blocks of what a direction holds: in smaller ones the receiver
 * would be timed emptying it, without what it waits for the sender to fill it.
 */
static uint32_t choose_batch(const struct worker *w, const struct phase *warm)
{
	const struct run_plan *plan = w->plan;
	size_t held = w->link->depth / w->form.size;
	double mean, batch;

	if (plan->batch)
		return plan->batch;
	mean = (double)warm->wall_ns / (double)warm->messages;
	batch = clock_batch(&plan->clock, mean);
	if (plan->workload == WORKLOAD_PINGPONG)
		return (uint32_t)batch;
	return (uint32_t)fmax(batch, fmin((double)held, BLOCK_MOST));
}

/*
 * One message more than there are, or round trip, in turn: had the last one been
 * repeated, it would come in its place.
 */
static bool run_close(struct worker *w)
{
	bool answers = w->plan->workload == WORKLOAD_PINGPONG;

	workload_handshake(&w->shared->arrived, SIDES);
	if (w->side)
		return worker_recv(w, 1) && (!answers || worker_send(w, 1)) &&
		       worker_flush(w) && worker_done(w);
	return worker_send(w, 1) && (answers ? worker_recv(w, 1) && worker_done(w) :
					       worker_flush(w));
}

int workload_run(const struct run_plan *plan, struct run_shared *shared,
		 struct link *link, int side)
{
	struct worker w = {
		.plan = plan, .shared = shared, .link = link, .t = link->transport,
		.form = payload_form(plan->payload, link->size), .side = side,
		.tx_base = payload_base(payload_tag(0, side)),
		.rx_base = payload_base(payload_tag(0, !side)),
		.why = shared->why[side],
	};
	struct phase warm = {
		.begin = &shared->begin[0], .end = &shared->end[0], .least = WARMUP_LEAST,
		.until = plan->warmup_ns, .until_last = UINT64_MAX / 2, .batch = 1,
	};
	struct phase real = {
		.begin = &shared->begin[1], .end = &shared->end[1], .count = plan->messages,
		.until = plan->duration_ns, .until_last = RUN_LONGER * plan->duration_ns,
	};
	bool times = side == (plan->workload == WORKLOAD_STREAM);
	struct ledger_counters counters;

	ledger_open(&counters, plan->counts, times);
	workload_handshake(&shared->arrived, SIDES);
	if (!run_phase(&w, &warm))
		return w.status;
	if (side)
		atomic_store(&shared->received, 0);
	if (times) {
		atomic_store(&shared->batch, choose_batch(&w, &warm));
		atomic_store(&shared->phase, 1);
		real.hist = &shared->hist;
	}
	workload_handshake(&shared->arrived, SIDES);
	real.batch = atomic_load(&shared->batch);
	real.least = real.batch * (SAMPLES_WANTED / plan->runs + 1ull);
	ledger_start(&counters);
	if (!run_phase(&w, &real))
		return w.status;
	ledger_stop(&counters, &shared->ledger[side]);
	if (!run_close(&w))
		return w.status;
	if (times) {
		shared->messages = real.messages;
		shared->wall_ns = real.wall_ns;
	}
	/* What a side has sent may lie in its own memory: it stays until all has been read */
	workload_handshake(&shared->arrived, SIDES);
	return CHILD_OK;
}
