// SPDX-License-Identifier: GPL-2.0
#include "library.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../clock.h"
#include "fd.h"

/* Deeper than this times what was asked for no direction is looked at */
#define DEPTH_MOST	4

/* Nothing has moved for so long: it is full */
#define FULL_NS		20000000
#define NAP_NS		500000

/* To connect and to be filled nobody takes so long */
#define FILL_MS		5000

/* What the process that fills tells */
struct answer {
	ssize_t messages;
	char why[WHY_SIZE];
};

bool library_full(uint64_t *since)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	uint64_t now = clock_ns();

	if (!*since)
		*since = now;
	if (now - *since >= FULL_NS)
		return true;
	nanosleep(&nap, NULL);
	return false;
}

static _Noreturn void fill_child(struct link *link, int fd, pid_t parent,
				 ssize_t (*fill)(struct link *, size_t))
{
	struct answer answer = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	answer.messages = fill(link, DEPTH_MOST * (link->depth / link->size));
	memcpy(answer.why, link->why, sizeof(answer.why));
	_exit(write(fd, &answer, sizeof(answer)) != sizeof(answer));
}

static int hear(struct link *link, int fd, struct answer *answer)
{
	struct pollfd come = { .fd = fd, .events = POLLIN };
	int n = poll(&come, 1, FILL_MS);

	if (n < 0)
		return link_refuse(link, -errno, "poll: %s", strerror(errno));
	if (n == 1 && read(fd, answer, sizeof(*answer)) == sizeof(*answer))
		return 0;
	return link_refuse(link, -EIO, n ? "the process that looks for its depth died" :
			   "its two sides do not connect, or it is never full");
}

/* In a process of its own, which is gone afterwards with all of its threads */
static int find_depth(struct link *link, ssize_t (*fill)(struct link *, size_t))
{
	struct answer answer = { 0 };
	pid_t parent = getpid(), pid;
	int fd[2], err = 0;

	if (pipe(fd))
		return link_refuse(link, -errno, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		err = link_refuse(link, -errno, "no process: %s", strerror(errno));
	if (!pid)
		fill_child(link, fd[1], parent, fill);
	close(fd[1]);
	if (pid > 0) {
		err = hear(link, fd[0], &answer);
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(fd[0]);
	if (err)
		return err;
	if (answer.messages <= 0) {
		memcpy(link->why, answer.why, sizeof(link->why));
		return answer.messages ? (int)answer.messages :
		       link_refuse(link, -ENOBUFS, "there is no room for a message");
	}
	link->depth = (size_t)answer.messages * link->size;
	return 0;
}

int library_setup(struct link *link, size_t size,
		  ssize_t (*fill)(struct link *link, size_t most))
{
	struct library_link *l = calloc(1, size);
	char name[UNIQUE_NAME_SIZE];

	if (!l)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = l;
	l->queue = (int)(link->depth / link->size / SIDES);
	if (unique_name(name))
		return link_refuse(link, -errno, "getrandom: %s", strerror(errno));
	strcpy(l->name, name + 1);
	return find_depth(link, fill);
}

void library_teardown(struct link *link)
{
	free(link->priv);
	link->priv = NULL;
}
