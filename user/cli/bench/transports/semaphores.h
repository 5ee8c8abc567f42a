/* SPDX-License-Identifier: GPL-2.0 */
/* Counting semaphores between processes, of each kind that Unix and Linux have. */
#ifndef BENCH_TRANSPORTS_SEMAPHORES_H
#define BENCH_TRANSPORTS_SEMAPHORES_H

#include <semaphore.h>
#include <stdatomic.h>

#include "fd.h"
#include "keeper.h"

#define FUTEX_SLEEPS	(1u << 31)

/* Two a direction, and one a side */
#define SEMAPHORES	(3 * SIDES)

/**
 * union semaphore - what of one lies in shared memory, in a line of the cache of its own
 * @futex: a count, with %FUTEX_SLEEPS while somebody sleeps until it is not zero
 * @posix: the whole of a sem_t
 */
union semaphore {
	_Atomic uint32_t futex;
	sem_t posix;
	_Alignas(64) char line[64];
};

/**
 * struct semaphores - those of a link
 * @shared: in shared memory, %SEMAPHORES of them
 * @set: number of a System V set, where they are that
 * @keeper: of the set
 */
struct semaphores {
	union semaphore *shared;
	int set;
	struct keeper keeper;
};

/**
 * struct semaphore_kind - the operations return 0 or a negative errno
 * @name: of the call that makes one
 * @most: the largest count
 * @start: in the parent, once for all, before @set
 * @set: to a count, before anybody uses it
 * @down: wait, as @link->wait says, until the count is not zero, and take one off it
 * @up: add one, and wake who waits
 * @end: in the parent, also after a failed @start
 */
struct semaphore_kind {
	const char *name;
	size_t most;
	int (*start)(struct semaphores *s);
	int (*set)(struct semaphores *s, unsigned int which, unsigned int count);
	int (*down)(struct link *link, struct semaphores *s, unsigned int which);
	int (*up)(struct semaphores *s, unsigned int which);
	void (*end)(struct semaphores *s);
};

/* sem_init(3), semget(2), futex(2) */
extern const struct semaphore_kind semaphore_posix, semaphore_sysv, semaphore_futex;

#endif /* BENCH_TRANSPORTS_SEMAPHORES_H */
