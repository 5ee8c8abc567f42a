// SPDX-License-Identifier: GPL-2.0
#include "versions.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "bench/workload.h"
#include "race.h"

/* For what cannot come, as a step that makes it come is left out, nobody waits longer */
#define IN_VAIN_MS	300

/* Places of memory: those of a record, of the sender, of the receiver, or of both */
enum place { PLACE_VALUE, PLACE_CHECK, PLACE_FULL, PLACE_OWN };

/* What puts both in order: the semaphores, or the message */
enum order { ORDER_FREE, ORDER_FILLED, ORDER_MESSAGE };

/* Those of MESSAGE_STEPS and of SEMAPHORE_STEPS */
enum { STEP_SEND, STEP_RECEIVE };
enum { STEP_WAIT_FREE, STEP_POST_FILLED, STEP_WAIT_FILLED, STEP_POST_FREE };

/* The steps at places, as the checker tells them apart */
enum access {
	WRITE_VALUE, WRITE_CHECK, LOOK_FREE, SET_FULL,
	LOOK_FULL, READ_VALUE, READ_CHECK, SET_FREE,
};

enum task { SENDER, RECEIVER };

_Static_assert(VERSION_RECORDS < RACE_TIMES, "RACE_TIMES");

/* The receiver takes nothing for right that nobody has made */
struct record {
	_Atomic uint64_t value;
	_Atomic uint64_t check;
};

/**
 * struct version_shared - of both processes
 * @slot: in shared memory, where there is one
 * @full: likewise, whether a record is in it
 * @pipe: of messages
 */
struct version_shared {
	enum version version;
	uint32_t without;
	_Atomic uint32_t here;
	struct race_checker checker;
	struct record slot;
	_Atomic uint32_t full;
	sem_t sems[2];
	int pipe[2];
	_Atomic uint32_t right;
};

static uint64_t value_of(unsigned int record)
{
	return record + 1;
}

static void put(struct version_shared *s, struct record *r, unsigned int place, unsigned int i)
{
	race_write(&s->checker, SENDER, place + PLACE_VALUE, WRITE_VALUE);
	atomic_store_explicit(&r->value, value_of(i), memory_order_relaxed);
	race_write(&s->checker, SENDER, place + PLACE_CHECK, WRITE_CHECK);
	atomic_store_explicit(&r->check, ~value_of(i), memory_order_relaxed);
}

static void take(struct version_shared *s, struct record *r, unsigned int place, unsigned int i)
{
	uint64_t value, check;

	race_read(&s->checker, RECEIVER, place + PLACE_VALUE, READ_VALUE);
	value = atomic_load_explicit(&r->value, memory_order_relaxed);
	race_read(&s->checker, RECEIVER, place + PLACE_CHECK, READ_CHECK);
	check = atomic_load_explicit(&r->check, memory_order_relaxed);
	if (value == value_of(i) && check == ~value)
		atomic_fetch_add(&s->right, 1);
}

/* What only takes its time, as on a busy machine, is waited for */
static long patience_ms(const struct version_shared *s)
{
	bool in_vain = s->version == VERSION_MESSAGE ? s->without == STEP_SEND :
		       s->without == STEP_POST_FILLED || s->without == STEP_POST_FREE;

	return in_vain ? IN_VAIN_MS : LAB_SECONDS * 1000;
}

/* Return: false when it was in vain */
static bool wait_for(struct version_shared *s, enum task task, enum order order, uint32_t step)
{
	long ms = patience_ms(s);
	struct timespec until;

	if (s->without == step)
		return true;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += ms % 1000 * 1000000;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	while (sem_timedwait(&s->sems[order], &until))
		if (errno != EINTR)
			return false;
	race_acquire(&s->checker, task, order);
	return true;
}

static void post(struct version_shared *s, enum task task, enum order order, uint32_t step)
{
	if (s->without == step)
		return;
	race_release(&s->checker, task, order);
	sem_post(&s->sems[order]);
}

static void semaphores_send(struct version_shared *s)
{
	unsigned int i;

	for (i = 0; i < VERSION_RECORDS; i++) {
		if (!wait_for(s, SENDER, ORDER_FREE, STEP_WAIT_FREE))
			return;
		put(s, &s->slot, PLACE_VALUE, i);
		post(s, SENDER, ORDER_FILLED, STEP_POST_FILLED);
	}
}

