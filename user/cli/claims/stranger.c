// SPDX-License-Identifier: GPL-2.0
#include "stranger.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lab.h"

/* Between two looks at a word */
#define NAP_NS		200000

static void nap(void)
{
	const struct timespec ts = { .tv_nsec = NAP_NS };

	nanosleep(&ts, NULL);
}

int word_wait(const _Atomic uint32_t *word, uint32_t value)
{
	uint64_t until = clock_ns() + LAB_SECONDS * 1000000000ull;

	while (atomic_load(word) != value) {
		if (clock_ns() > until)
			return -ETIMEDOUT;
		nap();
	}
	return 0;
}

static void end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
}

pid_t kin_start(void)
{
	pid_t parent = getpid(), pid = fork();

	if (!pid)
		end_with(parent);
	return pid;
}

int kin_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int fall_signal(void (*work)(void *), void *arg)
{
	pid_t pid = kin_start();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid) {
		work(arg);
		_exit(0);
	}
	status = kin_wait(pid);
	return status < 0 ? -status : status ? -EIO : 0;
}

static _Noreturn void live_as_stranger(struct stranger *s, pid_t parent,
				       int (*work)(void *arg), void *arg)
{
	atomic_store(&s->session, getsid(0));
	atomic_store(&s->pid, getpid());
	/* who ends it now knows its number, or else has said so before */
	if (atomic_load(&s->ending))
		_exit(0);
	signal(SIGALRM, SIG_DFL);
	alarm(LAB_SECONDS);
	while (getppid() == parent)
		nap();
	close_range(0, UINT_MAX, 0);
	s->err = work(arg);
	atomic_store(&s->ended, 1);
	_exit(0);
}

int stranger_start(struct stranger *s, int (*work)(void *), void *arg)
{
	pid_t pid = kin_start();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid) {
		pid_t parent = getpid(), own;

		setsid();
		own = fork();
		if (!own)
			live_as_stranger(s, parent, work, arg);
		_exit(own < 0 ? errno : 0);
	}
	status = kin_wait(pid);
	return status > 0 ? -status : status < 0 ? -ECHILD : 0;
}

int stranger_wait(const struct stranger *s)
{
	int err = word_wait(&s->ended, 1);

	return err ? err : s->err;
}

/* Nobody waits for it, and another one may have its number by now: the session tells. */
void stranger_end(struct stranger *s)
{
	pid_t pid;

	atomic_store(&s->ending, 1);
	pid = atomic_load(&s->pid);
	if (pid && !atomic_load(&s->ended) && getsid(pid) == atomic_load(&s->session))
		kill(pid, SIGKILL);
}

/*
 * All ids: who may take one of them back has given up nothing.  To end with its parent is given
 * up with them, and is wanted again.
 */
int become_nobody(void)
{
	pid_t parent = getppid();

	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		return -errno;
	end_with(parent);
	return 0;
}

/* Who may not even look at a file was refused by a folder, and not by the mode of the file. */
static int refused_in(int folder, const char *name)
{
	int err = become_nobody(), fd;
	struct stat st;

	if (fstatat(folder, name, &st, 0))
		return -errno;
	fd = openat(folder, name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno;
	close(fd);
	return err;
}

/* From its folder on: those above it may let nobody pass */
int nobody_refused(const struct own_path *path)
{
	int folder = open(path->folder, O_PATH | O_DIRECTORY | O_CLOEXEC), result;

	if (folder < 0)
		return -errno;
	result = refused_in(folder, OWN_PATH_NAME);
	close(folder);
	return result;
}
