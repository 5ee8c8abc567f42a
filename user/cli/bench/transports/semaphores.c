// SPDX-License-Identifier: GPL-2.0
#include "semaphores.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the kernel lets a System V semaphore count to */
#define SYSV_MOST	32767

static int start_nothing(struct semaphores *s)
{
	(void)s;
	return 0;
}

static void end_nothing(struct semaphores *s)
{
	(void)s;
}

static int posix_set(struct semaphores *s, unsigned int which, unsigned int count)
{
	return sem_init(&s->shared[which].posix, 1, count) ? -errno : 0;
}

static int posix_down(struct link *link, struct semaphores *s, unsigned int which)
{
	sem_t *sem = &s->shared[which].posix;
	struct fd_wait wait = { 0 };
	int err;

	do {
		err = fd_looks(link, &wait) ? sem_trywait(sem) : sem_wait(sem);
	} while (err && (errno == EINTR || errno == EAGAIN));
	return err ? -errno : 0;
}

static int posix_up(struct semaphores *s, unsigned int which)
{
	return sem_post(&s->shared[which].posix) ? -errno : 0;
}

const struct semaphore_kind semaphore_posix = {
	.name = "sem_init",
	.most = INT_MAX,
	.start = start_nothing,
	.set = posix_set,
	.down = posix_down,
	.up = posix_up,
	.end = end_nothing,
};

static int make_set(size_t nr)
{
	return semget(IPC_PRIVATE, (int)nr, 0600);
}

static void remove_set(int id)
{
	semctl(id, 0, IPC_RMID);
}

static int sysv_start(struct semaphores *s)
{
	static const struct keeper_kind kind = { .make = make_set, .remove = remove_set };

	return keeper_start(&s->keeper, &kind, SEMAPHORES, &s->set, 1);
}

static int sysv_set(struct semaphores *s, unsigned int which, unsigned int count)
{
	union {
		int val;
		void *buf;
	} arg = { .val = (int)count };

	return semctl(s->set, (int)which, SETVAL, arg) ? -errno : 0;
}

static int sysv_down(struct link *link, struct semaphores *s, unsigned int which)
{
	struct sembuf op = { .sem_num = (unsigned short)which, .sem_op = -1 };
	struct fd_wait wait = { 0 };
	int err;

	do {
		op.sem_flg = fd_looks(link, &wait) ? IPC_NOWAIT : 0;
		err = semop(s->set, &op, 1);
	} while (err && (errno == EINTR || errno == EAGAIN));
	return err ? -errno : 0;
}

static int sysv_up(struct semaphores *s, unsigned int which)
{
	struct sembuf op = { .sem_num = (unsigned short)which, .sem_op = 1 };

	return semop(s->set, &op, 1) ? -errno : 0;
}

static void sysv_end(struct semaphores *s)
{
	keeper_stop(&s->keeper);
}

const struct semaphore_kind semaphore_sysv = {
	.name = "semget",
	.most = SYSV_MOST,
	.start = sysv_start,
	.set = sysv_set,
	.down = sysv_down,
	.up = sysv_up,
	.end = sysv_end,
};

static int futex_set(struct semaphores *s, unsigned int which, unsigned int count)
{
	atomic_init(&s->shared[which].futex, count);
	return 0;
}

/* Return: false, with what it is in @word, when its count is zero */
static bool futex_take(_Atomic uint32_t *futex, uint32_t *word)
{
	*word = atomic_load_explicit(futex, memory_order_relaxed);
	while (*word & ~FUTEX_SLEEPS)
		if (atomic_compare_exchange_weak_explicit(futex, word, *word - 1,
							  memory_order_acquire,
							  memory_order_relaxed))
			return true;
	return false;
}

/* Who sleeps says so in the word that it sleeps on: that changes whenever one is added. */
static int futex_down(struct link *link, struct semaphores *s, unsigned int which)
{
	_Atomic uint32_t *futex = &s->shared[which].futex;
	struct fd_wait wait = { 0 };
	uint32_t word;

	while (!futex_take(futex, &word)) {
		if (fd_looks(link, &wait))
			continue;
		if (!word && !atomic_compare_exchange_strong(futex, &word, FUTEX_SLEEPS))
			continue;
		if (syscall(SYS_futex, futex, FUTEX_WAIT, FUTEX_SLEEPS, NULL, NULL, 0) &&
		    errno != EAGAIN && errno != EINTR)
			return -errno;
	}
	return 0;
}

/*
 * Who wakes takes the mark away, so that nobody else does until one sleeps again: sleepers
 * that it does not know apart, if there are several, are all woken.
 */
static int futex_up(struct semaphores *s, unsigned int which)
{
	_Atomic uint32_t *futex = &s->shared[which].futex;

	if (!(atomic_fetch_add(futex, 1) & FUTEX_SLEEPS))
		return 0;
	atomic_fetch_and(futex, ~FUTEX_SLEEPS);
	return syscall(SYS_futex, futex, FUTEX_WAKE, INT_MAX, NULL, NULL, 0) < 0 ? -errno : 0;
}

const struct semaphore_kind semaphore_futex = {
	.name = "futex",
	.most = INT_MAX,
	.start = start_nothing,
	.set = futex_set,
	.down = futex_down,
	.up = futex_up,
	.end = end_nothing,
};
