/* SPDX-License-Identifier: GPL-2.0 */
/* A run on the side that listens: the process that receives its messages, and answers. */
#ifndef BENCH_REMOTE_WORKER_H
#define BENCH_REMOTE_WORKER_H

#include <stdbool.h>
#include <sys/types.h>

#include "remote_wire.h"

/**
 * struct remote_worker - one such process at a time
 * @pid: 0 for none
 * @fd: pidfd, -1 for none
 * @shared: with it; of all runs
 * @limit_ns: how long no message may come
 * @end: clock_ns() after which the run has taken too long
 * @got: messages that had come at the last look
 * @heard: clock_ns() of the last look that found more than the one before
 */
struct remote_worker {
	pid_t pid;
	int fd;
	struct run_shared *shared;
	uint64_t limit_ns;
	uint64_t end;
	uint64_t got;
	uint64_t heard;
};

/**
 * remote_worker_init() - before the first run
 * @limit_ns: how long no message may come, nanoseconds
 *
 * Return: 0; -ENOMEM.
 */
int remote_worker_init(struct remote_worker *worker, uint64_t limit_ns);

/**
 * remote_worker_start() - start the process of a run
 * @plan: checked
 * @data: the connection that carries the messages; the caller closes its own
 * @others: two descriptors that the process has no business with
 *
 * Return: 0; negative errno, and then remote_worker_end() is needed, too.
 */
int remote_worker_start(struct remote_worker *worker, const struct remote_plan *plan, int data,
			const int others[2]);

/**
 * remote_worker_late() - is the run to be ended?
 * @next: out, clock_ns() when to ask again
 *
 * It is when it takes longer than it was to take, or when no whole message has come for so
 * long: to look for that now and then costs the run nothing.
 */
bool remote_worker_late(struct remote_worker *worker, uint64_t *next);

/**
 * remote_worker_ended() - take what has ended by itself
 * @status: out, as of waitpid()
 *
 * Return: false, when it has not.
 */
bool remote_worker_ended(struct remote_worker *worker, int *status);

/** remote_worker_end() - kill it, if there is one */
void remote_worker_end(struct remote_worker *worker);

/* Instead of what waitpid() says: remote_worker_late() said so */
#define REMOTE_WORKER_LATE	(-1)

/** remote_worker_result() - what came of the run that has ended with @status */
void remote_worker_result(const struct remote_worker *worker, int status,
			  struct remote_result *result);

#endif /* BENCH_REMOTE_WORKER_H */