static void semaphores_receive(struct version_shared *s)
{
	unsigned int i;

	for (i = 0; i < VERSION_RECORDS; i++) {
		if (!wait_for(s, RECEIVER, ORDER_FILLED, STEP_WAIT_FILLED))
			return;
		take(s, &s->slot, PLACE_VALUE, i);
		post(s, RECEIVER, ORDER_FREE, STEP_POST_FREE);
	}
}

static void look_until(struct version_shared *s, enum task task, enum access step, uint32_t full)
{
	do {
		race_read(&s->checker, task, PLACE_FULL, step);
		sched_yield();
	} while (atomic_load_explicit(&s->full, memory_order_relaxed) != full);
}

static void set(struct version_shared *s, enum task task, enum access step, uint32_t full)
{
	race_write(&s->checker, task, PLACE_FULL, step);
	atomic_store_explicit(&s->full, full, memory_order_relaxed);
}

static void plain_send(struct version_shared *s)
{
	unsigned int i;

	for (i = 0; i < VERSION_RECORDS; i++) {
		look_until(s, SENDER, LOOK_FREE, 0);
		put(s, &s->slot, PLACE_VALUE, i);
		set(s, SENDER, SET_FULL, 1);
	}
}

static void plain_receive(struct version_shared *s)
{
	unsigned int i;

	for (i = 0; i < VERSION_RECORDS; i++) {
		look_until(s, RECEIVER, LOOK_FULL, 1);
		take(s, &s->slot, PLACE_VALUE, i);
		set(s, RECEIVER, SET_FREE, 0);
	}
}

static int message_send(struct version_shared *s)
{
	struct record own = { 0 };
	unsigned int i;

	for (i = 0; i < VERSION_RECORDS; i++) {
		put(s, &own, PLACE_VALUE, i);
		if (s->without == STEP_SEND)
			continue;
		race_release(&s->checker, SENDER, ORDER_MESSAGE);
		if (write(s->pipe[1], &own, sizeof(own)) != sizeof(own))
			return -EIO;
	}
	return 0;
}

static int message_receive(struct version_shared *s)
{
	struct pollfd ready = { .fd = s->pipe[0], .events = POLLIN };
	struct record own = { 0 };
	unsigned int i;

	for (i = 0; i < VERSION_RECORDS; i++) {
		if (s->without != STEP_RECEIVE) {
			if (poll(&ready, 1, (int)patience_ms(s)) != 1)
				return 0;
			if (read(s->pipe[0], &own, sizeof(own)) != sizeof(own))
				return -EIO;
			race_acquire(&s->checker, RECEIVER, ORDER_MESSAGE);
		}
		take(s, &own, PLACE_OWN, i);
	}
	return 0;
}

static int run(void *arg, unsigned int index)
{
	struct version_shared *s = arg;

	workload_handshake(&s->here, RACE_TASKS);
	switch (s->version) {
	case VERSION_MESSAGE:
		return index == SENDER ? message_send(s) : message_receive(s);
	case VERSION_PLAIN:
		(index == SENDER ? plain_send : plain_receive)(s);
		return 0;
	case VERSION_SEMAPHORES:
		(index == SENDER ? semaphores_send : semaphores_receive)(s);
		return 0;
	}
	return -EINVAL;
}

static int run_shared(struct lab *lab, struct version_shared *s)
{
	int err;

	race_init(&s->checker);
	race_permit(&s->checker, ORDER_FREE);
	if (sem_init(&s->sems[ORDER_FREE], 1, 1) || sem_init(&s->sems[ORDER_FILLED], 1, 0))
		return lab_fail(lab, -errno, "sem_init failed");
	if (pipe(s->pipe))
		return lab_fail(lab, -errno, "pipe failed");
	err = lab_run(lab, RACE_TASKS, run, s);
	close(s->pipe[0]);
	close(s->pipe[1]);
	return err;
}

int version_run(struct lab *lab, enum version version, uint32_t without,
		struct version_seen *seen)
{
	struct version_shared *s = lab_memory(lab, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->version = version;
	s->without = without;
	err = run_shared(lab, s);
	*seen = (struct version_seen){
		race_count(&s->checker), atomic_load(&s->right),
	};
	munmap(s, sizeof(*s));
	return err;
}
