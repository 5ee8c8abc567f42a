// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "watch.h"

#define RECORD_SIZE	8192
#define LEVEL_ERROR	3

static int kmsg = -1;

void watch_init(void)
{
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg >= 0)
		lseek(kmsg, 0, SEEK_END);
}

/* What lockdep says comes as a warning; of the kernel's errors there is to be none. */
static bool complains(const char *record)
{
	static const char *const words[] = {
		"BUG", "WARNING", "KASAN", "UBSAN", "KCSAN", "Oops", "possible", "suspicious",
		"inconsistent", "bad unlock", "held lock", "cut here", "Call Trace", "hung",
		"blocked for", "stall", "corrupt", "refcount", "ODEBUG", "Out of memory",
	};
	unsigned long level = strtoul(record, NULL, 10);
	const char *text = strchr(record, ';');
	unsigned int i;

	if (level >> 3 || !text)
		return false;
	if ((level & 7) <= LEVEL_ERROR)
		return true;
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strstr(text, words[i]))
			return true;
	return false;
}

bool watch_complaint(void)
{
	char record[RECORD_SIZE];
	bool found = false;
	ssize_t n;

	while ((n = read(kmsg, record, sizeof(record) - 1)) > 0) {
		record[n] = '\0';
		record[strcspn(record, "\n")] = '\0';
		if (!found && !complains(record))
			continue;
		printf("# kernel: %s\n", strchr(record, ';') + 1);
		found = true;
	}
	return found;
}

static void file_print(const char *path)
{
	char line[256];
	FILE *f = fopen(path, "r");

	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		printf("#   %s", line);
	fclose(f);
}

void watch_stacks(pid_t pid)
{
	char path[300];
	struct dirent *d;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	while (dir && (d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		printf("# thread %s\n", d->d_name);
		snprintf(path, sizeof(path), "/proc/%d/task/%s/stack", (int)pid, d->d_name);
		file_print(path);
	}
	if (dir)
		closedir(dir);
}
