// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <string.h>

#include "abi.h"
#include "gen.h"
#include "names.h"

void prog_remove(struct prog *p, unsigned int at)
{
	p->nr--;
	memmove(&p->call[at], &p->call[at + 1], (p->nr - at) * sizeof(p->call[0]));
}

static void gen_call(struct random *r, struct call *c, unsigned int op, const struct prog *before)
{
	unsigned int i;

	memset(c, 0, sizeof(*c));
	c->op = op;
	for (i = 0; i < op_args(&ops[op]); i++)
		c->arg[i] = gen_value(r, &ops[op].arg[i], before);
	if (!ops[op].local && random_one_in(r, 25))
		c->fail = 1 + random_below(r, random_one_in(r, 3) ? FAIL_MAX : 6);
}

static unsigned int gen_op(struct random *r)
{
	static uint32_t sum;
	unsigned int i;
	uint32_t at;

	if (!sum)
		for (i = 0; i < nr_ops; i++)
			sum += ops[i].weight;
	at = random_below(r, sum);
	for (i = 0; at >= ops[i].weight; i++)
		at -= ops[i].weight;
	return i;
}

static struct call *append(struct random *r, struct prog *p, const char *name)
{
	struct call *c = &p->call[p->nr];

	gen_call(r, c, op_find(name), p);
	c->fail = 0;
	p->nr++;
	return c;
}

static void append_open(struct random *r, struct prog *p, uint64_t slot)
{
	struct call *c = append(r, p, "open");

	call_set(c, "to", slot);
	call_set(c, "access", 0);
	call_set(c, "flags", random_one_in(r, 3) ? O_NONBLOCK : 0);
}

/* What is often wrong for another kind of channel is 0 most of the time. */
static void append_attach(struct random *r, struct prog *p, uint64_t slot)
{
	static const char *const seldom[] = {
		"max_msgs", "max_msg_size", "max_bytes", "spin_ns", "buf_flags", "buf_node",
		"reserved", "slow", "mode",
	};
	struct call *c = append(r, p, "attach");
	unsigned int i;

	call_set(c, "on", slot);
	call_set(c, "fd", 0);
	call_set(c, "role", 3);
	call_set(c, "at", PTR(AT_SCRATCH, 0));
	if (random_one_in(r, 3)) {
		call_set(c, "flags", IPCCHAN_ATTACH_ANON);
		call_set(c, "name", NAME_NONE);
	} else {
		call_set(c, "flags", IPCCHAN_ATTACH_CREATE);
		call_set(c, "name", 2 + random_below(r, 2));
	}
	for (i = 0; i < sizeof(seldom) / sizeof(*seldom); i++)
		if (random_below(r, 4))
			call_set(c, seldom[i], 0);
	if (random_below(r, 3)) {
		call_set(c, "options", random_below(r, 2) ? 0 : IPCCHAN_OPT_LOANS |
			 (random_below(r, 2) ? IPCCHAN_OPT_REVOKE : 0));
		call_set(c, "buf_size", 4096 << random_below(r, 6));
	}
}

/* Another endpoint of the channel of slot 0 */
static void append_peer(struct random *r, struct prog *p, uint64_t slot)
{
	unsigned int i;
	struct call *c;

	append_open(r, p, slot);
	c = append(r, p, "attach");
	for (i = 0; i < op_args(&ops[c->op]); i++)
		c->arg[i] = 0;
	call_set(c, "on", slot);
	call_set(c, "flags", IPCCHAN_ATTACH_FD);
	call_set(c, "role", random_one_in(r, 3) ? 3 : 1 + random_below(r, 2));
	call_set(c, "at", PTR(AT_SCRATCH, 0));
	/* A structure has no slot 0, which is for no descriptor. */
	call_set(c, "fd", 1);
}

static void append_message(struct random *r, struct prog *p)
{
	struct call *c = append(r, p, "msg");

	call_set(c, "to", PTR(AT_MSGS, 0));
	call_set(c, "more", random_below(r, 8));
	call_set(c, "len", 1 + random_below(r, random_one_in(r, 3) ? 9000 : 200));
	call_set(c, "flags", 0);
	if (random_below(r, 4))
		call_set(c, "nr_fds", 0);
}

/* Once more, behind it: what is there already, or is not there any more */
static void repeat(struct random *r, struct prog *p)
{
	unsigned int at = random_below(r, p->nr), to = at + 1 + random_below(r, p->nr - at);

	if (p->nr == PROG_CALLS)
		return;
	memmove(&p->call[to + 1], &p->call[to], (p->nr - to) * sizeof(p->call[0]));
	p->call[to] = p->call[at];
	p->nr++;
}

