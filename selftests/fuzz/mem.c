// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "abi.h"
#include "mem.h"

#define BASE		0x100000000ULL
#define REGION_SIZE	0x1000000ULL
#define SCRATCH_SIZE	0x100000U	/* from a thread's to the next one's */
#define MAP_BASE	0x200000000ULL
#define PAGE		4096U

static char *region_base(unsigned int region)
{
	return (char *)(BASE + region * REGION_SIZE);
}

static int region_map(char *at, size_t size, int prot)
{
	void *p = mmap(at, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	return p == at ? 0 : -ENOMEM;
}

int mem_init(void)
{
	static const struct {
		unsigned int region, size;
	} arrays[] = {
		{ AT_DATA, DATA_SIZE }, { AT_MSGS, 2 * PAGE }, { AT_IOVS, PAGE },
		{ AT_OFFS, 2 * PAGE }, { AT_FDS, PAGE },
	};
	unsigned int i;
	int err = 0;

	_Static_assert(MSGS_MAX * sizeof(struct ipcchan_msghdr) <= 2 * PAGE, "they fit");
	for (i = 0; !err && i < sizeof(arrays) / sizeof(*arrays); i++)
		err = region_map(region_base(arrays[i].region), arrays[i].size,
				 PROT_READ | PROT_WRITE);
	for (i = 0; !err && i < THREADS; i++)
		err = region_map(region_base(AT_SCRATCH) + i * SCRATCH_SIZE, PAGE,
				 PROT_READ | PROT_WRITE);
	return err ? err : region_map(region_base(AT_RO), PAGE, PROT_READ);
}

void *map_addr(uint64_t slot)
{
	return (void *)(MAP_BASE + slot % MAP_SLOTS * MAP_WINDOW);
}

void *mem_addr(const struct thread *t, uint64_t ptr)
{
	unsigned int region = PTR_REGION(ptr);
	uint64_t offset = PTR_OFFSET(ptr);

	switch (region) {
	case AT_NULL:
		return (void *)offset;
	case AT_END:
		return region_base(AT_DATA) + DATA_SIZE - offset % DATA_SIZE;
	case AT_SCRATCH:
		return region_base(AT_SCRATCH) + t->nr * SCRATCH_SIZE + offset % (2 * PAGE);
	case AT_KERNEL:
		return (void *)(0xffff888000000000ULL + offset);
	case AT_ODD:
		return (void *)(0x8000000000000000ULL + offset);
	default:
		if (region >= AT_MAP)
			return (char *)map_addr(region - AT_MAP) + offset % MAP_WINDOW;
		return region_base(region) + offset % REGION_SIZE;
	}
}

/* Forward and a byte at a time where it is little, so that what can be written is. */
void mem_put(struct thread *t, void *to, const void *from, size_t len)
{
	volatile char *c = to;
	size_t i;

	if (!sigsetjmp(t->guard, 0)) {
		t->guarded = 1;
		for (i = 0; i < len; i++)
			c[i] = ((const char *)from)[i];
	}
	t->guarded = 0;
}

void mem_look(struct thread *t, const void *from, size_t len)
{
	const volatile char *c = from;
	size_t i;

	if (!sigsetjmp(t->guard, 0)) {
		t->guarded = 1;
		for (i = 0; i < len; i += PAGE)
			(void)c[i];
	}
	t->guarded = 0;
}

void mem_fill(struct thread *t, void *to, size_t len, uint32_t word)
{
	volatile char *c = to;
	size_t i;

	if (!sigsetjmp(t->guard, 0)) {
		t->guarded = 1;
		for (i = 0; i + sizeof(word) <= len; i += PAGE)
			*(volatile uint32_t *)(c + i) = word;
	}
	t->guarded = 0;
}

void mem_clear(void)
{
	memset(region_base(AT_MSGS), 0, 2 * PAGE);
	memset(region_base(AT_IOVS), 0, PAGE);
	memset(region_base(AT_OFFS), 0, 2 * PAGE);
	memset(region_base(AT_FDS), 0xff, PAGE);
}

void mem_unmap(void)
{
	munmap((void *)MAP_BASE, MAP_SLOTS * MAP_WINDOW);
}
