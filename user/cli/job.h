/* SPDX-License-Identifier: GPL-2.0 */
/* A command that makes the reply to one request. */
#ifndef IPCCHAN_CLI_JOB_H
#define IPCCHAN_CLI_JOB_H

#include "cli.h"

struct job {
	uint64_t call;		/* 0: none is running */
	pid_t pid;
	int pidfd;
	int out;		/* its standard output, -1 at its end */
	char *reply;
	size_t len;
	size_t room;		/* bytes that the client takes */
};

/**
 * job_start() - run a command with a request on its standard input
 * @verb: argv[0] of the verb, for messages
 * @job: out; not running
 * @command: argv of the command; it finds what the request's header says in
 *	IPCCHAN_PRIO, _TYPE, _COOKIE, _PID, _UID and _GID
 * @serve: request, call and room
 *
 * Return: 0 or a negative errno, and nothing runs.
 */
int job_start(const char *verb, struct job *job, char **command,
	      const struct ipcchan_serve *serve);

/** job_fd() - the descriptor to poll for POLLIN */
int job_fd(const struct job *job);

/**
 * job_advance() - do what can be done once job_fd() is ready
 * @verb: argv[0] of the verb, for messages
 * @error: out, at the end: 0, the reply is at job->reply; or a positive errno that the
 *	call is to fail with, after a message that says why
 *
 * Return: whether the command has ended; then job_free() is due.
 */
bool job_advance(const char *verb, struct job *job, int *error);

/** job_free() - make it one that is not running */
void job_free(struct job *job);

#endif /* IPCCHAN_CLI_JOB_H */
