// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "abi.h"
#include "mem.h"
#include "ops.h"

static char *place(uint64_t slot, uint64_t offset)
{
	return (char *)map_addr(slot) + offset % MAP_WINDOW;
}

/* Bytes that do not reach into the next mapping */
static size_t within(uint64_t offset, uint64_t len)
{
	uint64_t room = MAP_WINDOW - offset % MAP_WINDOW;

	return len < room ? len : room;
}

/* map fd prot kind flags len offset pool */
long run_mmap(struct thread *t, const struct op *op, const uint64_t *a)
{
	static const int kinds[] = { MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE };
	uint64_t offset = a[6] + (a[7] % 2 ? IPCCHAN_POOL_OFFSET : 0);
	void *p;

	(void)t;
	(void)op;
	p = mmap(map_addr(a[0]), within(0, a[5]), a[2], kinds[a[3] % 3] | a[4] | MAP_FIXED,
		 slot_fd(a[1]), offset);
	return p == MAP_FAILED ? -errno : 0;
}

/* map offset len */
long run_munmap(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)t;
	(void)op;
	return munmap(place(a[0], a[1]), within(a[1], a[2]));
}

/* map offset old len to flags */
long run_mremap(struct thread *t, const struct op *op, const uint64_t *a)
{
	void *p;

	(void)t;
	(void)op;
	p = mremap(place(a[0], a[1]), within(a[1], a[2]), within(0, a[3]),
		   a[5] | MREMAP_MAYMOVE | MREMAP_FIXED, map_addr(a[4]));
	return p == MAP_FAILED ? -errno : 0;
}

/* map offset len advice */
long run_madvise(struct thread *t, const struct op *op, const uint64_t *a)
{
	static const int advices[] = {
		MADV_NORMAL, MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_DONTFORK, MADV_DOFORK,
		MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_WIPEONFORK, MADV_COLD, MADV_PAGEOUT,
		MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_DODUMP, MADV_MERGEABLE,
	};

	(void)t;
	(void)op;
	return madvise(place(a[0], a[1]), within(a[1], a[2]),
		       advices[a[3] % (sizeof(advices) / sizeof(*advices))]);
}

/* map offset len prot */
long run_mprotect(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)t;
	(void)op;
	return mprotect(place(a[0], a[1]), within(a[1], a[2]), a[3]);
}

/* map offset len unlock */
long run_mlock(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)t;
	(void)op;
	return a[3] % 2 ? munlock(place(a[0], a[1]), within(a[1], a[2])) :
			  mlock(place(a[0], a[1]), within(a[1], a[2]));
}

/* map offset value */
long run_poke(struct thread *t, const struct op *op, const uint64_t *a)
{
	uint32_t word = a[2];

	(void)op;
	mem_put(t, place(a[0], a[1]), &word, within(a[1], sizeof(word)));
	return 0;
}

/* map offset len value */
long run_fill(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)op;
	mem_fill(t, place(a[0], a[1]), within(a[1], a[2]), a[3]);
	return 0;
}

/* map offset len */
long run_look(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)op;
	mem_look(t, place(a[0], a[1]), within(a[1], a[2]));
	return 0;
}

/* map offset len: as another process may */
long run_vm_write(struct thread *t, const struct op *op, const uint64_t *a)
{
	struct iovec from = { mem_addr(t, PTR(AT_DATA, 0)), a[2] % DATA_SIZE };
	struct iovec to = { place(a[0], a[1]), within(a[1], a[2] % DATA_SIZE) };

	(void)op;
	return process_vm_writev(getpid(), &from, 1, &to, 1, 0);
}

long run_vm_read(struct thread *t, const struct op *op, const uint64_t *a)
{
	struct iovec to = { mem_addr(t, PTR(AT_DATA, 0)), a[2] % DATA_SIZE };
	struct iovec from = { place(a[0], a[1]), within(a[1], a[2] % DATA_SIZE) };

	(void)op;
	return process_vm_readv(getpid(), &to, 1, &from, 1, 0);
}
