// SPDX-License-Identifier: GPL-2.0
#include "child.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIVE_NS		250000000ull

/* A side that lost its peer often fails first: time for the cause to show */
#define GRACE_NS	100000000ull

/* Between two looks at what has been killed */
#define NAP_NS		1000000

/* Descriptors beside those of the children: of the transport, of the output */
#define OTHER_FILES	64

static void allow_files(unsigned int nr)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= nr + OTHER_FILES)
		return;
	limit.rlim_cur = nr + OTHER_FILES < limit.rlim_max ? nr + OTHER_FILES :
							      limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int children_init(struct children *children, unsigned int nr)
{
	unsigned int i;

	*children = (struct children){
		.nr = nr,
		.child = calloc(nr, sizeof(*children->child)),
		.fds = calloc(nr, sizeof(*children->fds)),
	};
	if (!children->child || !children->fds) {
		children_free(children);
		return -ENOMEM;
	}
	for (i = 0; i < nr; i++)
		children->child[i].fd = -1;
	allow_files(nr);
	return 0;
}

void children_free(struct children *children)
{
	free(children->child);
	free(children->fds);
}

int child_start(struct children *children, unsigned int index,
		void (*work)(void *arg, unsigned int index), void *arg)
{
	struct child *child = &children->child[index];
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			work(arg, index);
		_exit(EXIT_FAILURE);
	}
	child->pid = pid;
	child->fd = (int)syscall(SYS_pidfd_open, pid, 0);
	return child->fd < 0 ? -errno : 0;
}

/* Wait for it, if it has ended */
static void child_reap(struct child *child)
{
	child->status.si_pid = 0;
	if (waitid(P_PID, (id_t)child->pid, &child->status, WEXITED | WNOHANG) ||
	    !child->status.si_pid)
		return;
	if (child->fd >= 0)
		close(child->fd);
	child->fd = -1;
	child->pid = 0;
}

bool child_failed(const struct child *child)
{
	return child->status.si_pid && !child->killed &&
	       (child->status.si_code != CLD_EXITED || child->status.si_status);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Wait for any.  Return: 0; -EINTR, to end early. */
static int children_poll(struct children *children, const struct child_watch *watch,
			 uint64_t left_ns)
{
	struct timespec ts;
	unsigned int i;

	if (watch->live && left_ns > LIVE_NS)
		left_ns = LIVE_NS;
	ts.tv_sec = (time_t)(left_ns / 1000000000u);
	ts.tv_nsec = (long)(left_ns % 1000000000u);
	for (i = 0; i < children->nr; i++)
		children->fds[i] = (struct pollfd){ .fd = children->child[i].fd,
						    .events = POLLIN };
	if (ppoll(children->fds, children->nr, &ts, watch->mask) < 0 && *watch->ended_by)
		return -EINTR;
	return 0;
}

/* Of those that poll has found.  Return: whether one of them has failed. */
static bool children_reap(struct children *children)
{
	bool failed = false;
	unsigned int i;

	for (i = 0; i < children->nr; i++) {
		if (!children->fds[i].revents)
			continue;
		child_reap(&children->child[i]);
		failed |= child_failed(&children->child[i]);
	}
	return failed;
}

static bool any_left(const struct children *children)
{
	unsigned int i;

	for (i = 0; i < children->nr; i++)
		if (children->child[i].pid)
			return true;
	return false;
}

int children_watch(struct children *children, const struct child_watch *watch)
{
	uint64_t until = now_ns() + watch->timeout_ns, now;
	bool failed = false;

	while (any_left(children)) {
		now = now_ns();
		if (now >= until)
			return failed ? 0 : -ETIMEDOUT;
		if (children_poll(children, watch, until - now))
			return -EINTR;
		if (children_reap(children) && !failed) {
			failed = true;
			until = now_ns() + GRACE_NS;
		}
		if (watch->live)
			watch->live(watch->arg);
	}
	return 0;
}

bool children_end(struct children *children)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	uint64_t until = now_ns() + CHILD_STUCK_NS;
	unsigned int i;

	for (i = 0; i < children->nr; i++) {
		struct child *child = &children->child[i];

		if (!child->pid)
			continue;
		child->killed = true;
		kill(child->pid, SIGKILL);
	}
	for (;;) {
		for (i = 0; i < children->nr; i++)
			if (children->child[i].pid)
				child_reap(&children->child[i]);
		if (!any_left(children))
			return true;
		if (now_ns() >= until)
			break;
		nanosleep(&nap, NULL);
	}
	for (i = 0; i < children->nr; i++)
		if (children->child[i].fd >= 0)
			close(children->child[i].fd);
	return false;
}