/* The last few calls are made by each of the threads, at a time. */
static void race(struct random *r, struct prog *p)
{
	unsigned int nr = 1 + random_below(r, p->nr < 4 ? p->nr : 4), first = p->nr - nr, i, t;

	for (t = 1; t < THREADS; t++)
		for (i = 0; i < nr && p->nr < PROG_CALLS; i++) {
			p->call[p->nr] = p->call[first + i];
			p->call[p->nr++].thread = t;
		}
	/* Else the first thread would be done with it before the others begin. */
	p->call[first].thread = THREADS - 1;
}

void gen_new(struct random *r, struct prog *p)
{
	unsigned int nr, peers, i;

	memset(p, 0, sizeof(*p));
	if (random_below(r, 8)) {
		append_open(r, p, 1);
		append_attach(r, p, 1);
		peers = random_below(r, 3);
		for (i = 0; i < peers; i++)
			append_peer(r, p, 2 + i);
		if (random_below(r, 2))
			append_message(r, p);
		if (random_one_in(r, 4)) {
			struct call *c = append(r, p, "mmap");

			call_set(c, "fd", 1);
			call_set(c, "prot", 3);
			call_set(c, "kind", 0);
			call_set(c, "flags", 0);
			call_set(c, "len", 4096);
			call_set(c, "offset", 0);
		}
		while (random_one_in(r, 4))
			gen_netlink(r, p);
	}
	nr = p->nr + 4 + random_below(r, 16);
	for (i = p->nr; i < nr && i < PROG_CALLS; i++) {
		gen_call(r, &p->call[i], gen_op(r), p);
		p->nr++;
	}
	if (random_one_in(r, 6))
		race(r, p);
	else if (random_one_in(r, 3))
		for (i = p->nr < 6 ? 1 : 5; i < p->nr; i++)
			p->call[i].thread = random_below(r, THREADS);
}

static void insert(struct random *r, struct prog *p, unsigned int at)
{
	struct prog before = *p;

	if (p->nr == PROG_CALLS)
		return;
	before.nr = at;
	memmove(&p->call[at + 1], &p->call[at], (p->nr - at) * sizeof(p->call[0]));
	p->nr++;
	gen_call(r, &p->call[at], gen_op(r), &before);
	if (at)
		p->call[at].thread = p->call[at - 1].thread;
}

static uint64_t tweak(struct random *r, uint64_t value)
{
	switch (random_below(r, 4)) {
	case 0:
		return value + 1;
	case 1:
		return value - 1;
	case 2:
		return value ^ 1ULL << random_below(r, 32);
	default:
		return value << 1;
	}
}

static void change(struct random *r, struct prog *p)
{
	unsigned int at = random_below(r, p->nr), nr, i;
	struct call *c = &p->call[at];
	const struct op *op = &ops[c->op];
	struct prog before = *p;

	before.nr = at;
	nr = op_args(op);
	if (!nr)
		return;
	i = random_below(r, nr);
	if (op->arg[i].kind != ARG_PTR && random_one_in(r, 4))
		c->arg[i] = tweak(r, c->arg[i]);
	else
		c->arg[i] = gen_value(r, &op->arg[i], &before);
}

static void append_of(struct random *r, struct prog *p, const struct prog *other)
{
	unsigned int from = random_below(r, other->nr), keep = 1 + random_below(r, p->nr);

	p->nr = keep;
	while (p->nr < PROG_CALLS && from < other->nr)
		p->call[p->nr++] = other->call[from++];
}

static void swap(struct random *r, struct prog *p)
{
	unsigned int a = random_below(r, p->nr), b = random_below(r, p->nr);
	struct call c = p->call[a];

	p->call[a] = p->call[b];
	p->call[b] = c;
}

void gen_mutate(struct random *r, struct prog *p, const struct prog *other)
{
	unsigned int at, n;
	struct call *c;

	do {
		switch (random_below(r, 13)) {
		case 0:
		case 1:
		case 2:
			for (at = random_below(r, p->nr + 1), n = random_below(r, 5); n-- > 0;)
				insert(r, p, at);
			break;
		case 3:
			if (p->nr > 1)
				prog_remove(p, random_below(r, p->nr));
			break;
		case 4:
			append_of(r, p, other);
			break;
		case 5:
			repeat(r, p);
			break;
		case 6:
			if (random_below(r, 2))
				swap(r, p);
			else
				race(r, p);
			break;
		case 7:
			p->call[random_below(r, p->nr)].thread = random_below(r, THREADS);
			break;
		case 8:
			c = &p->call[random_below(r, p->nr)];
			c->fail = ops[c->op].local || random_below(r, 2) ? 0 :
				  1 + random_below(r, FAIL_MAX);
			break;
		case 9:
			gen_netlink(r, p);
			break;
		default:
			change(r, p);
			break;
		}
	} while (random_below(r, 3));
}
