// SPDX-License-Identifier: GPL-2.0
/* What each of many processes does. */
#include "mesh.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "touch.h"
#include "worker.h"

/**
 * struct seen - by a receiver, of one sender
 * @next: above all numbers that came
 */
struct seen {
	uint64_t next;
	struct mesh_tally tally;
};

/**
 * struct hand - a process at work
 * @index: which
 * @bits: of a tag, below the number, for the sender
 * @seen: by sender, a receiver's
 * @taken: messages, of all senders
 * @ended: the end of the phase has come
 */
struct hand {
	struct worker w;
	struct mesh *mesh;
	unsigned int index;
	unsigned int bits;
	struct seen *seen;
	uint64_t taken;
	bool ended;
};

/* The number above all senders' is that of the ends */
static uint64_t tag_of(const struct hand *h, uint64_t number, unsigned int sender)
{
	return number << h->bits | sender;
}

static bool send_one(struct hand *h, uint64_t most, uint64_t *sent)
{
	uint64_t n = worker_send_each(&h->w, most, PAYLOAD_FACTOR << h->bits);

	*sent += n;
	return n;
}

static bool send_count(struct hand *h, uint64_t count, uint64_t *sent)
{
	while (*sent < count)
		if (!send_one(h, count - *sent, sent))
			return false;
	return true;
}

/* One at least, and then until the clock says so */
static bool send_until(struct hand *h, uint64_t until, uint64_t *sent)
{
	uint64_t look = h->w.form.size < STREAM_SMALL ? STREAM_LOOK : 1, next = 1;

	do {
		if (!send_count(h, next, sent))
			return false;
		next += look;
	} while (clock_ns() < until);
	return true;
}

/* It begins with the first of all senders, for all of them */
static uint64_t begin_phase(_Atomic uint64_t *begin)
{
	uint64_t now = clock_ns(), first = 0;

	return atomic_compare_exchange_strong(begin, &first, now) ? now : first;
}

/* As many as the others, where that can be */
static uint64_t share_of(const struct hand *h, uint64_t messages)
{
	unsigned int senders = h->mesh->crew[0];

	return messages / senders + (h->index < messages % senders);
}

/* Messages that tell an end: one to each receiver, or one to all */
static unsigned int count_ends(const struct mesh *m)
{
	return m->each ? 1 : m->crew[1];
}

/* Behind all messages of all senders */
static bool tell_ends(struct hand *h, int phase)
{
	struct mesh *m = h->mesh;
	unsigned int ends = count_ends(m);
	uint64_t base = h->w.tx_base, first = (uint64_t)phase * ends, told = 0;

	if (atomic_fetch_add(&m->ended[phase], 1) + 1 != m->crew[0])
		return true;
	h->w.tx_base = payload_base(tag_of(h, first, m->crew[0]));
	if (!send_count(h, ends, &told))
		return false;
	h->w.tx_base = base;
	return worker_flush(&h->w);
}

static bool send_phase(struct hand *h, int phase)
{
	const struct run_plan *plan = h->w.plan;
	struct mesh_part *part = &h->mesh->part[h->index];
	uint64_t sent = 0, begin;
	bool good;

	if (phase < PHASES) {
		begin = begin_phase(&h->w.shared->begin[phase]);
		if (phase == MESH_MEASURED && plan->messages)
			good = send_count(h, share_of(h, plan->messages), &sent);
		else
			good = send_until(h, begin + (phase == MESH_MEASURED ?
						      plan->duration_ns :
						      plan->warmup_ns), &sent);
	} else {
		good = send_count(h, 1, &sent);
	}
	part->sent += sent;
	if (phase == MESH_MEASURED)
		part->measured = sent;
	return good && worker_flush(&h->w) && tell_ends(h, phase);
}

/* Does a receiver get all messages of a sender? */
static bool gets_all(const struct mesh *m)
{
	return (m->crew[1] == 1 || m->each) && !m->drops;
}

/* Say what is wrong with a message */
static bool corrupt(struct hand *h, const void *msg, uint64_t tag)
{
	unsigned int sender = (unsigned int)(tag & ((1u << h->bits) - 1));
	unsigned long long number = tag >> h->bits, next;
	size_t size = h->w.form.size, at;
	char *why = h->w.why;

	h->w.status = CHILD_CORRUPT;
	if (sender >= h->mesh->crew[0] || h->ended) {
		snprintf(why, WHY_SIZE, "a message that nobody sent, or the end twice");
		return false;
	}
	next = h->seen[sender].next;
	at = payload_difference(msg, size, tag);
	if (at < size && h->w.form.mode != PAYLOAD_NOTIFY)
		snprintf(why, WHY_SIZE, "message %llu of sender %u differs at byte %zu", number,
			 sender, at);
	else if (gets_all(h->mesh))
		snprintf(why, WHY_SIZE, "message %llu of sender %u came where its message %llu "
			 "was due", number, sender, next);
	else
		snprintf(why, WHY_SIZE, "message %llu of sender %u came behind its message %llu",
			 number, sender, next - 1);
	return false;
}

