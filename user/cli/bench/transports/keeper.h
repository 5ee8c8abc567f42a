/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What would outlive whoever made it, as all of System V does: a process of its own makes
 * it, and removes it when its pipe from the benchmark ends, however that ends.
 */
#ifndef BENCH_TRANSPORTS_KEEPER_H
#define BENCH_TRANSPORTS_KEEPER_H

#include <stddef.h>
#include <sys/types.h>

/* Objects of one keeper, at most */
#define KEEPER_MOST	2

/**
 * struct keeper_kind - a kind of objects
 * @make: returns the number of a new one, or -1 with errno set; the argument is that of
 *	keeper_start()
 * @remove: the one with this number
 */
struct keeper_kind {
	int (*make)(size_t size);
	void (*remove)(int id);
};

/**
 * struct keeper - the process, as the benchmark sees it
 * @pid: 0 for none
 * @life: the end of its pipe, -1 for none
 */
struct keeper {
	pid_t pid;
	int life;
};

#define KEEPER_NONE	((struct keeper){ .life = -1 })

/**
 * keeper_start() - make @nr objects that live until keeper_stop(), or the parent's end
 * @keeper: KEEPER_NONE
 * @size: of each, for @kind
 * @ids: out, their numbers
 *
 * In the parent.  Return: 0; negative errno, with which keeper_stop() is needed, too.
 */
int keeper_start(struct keeper *keeper, const struct keeper_kind *kind, size_t size, int *ids,
		 unsigned int nr);

/** keeper_leave() - in a child: it is the parent alone whose end ends the objects */
void keeper_leave(struct keeper *keeper);

/** keeper_stop() - remove them; KEEPER_NONE is left alone */
void keeper_stop(struct keeper *keeper);

#endif /* BENCH_TRANSPORTS_KEEPER_H */
