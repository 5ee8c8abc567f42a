// SPDX-License-Identifier: GPL-2.0
#include "slots.h"

#include "fd.h"

/* Messages of a direction, at most: each takes eight bytes at least */
#define SLOTS_MOST	(1u << 20)

static size_t stride(const struct link *link)
{
	return (link->size + 7) / 8 * 8;
}

unsigned int slots_count(struct link *link, size_t most)
{
	size_t nr = link->depth / link->size;

	if (most > SLOTS_MOST)
		most = SLOTS_MOST;
	if (nr > most)
		nr = most;
	link->depth = nr * link->size;
	return (unsigned int)nr;
}

size_t slots_bytes(const struct link *link, unsigned int nr)
{
	return fd_room(nr * stride(link));
}

void slots_init(struct slots *slots, const struct link *link, void *mem, unsigned int nr)
{
	*slots = (struct slots){ .mem = mem, .stride = stride(link), .nr = nr };
}
