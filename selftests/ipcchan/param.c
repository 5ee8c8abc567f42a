// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "param.h"

#define PARAMS_MAX	8

static struct {
	char path[128];
	unsigned long value;
} saved[PARAMS_MAX];

static int nr_saved;
static pid_t saver;

static int param_write(const char *path, unsigned long value)
{
	FILE *f = fopen(path, "we");
	int ret;

	if (!f)
		return -errno;
	ret = fprintf(f, "%lu\n", value) < 0 ? -EIO : 0;
	return fclose(f) ? -errno : ret;
}

void param_restore(void)
{
	/* Not by children that inherited what is saved. */
	if (getpid() != saver)
		return;
	while (nr_saved) {
		nr_saved--;
		param_write(saved[nr_saved].path, saved[nr_saved].value);
	}
}

int param_set(const char *name, unsigned long value)
{
	FILE *f;
	int n;

	if (nr_saved == PARAMS_MAX)
		return -ENOSPC;
	if (saver != getpid()) {
		saver = getpid();
		nr_saved = 0;
		atexit(param_restore);
	}
	snprintf(saved[nr_saved].path, sizeof(saved[0].path),
		 "/sys/module/ipcchan/parameters/%s", name);
	f = fopen(saved[nr_saved].path, "re");
	if (!f)
		return -errno;
	n = fscanf(f, "%lu", &saved[nr_saved].value);
	fclose(f);
	if (n != 1)
		return -EIO;
	return param_write(saved[nr_saved++].path, value);
}
