// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "abi.h"
#include "ops.h"

static void child_run(struct thread *t, const struct call *c, const struct call *end)
{
	/* These are of the parent's task. */
	t->cover.area = NULL;
	t->fail_fd = -1;
	machine.child = true;
	/* What it waits in holds what is of its parent, which may be killed. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (; c < end; c++)
		exec_call(t, c);
	_exit(0);
}

/* n kill: a child does the next n calls, and is killed at the end of the program, or now */
long run_fork(struct thread *t, const struct op *op, const uint64_t *a)
{
	const struct prog *p = machine.prog;
	const struct call *c = p->call, *end = p->call + p->nr;
	pid_t pid;

	(void)op;
	/* Of the calls it is the one whose arguments these are. */
	while (c < end && c->arg != a)
		c++;
	/* Nobody would wait for a child's children. */
	if (c == end || t->nr || machine.child || machine.nr_children == PROG_CALLS)
		return -1;
	c++;
	if ((uint64_t)(end - c) > a[0] % PROG_CALLS)
		end = c + a[0] % PROG_CALLS;
	pid = fork();
	if (!pid)
		child_run(t, c, end);
	if (pid < 0)
		return -errno;
	machine.children[machine.nr_children++] = pid;
	return a[1] % 2 ? kill(pid, SIGKILL) : 0;
}

/* uid: of this thread alone, which can be root again */
long run_uid(struct thread *t, const struct op *op, const uint64_t *a)
{
	static const uid_t uids[] = { 1000, 1001, 0 };

	(void)op;
	t->uid = true;
	return syscall(SYS_setresuid, -1, uids[a[0] % 3], -1);
}

long run_netns(struct thread *t, const struct op *op, const uint64_t *a)
{
	(void)op;
	t->netns = true;
	return setns(machine.netns[a[0] % 2], CLONE_NEWNET);
}

/* which: namespaces of its own, for a child, with which they end, and what is in them */
long run_unshare(struct thread *t, const struct op *op, const uint64_t *a)
{
	static const int which[] = {
		CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWUSER | CLONE_NEWNET, CLONE_NEWIPC,
	};

	(void)t;
	(void)op;
	return machine.child ? unshare(which[a[0] % 4]) : -1;
}

/* microseconds */
long run_nap(struct thread *t, const struct op *op, const uint64_t *a)
{
	struct timespec ts = { .tv_nsec = a[0] % 2000 * 1000 };

	(void)t;
	(void)op;
	return ts.tv_nsec ? nanosleep(&ts, NULL) : sched_yield();
}
