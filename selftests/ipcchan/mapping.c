// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "mapping.h"

void pages_stamp(char *map, size_t page, int first, int pages)
{
	int i;

	for (i = 0; i < pages; i++)
		snprintf(map + i * page, 16, "page %d", first + i);
}

bool pages_are_stamped(const char *map, size_t page, int first, int pages)
{
	char want[16];
	int i;

	for (i = 0; i < pages; i++) {
		snprintf(want, sizeof(want), "page %d", first + i);
		if (strcmp(map + i * page, want))
			return false;
	}
	return true;
}

long pages_present(void *map, size_t len)
{
	size_t i, nr = len / sysconf(_SC_PAGESIZE);
	unsigned char *vec = malloc(nr);
	long present = 0;

	if (!vec)
		return -ENOMEM;
	if (mincore(map, len, vec))
		present = -errno;
	for (i = 0; present >= 0 && i < nr; i++)
		present += vec[i] & 1;
	free(vec);
	return present;
}

long minor_faults(void)
{
	struct rusage u;

	getrusage(RUSAGE_THREAD, &u);
	return u.ru_minflt;
}

long mapping_kib(const void *addr, const char *key)
{
	char line[512], begin[32];
	bool here = false;
	long kib = -ENOENT;
	FILE *f = fopen("/proc/self/smaps", "re");

	if (!f)
		return -errno;
	snprintf(begin, sizeof(begin), "%lx-", (unsigned long)(uintptr_t)addr);
	while (kib < 0 && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, begin, strlen(begin)))
			here = true;
		else if (here && !strncmp(line, key, strlen(key)))
			kib = atol(line + strlen(key));
	}
	fclose(f);
	return kib;
}

size_t huge_page_size(void)
{
	FILE *f = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "re");
	size_t size = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%zu", &size) != 1)
		size = 0;
	fclose(f);
	return size;
}

bool huge_pages_mapped(void)
{
	struct utsname u;
	int major, minor;

	if (uname(&u) || sscanf(u.release, "%d.%d", &major, &minor) != 2)
		return true;
	return major != 6 || minor < 12 || minor >= 16;
}

char *aligned_address(size_t len, size_t align, size_t skew)
{
	size_t room = len + 2 * align;
	char *base = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		return NULL;
	munmap(base, room);
	return base + (-(uintptr_t)base & (align - 1)) + skew;
}
