// SPDX-License-Identifier: GPL-2.0
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../probe.h"
#include "../transports/fd.h"
#include "../workload.h"

/* Round trips, or messages, between two readings of the clock; at least */
#define TRIPS		32
#define MESSAGES	1024

/**
 * struct rings - of one run, in @link->priv
 * @mem: of both: the lines of the probe, and a ring for each side that sends
 * @mem_size: bytes
 * @probes: of ring_probes()
 * @crew: who works on them
 * @side: private handle, once attached
 */
struct rings {
	const struct ring_kind *kind;
	char *mem;
	size_t mem_size;
	size_t ring_size;
	struct ring_probes *probes;
	struct crew crew;
	void *side;
};

/* Of this child: for ring_die() */
static struct run_shared *dying;
static int dying_side;

void ring_die(const char *what, int err)
{
	if (dying)
		snprintf(dying->why[dying_side], WHY_SIZE, "%s: %s", what, strerror(-err));
	_exit(CHILD_FAILED);
}

struct ring_probes *ring_probes(void)
{
	static struct ring_probes *probes;
	void *mem;

	if (probes)
		return probes;
	mem = mmap(NULL, sizeof(*probes), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	probes = mem == MAP_FAILED ? NULL : mem;
	return probes;
}

static void rings_teardown(struct link *link)
{
	struct rings *r = link->priv;

	if (!r)
		return;
	if (r->mem)
		munmap(r->mem, r->mem_size);
	free(r);
	link->priv = NULL;
}

static size_t whole_pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

static bool is_crowd(const struct rings *r)
{
	return r->crew.producers > 1;
}

/* The ring on which @side sends; the lines of the probe are before the first */
static void *ring_of(const struct rings *r, int side)
{
	size_t index = r->kind->both || is_crowd(r) ? 0 : (size_t)side;

	return r->mem + whole_pages(sizeof(struct probe_lines)) + index * r->ring_size;
}

static int rings_setup(struct link *link)
{
	const struct ring_transport *t = (const void *)link->transport;
	const char *missing = t->kind->missing ? t->kind->missing() : NULL;
	struct rings *r;
	int side;

	if (missing)
		return link_refuse(link, -EOPNOTSUPP, "%s", missing);
	r = calloc(1, sizeof(*r));
	if (!r)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = r;
	r->kind = t->kind;
	r->crew = t->crew;
	r->probes = ring_probes();
	r->ring_size = whole_pages(t->kind->mem_size(link->size, link->depth));
	r->mem_size = whole_pages(sizeof(struct probe_lines)) + SIDES * r->ring_size;
	r->mem = fd_memory(r->mem_size);
	if (!r->mem || !r->probes)
		return link_refuse(link, -errno, "memfd: %s", strerror(errno));
	for (side = 0; side < (t->kind->both ? 1 : SIDES); side++)
		t->kind->format(ring_of(r, side), link->size, link->depth);
	link->per_call = link->batch;
	memset(r->probes, 0, sizeof(*r->probes));
	return 0;
}

static void *private_memory(size_t size)
{
	void *mem = aligned_alloc(RING_APART, (size + RING_APART - 1) / RING_APART * RING_APART);

	if (mem)
		memset(mem, 0, size);
	return mem;
}

static int rings_attach(struct link *link, int side)
{
	struct rings *r = link->priv;
	void *tx_room = private_memory(RING_ROOM), *rx_room = private_memory(RING_ROOM);

	r->side = private_memory(r->kind->side_size);
	if (!r->side || !tx_room || !rx_room) {
		free(r->side);
		r->side = NULL;
		free(tx_room);
		free(rx_room);
		return link_refuse(link, -ENOMEM, "no memory");
	}
	r->kind->attach(r->side, ring_of(r, side), ring_of(r, !side), tx_room, rx_room,
			link->size, link->depth);
	return 0;
}

/**
 * struct work - a side at work
 * @chunk: what is done between two readings of the clock
 * @received: messages since the fork
 * @status: CHILD_*, of what went wrong
 */
struct work {
	const struct run_plan *plan;
	struct run_shared *shared;
	const struct rings *rings;
	struct ring_chunk chunk;
	int side;
	uint64_t received;
	int status;
};

static enum ring_role role_of(enum workload workload, int side)
{
	if (workload == WORKLOAD_PINGPONG)
		return side ? RING_PONG : RING_PING;
	return side ? RING_RECEIVE : RING_SEND;
}

/* Which message was wrong, and how */
static bool corrupt(struct work *w, uint64_t rx_before)
{
	struct ring_chunk *c = &w->chunk;

	for (; rx_before != c->rx_base; rx_before += PAYLOAD_NEXT)
		w->received++;
	w->status = CHILD_CORRUPT;
	if (c->bad)
		payload_explain(c->bad, c->size, payload_tag(w->received, !w->side),
				w->shared->why[w->side], WHY_SIZE);
	else
		snprintf(w->shared->why[w->side], WHY_SIZE, "no loop for this");
	return false;
}

static bool do_chunk(struct work *w, uint64_t count)
{
	uint64_t rx_before = w->chunk.rx_base;

	w->chunk.count = count;
	if (!w->rings->kind->chunk(w->rings->side, &w->chunk))
		return corrupt(w, rx_before);
	if (w->chunk.role != RING_SEND)
		w->received += count;
	return true;
}

/*
 * A chunk is of a whole ring at least: the receiver would else be timed emptying it,
 * without what it waits for the sender to fill it.
 */
static uint32_t chunk_of(const struct link *link)
{
	size_t held = link->depth / link->size;

	if (link->workload == WORKLOAD_PINGPONG)
		return TRIPS;
	return (uint32_t)(held > MESSAGES ? held : MESSAGES);
}

/*
 * Chunks until @length_ns have passed, by the clock of side 0, which tells the end before
 * the last of them.  Side 1 of a stream and side 0 of a ping-pong time theirs.
 */
static bool do_phase(struct work *w, int phase, uint32_t count, uint64_t length_ns)
{
	struct run_shared *s = w->shared;
	uint64_t begin = clock_ns(), start = begin, now, n = 0;
	bool times = w->chunk.role == RING_PING || w->chunk.role == RING_RECEIVE;

	if (!w->side)
		atomic_store_explicit(&s->begin[phase], begin, memory_order_release);
	do {
		if (!w->side && start - begin >= length_ns)
			atomic_store_explicit(&s->end[phase], n + count, memory_order_release);
		if (!do_chunk(w, count))
			return false;
		if (w->side && !n) {
			begin = atomic_load_explicit(&s->begin[phase], memory_order_acquire);
			start = begin;
		}
		n += count;
		if (w->side)
			atomic_store_explicit(&s->received, n, memory_order_relaxed);
		now = clock_ns();
		if (times && phase)
			hist_record(&s->hist, now - start);
		start = now;
	} while (n != atomic_load_explicit(&s->end[phase], memory_order_acquire));
	if (times && phase) {
		s->messages = n;
		s->wall_ns = now - begin;
	}
	return true;
}

/* One more than there are: had the last one been repeated, it would come in its place */
static bool do_close(struct work *w)
{
	workload_handshake(&w->shared->arrived, SIDES);
	return do_chunk(w, 1);
}

/*
 * The warm-up compares every byte of every message; the sums of the messages that are
 * timed are a part of what they cost.
 */
static int run_pair(const struct run_plan *plan, struct run_shared *shared,
		    struct link *link, int side)
{
	struct work w = {
		.plan = plan, .shared = shared, .rings = link->priv, .side = side,
		.chunk = {
			.role = role_of(plan->workload, side), .size = link->size,
			.burst = link->per_call, .compare = true,
			.tx_base = payload_base(payload_tag(0, side)),
			.rx_base = payload_base(payload_tag(0, !side)),
		},
	};
	uint32_t count = chunk_of(link);

