/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events of the kernel, read from an instance of tracefs of its own: nobody else's tracing
 * is disturbed.  Times are those of CLOCK_MONOTONIC.
 */
#ifndef IPCCHAN_CLI_TRACER_H
#define IPCCHAN_CLI_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TRACE_WHY_SIZE	256
#define TRACE_COMM_SIZE	16

/* Tasks whose system calls and switches are followed, at most: what a filter takes */
#define TRACE_TASKS_MAX	64

enum trace_kind {
	TRACE_ATTACH,
	TRACE_ENQUEUE,
	TRACE_DEQUEUE,
	TRACE_DROP,
	TRACE_HANDOVER,
	TRACE_WAIT,
	TRACE_WAKE,
	TRACE_SCHED_WAKING,
	TRACE_SCHED_WAKEUP,
	TRACE_SCHED_SWITCH,
	TRACE_SYS_ENTER,
	TRACE_SYS_EXIT,
	TRACE_EVENTS,
	/* No event: some were lost before this time, of one CPU. */
	TRACE_LOST = TRACE_EVENTS,
};

/* What a task waits for: enum ipcchan_wait_for of the module */
enum trace_wait {
	TRACE_WAIT_MESSAGE,
	TRACE_WAIT_ROOM,
	TRACE_WAIT_REPLY,
};

/**
 * struct trace_event - what it has not is 0
 * @ns: when, CLOCK_MONOTONIC
 * @pid: of the task that it happened in
 * @task: whom it is about: who gets the message, is woken, or runs from now on
 * @from: TRACE_SCHED_SWITCH: who ran before
 * @msg: address of the message, its own until it is received
 * @what: TRACE_WAIT: enum trace_wait
 * @result: TRACE_WAKE: 0, or a negative errno
 * @comm: of @task, as the kernel has it: up to 16 bytes, any but 0; "" where it is not told
 * @from_comm: likewise of @from
 * @order: in which they were read, of one CPU
 */
struct trace_event {
	enum trace_kind kind;
	uint64_t ns;
	uint64_t order;
	uint64_t pid;
	uint64_t task;
	uint64_t from;
	uint64_t msg;
	uint64_t cookie;
	uint64_t len;
	uint64_t prio;
	uint64_t what;
	uint64_t result;
	char comm[TRACE_COMM_SIZE + 1];
	char from_comm[TRACE_COMM_SIZE + 1];
};

struct tracer;

/** tracer_now() - the time of events, nanoseconds */
uint64_t tracer_now(void);

/**
 * tracer_open() - make an instance, in which nothing is traced yet
 * @out: out, to be given to tracer_close()
 * @buffer: bytes of each CPU's buffer, 0 for what the kernel takes
 * @why: out, why that failed and what to do
 *
 * Removes those that were left by processes that were killed.
 * Return: 0; negative errno.
 */
int tracer_open(struct tracer **out, uint64_t buffer, char why[TRACE_WHY_SIZE]);

/** tracer_close() - remove the instance; may be NULL */
void tracer_close(struct tracer *tracer);

/**
 * tracer_channel() - begin to trace the events of a channel
 * @id: its number
 * @netns: inode number of its network namespace
 *
 * Return: 0; negative errno, @why filled.
 */
int tracer_channel(struct tracer *tracer, uint32_t id, uint32_t netns,
		   char why[TRACE_WHY_SIZE]);

/**
 * tracer_children() - trace the processes that this one will make, and only them, or no more
 * @on: the messages of all channels, and the wake-ups and switches of these processes are
 *	told, with the time of CLOCK_MONOTONIC_RAW; what was told before is forgotten
 *
 * Return: 0; negative errno, @why filled.
 */
int tracer_children(struct tracer *tracer, bool on, char why[TRACE_WHY_SIZE]);

/**
 * tracer_tasks() - trace system calls and switches of these tasks, instead of those before
 * @pids: at most TRACE_TASKS_MAX of them
 *
 * Return: 0; negative errno.
 */
int tracer_tasks(struct tracer *tracer, const pid_t *pids, size_t n);

/** tracer_has() - does this kernel have such events? */
bool tracer_has(const struct tracer *tracer, enum trace_kind kind);

/**
 * tracer_read() - tell what has happened, in order
 * @end: trace no more, and tell all; else what has happened since the call before this is
 *	held back, for another CPU may have something to say that was earlier
 * @tell: is told each event
 * @arg: of @tell
 *
 * Return: 0; negative errno.
 */
int tracer_read(struct tracer *tracer, bool end,
		void (*tell)(const struct trace_event *event, void *arg), void *arg);

/**
 * tracer_comms() - the names of the tasks that were traced last, as "PID NAME", a line each
 *
 * A name may have a newline in it, and what follows may then be anything.
 * Return: to be freed by the caller; NULL.
 */
char *tracer_comms(struct tracer *tracer);

/**
 * tracer_lost() - events that the kernel had no room for
 *
 * Return: how many; negative errno.
 */
int64_t tracer_lost(struct tracer *tracer);

#endif /* IPCCHAN_CLI_TRACER_H */
