/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs programs, one after the other, in this process and its threads.
 *
 * Calls of thread 0 up to the first of another thread come first; what follows is run by
 * all threads at a time.  A call that waits is interrupted by a signal within two ticks.
 * After a program nothing is left of it: descriptors are closed, mappings and names gone.
 */
#ifndef FUZZ_EXEC_H
#define FUZZ_EXEC_H

#include <setjmp.h>
#include <signal.h>
#include <sys/types.h>

#include "cover.h"
#include "prog.h"

/**
 * struct thread - one that runs calls
 * @nr: its number
 * @tid: as the kernel has it
 * @fail_fd: where the n-th allocation that is to fail is written, or -1
 * @failing: while a call of it may be made to fail
 * @cover: what it covers
 * @guard: where to go on after a fault
 * @guarded: while there is something in @guard
 * @calls: it has begun
 * @ticked: @calls at the last tick
 * @active: it runs calls now
 * @uid: its effective user id is not 0
 * @netns: it is in the other network namespace
 */
struct thread {
	unsigned int nr;
	pid_t tid;
	int fail_fd;
	volatile sig_atomic_t failing;
	struct cover cover;
	sigjmp_buf guard;
	volatile sig_atomic_t guarded;
	volatile uint32_t calls;
	uint32_t ticked;
	volatile bool active;
	bool uid, netns;
};

/**
 * struct machine - what programs have, one at a time
 * @fd: descriptors by slot, or -1
 * @netns: the two network namespaces
 * @unlinker: an endpoint in each
 * @children: forked by the program
 * @nr_children: how many
 * @first: descriptors from here on are of the program
 * @child: this is one of them
 * @prog: that runs
 */
struct machine {
	volatile int fd[FD_SLOTS];
	int netns[2], unlinker[2];
	pid_t children[PROG_CALLS];
	unsigned int nr_children;
	int first;
	bool child;
	const struct prog *prog;
};

extern struct machine machine;

/**
 * exec_init() - once for each process
 * @cover: whether to record what is covered
 *
 * Return: 0; -errno, after what fails was told on stderr.
 */
int exec_init(bool cover);

/**
 * exec_run() - run a program
 * @p: program
 *
 * Return: how many calls were made that are not local.
 */
unsigned int exec_run(const struct prog *p);

/** exec_cover() - what a thread has met in the last program */
const struct cover *exec_cover(unsigned int thread);

/**
 * exec_call() - run one call
 * @t: by this thread
 * @c: call
 */
void exec_call(struct thread *t, const struct call *c);

/** slot_fd() - the descriptor in a slot, or -1 */
static inline int slot_fd(uint64_t slot)
{
	return machine.fd[slot % FD_SLOTS];
}

/** slot_set() - what an earlier call has left in a slot is closed after the program */
static inline long slot_set(uint64_t slot, long fd)
{
	if (fd >= 0)
		machine.fd[slot % FD_SLOTS] = fd;
	return fd;
}

#endif /* FUZZ_EXEC_H */
