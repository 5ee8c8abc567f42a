// SPDX-License-Identifier: GPL-2.0
#include "trace_tasks.h"

#include <dirent.h>
#include <errno.h>
#include <search.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_pid(const void *a, const void *b)
{
	const struct trace_task *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

struct trace_task *trace_tasks_find(const struct trace_tasks *tasks, uint64_t pid)
{
	const struct trace_task key = { .pid = pid };
	struct trace_task **found = tfind(&key, &tasks->root, by_pid);

	return found ? *found : NULL;
}

void trace_tasks_read_comm(struct trace_task *task)
{
	char path[64];
	size_t n;
	FILE *file;

	*task->comm = '\0';
	snprintf(path, sizeof(path), "/proc/%llu/comm", (unsigned long long)task->pid);
	file = fopen(path, "re");
	if (!file)
		return;
	n = fread(task->comm, 1, TRACE_COMM_SIZE, file);
	/* the newline at the end is not its own */
	task->comm[n ? n - 1 : 0] = '\0';
	fclose(file);
}

/* The kernel keeps the names of those that it traced last. */
static void ask_comms(struct trace_tasks *tasks)
{
	char *text = tracer_comms(tasks->tracer), *line, *rest = NULL, *name;
	struct trace_task *task;

	tasks->asked = true;
	for (line = text ? strtok_r(text, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		task = trace_tasks_find(tasks, strtoull(line, &name, 10));
		if (task && !*task->comm && *name == ' ')
			snprintf(task->comm, sizeof(task->comm), "%s", name + 1);
	}
	free(text);
}

void trace_tasks_comm(struct trace_tasks *tasks, uint64_t pid, char comm[TRACE_COMM_SIZE + 1])
{
	struct trace_task *task = trace_tasks_find(tasks, pid);

	if (!task)
		return;
	if (!*task->comm && !tasks->asked)
		ask_comms(tasks);
	memcpy(comm, task->comm, sizeof(task->comm));
}

/* Those that are gone make room. */
static void drop_gone(struct trace_tasks *tasks)
{
	struct trace_task *task;
	size_t i, n = 0;

	for (i = 0; i < tasks->n; i++) {
		task = trace_tasks_find(tasks, (uint64_t)tasks->watched[i]);
		if (task->sent || task->taken || !kill(tasks->watched[i], 0) ||
		    errno != ESRCH) {
			tasks->watched[n++] = tasks->watched[i];
			continue;
		}
		tdelete(task, &tasks->root, by_pid);
		free(task);
	}
	tasks->n = n;
}

static void list(struct trace_tasks *tasks, struct trace_task *task)
{
	if (tasks->n < TRACE_TASKS_MAX) {
		tasks->watched[tasks->n++] = (pid_t)task->pid;
		tasks->more = true;
		task->listed = true;
	} else if (!task->missed) {
		tasks->unwatched++;
		task->missed = true;
	}
}

struct trace_task *trace_tasks_get(struct trace_tasks *tasks, uint64_t pid)
{
	struct trace_task *task = trace_tasks_find(tasks, pid);

	if (task) {
		if (!task->listed)
			list(tasks, task);
		return task;
	}
	task = calloc(1, sizeof(*task));
	if (!task)
		return NULL;
	task->pid = pid;
	trace_tasks_read_comm(task);
	if (!tsearch(task, &tasks->root, by_pid)) {
		free(task);
		return NULL;
	}
	list(tasks, task);
	return task;
}

/* Is it of a descriptor of the channel? */
static bool is_of(FILE *fdinfo, uint32_t id, uint32_t netns)
{
	unsigned int found;
	char line[128];
	int right = 0;

	while (right < 2 && fgets(line, sizeof(line), fdinfo))
		right += (sscanf(line, "ipcchan-id: %u", &found) == 1 && found == id) ||
			 (sscanf(line, "ipcchan-netns: %u", &found) == 1 && found == netns);
	return right == 2;
}

/* Does one of the process's descriptors belong to the channel? */
static bool has_open(const char *pid, uint32_t id, uint32_t netns)
{
	struct dirent *entry;
	bool has = false;
	char path[300];
	FILE *file;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.16s/fdinfo", pid);
	dir = opendir(path);
	while (dir && !has && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%.16s/fdinfo/%.16s", pid, entry->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		has = is_of(file, id, netns);
		fclose(file);
	}
	if (dir)
		closedir(dir);
	return has;
}

static void get_threads(struct trace_tasks *tasks, const char *pid)
{
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.16s/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) != NULL)
		if (atoi(entry->d_name) > 0)
			trace_tasks_get(tasks, (uint64_t)atoi(entry->d_name));
	if (dir)
		closedir(dir);
}

void trace_tasks_scan(struct trace_tasks *tasks, uint32_t id, uint32_t netns)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc");

	while (dir && (entry = readdir(dir)) != NULL)
		if (atoi(entry->d_name) > 0 && has_open(entry->d_name, id, netns))
			get_threads(tasks, entry->d_name);
	if (dir)
		closedir(dir);
}

int trace_tasks_watch(struct trace_tasks *tasks)
{
	struct trace_task *task;
	size_t i;
	int err;

	tasks->asked = false;
	if (tasks->n == TRACE_TASKS_MAX)
		drop_gone(tasks);
	if (!tasks->more)
		return 0;
	err = tracer_tasks(tasks->tracer, tasks->watched, tasks->n);
	if (err)
		return err;
	tasks->more = false;
	for (i = 0; i < tasks->n; i++) {
		task = trace_tasks_find(tasks, (uint64_t)tasks->watched[i]);
		if (!task->watched)
			task->watched = tracer_now();
	}
	return 0;
}

static void forget_call(const void *node, VISIT which, int depth)
{
	struct trace_task *task = *(struct trace_task *const *)node;

	(void)depth;
	if (which != preorder && which != leaf)
		return;
	task->call = 0;
	task->room = 0;
}

void trace_tasks_lost(struct trace_tasks *tasks)
{
	twalk(tasks->root, forget_call);
}

void trace_tasks_free(struct trace_tasks *tasks)
{
	tdestroy(tasks->root, free);
	tasks->root = NULL;
}
