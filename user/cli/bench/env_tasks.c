// SPDX-License-Identifier: GPL-2.0
/* Who else wants a CPU. */
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "env.h"

/* Looks at who is running, and the time between two of them */
#define LOOKS		9
#define APART_NS	3000000

/* Fields of /proc/PID/stat behind the name, by proc(5) less 3 */
#define FIELD_FLAGS	6
#define FIELD_POLICY	38

/* Of the flags: a thread of the kernel; it has those with a real-time policy for itself */
#define FLAG_KTHREAD	0x00200000ul

/**
 * struct task - of a line of stat
 * @name: in parentheses; may hold anything
 */
struct task {
	char name[32];
	unsigned long flags;
	unsigned long policy;
};

static bool read_task(const char *path, struct task *task)
{
	FILE *file = fopen(path, "re");
	char line[1024] = "", *name, *end, *field;
	int i;

	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	name = strchr(line, '(');
	end = strrchr(line, ')');
	if (!name || !end || end[1] != ' ')
		return false;
	*end = '\0';
	snprintf(task->name, sizeof(task->name), "%s", name + 1);
	for (i = 0, field = strtok(end + 2, " "); field; i++, field = strtok(NULL, " ")) {
		if (i == FIELD_FLAGS)
			task->flags = strtoul(field, NULL, 10);
		if (i == FIELD_POLICY)
			task->policy = strtoul(field, NULL, 10);
	}
	return i > FIELD_POLICY;
}

static bool is_real_time(const struct task *task)
{
	return !(task->flags & FLAG_KTHREAD) &&
	       (task->policy == SCHED_FIFO || task->policy == SCHED_RR ||
		task->policy == SCHED_DEADLINE);
}

static void add_name(struct env *env, const char *name)
{
	size_t used = strlen(env->real_time_names), room = ENV_NAMES - used;
	const char *comma = used ? ", " : "";

	if (!strstr(env->real_time_names, name) && strlen(comma) + strlen(name) < room)
		snprintf(env->real_time_names + used, room, "%s%s", comma, name);
}

static void look_at_threads(struct env *env, const char *pid)
{
	struct dirent *entry;
	struct task task;
	char path[600];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%s/task/%s/stat", pid, entry->d_name);
		if (entry->d_name[0] == '.' || !read_task(path, &task) ||
		    !is_real_time(&task))
			continue;
		env->real_time++;
		add_name(env, task.name);
	}
	if (dir)
		closedir(dir);
}

static int compare_unsigned(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

	return (x > y) - (x < y);
}

/* How many want a CPU beside this process, in the middle of some looks */
static unsigned int others_running(void)
{
	const struct timespec apart = { .tv_nsec = APART_NS };
	unsigned int running[LOOKS] = { 0 };
	FILE *file;
	int i;

	for (i = 0; i < LOOKS; i++) {
		file = fopen("/proc/loadavg", "re");
		if (file && (fscanf(file, "%*f %*f %*f %u", &running[i]) != 1 || !running[i]))
			running[i] = 1;
		if (file)
			fclose(file);
		nanosleep(&apart, NULL);
	}
	qsort(running, LOOKS, sizeof(running[0]), compare_unsigned);
	return running[LOOKS / 2] ? running[LOOKS / 2] - 1 : 0;
}

void env_tasks(struct env *env)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	env->waiting = others_running();
	env->real_time = 0;
	env->real_time_names[0] = '\0';
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			look_at_threads(env, entry->d_name);
	if (dir)
		closedir(dir);
}
