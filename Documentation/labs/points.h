/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For a lab's check in C: a point is a function that runs in a process of its own, for
 * POINT_SECONDS at most, and ends at the first need() that is not met.  The points.sh beside
 * this file numbers what is printed.
 */
#ifndef POINTS_H
#define POINTS_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define POINT_SECONDS	30
#define POINT_WHY	256

/* Why the running point is not given; shared with its process. */
static char *point_why;

/* End the running point unless @met: the text says what was seen; "%m" is errno's. */
__attribute__((format(printf, 2, 3)))
static inline void need(bool met, const char *fmt, ...)
{
	va_list args;

	if (met)
		return;
	va_start(args, fmt);
	vsnprintf(point_why, POINT_WHY, fmt, args);
	va_end(args);
	_exit(1);
}

/* Whether @pid ends within @ms; @status is then what waitpid() says. */
static inline bool ends_within(pid_t pid, int ms, int *status)
{
	for (; ms > 0; ms -= 10) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		usleep(10000);
	}
	return false;
}

/* fork() for a process that belongs to the running point, and is ended with it. */
static inline pid_t point_fork(void)
{
	pid_t pid = fork();

	need(pid >= 0, "fork(): %m");
	return pid;
}

/* A process of this state: 'S' sleeps, 'R' runs, 'Z' has ended. */
static inline char state_of(pid_t pid)
{
	char path[64], state = '?';
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	stat = fopen(path, "r");
	if (!stat)
		return '?';
	if (fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
		state = '?';
	fclose(stat);
	return state;
}

/* Whether @pid comes to sleep within @ms, and stays so for a while. */
static inline bool sleeps_within(pid_t pid, int ms)
{
	int calm = 0;

	for (; ms > 0 && calm < 5; ms -= 10) {
		char state = state_of(pid);

		if (state == 'Z')
			return false;
		calm = state == 'S' ? calm + 1 : 0;
		usleep(10000);
	}
	return calm >= 5;
}

/* @pid, a process of the running point that is called @who, ends with 0 within @ms. */
static inline void ends_well(pid_t pid, int ms, const char *who)
{
	int status = 0;

	need(ends_within(pid, ms, &status), "%s has not come back in %d ms", who, ms);
	/* It may have said why itself. */
	if (status && *point_why)
		_exit(1);
	need(!status, "%s has ended with status %#x", who, status);
}

/* Run the point @test, and print whether it is given. */
static inline void point(const char *what, void (*test)(void))
{
	bool ended;
	int status = 0;
	pid_t pid;

	if (!point_why)
		point_why = mmap(NULL, POINT_WHY, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (point_why == MAP_FAILED)
		exit(2);
	*point_why = '\0';
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		exit(2);
	if (pid == 0) {
		setpgid(0, 0);
		test();
		_exit(0);
	}
	setpgid(pid, pid);
	ended = ends_within(pid, POINT_SECONDS * 1000, &status);
	/* With what it has started. */
	kill(-pid, SIGKILL);
	if (!ended)
		snprintf(point_why, POINT_WHY, "it has not come to its end in %d s%s",
			 POINT_SECONDS, ends_within(pid, 1000, &status) ?
			 "" : ", and not even SIGKILL ends it");
	else if (WIFSIGNALED(status))
		snprintf(point_why, POINT_WHY, "it was ended by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	if (ended && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		printf("ok - %s\n", what);
		return;
	}
	printf("# %s\nnot ok - %s\n", point_why, what);
}

#endif /* POINTS_H */
