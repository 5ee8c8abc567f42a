// SPDX-License-Identifier: GPL-2.0
#include "stages_run.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <time.h>

#include "median.h"
#include "relax.h"
#include "worker.h"

#define BLOCKS		9

/* Of each block: calls that do nothing, messages built or read */
#define NULL_CALLS	256
#define PAYLOADS	32

/*
 * Samples of a part: where they take long, as on CPUs that others have, too, fewer.  The first
 * ones are the warm-up.
 */
#define SAMPLES		171
#define SAMPLES_LEAST	31
#define PART_NS		10000000u
#define WARM_UP		10
#define KEPT_LEAST	5

/* A receiver that has taken a message goes to sleep, and its CPU, in half a round trip */
#define REST_LEAST_NS	10000u
#define REST_MOST_NS	200000u

/**
 * struct measure - a side that measures
 * @w: as in a workload
 * @out: what it finds
 * @done: messages that are counted, of unawaited() and to_sleeper()
 * @part: under way, from 0
 * @until: clock_ns() after which it is to end
 * @n: samples of it so far
 * @ns: these
 */
struct measure {
	struct worker w;
	struct stages_shared *out;
	uint32_t done;
	unsigned int part;
	uint64_t until;
	uint32_t n;
	double ns[SAMPLES];
};

/* What the clock took, which was read twice, is in there once. */
static void keep(struct measure *m, enum piece which, double *ns, size_t n, double times)
{
	double clock = m->w.plan->clock.cost_ns;

	m->out->ns[which][m->w.side] = (median(ns, n) - clock) / times;
}

static void begin_part(struct measure *m)
{
	m->n = 0;
	m->until = clock_ns() + PART_NS;
	workload_handshake(&m->w.shared->arrived, SIDES);
}

/* Before each sample: side 0 tells the end before it makes the last one */
static void tell_end(struct measure *m)
{
	uint32_t n = m->n + 1;

	if (!m->w.side && (n == SAMPLES || (n >= SAMPLES_LEAST && clock_ns() >= m->until)))
		atomic_store(&m->out->end[m->part], n);
}

/* After each: is another one to be made? */
static bool goes_on(struct measure *m)
{
	if (++m->n != atomic_load(&m->out->end[m->part]))
		return true;
	m->part++;
	return false;
}

static void keep_samples(struct measure *m, enum piece which)
{
	keep(m, which, m->ns + WARM_UP, m->n - WARM_UP, 1);
}

static void null_calls(struct measure *m)
{
	int fd = m->w.side ? m->w.link->rx_fd : m->w.link->tx_fd, block, i;
	double ns[BLOCKS];

	for (block = 0; block < BLOCKS; block++) {
		uint64_t start = clock_ns();

		for (i = 0; i < NULL_CALLS; i++)
			fcntl(fd, F_GETFD);
		ns[block] = (double)(clock_ns() - start);
	}
	keep(m, PIECE_NULL, ns, BLOCKS, NULL_CALLS);
}

static bool send_bare(struct measure *m)
{
	struct worker *w = &m->w;
	void *msg;
	int err = w->t->begin(w->link, &msg);

	if (!err)
		err = w->t->send(w->link);
	return err < 0 ? worker_fail(w, "send", err) : true;
}

static bool recv_bare(struct measure *m)
{
	struct worker *w = &m->w;
	const void *msg;
	ssize_t len = w->t->recv(w->link, &msg);

	if (len < 0)
		return worker_fail(w, "receive", (int)len);
	return (size_t)len == w->form.size ? worker_release(w) : worker_corrupt(w, (size_t)len);
}

static bool one_cpu(const struct measure *m)
{
	const int *cpu = m->w.plan->placement.cpu;

	return cpu[0] == cpu[1];
}

/* Without sleeping, for what follows shall be in the caches and the CPU awake */
static void wait_for(const struct measure *m, _Atomic uint32_t *count, uint32_t n)
{
	while (atomic_load(count) != n) {
		if (one_cpu(m))
			sched_yield();
		else
			spin_relax();
	}
}

/*
 * Side 1 receives each message only once it has been sent.  One at a time, as in a ping-pong,
 * so that both have the same memory again and again.
 */
static bool unawaited(struct measure *m)
{
	struct stages_shared *out = m->out;
	uint64_t start;

	begin_part(m);
	do {
		tell_end(m);
		if (m->w.side)
			wait_for(m, &out->sent, m->done + 1);
		start = clock_ns();
		if (!(m->w.side ? recv_bare : send_bare)(m))
			return false;
		m->ns[m->n] = (double)(clock_ns() - start);
		m->done++;
		atomic_store(m->w.side ? &out->taken : &out->sent, m->done);
		if (!m->w.side)
			wait_for(m, &out->taken, m->done);
	} while (goes_on(m));
	keep_samples(m, m->w.side ? PIECE_RECV : PIECE_SEND);
	return true;
}

static bool trip(struct measure *m)
{
	struct worker *w = &m->w;

	if (w->side)
		return worker_recv(w, 1) && worker_send(w, 1) && worker_release(w);
	return worker_send(w, 1) && worker_recv(w, 1) && worker_release(w);
}

static bool trips(struct measure *m)
{
	uint64_t start;

	begin_part(m);
	do {
		tell_end(m);
		start = clock_ns();
		if (!trip(m))
			return false;
		m->ns[m->n] = (double)(clock_ns() - start);
	} while (goes_on(m));
	if (!m->w.side)
		keep_samples(m, PIECE_TRIP);
	return true;
}

