// SPDX-License-Identifier: GPL-2.0
/* Events out of the kernel's buffers, one for each CPU. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tracer_impl.h"

/* Read of one CPU at a time while it goes on, so that those of the others do not wait for ever */
#define PAGES_MOST	4096

/* Where a number of an event goes, or its text if @text */
struct target {
	const char *name;
	size_t offset;
	bool text;
};

#define NUMBER(member, field)	{ field, offsetof(struct trace_event, member), false }
#define TEXT(member, field)	{ field, offsetof(struct trace_event, member), true }
#define MESSAGE(...)		{ NUMBER(msg, "msg"), NUMBER(cookie, "cookie"), \
				  NUMBER(len, "len"), NUMBER(prio, "prio"), __VA_ARGS__ }

static const struct {
	const char *system;
	const char *name;
	struct target target[TRACER_FIELDS];
} table[TRACE_EVENTS] = {
	[TRACE_ATTACH] = { "ipcchan", "ipcchan_attach", { } },
	[TRACE_ENQUEUE] = { "ipcchan", "ipcchan_enqueue", MESSAGE() },
	[TRACE_DEQUEUE] = { "ipcchan", "ipcchan_dequeue", MESSAGE() },
	[TRACE_DROP] = { "ipcchan", "ipcchan_drop", MESSAGE() },
	[TRACE_HANDOVER] = { "ipcchan", "ipcchan_handover",
			     MESSAGE(NUMBER(task, "to")) },
	[TRACE_WAIT] = { "ipcchan", "ipcchan_wait", { NUMBER(what, "what") } },
	[TRACE_WAKE] = { "ipcchan", "ipcchan_wake",
			 { NUMBER(task, "pid"), NUMBER(result, "result") } },
	[TRACE_SCHED_WAKING] = { "sched", "sched_waking",
				 { NUMBER(task, "pid"), TEXT(comm, "comm") } },
	[TRACE_SCHED_WAKEUP] = { "sched", "sched_wakeup",
				 { NUMBER(task, "pid"), TEXT(comm, "comm") } },
	[TRACE_SCHED_SWITCH] = { "sched", "sched_switch",
				 { NUMBER(task, "next_pid"), NUMBER(from, "prev_pid"),
				   TEXT(comm, "next_comm"), TEXT(from_comm, "prev_comm") } },
	[TRACE_SYS_ENTER] = { "raw_syscalls", "sys_enter", { } },
	[TRACE_SYS_EXIT] = { "raw_syscalls", "sys_exit", { } },
};

void tracer_event_file(enum trace_kind kind, const char *file, char path[TRACER_FILE_SIZE])
{
	snprintf(path, TRACER_FILE_SIZE, "events/%s/%s/%s", table[kind].system, table[kind].name,
		 file);
}

static bool find_fields(struct tracer *tracer, enum trace_kind kind)
{
	struct tracer_format *format = &tracer->format[kind];
	size_t i;

	/* each of the module's tells it, for the filter of tracer_channel() */
	if (kind < TRACE_SCHED_WAKING &&
	    !tracer->lib.tep_find_any_field(format->event, "netns"))
		return false;
	format->pid = tracer->lib.tep_find_any_field(format->event, "common_pid");
	tracer->type = tracer->lib.tep_find_any_field(format->event, "common_type");
	for (i = 0; i < TRACER_FIELDS && table[kind].target[i].name; i++) {
		format->field[i] = tracer->lib.tep_find_any_field(format->event,
								  table[kind].target[i].name);
		if (!format->field[i])
			return false;
	}
	return format->pid && tracer->type;
}

static bool find_format(struct tracer *tracer, enum trace_kind kind)
{
	struct tracer_format *format = &tracer->format[kind];
	char file[TRACER_FILE_SIZE], *text;
	int size = 0;

	tracer_event_file(kind, "format", file);
	text = tracer->lib.instance_file_read(tracer->instance, file, &size);
	if (!text)
		return false;
	/* What it returns is about how an event is printed, too. */
	tracer->lib.tep_parse_format(tracer->tep, &format->event, text, (unsigned long)size,
				     table[kind].system);
	free(text);
	if (format->event && !find_fields(tracer, kind))
		format->event = NULL;
	return format->event;
}

int tracer_formats(struct tracer *tracer)
{
	enum trace_kind kind;

	tracer->tep = tracer->lib.tep_alloc();
	if (!tracer->tep)
		return -ENOMEM;
	for (kind = 0; kind < TRACE_EVENTS; kind++)
		if (!find_format(tracer, kind) && kind < TRACE_SCHED_WAKING)
			return -ENOENT;
	return 0;
}

