// SPDX-License-Identifier: GPL-2.0
/*
 * The bounded buffer of the textbooks, one a direction: one semaphore counts the slots that
 * are free, another those that are filled.  With one producer and one consumer no lock is
 * needed.  Messages are built and read in their slots.
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

/**
 * struct buffer - both directions
 * @mem: the semaphores, then the slots of either side
 * @slots: of each direction
 */
struct buffer {
	const struct memory_kind *memory;
	const struct semaphore_kind *kind;
	struct semaphores sems;
	char *mem;
	size_t mem_size;
	unsigned int nr;
	int side;
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

static int set_semaphores(struct buffer *b)
{
	int side, err = b->kind->start(&b->sems);

	for (side = 0; !err && side < SIDES; side++) {
		err = b->kind->set(&b->sems, FREE(side), b->nr);
		if (!err)
			err = b->kind->set(&b->sems, FILLED(side), 0);
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
	b->mem_size = sizeof(union semaphore[SEMAPHORES]) + SIDES * slots_bytes(link, b->nr);
	b->mem = b->memory->map(link, b->mem_size);
	if (!b->mem)
		return -ENOMEM;
	b->sems.shared = (union semaphore *)b->mem;
	err = set_semaphores(b);
	return err ? link_refuse(link, err, "%s: %s", b->kind->name, strerror(-err)) : 0;
}

static int bounded_attach(struct link *link, int side)
{
	struct buffer *b = link->priv;
	char *slots = b->mem + sizeof(union semaphore[SEMAPHORES]);

	keeper_leave(&b->sems.keeper);
	b->side = side;
	slots_init(&b->tx, link, slots + (size_t)side * slots_bytes(link, b->nr), b->nr);
	slots_init(&b->rx, link, slots + (size_t)!side * slots_bytes(link, b->nr), b->nr);
	memory_touch(b->mem, b->mem_size);
	return 0;
}

static int bounded_begin(struct link *link, void **msg)
{
	struct buffer *b = link->priv;

	*msg = slots_at(&b->tx);
	return b->kind->down(link, &b->sems, FREE(b->side));
}

static int bounded_send(struct link *link)
{
	struct buffer *b = link->priv;

	slots_go_on(&b->tx);
	return b->kind->up(&b->sems, FILLED(b->side));
}

static ssize_t bounded_recv(struct link *link, const void **msg)
{
	struct buffer *b = link->priv;
	int err = b->kind->down(link, &b->sems, FILLED(!b->side));

	*msg = slots_at(&b->rx);
	return err ? err : (ssize_t)link->size;
}

static int bounded_done(struct link *link)
{
	struct buffer *b = link->priv;

	slots_go_on(&b->rx);
	return b->kind->up(&b->sems, FREE(!b->side));
}

#define BOUNDED(memory, sync, about_memory, about_sync)				\
	.name = memory "+" sync,						\
	.about = "bounded buffer in " about_memory ", two " about_sync,		\
	.wait = WAIT_BLOCK,							\
	.waits = WAITS_SLEEP | 1u << WAIT_SPIN,					\
	.workloads = WORKLOADS_ALL,						\
	.max_size = UINT32_MAX,							\
	.copies = COPIES(0),						\
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
