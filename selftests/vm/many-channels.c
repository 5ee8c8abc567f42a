// SPDX-License-Identifier: GPL-2.0
/*
 * Makes named channels until there are N of them, "many-1" to "many-N", which stay,
 * and prints what each of the new ones takes of the kernel's memory: of slab pages, by
 * /proc/slabinfo, and of all of it that /proc/meminfo counts and no process has.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/ipcchan.h>

/* Return: 0; negative errno, -EEXIST where it is there */
static int make_channel(unsigned long number)
{
	struct ipcchan_attach attach = {
		.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL,
		.role = IPCCHAN_ROLE_SEND,
	};
	int fd = open(IPCCHAN_DEV_PATH, O_RDWR | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	snprintf(attach.name, sizeof(attach.name), "many-%lu", number);
	if (ioctl(fd, IPCCHAN_IOC_ATTACH, &attach))
		err = -errno;
	close(fd);
	return err;
}

/* Bytes of all pages that slab caches have; free objects in them count too */
static long long slab_bytes(void)
{
	long page = sysconf(_SC_PAGESIZE);
	FILE *file = fopen("/proc/slabinfo", "re");
	long long bytes = 0;
	char line[512];

	while (file && fgets(line, sizeof(line), file)) {
		unsigned long pages, slabs;

		if (sscanf(line, "%*s %*u %*u %*u %*u %lu", &pages) != 1)
			continue;
		if (sscanf(strstr(line, "slabdata") ?: "", "slabdata %*u %lu", &slabs) == 1)
			bytes += (long long)page * (long long)(pages * slabs);
	}
	if (file)
		fclose(file);
	return bytes;
}

/* The same, and page tables, stacks, vmalloc and percpu memory */
static long long kernel_bytes(void)
{
	static const char *const names[] = {
		"Slab", "KernelStack", "PageTables", "VmallocUsed", "Percpu", NULL,
	};
	FILE *file = fopen("/proc/meminfo", "re");
	long long bytes = 0, kib;
	char name[64];
	size_t i;

	while (file && fscanf(file, "%63[^:]: %lld%*[^\n]\n", name, &kib) == 2)
		for (i = 0; names[i]; i++)
			if (!strcmp(name, names[i]))
				bytes += kib * 1024;
	if (file)
		fclose(file);
	return bytes;
}

int main(int argc, char **argv)
{
	unsigned long want = argc == 2 ? strtoul(argv[1], NULL, 10) : 0, i, made = 0;
	long long slab, kernel;
	int err;

	if (!want) {
		fprintf(stderr, "usage: many-channels N\n");
		return 1;
	}
	slab = slab_bytes();
	kernel = kernel_bytes();
	for (i = 1; i <= want; i++) {
		err = make_channel(i);
		made += !err;
		if (err && err != -EEXIST) {
			fprintf(stderr, "many-channels: channel %lu: %s\n", i, strerror(-err));
			return 2;
		}
	}
	if (!made)
		return 0;
	printf("%lu channels: %lld bytes of slab and %lld bytes of kernel memory each\n",
	       made, (slab_bytes() - slab) / (long long)made,
	       (kernel_bytes() - kernel) / (long long)made);
	return 0;
}