bool tracer_has(const struct tracer *tracer, enum trace_kind kind)
{
	return tracer->format[kind].event;
}

static uint64_t number(const struct tracer *tracer, struct tep_format_field *field,
		       const void *data)
{
	unsigned long long value = 0;

	tracer->lib.tep_read_number_field(field, data, &value);
	/* What is signed may be negative: a result. */
	return field->size == 4 ? (uint64_t)(int32_t)value : value;
}

static void decode(const struct tracer *tracer, enum trace_kind kind, const void *data,
		   struct trace_event *event)
{
	const struct tracer_format *format = &tracer->format[kind];
	size_t i, size;
	char *to;

	event->kind = kind;
	event->pid = number(tracer, format->pid, data);
	for (i = 0; i < TRACER_FIELDS && format->field[i]; i++) {
		to = (char *)event + table[kind].target[i].offset;
		size = (size_t)format->field[i]->size;
		if (!table[kind].target[i].text)
			*(uint64_t *)to = number(tracer, format->field[i], data);
		else
			memcpy(to, (const char *)data + format->field[i]->offset,
			       size < TRACE_COMM_SIZE ? size : TRACE_COMM_SIZE);
	}
}

/* Return: room for one, zeroed but for when and in which order; NULL without memory. */
static struct trace_event *add(struct tracer *tracer, uint64_t ns)
{
	struct trace_event *event;

	if (tracer->n == tracer->room) {
		size_t room = tracer->room ? 2 * tracer->room : 1024;

		event = reallocarray(tracer->events, room, sizeof(*event));
		if (!event)
			return NULL;
		tracer->events = event;
		tracer->room = room;
	}
	event = &tracer->events[tracer->n++];
	*event = (struct trace_event){ .ns = ns, .order = tracer->order++ };
	return event;
}

/* Return: 0; -ENOMEM. */
static int take(struct tracer *tracer, const void *data, uint64_t ns)
{
	struct tep_event *found = tracer->lib.tep_find_event(tracer->tep,
				(int)number(tracer, tracer->type, data));
	struct trace_event *event;
	enum trace_kind kind;

	for (kind = 0; kind < TRACE_EVENTS; kind++)
		if (found && found == tracer->format[kind].event)
			break;
	if (kind == TRACE_EVENTS)
		return 0;
	event = add(tracer, ns);
	if (!event)
		return -ENOMEM;
	decode(tracer, kind, data, event);
	return 0;
}

static int take_page(struct tracer *tracer)
{
	const struct trace_lib *lib = &tracer->lib;
	struct trace_event *lost;
	unsigned long long ns;
	void *data;
	int err = 0;

	if (lib->kbuffer_load_subbuffer(tracer->buffer, tracer->page) < 0)
		return -EIO;
	data = lib->kbuffer_read_event(tracer->buffer, &ns);
	if (data && lib->kbuffer_missed_events(tracer->buffer)) {
		lost = add(tracer, ns);
		if (!lost)
			return -ENOMEM;
		lost->kind = TRACE_LOST;
	}
	while (data && !err) {
		err = take(tracer, data, ns);
		data = lib->kbuffer_next_event(tracer->buffer, &ns);
	}
	return err;
}

static int read_cpu(struct tracer *tracer, struct tracefs_cpu *cpu, bool end)
{
	int page, n, err = 0;

	for (page = 0; (end || page < PAGES_MOST) && !err; page++) {
		errno = 0;
		n = tracer->lib.cpu_read(cpu, tracer->page, true);
		if (n < 0 && errno && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n <= 0)
			return 0;
		err = take_page(tracer);
	}
	return err;
}

static int by_time(const void *a, const void *b)
{
	const struct trace_event *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

uint64_t tracer_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

int tracer_read(struct tracer *tracer, bool end,
		void (*tell)(const struct trace_event *event, void *arg), void *arg)
{
	uint64_t now, until = tracer->read_until;
	int cpu, err = end ? tracer_write(tracer, "tracing_on", "0") : 0;
	size_t i;

	now = tracer_now();
	for (cpu = 0; cpu < tracer->n_cpus && !err; cpu++)
		if (tracer->cpu[cpu])
			err = read_cpu(tracer, tracer->cpu[cpu], end);
	if (err)
		return err;
	tracer->read_until = now;
	if (!tracer->n)
		return 0;
	qsort(tracer->events, tracer->n, sizeof(*tracer->events), by_time);
	for (i = 0; i < tracer->n && (end || tracer->events[i].ns < until); i++)
		tell(&tracer->events[i], arg);
	tracer->n -= i;
	memmove(tracer->events, tracer->events + i, tracer->n * sizeof(*tracer->events));
	return 0;
}