	if (!do_phase(&w, 0, count, plan->warmup_ns))
		return w.status;
	w.chunk.compare = false;
	if (side)
		atomic_store(&shared->received, 0);
	else
		atomic_store(&shared->batch, count);
	workload_handshake(&shared->arrived, SIDES);
	atomic_store(&shared->phase, 1);
	if (!do_phase(&w, 1, count, plan->duration_ns) || !do_close(&w))
		return w.status;
	return CHILD_OK;
}

/* As crowd_plan's attach */
static void *attach_one(void *link, int side)
{
	const struct rings *r = ((struct link *)link)->priv;

	rings_attach(link, side);
	return r->side;
}

static int run_crowd(const struct run_plan *plan, struct run_shared *shared,
		     struct link *link, int side)
{
	struct rings *r = link->priv;
	const struct crowd_plan crowd = {
		.run = plan, .shared = shared, .crowd = &r->probes->crowd, .kind = r->kind,
		.crew = r->crew, .size = link->size, .attach = attach_one, .arg = link,
	};

	return crowd_run(&crowd, r->side, side);
}

static int rings_run(const struct run_plan *plan, struct run_shared *shared,
		     struct link *link, int side)
{
	struct rings *r = link->priv;
	struct probe_lines *lines = (struct probe_lines *)(void *)r->mem;
	uint64_t seq = 0;
	double ns;
	int status;

	dying = shared;
	dying_side = side;
	workload_handshake(&shared->arrived, SIDES);
	ns = probe_run(lines, &seq, side);
	if (!side)
		r->probes->ns[0] = ns;
	status = (is_crowd(r) ? run_crowd : run_pair)(plan, shared, link, side);
	if (status != CHILD_OK)
		return status;
	ns = probe_run(lines, &seq, side);
	if (!side)
		r->probes->ns[1] = ns;
	return CHILD_OK;
}

struct ring_transport ring_transport(const struct ring_kind *kind, struct crew crew)
{
	return (struct ring_transport) {
		.transport = {
			.name = kind->name,
			.about = kind->about,
			.wait = WAIT_SPIN,
			.workloads = WORKLOADS_ALL,
			.max_size = RING_ROOM,
			.setup = rings_setup,
			.attach = rings_attach,
			.run = rings_run,
			.teardown = rings_teardown,
		},
		.kind = kind,
		.crew = crew,
	};
}
