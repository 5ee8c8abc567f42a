/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of struct tracer share: tracer.c and tracer_read.c. */
#ifndef IPCCHAN_CLI_TRACER_IMPL_H
#define IPCCHAN_CLI_TRACER_IMPL_H

#include "trace_lib.h"
#include "tracer.h"

#define TRACER_FIELDS	6

/**
 * struct tracer_format - an event of this kernel
 * @event: NULL when it has none
 * @field: by the table in tracer_read.c
 * @pid: of every event
 */
struct tracer_format {
	struct tep_event *event;
	struct tep_format_field *field[TRACER_FIELDS];
	struct tep_format_field *pid;
};

/**
 * struct tracer - an instance
 * @dir: where tracefs is mounted
 * @cpu: of each CPU, NULL of one that there is not; @n_cpus of them
 * @page: memory for what is read at a time
 * @events: those that are held back; @n of them, room for @room
 * @follows: events of tasks are on
 * @read_until: when the call of tracer_read() before this one began
 * @order: of the next event
 */
struct tracer {
	struct trace_lib lib;
	const char *dir;
	struct tracefs_instance *instance;
	struct tep_handle *tep;
	struct tracer_format format[TRACE_EVENTS];
	struct tep_format_field *type;
	struct tracefs_cpu **cpu;
	int n_cpus;
	struct kbuffer *buffer;
	void *page;
	struct trace_event *events;
	size_t n;
	size_t room;
	bool follows;
	uint64_t read_until;
	uint64_t order;
};

/**
 * tracer_formats() - find out what the events of this kernel look like
 *
 * Return: 0; -ENOENT, it has none of ipcchan; negative errno.
 */
int tracer_formats(struct tracer *tracer);

#define TRACER_FILE_SIZE	64

/**
 * tracer_event_file() - a file of an event, as "events/sched/sched_switch/enable"
 * @file: its own name
 * @path: out
 */
void tracer_event_file(enum trace_kind kind, const char *file, char path[TRACER_FILE_SIZE]);

/**
 * tracer_write() - write to a file of the instance
 *
 * Return: 0; negative errno.
 */
int tracer_write(struct tracer *tracer, const char *file, const char *text);

#endif /* IPCCHAN_CLI_TRACER_IMPL_H */
