/* SPDX-License-Identifier: GPL-2.0 */
/* The tasks that send and receive, as far as a trace tells of them. */
#ifndef IPCCHAN_CLI_TRACE_TASKS_H
#define IPCCHAN_CLI_TRACE_TASKS_H

#include "tracer.h"

struct life;

/**
 * struct trace_task - times are of CLOCK_MONOTONIC, 0 for never
 * @comm: its name, as in struct trace_event; "" when it is not known
 * @listed: its system calls and switches are to be told
 * @missed: there was no room for that
 * @watched: since when they are told
 * @call: when the system call began that it is in
 * @room: since when it waits for room, in this call
 * @woken: when it was last woken, by @waker
 * @runnable: when it could run then
 * @runs: when it last began to run
 * @sent: the message that it sent, or queued for another, last in this call
 * @taken: those that it received in this call, the last one first
 */
struct trace_task {
	uint64_t pid;
	char comm[TRACE_COMM_SIZE + 1];
	bool listed;
	bool missed;
	uint64_t watched;
	uint64_t call;
	uint64_t room;
	uint64_t woken;
	uint64_t waker;
	uint64_t runnable;
	uint64_t runs;
	struct life *sent;
	struct life *taken;
};

/**
 * struct trace_tasks - all of them; but for @tracer all zero is none
 * @root: of tsearch()
 * @watched: those whose calls and switches are told, @n of them
 * @unwatched: how many there was no room for
 * @more: there is one more of them than the tracer knows of
 * @tracer: knows the names of those that are gone
 * @asked: it was asked, and what it said is still new
 */
struct trace_tasks {
	void *root;
	pid_t watched[TRACE_TASKS_MAX];
	size_t n;
	uint64_t unwatched;
	bool more;
	struct tracer *tracer;
	bool asked;
};

/** trace_tasks_find() - the task; NULL when it is not known */
struct trace_task *trace_tasks_find(const struct trace_tasks *tasks, uint64_t pid);

/**
 * trace_tasks_get() - the task, which is to be watched from now on
 *
 * Return: NULL without memory.
 */
struct trace_task *trace_tasks_get(struct trace_tasks *tasks, uint64_t pid);

/**
 * trace_tasks_scan() - get all that have a channel open
 * @id: its number
 * @netns: inode number of its network namespace
 */
void trace_tasks_scan(struct trace_tasks *tasks, uint32_t id, uint32_t netns);

/**
 * trace_tasks_watch() - let the tracer follow those that are to be watched
 *
 * To be called after each tracer_read(), too.
 * Return: 0; negative errno.
 */
int trace_tasks_watch(struct trace_tasks *tasks);

/** trace_tasks_lost() - forget the calls that tasks are in: they may be over, and others begun */
void trace_tasks_lost(struct trace_tasks *tasks);

/** trace_tasks_read_comm() - find out @comm of a task that may have another one by now */
void trace_tasks_read_comm(struct trace_task *task);

/**
 * trace_tasks_comm() - the name of a task, which may be gone
 * @comm: out, as in struct trace_task
 */
void trace_tasks_comm(struct trace_tasks *tasks, uint64_t pid,
		      char comm[TRACE_COMM_SIZE + 1]);

/** trace_tasks_free() - forget all */
void trace_tasks_free(struct trace_tasks *tasks);

#endif /* IPCCHAN_CLI_TRACE_TASKS_H */
