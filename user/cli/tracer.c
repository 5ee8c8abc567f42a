// SPDX-License-Identifier: GPL-2.0
/* An instance of tracefs, what is traced in it, and its end. */
#include "tracer.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracer_impl.h"

#define TRACING_DIR	"/sys/kernel/tracing"
#define INSTANCE	"ipcchan-trace-"

int tracer_write(struct tracer *tracer, const char *file, const char *text)
{
	errno = 0;
	if (tracer->lib.instance_file_write(tracer->instance, file, text) >= 0)
		return 0;
	return errno ? -errno : -EIO;
}

static int refuse(char why[TRACE_WHY_SIZE], int err, const char *what)
{
	if (err == -EACCES || err == -EPERM)
		snprintf(why, TRACE_WHY_SIZE, "no permission to trace; root has it, unless "
			 "the kernel is locked down (/sys/kernel/security/lockdown)");
	else
		snprintf(why, TRACE_WHY_SIZE, "cannot %s: %s", what, strerror(-err));
	return err;
}

static int find_tracefs(struct tracer *tracer, char why[TRACE_WHY_SIZE])
{
	if (tracer->lib.tracing_dir_is_mounted(false, &tracer->dir) > 0)
		return 0;
	if (access(TRACING_DIR, F_OK))
		snprintf(why, TRACE_WHY_SIZE, "this kernel has no tracefs (CONFIG_TRACING)");
	else
		snprintf(why, TRACE_WHY_SIZE, "tracefs is not mounted; as root: "
			 "mount -t tracefs none " TRACING_DIR);
	return -ENOENT;
}

/*
 * What was left by processes that were killed, of which one may have had the number of this
 * one.  One that is in use cannot be removed.
 */
static void remove_left(const char *tracing)
{
	char path[512];
	struct dirent *entry;
	DIR *dir;
	int pid;

	snprintf(path, sizeof(path), "%s/instances", tracing);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (sscanf(entry->d_name, INSTANCE "%d", &pid) != 1 || pid <= 0)
			continue;
		if (pid != getpid() && (!kill(pid, 0) || errno != ESRCH))
			continue;
		snprintf(path, sizeof(path), "%s/instances/%s", tracing, entry->d_name);
		rmdir(path);
	}
	closedir(dir);
}

static int make_instance(struct tracer *tracer, uint64_t buffer, char why[TRACE_WHY_SIZE])
{
	char text[64], path[512];
	int err = 0;

	snprintf(text, sizeof(text), INSTANCE "%d", getpid());
	snprintf(path, sizeof(path), "%s/instances/%s", tracer->dir, text);
	/* in use: by one that has this number in another namespace */
	if (!access(path, F_OK))
		return refuse(why, -EBUSY, "make an instance of tracefs");
	errno = 0;
	tracer->instance = tracer->lib.instance_create(text);
	if (!tracer->instance)
		return refuse(why, errno ? -errno : -EIO, "make an instance of tracefs");
	if (buffer) {
		snprintf(text, sizeof(text), "%llu",
			 (unsigned long long)((buffer + 1023) / 1024));
		err = tracer_write(tracer, "buffer_size_kb", text);
	}
	/* Of one clock for all CPUs, which user space can read, too. */
	if (!err)
		err = tracer_write(tracer, "trace_clock", "mono");
	return err ? refuse(why, err, "set up an instance of tracefs") : 0;
}

static int open_cpus(struct tracer *tracer)
{
	int cpu, size = 0;

	tracer->n_cpus = (int)sysconf(_SC_NPROCESSORS_CONF);
	tracer->cpu = calloc((size_t)tracer->n_cpus, sizeof(*tracer->cpu));
	if (!tracer->cpu)
		return -ENOMEM;
	for (cpu = 0; cpu < tracer->n_cpus; cpu++) {
		tracer->cpu[cpu] = tracer->lib.cpu_open(tracer->instance, cpu, true);
		if (tracer->cpu[cpu])
			size = tracer->lib.cpu_read_size(tracer->cpu[cpu]);
	}
	if (size <= 0)
		return -EIO;
	tracer->page = malloc((size_t)size);
	tracer->buffer = tracer->lib.kbuffer_alloc(KBUFFER_LSIZE_SAME_AS_HOST,
						   KBUFFER_ENDIAN_SAME_AS_HOST);
	return tracer->page && tracer->buffer ? 0 : -ENOMEM;
}

static int set_up(struct tracer *tracer, uint64_t buffer, char why[TRACE_WHY_SIZE])
{
	int err = trace_lib_load(&tracer->lib, why, TRACE_WHY_SIZE);

	if (!err)
		err = find_tracefs(tracer, why);
	if (err)
		return err;
	remove_left(tracer->dir);
	err = make_instance(tracer, buffer, why);
	if (err)
		return err;
	err = tracer_formats(tracer);
	if (err == -ENOENT) {
		snprintf(why, TRACE_WHY_SIZE, "the module has no tracepoints that this command "
			 "knows: it is of another version, or this kernel has no events "
			 "(CONFIG_EVENT_TRACING)");
		return err;
	}
	if (!err)
		err = open_cpus(tracer);
	return err ? refuse(why, err, "read events of tracefs") : 0;
}