/* Those of a phase have numbers of their own */
static bool take_end(struct hand *h, const void *msg, uint64_t tag, int phase)
{
	uint64_t number = tag >> h->bits;

	if (tag != tag_of(h, number, h->mesh->crew[0]) ||
	    number / count_ends(h->mesh) != (unsigned int)phase)
		return corrupt(h, msg, tag);
	h->ended = true;
	return true;
}

static bool is_compared(const struct hand *h)
{
	return h->w.plan->payload == PAYLOAD_VERIFY || h->taken < COMPARE_FIRST ||
	       h->taken % COMPARE_EVERY == 0;
}

static bool take(struct hand *h, const void *msg, int phase)
{
	const struct worker *w = &h->w;
	uint64_t base = *(const payload_word *)msg, tag = base * PAYLOAD_INVERSE - 1, number;
	unsigned int sender = (unsigned int)(tag & ((1u << h->bits) - 1));
	struct seen *seen;

	if (h->ended || !payload_read(&w->form, msg, base) ||
	    (is_compared(h) && !payload_compare(w->form.mode, msg, w->form.size, tag)))
		return corrupt(h, msg, tag);
	if (sender >= h->mesh->crew[0])
		return take_end(h, msg, tag, phase);
	seen = &h->seen[sender];
	number = tag >> h->bits;
	if (gets_all(h->mesh) ? number != seen->next : number < seen->next)
		return corrupt(h, msg, tag);
	seen->next = number + 1;
	seen->tally.messages++;
	seen->tally.squares += number * number;
	h->taken++;
	return true;
}

static bool receive_phase(struct hand *h, int phase)
{
	struct mesh_part *part = &h->mesh->part[h->index];
	struct worker *w = &h->w;
	uint64_t before = h->taken;
	unsigned int i;
	const char *msg;
	const void *first;
	ssize_t len;

	h->ended = false;
	do {
		len = w->t->recv(w->link, &first);
		if (len < 0)
			return worker_fail(w, "receive", (int)len);
		if ((size_t)len != w->form.size) {
			w->status = CHILD_CORRUPT;
			snprintf(w->why, WHY_SIZE, "a message has %zd bytes, not %zu", len,
				 w->form.size);
			return false;
		}
		msg = first;
		for (i = 0; i < w->link->rx_nr; i++, msg += w->link->step)
			if (!take(h, msg, phase))
				return false;
		if (!worker_release(w))
			return false;
	} while (!h->ended);
	if (phase == MESH_MEASURED) {
		part->at_ns = clock_ns();
		part->measured = h->taken - before;
	}
	return true;
}

static bool hand_init(struct hand *h, const struct run_plan *plan, struct run_shared *shared,
		      struct link *link, unsigned int index)
{
	struct mesh *m = shared->mesh;

	*h = (struct hand){
		.w = { .plan = plan, .shared = shared, .link = link, .t = link->transport,
		       .form = payload_form(plan->payload, link->size),
		       .side = index >= m->crew[0], .why = shared->why[index] },
		.mesh = m,
		.index = index,
	};
	while (1u << h->bits <= m->crew[0])
		h->bits++;
	if (!h->w.side) {
		h->w.tx_base = payload_base(tag_of(h, 0, index));
		return true;
	}
	h->seen = calloc(m->crew[0], sizeof(*h->seen));
	return h->seen || worker_fail(&h->w, "start", -ENOMEM);
}

/* For mesh_settle() */
static void hand_report(const struct hand *h)
{
	const struct mesh *m = h->mesh;
	struct mesh_tally *taken;
	unsigned int i;

	if (!h->w.side)
		return;
	taken = &m->taken[(size_t)(h->index - m->crew[0]) * m->crew[0]];
	for (i = 0; i < m->crew[0]; i++)
		taken[i] = h->seen[i].tally;
}

int mesh_run(const struct run_plan *plan, struct run_shared *shared, struct link *link,
	     unsigned int index)
{
	uint32_t parties = shared->mesh->crew[0] + shared->mesh->crew[1];
	struct ledger_counters counters;
	struct hand h;
	int phase;

	if (!hand_init(&h, plan, shared, link, index))
		return h.w.status;
	memory_touch(shared, sizeof(*shared));
	ledger_open(&counters, plan->counts, !index);
	for (phase = 0; phase < MESH_PHASES; phase++) {
		if (phase == MESH_MEASURED)
			ledger_prepare(&counters);
		workload_handshake(&shared->arrived, parties);
		if (phase == MESH_MEASURED)
			ledger_start(&counters);
		if (!(h.w.side ? receive_phase : send_phase)(&h, phase))
			return h.w.status;
		if (phase == MESH_MEASURED)
			ledger_stop(&counters, &shared->ledger[index]);
	}
	hand_report(&h);
	/* What was sent may lie in its sender's memory: it stays until all has been read */
	workload_handshake(&shared->arrived, parties);
	return CHILD_OK;
}
