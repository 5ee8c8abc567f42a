// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/kcov.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cover.h"

#define AREA_WORDS	32768U

struct cover_map *cover_map;
static uint64_t base;

bool cover_base(void)
{
	FILE *f = fopen("/sys/module/ipcchan/sections/.text", "r");
	unsigned long long addr;
	bool found = f && fscanf(f, "%llx", &addr) == 1 && addr;

	if (f)
		fclose(f);
	if (found)
		base = addr;
	return found;
}

int cover_open(struct cover *c)
{
	int fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, KCOV_INIT_TRACE, (unsigned long)AREA_WORDS))
		return -errno;
	c->area = mmap(NULL, AREA_WORDS * sizeof(*c->area), PROT_READ | PROT_WRITE, MAP_SHARED,
		       fd, 0);
	if (c->area == MAP_FAILED || ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC)) {
		c->area = NULL;
		return -errno;
	}
	return 0;
}

void cover_begin(struct cover *c)
{
	if (c->area)
		__atomic_store_n(&c->area[0], 0, __ATOMIC_RELAXED);
}

/* All processes write the same; one that is counted twice does not matter. */
static void block_note(uint64_t offset)
{
	uint64_t bit = 1ULL << offset % 64;

	if (cover_map->block[offset / 64] & bit)
		return;
	if (!(__atomic_fetch_or(&cover_map->block[offset / 64], bit, __ATOMIC_RELAXED) & bit))
		__atomic_fetch_add(&cover_map->blocks, 1, __ATOMIC_RELAXED);
}

void cover_end(struct cover *c, uint32_t call)
{
	uint64_t n, i, offset;
	uint32_t from = call * 0x9e3779b1U, edge;

	if (!c->area)
		return;
	n = __atomic_load_n(&c->area[0], __ATOMIC_RELAXED);
	for (i = 1; i <= n && i < AREA_WORDS; i++) {
		offset = c->area[i] - base;
		if (offset >= COVER_TEXT)
			continue;
		edge = (from ^ (uint32_t)offset * 0x85ebca6bU) >> 7 & (COVER_EDGES - 1);
		from = (uint32_t)offset * 0xc2b2ae35U;
		block_note(offset);
		if (!cover_map->edge[edge] && c->nr_new < COVER_NEW_MAX)
			c->new[c->nr_new++] = edge;
	}
}

unsigned int cover_learn(const uint32_t *edge, unsigned int nr)
{
	unsigned int i, fresh = 0;

	for (i = 0; i < nr; i++)
		if (!__atomic_exchange_n(&cover_map->edge[edge[i]], 1, __ATOMIC_RELAXED))
			fresh++;
	__atomic_fetch_add(&cover_map->edges, fresh, __ATOMIC_RELAXED);
	return fresh;
}
