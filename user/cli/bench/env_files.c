// SPDX-License-Identifier: GPL-2.0
#include "env_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *env_read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	const char *got;

	*line = '\0';
	if (!file)
		return NULL;
	got = fgets(line, (int)size, file);
	fclose(file);
	if (got)
		line[strcspn(line, "\n")] = '\0';
	return got;
}

long env_read_number(const char *path)
{
	char line[32], *end;
	long value;

	if (!env_read_line(path, line, sizeof(line)))
		return -1;
	value = strtol(line, &end, 10);
	return end == line ? -1 : value;
}
