// SPDX-License-Identifier: GPL-2.0
/* A command that makes the reply to one request. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job.h"
#include "stop.h"
#include "transfer.h"

/* A job has two descriptors, and three more while it starts; and there are others. */
#define JOB_FILES	2
#define OTHER_FILES	64

/* The limit of open files that serve was started with, and its commands have. */
static struct rlimit files;

int job_allow(const char *verb, uint32_t jobs)
{
	rlim_t need = (rlim_t)jobs * JOB_FILES + OTHER_FILES;
	struct rlimit more;

	if (getrlimit(RLIMIT_NOFILE, &files)) {
		cli_error(verb, "cannot tell the limit of open files: %s", strerror(errno));
		return EXIT_SYSTEM;
	}
	if (files.rlim_cur >= need)
		return EXIT_OK;
	more = files;
	more.rlim_cur = need;
	if (need <= files.rlim_max && !setrlimit(RLIMIT_NOFILE, &more))
		return EXIT_OK;
	cli_error(verb, "--jobs %u needs %llu open files, and %llu are allowed; ask for "
		  "fewer jobs, or see \"ulimit -Hn\"", jobs, (unsigned long long)need,
		  (unsigned long long)files.rlim_max);
	return EXIT_SYSTEM;
}

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
	/* What the terminal sends to the server's group is not for its commands. */
	setpgid(0, 0);
	stop_reset();
	setrlimit(RLIMIT_NOFILE, &files);
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

/* fork(), with a descriptor of the child: there is no child without one. */
static pid_t fork_pidfd(int *pidfd)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD, .pidfd = (uintptr_t)pidfd, .exit_signal = SIGCHLD,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

static int start(const char *verb, struct job *job, char **command,
		 const struct ipcchan_msghdr *request, int in)
{
	int pipes[2], err;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	job->out = pipes[0];
	err = fcntl(job->out, F_SETFL, O_NONBLOCK) ? -errno : 0;
	if (!err) {
		job->pid = fork_pidfd(&job->pidfd);
		if (!job->pid)
			run_command(verb, command, request, in, pipes[1]);
		err = job->pid < 0 ? -errno : 0;
	}
	close(pipes[1]);
	if (err)
		close(job->out);
	else
		/* Here too: a signal to the group may come before the child has run. */
		setpgid(job->pid, job->pid);
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

/*
 * What comes beyond the room is read too, so that the command can end.
 * Return: bytes that were read.
 */
static size_t read_output(struct job *job)
{
	char rest[4096];
	ssize_t n;

	do {
		if (job->len < job->room)
			n = read(job->out, job->reply + job->len, job->room - job->len);
		else
			n = read(job->out, rest, sizeof(rest));
	} while (n < 0 && errno == EINTR);
	if (n > 0) {
		job->len += n;
		return n;
	}
	if (!n || errno != EAGAIN) {
		close(job->out);
		job->out = -1;
	}
	return 0;
}

/* What the command had written when it ended; others may have the pipe and go on. */
static void read_rest(struct job *job)
{
	size_t n, left;
	int there = 0;

	if (job->out < 0 || ioctl(job->out, FIONREAD, &there))
		return;
	for (left = there; left; left -= n < left ? n : left) {
		n = read_output(job);
		if (!n)
			return;
	}
}

static int outcome(const char *verb, const struct job *job, int status)
{
	if (WIFSIGNALED(status)) {
		cli_error(verb, "the command was ended by signal %d",
			  WTERMSIG(status));
		return -EREMOTEIO;
	}
	if (WEXITSTATUS(status)) {
		cli_error(verb, "the command ended with exit status %d",
			  WEXITSTATUS(status));
		return -EREMOTEIO;
	}
	if (!job->len) {
		cli_error(verb, "the command wrote nothing; a reply has at least one "
			  "byte");
		return -ENODATA;
	}
	if (job->len > job->room) {
		cli_error(verb, "the command wrote %zu bytes, the client takes %zu",
			  job->len, job->room);
		return -EMSGSIZE;
	}
	return 0;
}

static int reap(const char *verb, const struct job *job)
{
	int status = 0;

	while (waitpid(job->pid, &status, 0) < 0) {
		if (errno == EINTR)
			continue;
		cli_error(verb, "cannot tell how the command ended: %s", strerror(errno));
		return -EREMOTEIO;
	}
	return outcome(verb, job, status);
}

bool job_advance(const char *verb, struct job *job, bool ended, int *error)
{
	if (!ended) {
		read_output(job);
		return false;
	}
	read_rest(job);
	*error = reap(verb, job);
	return true;
}

void job_kill(struct job *job)
{
	/* Nobody has reaped it: the number is still its own, and its group's. */
	kill(-job->pid, SIGKILL);
	syscall(SYS_pidfd_send_signal, job->pidfd, SIGKILL, NULL, 0);
	while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
		;
	job_free(job);
}

void job_free(struct job *job)
{
	if (job->out >= 0)
		close(job->out);
	close(job->pidfd);
	free(job->reply);
}
