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

static bool file_mentions(const char *path, const char *text)
{
	char line[256];
	bool found = false;
	FILE *f = fopen(path, "r");

	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, text);
	if (f)
		fclose(f);
	return found;
}

/* Stacks of the threads of a process; with a function, of those that are in it. */
static void threads_print(const char *pid, const char *function)
{
	char path[600];
	struct dirent *d;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	while (dir && (d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/task/%s/stack", pid, d->d_name);
		if (function && !file_mentions(path, function))
			continue;
		printf("# thread %s\n", d->d_name);
		file_print(path);
	}
	if (dir)
		closedir(dir);
}

void watch_stacks(pid_t pid)
{
	char text[12];

	snprintf(text, sizeof(text), "%d", (int)pid);
	threads_print(text, NULL);
}

void watch_stacks_in(const char *function)
{
	struct dirent *d;
	DIR *dir = opendir("/proc");

	while (dir && (d = readdir(dir)))
		if (d->d_name[0] >= '1' && d->d_name[0] <= '9')
			threads_print(d->d_name, function);
	if (dir)
		closedir(dir);
}
