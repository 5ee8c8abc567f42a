/* SPDX-License-Identifier: GPL-2.0 */
/* The processes of a run: started, watched and ended by their parent. */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* What has been killed is waited for so long */
#define CHILD_STUCK_NS	3000000000ull

/**
 * struct child
 * @pid: 0 of none, and once it has been waited for
 * @fd: pidfd, -1 likewise
 * @killed: by us
 * @status: as of waitid(), of one that has been waited for
 */
struct child {
	pid_t pid;
	int fd;
	bool killed;
	siginfo_t status;
};

/**
 * struct children - those of one run
 * @child: @nr of them
 * @fds: as many, for poll(2)
 */
struct children {
	unsigned int nr;
	struct child *child;
	struct pollfd *fds;
};

/**
 * struct child_watch - how children are watched
 * @timeout_ns: the longest that they may take
 * @mask: signals that are held back meanwhile
 * @ended_by: number of a signal that ends them early, which its handler sets; 0 for none
 * @live: called several times a second, NULL for never
 * @arg: for @live
 */
struct child_watch {
	uint64_t timeout_ns;
	const sigset_t *mask;
	const volatile sig_atomic_t *ended_by;
	void (*live)(void *arg);
	void *arg;
};

/**
 * children_init() - room for @nr of them
 *
 * Where the limit of open files is less than they need it is raised, as far as it may be.
 * Return: 0; -ENOMEM, and there is nothing to be freed.
 */
int children_init(struct children *children, unsigned int nr);

/** children_free() - after children_end() */
void children_free(struct children *children);

/**
 * child_start() - start one
 * @index: which
 * @work: runs in it, with @arg and @index, and does not return; with the parent it ends
 *
 * Return: 0; negative errno.
 */
int child_start(struct children *children, unsigned int index,
		void (*work)(void *arg, unsigned int index), void *arg);

/**
 * children_watch() - wait for all that were started
 *
 * Once one has failed the others have a moment more, for the cause to show.
 * Return: 0, they have ended, or one has failed; -ETIMEDOUT; -EINTR.
 */
int children_watch(struct children *children, const struct child_watch *watch);

/**
 * children_end() - kill what is left of them
 *
 * Not even SIGKILL ends one that sleeps uninterruptibly: it is left behind.
 * Return: false when there is such a one.
 */
bool children_end(struct children *children);

/** child_failed() - has it ended by itself, and not well? */
bool child_failed(const struct child *child);

#endif /* BENCH_CHILD_H */
