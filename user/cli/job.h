/* SPDX-License-Identifier: GPL-2.0 */
/* A command that makes the reply to one request. */
#ifndef IPCCHAN_CLI_JOB_H
#define IPCCHAN_CLI_JOB_H

#include "cli.h"

struct job {
	uint64_t call;
	pid_t pid;		/* leads a process group of its own */
	int pidfd;		/* ready when it has ended */
	int out;		/* its standard output, -1 at its end */
	char *reply;
	size_t len;
	size_t room;		/* bytes that the client takes */
};

/**
 * job_allow() - let so many jobs run at a time
 * @verb: argv[0] of the verb, for messages
 *
 * Raises the limit of open files; a command runs with the one there was before.
 *
 * Return: EXIT_OK; EXIT_SYSTEM after a message.
 */
int job_allow(const char *verb, uint32_t jobs);

/**
 * job_start() - run a command with a request on its standard input
 * @verb: argv[0] of the verb, for messages
 * @job: out
 * @command: argv of the command; it finds what the request's header says in
 *	IPCCHAN_PRIO, _TYPE, _COOKIE, _PID, _UID and _GID
 * @serve: request, call and room
 *
 * Return: 0 or a negative errno, and nothing has run.
 */
int job_start(const char *verb, struct job *job, char **command,
	      const struct ipcchan_serve *serve);

/**
 * job_advance() - do what can be done once job->out or job->pidfd is ready
 * @verb: argv[0] of the verb, for messages
 * @ended: job->pidfd is
 * @error: out, at the end: 0, the reply is at job->reply; or a negative errno that the
 *	call is to fail with, after a message that says why
 *
 * The reply is what has been written by the time that the command ends: what it left
 * running is not waited for.
 *
 * Return: whether the command has ended; then job_free() is due.
 */
bool job_advance(const char *verb, struct job *job, bool ended, int *error);

/** job_kill() - end a command that runs, and its process group; then free the job */
void job_kill(struct job *job);

/** job_free() - free what a job has whose command has ended */
void job_free(struct job *job);

#endif /* IPCCHAN_CLI_JOB_H */
