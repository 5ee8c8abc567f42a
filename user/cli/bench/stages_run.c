// SPDX-License-Identifier: GPL-2.0
#include "stages_run.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "median.h"
#include "relax.h"
#include "worker.h"

#define BLOCKS		9

/* Of each block: calls that do nothing, messages that nobody waits for, messages built */
#define NULL_CALLS	256
#define MESSAGES	32
#define PAYLOADS	32

/* Round trips, those with the time of one way, messages to a receiver that sleeps */
#define WARM_UP		20
#define TRIPS		151
#define STAMPS		151
#define SLEEPS		99

/* A receiver that has taken a message goes to sleep, and its CPU, in half a round trip */
#define REST_LEAST_NS	10000u
#define REST_MOST_NS	200000u

/**
 * struct measure - a side that measures
 * @w: as in a workload
 * @out: what it finds
 * @held: messages that a direction may hold
 */
struct measure {
	struct worker w;
	struct stages_shared *out;
	size_t held;
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

/* Side 0 sends as many as the queue holds, and only then side 1 receives them */
static bool unawaited(struct measure *m)
{
	bool (*step)(struct measure *m) = m->w.side ? recv_bare : send_bare;
	size_t n = m->held < MESSAGES ? m->held : MESSAGES, i;
	double ns[BLOCKS];
	int block;

	for (block = 0; block < BLOCKS; block++) {
		uint64_t start;

		together(m);
		if (m->w.side)
			together(m);
		start = clock_ns();
		for (i = 0; i < n; i++)
			if (!step(m))
				return false;
		ns[block] = (double)(clock_ns() - start);
		if (!m->w.side)
			together(m);
	}
	keep(m, m->w.side ? PIECE_RECV : PIECE_SEND, ns, BLOCKS, (double)n);
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

/* Until the receiver has taken @n messages, and sleeps again */
static void let_sleep(const struct measure *m, uint32_t n)
{
	const int *cpu = m->w.plan->placement.cpu;
	double rest = m->out->ns[PIECE_TRIP][0] / 2;
	uint64_t until;

	if (cpu[0] == cpu[1]) {
		while (atomic_load(&m->out->taken) != n)
			sched_yield();
		sched_yield();
		return;
	}
	while (atomic_load(&m->out->taken) != n)
		spin_relax();
	rest = rest < REST_LEAST_NS ? REST_LEAST_NS : rest > REST_MOST_NS ? REST_MOST_NS : rest;
	until = clock_ns() + (uint64_t)rest;
	while (clock_ns() < until)
		spin_relax();
}

static bool to_sleeper(struct measure *m)
{
	const struct sched_param param = { 0 };
	double ns[SLEEPS];
	uint32_t i;

	if (m->w.side)
		sched_setscheduler(0, SCHED_BATCH, &param);
	together(m);
	for (i = 0; i < SLEEPS; i++) {
		uint64_t start;

		if (m->w.side) {
			if (!recv_bare(m))
				return false;
			atomic_store(&m->out->taken, i + 1);
			continue;
		}
		let_sleep(m, i);
		start = clock_ns();
		if (!send_bare(m))
			return false;
		ns[i] = (double)(clock_ns() - start);
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
		.held = link->depth / link->size / 2,
	};

	if (link->depth < link->size) {
		worker_fail(&m.w, "a queue that holds no whole message", -EMSGSIZE);
		return CHILD_REFUSED;
	}
	if (!m.held)
		m.held = 1;
	return measure_all(&m, t->calls_only) ? CHILD_OK : m.w.status;
}
