/* SPDX-License-Identifier: GPL-2.0 */
/* Shared memory, of each kind that Unix has. */
#ifndef BENCH_TRANSPORTS_MEMORY_H
#define BENCH_TRANSPORTS_MEMORY_H

#include "../transport.h"

/**
 * struct memory_kind - a kind of shared memory
 * @map: new memory of @size bytes, in this process and those that it will fork; returns
 *	NULL with @link->why filled
 * @unmap: it ends with the last process that has it
 */
struct memory_kind {
	void *(*map)(struct link *link, size_t size);
	void (*unmap)(void *addr, size_t size);
};

/* A mapped file of TMPDIR, or /var/tmp; shm_open(3); shmget(2).  None has a name. */
extern const struct memory_kind memory_file, memory_posix, memory_sysv;

#endif /* BENCH_TRANSPORTS_MEMORY_H */
