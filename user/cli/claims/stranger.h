/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that are not related, and such as may fall. */
#ifndef CLAIMS_STRANGER_H
#define CLAIMS_STRANGER_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "paths.h"

/* Who is nobody: on every Unix there is such a user */
#define NOBODY		65534

/**
 * struct stranger - one of them, in shared memory, which is what it is watched by
 * @pid: of it, and of its @session
 * @ending: it is to end, whatever it has come to
 * @ended: it has
 * @err: what its work returned
 */
struct stranger {
	_Atomic uint32_t ending;
	_Atomic uint32_t ended;
	_Atomic pid_t pid;
	_Atomic pid_t session;
	int err;
};

/**
 * stranger_start() - start a process that is not related to this one
 * @work: what it does, with @arg; returns 0 or a negative errno
 *
 * It is the child of a process that has ended, leads a session of its own and has none of the
 * descriptors of this one.  It ends by itself after LAB_SECONDS.
 * Return: 0; negative errno.
 */
int stranger_start(struct stranger *s, int (*work)(void *arg), void *arg);

/** stranger_wait() - until it has ended; returns what its work did, or -ETIMEDOUT */
int stranger_wait(const struct stranger *s);

/** stranger_end() - end it, if there is one that has not ended yet, or is just about to begin */
void stranger_end(struct stranger *s);

/** word_wait() - until a word of shared memory has a value; 0 or -ETIMEDOUT */
int word_wait(const _Atomic uint32_t *word, uint32_t value);

/**
 * kin_start() - fork a child that ends with this process
 *
 * Return: as fork(2).
 */
pid_t kin_start(void);

/** kin_wait() - until it has ended; returns its exit status, or minus the signal */
int kin_wait(pid_t pid);

/**
 * fall_signal() - what becomes of a child that does something
 *
 * Return: the signal that ended it, 0 when it ended well; negative errno.
 */
int fall_signal(void (*work)(void *arg), void *arg);

/** become_nobody() - give up all rights; 0, or a negative errno where that cannot be */
int become_nobody(void);

/**
 * nobody_refused() - open a file for reading and writing that nobody may, as who has no rights
 * @path: that is there; whoever may pass its folder comes to it from there
 *
 * Return: errno of it, 0 when it could be; a negative errno where the rights of this process
 * let it, and cannot be given up, or where something else than the file is in the way.
 */
int nobody_refused(const struct own_path *path);

#endif /* CLAIMS_STRANGER_H */
