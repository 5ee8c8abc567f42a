// SPDX-License-Identifier: GPL-2.0
#include "stages_run.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "median.h"
#include "relax.h"
#include "worker.h"

#define BLOCKS		9

/* Of each block: calls that do nothing, messages built or read */
#define NULL_CALLS	256
#define PAYLOADS	32

/*
 * Round trips, those with the time of one way, messages that nobody waits for, and messages
 * to a receiver that sleeps
 */
#define WARM_UP		20
#define TRIPS		151
#define STAMPS		151
#define MESSAGES	151
#define SLEEPS		99

/* A receiver that has taken a message goes to sleep, and its CPU, in half a round trip */
#define REST_LEAST_NS	10000u
#define REST_MOST_NS	200000u

/**
 * struct measure - a side that measures
 * @w: as in a workload
 * @out: what it finds
 * @done: messages that are counted, of unawaited() and to_sleeper()
 */
struct measure {
	struct worker w;
	struct stages_shared *out;
	uint32_t done;
};

/* What the clock took, which was read twice, is in there once. */
static void keep(struct measure *m, enum piece which, double *ns, size_t n, double times)
{
	double clock = m->w.plan->clock.cost_ns;

	m->out->ns[which][m->w.side] = (median(ns, n) - clock) / times;
}

static void together(struct measure *m)
{
	workload_handshake(&m->w.shared->arrived, SIDES);
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
	double ns[MESSAGES];
	int i;

	together(m);
	for (i = 0; i < MESSAGES; i++) {
		uint64_t start;

		if (m->w.side)
			wait_for(m, &out->sent, m->done + 1);
		start = clock_ns();
		if (!(m->w.side ? recv_bare : send_bare)(m))
			return false;
		ns[i] = (double)(clock_ns() - start);
		m->done++;
		atomic_store(m->w.side ? &out->taken : &out->sent, m->done);
		if (!m->w.side)
			wait_for(m, &out->taken, m->done);
	}
	keep(m, m->w.side ? PIECE_RECV : PIECE_SEND, ns, MESSAGES, 1);
	return true;
}

static bool trip(struct measure *m)
{
	struct worker *w = &m->w;

	if (w->side)
		return worker_recv(w, 1) && worker_send(w, 1) && worker_release(w);
	return worker_send(w, 1) && worker_recv(w, 1) && worker_release(w);
}

/* The first ones are the warm-up */
static bool trips(struct measure *m)
{
	double ns[WARM_UP + TRIPS];
	int i;

	together(m);
	for (i = 0; i < WARM_UP + TRIPS; i++) {
		uint64_t start = clock_ns();

		if (!trip(m))
			return false;
		ns[i] = (double)(clock_ns() - start);
	}
	if (!m->w.side)
		keep(m, PIECE_TRIP, ns + WARM_UP, TRIPS, 1);
	return true;
}

/* Side 0 says when it begins to send, side 1 looks when it has received */
static bool stamped(struct measure *m)
{
	struct worker *w = &m->w;
	double ns[STAMPS];
	const void *msg;
	void *room;
	int i, err;

	together(m);
	for (i = 0; i < STAMPS; i++) {
		ssize_t len;

		if (!w->side) {
			err = w->t->begin(w->link, &room);
			if (err < 0)
				return worker_fail(w, "room for a message", err);
			payload_write(&w->form, room, 0);
			atomic_store_explicit(&m->out->sent_at, clock_ns(), memory_order_relaxed);
			err = w->t->send(w->link);
			if (err < 0)
				return worker_fail(w, "send", err);
			if (!recv_bare(m))
				return false;
			continue;
		}
		len = w->t->recv(w->link, &msg);
		ns[i] = (double)(clock_ns() - atomic_load(&m->out->sent_at));
		if (len < 0)
			return worker_fail(w, "receive", (int)len);
		if (!payload_read(&w->form, msg, 0))
			return worker_corrupt(w, (size_t)len);
		if (!worker_release(w) || !send_bare(m))
			return false;
	}
	if (w->side)
		keep(m, PIECE_LATENCY, ns, STAMPS, 1);
	return true;
}

/*
 * Until the receiver has taken all messages, and sleeps again.  On one CPU it sleeps before
 * this process is back from its turn; to offer another one would leave it without a time
 * slice, and let the receiver run in the midst of what is to be timed.
 */
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

static bool to_sleeper(struct measure *m)
{
	const struct sched_param param = { 0 };
	double ns[SLEEPS];
	int i;

	if (m->w.side)
		sched_setscheduler(0, SCHED_BATCH, &param);
	together(m);
	for (i = 0; i < SLEEPS; i++) {
		uint64_t start;

		if (m->w.side) {
			if (!recv_bare(m))
				return false;
			atomic_store(&m->out->taken, ++m->done);
			continue;
		}
		let_sleep(m);
		start = clock_ns();
		if (!send_bare(m))
			return false;
		ns[i] = (double)(clock_ns() - start);
		m->done++;
	}
	if (m->w.side)
		sched_setscheduler(0, SCHED_OTHER, &param);
	else
		keep(m, PIECE_ASLEEP, ns, SLEEPS, 1);
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
		},
		.out = t->shared,
	};

	if (link->depth < link->size) {
		worker_fail(&m.w, "a queue that holds no whole message", -EMSGSIZE);
		return CHILD_REFUSED;
	}
	return measure_all(&m, t->calls_only) ? CHILD_OK : m.w.status;
}
