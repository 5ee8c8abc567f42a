// SPDX-License-Identifier: GPL-2.0
#include "counter.h"

#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mman.h>

#include "bench/workload.h"

/*
 * Once in so many times the CPU is given away between reading and writing: where there is one
 * for both, too, they meet there.
 */
#define YIELD_EVERY	64

struct counter {
	_Atomic uint32_t here;
	_Atomic uint32_t done[SIDES];
	enum counter_order order;
	sem_t turn;
	_Atomic uint64_t number;
};

/* As a program does that says number++, and thinks of nobody else */
static void add_one(struct counter *c, unsigned int time)
{
	uint64_t seen = atomic_load_explicit(&c->number, memory_order_relaxed);

	if (time % YIELD_EVERY == 0)
		sched_yield();
	atomic_store_explicit(&c->number, seen + 1, memory_order_relaxed);
}

/* On a busy machine one of them may have done all before the other one begins: it goes on. */
static int count(void *arg, unsigned int index)
{
	struct counter *c = arg;
	uint32_t i;

	workload_handshake(&c->here, SIDES);
	for (i = 0; i < COUNTER_TIMES || atomic_load(&c->done[!index]) < COUNTER_TIMES; i++) {
		if (c->order == COUNTER_SEMAPHORE)
			while (sem_wait(&c->turn))
				if (errno != EINTR)
					return -errno;
		add_one(c, i);
		if (c->order == COUNTER_SEMAPHORE && sem_post(&c->turn))
			return -errno;
		atomic_store(&c->done[index], i + 1);
	}
	return 0;
}

int counter_run(struct lab *lab, enum counter_order order, struct claim_value *updates,
		struct claim_value *lost)
{
	struct counter *c = lab_memory(lab, sizeof(*c));
	double added;
	int err;

	if (!c)
		return -ENOMEM;
	c->order = order;
	err = sem_init(&c->turn, 1, 1) ? lab_fail(lab, -errno, "sem_init failed") : 0;
	if (!err)
		err = lab_run(lab, SIDES, count, c);
	added = (double)atomic_load(&c->done[0]) + (double)atomic_load(&c->done[1]);
	if (!err && updates)
		value_set(updates, added);
	if (!err)
		value_set(lost, added - (double)atomic_load(&c->number));
	munmap(c, sizeof(*c));
	return err;
}
