// SPDX-License-Identifier: GPL-2.0
/*
 * The bounded buffer of the textbooks, one a direction: one semaphore counts the slots that
 * are free, another those that are filled.  With one producer and one consumer no lock is
 * needed; several producers, or consumers, take turns by a third one, which is held while
 * a message is built, or read, in its slot.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../touch.h"
#include "bounded.h"
#include "memory.h"
#include "semaphores.h"
#include "slots.h"

/* By the side that sends */
#define FREE(side)	(2u * (unsigned int)(side))
#define FILLED(side)	(2u * (unsigned int)(side) + 1)

/* By the side whose processes take turns */
#define TURN(side)	(2u * SIDES + (unsigned int)(side))

/* Of several processes of a side: the slot that is next for them, in a line of its own */
union place {
	unsigned int next;
	_Alignas(64) char line[64];
};

/* Before the slots */
struct head {
	union semaphore sems[SEMAPHORES];
	union place place[SIDES];
};

/**
 * struct buffer - both directions
 * @mem: the head, then the slots of either side
 * @nr: slots of each direction
 * @turns: this side has several processes
 */
struct buffer {
	const struct memory_kind *memory;
	const struct semaphore_kind *kind;
	struct semaphores sems;
	char *mem;
	size_t mem_size;
	unsigned int nr;
	int side;
	bool turns;
	struct slots tx;
	struct slots rx;
};

static const struct memory_kind *const memories[BOUNDED_KINDS] = {
	&memory_file, &memory_posix, &memory_sysv,
};

static const struct semaphore_kind *const semaphores[BOUNDED_KINDS] = {
	&semaphore_posix, &semaphore_sysv, &semaphore_futex,
};

static void bounded_teardown(struct link *link)
{
	struct buffer *b = link->priv;

	if (!b)
		return;
	b->kind->end(&b->sems);
	if (b->mem)
		b->memory->unmap(b->mem, b->mem_size);
	free(b);
	link->priv = NULL;
}

static struct head *head(const struct buffer *b)
{
	return (struct head *)(void *)b->mem;
}

static int set_semaphores(struct buffer *b)
{
	int side, err = b->kind->start(&b->sems);

	for (side = 0; !err && side < SIDES; side++) {
		err = b->kind->set(&b->sems, FREE(side), b->nr);
		if (!err)
			err = b->kind->set(&b->sems, FILLED(side), 0);
		if (!err)
			err = b->kind->set(&b->sems, TURN(side), 1);
	}
	return err;
}

static int bounded_setup(struct link *link)
{
	size_t which = (size_t)(link->transport - transport_bounded);
	struct buffer *b = calloc(1, sizeof(*b));
	int err;

	if (!b)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = b;
	b->memory = memories[which / BOUNDED_KINDS];
	b->kind = semaphores[which % BOUNDED_KINDS];
	b->sems.keeper = KEEPER_NONE;
	b->nr = slots_count(link, b->kind->most);
	b->mem_size = sizeof(struct head) + SIDES * slots_bytes(link, b->nr);
	b->mem = b->memory->map(link, b->mem_size);
	if (!b->mem)
		return -ENOMEM;
	b->sems.shared = head(b)->sems;
	err = set_semaphores(b);
	return err ? link_refuse(link, err, "%s: %s", b->kind->name, strerror(-err)) : 0;
}

static int bounded_attach(struct link *link, int side)
{
	struct buffer *b = link->priv;
	char *slots = b->mem + sizeof(struct head);

	keeper_leave(&b->sems.keeper);
	b->side = side;
	b->turns = link->crew[side] > 1;
	slots_init(&b->tx, link, slots + (size_t)side * slots_bytes(link, b->nr), b->nr);
	slots_init(&b->rx, link, slots + (size_t)!side * slots_bytes(link, b->nr), b->nr);
	memory_touch(b->mem, b->mem_size);
	return 0;
}

/* Wait for a slot and, where there are several, for this one's turn to have the next */
static int take_slot(struct link *link, struct slots *slots, unsigned int which)
{
	struct buffer *b = link->priv;
	int err = b->kind->down(link, &b->sems, which);

	if (err || !b->turns)
		return err;
	err = b->kind->down(link, &b->sems, TURN(b->side));
	slots->next = head(b)->place[b->side].next;
	return err;
}

static int pass_slot(struct buffer *b, struct slots *slots, unsigned int which)
{
	int err = 0;

	slots_go_on(slots);
	if (b->turns) {
		head(b)->place[b->side].next = slots->next;
		err = b->kind->up(&b->sems, TURN(b->side));
	}
	return err ? err : b->kind->up(&b->sems, which);
}

static int bounded_begin(struct link *link, void **msg)
{
	struct buffer *b = link->priv;
	int err = take_slot(link, &b->tx, FREE(b->side));

	*msg = slots_at(&b->tx);
	return err;
}

static int bounded_send(struct link *link)
{
	struct buffer *b = link->priv;

	return pass_slot(b, &b->tx, FILLED(b->side));
}

static ssize_t bounded_recv(struct link *link, const void **msg)
{
	struct buffer *b = link->priv;
	int err = take_slot(link, &b->rx, FILLED(!b->side));

	*msg = slots_at(&b->rx);
	return err ? err : (ssize_t)link->size;
}

static int bounded_done(struct link *link)
{
	struct buffer *b = link->priv;

	return pass_slot(b, &b->rx, FREE(!b->side));
}

#define BOUNDED(memory, sync, about_memory, about_sync)				\
	.name = memory "+" sync,						\
	.about = "bounded buffer in " about_memory ", two " about_sync,		\
	.wait = WAIT_BLOCK,							\
	.waits = WAITS_SLEEP | 1u << WAIT_SPIN,					\
	.workloads = WORKLOADS_ALL,						\
	.max_size = UINT32_MAX,							\
	.copies = COPIES(0),						\
	.many = MANY_BOTH,							\
	.setup = bounded_setup,							\
	.attach = bounded_attach,						\
	.begin = bounded_begin,							\
	.send = bounded_send,							\
	.recv = bounded_recv,							\
	.done = bounded_done,							\
	.teardown = bounded_teardown

#define FILE_TEXT	"a mapped file"
#define POSIX_TEXT	"shm_open memory"
#define SYSV_TEXT	"shmget memory"

/* In the order of @memories, and of each @semaphores */
const struct transport transport_bounded[BOUNDED_KINDS * BOUNDED_KINDS] = {
	{ BOUNDED("mmap-file", "posix-sem", FILE_TEXT, "sem_t") },
	{ BOUNDED("mmap-file", "sysv-sem", FILE_TEXT, "semop semaphores") },
	{ BOUNDED("mmap-file", "futex", FILE_TEXT, "futex semaphores") },
	{ BOUNDED("posix-shm", "posix-sem", POSIX_TEXT, "sem_t") },
	{ BOUNDED("posix-shm", "sysv-sem", POSIX_TEXT, "semop semaphores") },
	{ BOUNDED("posix-shm", "futex", POSIX_TEXT, "futex semaphores") },
	{ BOUNDED("sysv-shm", "posix-sem", SYSV_TEXT, "sem_t") },
	{ BOUNDED("sysv-shm", "sysv-sem", SYSV_TEXT, "semop semaphores") },
	{ BOUNDED("sysv-shm", "futex", SYSV_TEXT, "futex semaphores") },
};
