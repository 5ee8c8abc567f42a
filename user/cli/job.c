// SPDX-License-Identifier: GPL-2.0
/* A command that makes the reply to one request. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job.h"
#include "stop.h"
#include "transfer.h"

/* In a file, not a pipe: the command may write before it reads, or never read. */
static int open_request(const struct ipcchan_msghdr *request)
{
	struct output file = { .fd = memfd_create("request", MFD_CLOEXEC) };
	int err;

	if (file.fd < 0)
		return -errno;
	err = output_write(&file, (const void *)(uintptr_t)request->buf, request->len,
			   NULL);
	if (!err && lseek(file.fd, 0, SEEK_SET) < 0)
		err = -errno;
	if (!err)
		return file.fd;
	close(file.fd);
	return err;
}

static void set_variable(const char *name, unsigned long long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", value);
	setenv(name, text, 1);
}

static void run_command(const char *verb, char **command,
			const struct ipcchan_msghdr *request, int in, int out)
{
	stop_reset();
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	set_variable("IPCCHAN_PRIO", request->prio);
	set_variable("IPCCHAN_TYPE", request->type);
	set_variable("IPCCHAN_COOKIE", request->cookie);
	set_variable("IPCCHAN_PID", request->pid);
	set_variable("IPCCHAN_UID", request->uid);
	set_variable("IPCCHAN_GID", request->gid);
	execvp(command[0], command);
	fprintf(stderr, "%s: cannot run '%s': %s\n", verb, command[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static int start(const char *verb, struct job *job, char **command,
		 const struct ipcchan_msghdr *request, int in)
{
	int pipes[2], err;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	job->pid = fork();
	if (!job->pid)
		run_command(verb, command, request, in, pipes[1]);
	err = -errno;
	close(pipes[1]);
	if (job->pid < 0) {
		close(pipes[0]);
		return err;
	}
	job->out = pipes[0];
	job->pidfd = syscall(SYS_pidfd_open, job->pid, 0);
	if (job->pidfd >= 0)
		return 0;
	err = -errno;
	kill(job->pid, SIGKILL);
	waitpid(job->pid, NULL, 0);
	close(job->out);
	return err;
}

int job_start(const char *verb, struct job *job, char **command,
	      const struct ipcchan_serve *serve)
{
	int in, err;

	job->len = 0;
	job->room = serve->room;
	job->reply = malloc(job->room);
	if (!job->reply)
		return -ENOMEM;
	in = open_request(&serve->request);
	err = in;
	if (in >= 0) {
		err = start(verb, job, command, &serve->request, in);
		close(in);
	}
	if (err) {
		free(job->reply);
		return err;
	}
	job->call = serve->call;
	return 0;
}

int job_fd(const struct job *job)
{
	return job->out >= 0 ? job->out : job->pidfd;
}

/* What comes beyond the room is read too, so that the command can end. */
static void read_output(struct job *job)
{
	char rest[4096];
	ssize_t n;

	if (job->len < job->room)
		n = read(job->out, job->reply + job->len, job->room - job->len);
	else
		n = read(job->out, rest, sizeof(rest));
	if (n > 0) {
		job->len += n;
	} else if (!n || errno != EINTR) {
		close(job->out);
		job->out = -1;
	}
}

static int outcome(const char *verb, const struct job *job, int status)
{
	if (WIFSIGNALED(status)) {
		cli_error(verb, "the command was ended by signal %d",
			  WTERMSIG(status));
		return EREMOTEIO;
	}
	if (WEXITSTATUS(status)) {
		cli_error(verb, "the command ended with exit status %d",
			  WEXITSTATUS(status));
		return EREMOTEIO;
	}
	if (!job->len) {
		cli_error(verb, "the command wrote nothing; a reply has at least one "
			  "byte");
		return ENODATA;
	}
	if (job->len > job->room) {
		cli_error(verb, "the command wrote %zu bytes, the client takes %zu",
			  job->len, job->room);
		return EMSGSIZE;
	}
	return 0;
}

bool job_advance(const char *verb, struct job *job, int *error)
{
	int status = 0;

	if (job->out >= 0) {
		read_output(job);
		return false;
	}
	if (waitpid(job->pid, &status, 0) < 0)
		return false;
	*error = outcome(verb, job, status);
	return true;
}

void job_free(struct job *job)
{
	close(job->pidfd);
	free(job->reply);
	job->call = 0;
}
