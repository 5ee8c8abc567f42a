// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <sys/mman.h>

#include "workload.h"

static size_t shared_size(unsigned int nr)
{
	return sizeof(struct run_shared) + nr * (sizeof(struct ledger) + WHY_SIZE);
}

struct run_shared *run_shared_new(unsigned int nr)
{
	struct run_shared *s = mmap(NULL, shared_size(nr), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (s == MAP_FAILED)
		return NULL;
	run_shared_clear(s, nr);
	return s;
}

/* Behind it is what each process has of its own */
void run_shared_clear(struct run_shared *shared, unsigned int nr)
{
	int phase;

	memset(shared, 0, shared_size(nr));
	for (phase = 0; phase < PHASES; phase++)
		atomic_init(&shared->end[phase], NO_END);
	shared->ledger = (void *)(shared + 1);
	shared->why = (void *)(shared->ledger + nr);
}

void run_shared_free(struct run_shared *shared, unsigned int nr)
{
	munmap(shared, shared_size(nr));
}
