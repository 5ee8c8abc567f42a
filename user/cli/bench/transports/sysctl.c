// SPDX-License-Identifier: GPL-2.0
#include "sysctl.h"

#include <stdio.h>

long sysctl_number(const char *name)
{
	char path[128];
	long value;
	FILE *file;
	int n;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	n = fscanf(file, "%ld", &value);
	fclose(file);
	return n == 1 ? value : -1;
}
