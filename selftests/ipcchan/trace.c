// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace.h"

#define TRACEFS		"/sys/kernel/tracing"

/* Messages that can be told apart */
#define LETTERS		26

static char instance[64];

static int write_file(const char *name, const char *text)
{
	char path[128];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/%s", instance, name);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

int trace_start(void)
{
	int err;

	/* It may be there; where there is none, the next step says so. */
	mount("tracefs", TRACEFS, "tracefs", 0, NULL);
	snprintf(instance, sizeof(instance), TRACEFS "/instances/ipcchan-%d", getpid());
	if (mkdir(instance, 0700)) {
		err = -errno;
		instance[0] = '\0';
		return err;
	}
	/* Of one clock, or events of two CPUs could change places. */
	err = write_file("trace_clock", "mono");
	if (!err)
		err = write_file("events/ipcchan/enable", "1");
	if (err)
		trace_stop();
	return err;
}

/* "     task-12  [000] ..... 1.2: event: fields": behind the time. */
static const char *event_of(char *line)
{
	char *at = strstr(line, ": ipcchan_");

	return at ? at + strlen(": ipcchan_") : NULL;
}

/* The addresses of a line, in place, each as its letter.  Return: false, there are too many. */
static bool name_messages(char *line)
{
	static char seen[LETTERS][24];
	char *from = strstr(line, "msg="), *to;
	size_t len, i;

	if (!from)
		return true;
	from += strlen("msg=");
	len = strcspn(from, " ");
	to = from + len;
	for (i = 0; i < LETTERS; i++) {
		if (!seen[i][0])
			snprintf(seen[i], sizeof(seen[i]), "%.*s", (int)len, from);
		if (strlen(seen[i]) == len && !memcmp(seen[i], from, len))
			break;
	}
	if (i == LETTERS)
		return false;
	*from = (char)('a' + i);
	memmove(from + 1, to, strlen(to) + 1);
	return true;
}

/* Of @line, the end that tells the caller's network namespace: that of all that it does. */
static void cut_netns(char *line)
{
	char mine[32], *end = strrchr(line, ' ');
	struct stat ns;

	if (!end || stat("/proc/self/ns/net", &ns))
		return;
	snprintf(mine, sizeof(mine), " netns=%llu\n", (unsigned long long)ns.st_ino);
	if (!strcmp(end, mine))
		strcpy(end, "\n");
}

int trace_take(char *text, size_t size)
{
	char path[128], *line = NULL, *colon;
	const char *event;
	size_t room = 0, used = 0;
	FILE *file;
	int n, err = 0;

	snprintf(path, sizeof(path), "%s/trace", instance);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	text[0] = '\0';
	while (!err && getline(&line, &room, file) > 0) {
		event = event_of(line);
		if (!event)
			continue;
		cut_netns(line);
		if (!name_messages(line)) {
			err = -ENOSPC;
			break;
		}
		colon = strstr(event, ": ");
		n = snprintf(text + used, size - used, "%.*s %s", (int)(colon - event), event,
			     colon + 2);
		if (n < 0 || (size_t)n >= size - used)
			err = -ENOSPC;
		used += (size_t)n;
	}
	free(line);
	fclose(file);
	return err ? err : write_file("trace", "");
}

void trace_stop(void)
{
	if (!instance[0])
		return;
	write_file("events/ipcchan/enable", "0");
	rmdir(instance);
	instance[0] = '\0';
}
