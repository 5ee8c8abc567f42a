// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "shared.h"

struct shared *shared;

int shared_init(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		return -errno;
	cover_map = &shared->cover;
	return 0;
}

void shared_add(const struct prog *p)
{
	uint32_t at = __atomic_fetch_add(&shared->taken, 1, __ATOMIC_RELAXED);

	if (at >= CORPUS_MAX)
		return;
	shared->corpus[at] = *p;
	__atomic_fetch_add(&shared->nr, 1, __ATOMIC_RELEASE);
}

int shared_load(const char *path)
{
	FILE *f = fopen(path, "r");
	struct prog p;
	int ret;

	if (!f) {
		fprintf(stderr, "fuzz: cannot open %s: %s\n", path, strerror(errno));
		return -errno;
	}
	while ((ret = prog_read(f, &p)) > 0)
		shared_add(&p);
	fclose(f);
	shared->loaded = shared->nr;
	return ret;
}
