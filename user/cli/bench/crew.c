// SPDX-License-Identifier: GPL-2.0
#include "crew.h"

#include <stdio.h>

#include "mesh.h"

bool workload_is_of_many(enum workload workload)
{
	return workload == WORKLOAD_FANIN || workload == WORKLOAD_FANOUT ||
	       workload == WORKLOAD_MESH || workload == WORKLOAD_BROADCAST;
}

static bool has_senders(enum workload workload)
{
	return workload == WORKLOAD_FANIN || workload == WORKLOAD_MESH;
}

static bool has_receivers(enum workload workload)
{
	return workload != WORKLOAD_FANIN && workload_is_of_many(workload);
}

/* How many numbers of senders, and of receivers, a workload is run with */
static size_t count_senders(const struct bench_options *o, enum workload workload)
{
	return has_senders(workload) ? o->n_senders : 1;
}

static size_t count_receivers(const struct bench_options *o, enum workload workload)
{
	return has_receivers(workload) ? o->n_receivers : 1;
}

size_t crew_count(const struct bench_options *o, enum workload workload)
{
	return count_senders(o, workload) * count_receivers(o, workload);
}

void crew_pick(const struct bench_options *o, size_t index, struct bench_case *c)
{
	enum workload w = c->workload;
	size_t receivers = count_receivers(o, w);

	if (!workload_is_of_many(w))
		return;
	c->producers = has_senders(w) ? o->senders[index / receivers] : 1;
	c->consumers = has_receivers(w) ? o->receivers[index % receivers] : 1;
}

bool crew_same(const struct bench_case *a, const struct bench_case *b)
{
	return a->workload == b->workload && a->size == b->size &&
	       a->producers == b->producers && a->consumers == b->consumers;
}

/* Those that the placement has for all processes together */
static unsigned int count_cpus(const struct bench *bench, const struct bench_case *c)
{
	if (c->placement.kind == PLACE_FREE)
		return (unsigned int)bench->cpus;
	return c->placement.kind == PLACE_SAME ? 1 : SIDES;
}

/* Why its crew cannot share one link; NULL when it can */
static const char *sharing_impossible(const struct bench_case *c)
{
	const struct transport *t = c->transport;

	if (!(t->workloads & 1u << WORKLOAD_STREAM))
		return "it has no workload of one way";
	if (t->run)
		return "it is for two processes";
	if (c->producers > 1 && !(t->many & MANY_SENDERS))
		return "it is for one sender";
	if (c->consumers > 1 && !(t->many & MANY_RECEIVERS))
		return "it is for one receiver";
	if (c->producers + c->consumers > SIDES && t->many_size && c->size > t->many_size)
		return "several would mix it: such a message is not written, or read, at once";
	return NULL;
}

static const char *each_impossible(const struct bench_case *c)
{
	return c->transport->many & (EACH_OWN | EACH_LINKS) ? NULL :
		"it does not give each message to each of several receivers";
}

const char *crew_impossible(const struct bench *bench, const struct bench_case *c)
{
	const char *why = c->workload == WORKLOAD_BROADCAST ? each_impossible(c) :
							      sharing_impossible(c);

	if (why)
		return why;
	if (c->size < MESH_LEAST)
		return "a message does not hold who sent it: that takes 8 bytes";
	if (c->producers + c->consumers <= count_cpus(bench, c))
		return NULL;
	if (c->wait == WAIT_SPIN)
		return "there are more processes that spin than CPUs for them";
	if (c->wait == WAIT_ADAPTIVE)
		return "who shares a CPU sleeps at once";
	return NULL;
}

double crew_copies(const struct bench_case *c, double one)
{
	return c->transport->many & EACH_OWN ? one - 1 + c->consumers : one * c->consumers;
}

const char *crew_name(const struct bench_case *c, char name[CREW_NAME_SIZE])
{
	if (workload_is_of_many(c->workload))
		snprintf(name, CREW_NAME_SIZE, "%s of %u sender%s and %u receiver%s",
			 workload_name(c->workload), c->producers, c->producers == 1 ? "" : "s",
			 c->consumers, c->consumers == 1 ? "" : "s");
	else
		snprintf(name, CREW_NAME_SIZE, "%s", workload_name(c->workload));
	return name;
}
