// SPDX-License-Identifier: GPL-2.0
#include "workload.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "phase.h"
#include "touch.h"

/* A warm-up without these many messages would not tell how long one takes */
#define WARMUP_LEAST	32

/* Nanoseconds, to which others may be added */
#define NEVER		(UINT64_MAX / 2)

static const struct workload_ops *const workloads[WORKLOAD_NR] = {
	[WORKLOAD_PINGPONG] = &workload_pingpong,
	[WORKLOAD_STREAM] = &workload_stream,
	[WORKLOAD_ONEWAY] = &workload_oneway,
	[WORKLOAD_OPENLOOP] = &workload_openloop,
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

/* With the other side, unless it is on another host: then its messages are waited for */
static void meet(const struct workload_ops *ops, struct run_shared *shared)
{
	if (!ops->apart)
		workload_handshake(&shared->arrived, SIDES);
}

static bool run_phase(const struct workload_ops *ops, struct worker *w, struct phase *p)
{
	uint64_t now = clock_ns();

	p->until += now;
	p->until_last += now;
	return w->side ? ops->side1(w, p) : ops->side0(w, p);
}

static uint32_t choose_batch(const struct workload_ops *ops, const struct worker *w,
			     const struct phase *warm)
{
	if (w->plan->batch)
		return w->plan->batch;
	return ops->batch ? (uint32_t)ops->batch(w, warm) : 1;
}

/*
 * One message more than there are, or round trip, in turn: had the last one been
 * repeated, it would come in its place.
 */
static bool run_close(const struct workload_ops *ops, struct worker *w)
{
	bool answers = workload_answers(w->plan->workload);

	meet(ops, w->shared);
	if (w->side)
		return worker_recv(w, 1) && (!answers || worker_send(w, 1)) &&
		       worker_flush(w) && worker_done(w);
	return worker_send(w, 1) && (answers ? worker_recv(w, 1) && worker_done(w) :
					       worker_flush(w));
}

int workload_run_by(const struct workload_ops *ops, const struct run_plan *plan,
		    struct run_shared *shared, struct link *link, int side)
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
		.until = plan->warmup_ns, .until_last = NEVER, .batch = 1,
	};
	struct phase real = {
		.begin = &shared->begin[1], .end = &shared->end[1], .count = plan->messages,
		.until = plan->duration_ns,
		.until_last = plan->messages ? NEVER : RUN_LONGER * plan->duration_ns,
		.gap_ns = plan->gap_ns,
	};
	bool times = side == ops->timed;
	struct ledger_counters counters;

	memory_touch(shared, sizeof(*shared));
	ledger_open(&counters, plan->counts, times);
	meet(ops, shared);
	if (!run_phase(ops, &w, &warm))
		return w.status;
	if (side)
		atomic_store(&shared->received, 0);
	if (times || ops->apart)
		atomic_store(&shared->batch, choose_batch(ops, &w, &warm));
	if (times) {
		atomic_store(&shared->phase, 1);
		real.hist = &shared->hist;
	}
	ledger_prepare(&counters);
	meet(ops, shared);
	real.batch = atomic_load(&shared->batch);
	real.least = real.batch * run_plan_samples(plan);
	ledger_start(&counters);
	if (!run_phase(ops, &w, &real))
		return w.status;
	ledger_stop(&counters, &shared->ledger[side]);
	if (!run_close(ops, &w))
		return w.status;
	if (times) {
		shared->messages = real.messages;
		shared->wall_ns = real.wall_ns;
	}
	/* What a side has sent may lie in its own memory: it stays until all has been read */
	meet(ops, shared);
	return CHILD_OK;
}

int workload_run(const struct run_plan *plan, struct run_shared *shared,
		 struct link *link, int side)
{
	return workload_run_by(workloads[plan->workload], plan, shared, link, side);
}
