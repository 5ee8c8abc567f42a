/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_TOUCH_H
#define BENCH_TOUCH_H

#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE	23
#endif

/**
 * memory_touch() - in a child: no page fault of its falls into the measurement
 * @addr: of a mapping, of @size bytes
 *
 * Memory that was mapped before the fork is mapped page by page after it, too.  A kernel
 * that cannot do so at once leaves it to the warm-up.
 */
static inline void memory_touch(void *addr, size_t size)
{
	madvise(addr, size, MADV_POPULATE_WRITE);
}

#endif /* BENCH_TOUCH_H */