/* Say when the call begins */
static bool send_stamped(struct measure *m)
{
	struct worker *w = &m->w;
	void *msg;
	int err = w->t->begin(w->link, &msg);

	if (err < 0)
		return worker_fail(w, "room for a message", err);
	payload_write(&w->form, msg, 0);
	atomic_store(&m->out->sent_at[w->side], clock_ns());
	err = w->t->send(w->link);
	return err < 0 ? worker_fail(w, "send", err) : true;
}

/* Look how long ago that was */
static bool recv_stamped(struct measure *m)
{
	struct worker *w = &m->w;
	const void *msg;
	ssize_t len = w->t->recv(w->link, &msg);

	m->ns[m->n] = (double)(clock_ns() - atomic_load(&m->out->sent_at[!w->side]));
	if (len < 0)
		return worker_fail(w, "receive", (int)len);
	w->msg = msg;
	if ((size_t)len != w->form.size || !payload_read(&w->form, msg, 0))
		return worker_corrupt(w, (size_t)len);
	return worker_release(w);
}

/* Both ways: on one CPU the first one to wait may be woken otherwise than the second */
static bool stamped(struct measure *m)
{
	begin_part(m);
	do {
		tell_end(m);
		if (m->w.side ? !recv_stamped(m) || !send_stamped(m) :
				!send_stamped(m) || !recv_stamped(m))
			return false;
	} while (goes_on(m));
	keep_samples(m, PIECE_LATENCY);
	return true;
}

/* Until the receiver has taken all messages, and sleeps again */
static void let_sleep(const struct measure *m)
{
	double rest = m->out->ns[PIECE_TRIP][0] / 2;
	uint64_t until;

	wait_for(m, &m->out->taken, m->done);
	if (one_cpu(m))
		return;
	rest = rest < REST_LEAST_NS ? REST_LEAST_NS : rest > REST_MOST_NS ? REST_MOST_NS : rest;
	until = clock_ns() + (uint64_t)rest;
	while (clock_ns() < until)
		spin_relax();
}

/*
 * On one CPU the scheduler may have let the receiver run in the midst of the call.  That is no
 * sample, nor is the next one: who has slept has a new time slice, and cold caches.
 */
static bool was_disturbed(const struct measure *m, bool *slept)
{
	const struct timespec nap = { .tv_nsec = 1 };
	bool before = *slept;

	*slept = one_cpu(m) && atomic_load(&m->out->taken) == m->done;
	if (*slept)
		nanosleep(&nap, NULL);
	return *slept || before;
}

/* Without enough samples @PIECE_ASLEEP stays 0. */
static bool to_sleeper(struct measure *m)
{
	const struct sched_param param = { 0 };
	uint64_t start, took;
	bool slept = true;
	size_t kept = 0;

	if (m->w.side)
		sched_setscheduler(0, SCHED_BATCH, &param);
	begin_part(m);
	do {
		tell_end(m);
		if (!m->w.side)
			let_sleep(m);
		start = clock_ns();
		if (!(m->w.side ? recv_bare : send_bare)(m))
			return false;
		took = clock_ns() - start;
		m->done++;
		if (m->w.side)
			atomic_store(&m->out->taken, m->done);
		else if (!was_disturbed(m, &slept))
			m->ns[kept++] = (double)took;
	} while (goes_on(m));
	if (kept >= KEPT_LEAST)
		keep(m, PIECE_ASLEEP, m->ns, kept, 1);
	return true;
}

static void payloads(struct measure *m)
{
	const struct payload_form *form = &m->w.form;
	void *msg = m->w.side ? m->w.link->rx_buf : m->w.link->tx_buf;
	volatile bool right;
	double ns[BLOCKS];
	int block, i;

	payload_write(form, msg, 0);
	for (block = 0; block < BLOCKS; block++) {
		uint64_t start = clock_ns();

		for (i = 0; i < PAYLOADS; i++) {
			if (m->w.side)
				right = payload_read(form, msg, 0);
			else
				payload_write(form, msg, (uint64_t)i);
			/* Each time anew */
			__asm__ volatile("" : : "r"(msg) : "memory");
		}
		ns[block] = (double)(clock_ns() - start);
	}
	(void)right;
	keep(m, PIECE_PAYLOAD, ns, BLOCKS, PAYLOADS);
}

static bool measure_all(struct measure *m, bool calls_only)
{
	null_calls(m);
	if (!unawaited(m))
		return false;
	if (calls_only)
		return true;
	payloads(m);
	return trips(m) && stamped(m) && to_sleeper(m);
}

int stages_run(const struct run_plan *plan, struct run_shared *shared, struct link *link,
	       int side)
{
	const struct stages_transport *t = (const struct stages_transport *)link->transport;
	struct measure m = {
		.w = {
			.plan = plan, .shared = shared, .link = link, .t = link->transport,
			.form = payload_form(plan->payload, link->size), .side = side,
			.tx_base = payload_base(payload_tag(0, side)),
			.rx_base = payload_base(payload_tag(0, !side)),
			.why = shared->why[side],
		},
		.out = t->shared,
	};

	if (link->depth < link->size) {
		worker_fail(&m.w, "a queue that holds no whole message", -EMSGSIZE);
		return CHILD_REFUSED;
	}
	return measure_all(&m, t->calls_only) ? CHILD_OK : m.w.status;
}