int tracer_open(struct tracer **out, uint64_t buffer, char why[TRACE_WHY_SIZE])
{
	struct tracer *tracer = calloc(1, sizeof(*tracer));
	int err;

	if (!tracer)
		return refuse(why, -ENOMEM, "trace");
	err = set_up(tracer, buffer, why);
	if (err) {
		tracer_close(tracer);
		return err;
	}
	*out = tracer;
	return 0;
}

void tracer_close(struct tracer *tracer)
{
	int cpu;

	if (!tracer)
		return;
	for (cpu = 0; cpu < tracer->n_cpus; cpu++)
		if (tracer->cpu && tracer->cpu[cpu])
			tracer->lib.cpu_close(tracer->cpu[cpu]);
	free(tracer->cpu);
	if (tracer->instance) {
		tracer->lib.instance_destroy(tracer->instance);
		tracer->lib.instance_free(tracer->instance);
	}
	if (tracer->buffer)
		tracer->lib.kbuffer_free(tracer->buffer);
	if (tracer->tep)
		tracer->lib.tep_free(tracer->tep);
	free(tracer->page);
	free(tracer->events);
	free(tracer);
}

int tracer_channel(struct tracer *tracer, uint32_t id, uint32_t netns,
		   char why[TRACE_WHY_SIZE])
{
	char filter[64];
	int err;

	snprintf(filter, sizeof(filter), "chan == %u && netns == %u", id, netns);
	err = tracer_write(tracer, "events/ipcchan/filter", filter);
	if (!err)
		err = tracer_write(tracer, "events/ipcchan/enable", "1");
	return err ? refuse(why, err, "trace the events of a channel") : 0;
}

int tracer_children(struct tracer *tracer, bool on, char why[TRACE_WHY_SIZE])
{
	static const enum trace_kind kinds[] = {
		TRACE_ENQUEUE, TRACE_HANDOVER, TRACE_DEQUEUE, TRACE_SCHED_WAKEUP,
		TRACE_SCHED_SWITCH,
	};
	char text[TRACER_FILE_SIZE];
	size_t i;
	int err = 0;

	if (on) {
		snprintf(text, sizeof(text), "%d", getpid());
		err = tracer_write(tracer, "set_event_pid", text);
		if (!err)
			err = tracer_write(tracer, "options/event-fork", "1");
		/* Which forgets what there is. */
		if (!err)
			err = tracer_write(tracer, "trace_clock", "mono_raw");
		if (!err)
			err = tracer_write(tracer, "tracing_on", "1");
	}
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !err; i++) {
		tracer_event_file(kinds[i], "enable", text);
		err = tracer_write(tracer, text, on ? "1" : "0");
	}
	return err ? refuse(why, err, "trace the events of processes") : 0;
}

/* "PID" between all of @before and "||": as many as there are */
static char *any_of(const char *const *before, const pid_t *pids, size_t n)
{
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (; *before; before++)
		for (i = 0; i < n; i++)
			fprintf(out, "%s%s==%d", ftell(out) ? "||" : "", *before, pids[i]);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

static int set_tasks(struct tracer *tracer, enum trace_kind kind, const pid_t *pids, size_t n)
{
	static const char *const current[] = { "common_pid", NULL };
	static const char *const woken[] = { "pid", NULL };
	static const char *const switched[] = { "prev_pid", "next_pid", NULL };
	char file[TRACER_FILE_SIZE], *filter;
	int err;

	filter = any_of(kind == TRACE_SCHED_SWITCH ? switched :
			kind < TRACE_SCHED_SWITCH ? woken : current, pids, n);
	if (!filter)
		return -ENOMEM;
	tracer_event_file(kind, "filter", file);
	err = tracer_write(tracer, file, filter);
	free(filter);
	if (err || tracer->follows)
		return err;
	tracer_event_file(kind, "enable", file);
	return tracer_write(tracer, file, "1");
}

int tracer_tasks(struct tracer *tracer, const pid_t *pids, size_t n)
{
	enum trace_kind kind;
	int err = 0;

	for (kind = TRACE_SCHED_WAKING; n && kind < TRACE_EVENTS && !err; kind++)
		if (tracer_has(tracer, kind))
			err = set_tasks(tracer, kind, pids, n);
	tracer->follows = n && !err;
	return err;
}

char *tracer_comms(struct tracer *tracer)
{
	return tracer->lib.instance_file_read(NULL, "saved_cmdlines", NULL);
}

int64_t tracer_lost(struct tracer *tracer)
{
	static const char *const counters[] = { "\noverrun: ", "\ncommit overrun: ",
						"\ndropped events: ", NULL };
	const char *const *counter, *at;
	char file[64], *stats;
	int64_t lost = 0;
	int cpu;

	for (cpu = 0; cpu < tracer->n_cpus; cpu++) {
		if (!tracer->cpu[cpu])
			continue;
		snprintf(file, sizeof(file), "per_cpu/cpu%d/stats", cpu);
		stats = tracer->lib.instance_file_read(tracer->instance, file, NULL);
		if (!stats)
			return -EIO;
		for (counter = counters; *counter; counter++) {
			at = strstr(stats, *counter);
			lost += at ? atoll(at + strlen(*counter)) : 0;
		}
		free(stats);
	}
	return lost;
}
