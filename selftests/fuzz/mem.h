/* SPDX-License-Identifier: GPL-2.0 */
/* Memory of programs, at addresses that are the same in each run. */
#ifndef FUZZ_MEM_H
#define FUZZ_MEM_H

#include <sys/uio.h>

#include "exec.h"

#define DATA_SIZE	0x20000U
#define MSGS_MAX	102U		/* as many as fit in front of the end */
#define IOVS_MAX	256U
#define OFFS_MAX	1024U
#define FDS_MAX		1024U
/* Bytes from one mapping to the next */
#define MAP_WINDOW	0x20000000ULL

/** mem_init() - once for each process; 0 or -errno */
int mem_init(void);

/** mem_addr() - the address of a place, for this thread */
void *mem_addr(const struct thread *t, uint64_t ptr);

/** map_addr() - where the mapping of a slot is, or would be */
void *map_addr(uint64_t slot);

/**
 * mem_put() - write to memory, as much as can be written
 * @t: this thread
 * @to: anywhere
 * @from: what
 * @len: bytes
 */
void mem_put(struct thread *t, void *to, const void *from, size_t len);

/** mem_look() - read every page of @len bytes at @from, as far as that can be done */
void mem_look(struct thread *t, const void *from, size_t len);

/** mem_fill() - write to every page of @len bytes at @to, likewise */
void mem_fill(struct thread *t, void *to, size_t len, uint32_t word);

/** mem_clear() - what the calls of the last program have put in arrays is gone */
void mem_clear(void);

/** mem_unmap() - no mapping is left */
void mem_unmap(void);

#endif /* FUZZ_MEM_H */
