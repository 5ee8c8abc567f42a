/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A child that does one thing while it is traced, and is killed before one of its
 * instructions.  It is stepped through once, to learn where it comes; to be killed
 * there it runs to a breakpoint, which is a lot faster.
 */
#ifndef STEP_UTIL_H
#define STEP_UTIL_H

#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "ring-util.h"

#define PLACES_MAX	4000
#define STEPS_MAX	20000
/* of an instruction that is come to again and again, the first times */
#define VISITS		3

/*
 * Before an instruction of this program, which the ring's functions are part of.  What
 * the C library does changes nothing but by a system call, behind which it returns here.
 */
struct step_place {
	uintptr_t at;
	int visit;	/* 0 for the first time */
};

/* the operation has returned; the child shares it */
static uint32_t *step_done;

/* Return: whether to go on; else the test is skipped. */
static inline bool step_can(void)
{
	if (SANITIZED) {
		tap_skip("too many instructions");
		return false;
	}
#ifndef __x86_64__
	tap_skip("a single step is known to be one on x86-64");
	return false;
#endif
	if (!step_done)
		step_done = shared_mem(64, true);
	return true;
}

/* A child that has run @attach, and is about to run @op */
static inline pid_t step_start(void (*attach)(void), void (*op)(void))
{
	int status;
	pid_t pid;

	*step_done = 0;
	fflush(stdout);
	pid = fork();
	if (pid) {
		EXPECT_EQ(waitpid(pid, &status, 0), pid);
		EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
		return pid;
	}
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	if (attach)
		attach();
	raise(SIGSTOP);
	op();
	__atomic_store_n(step_done, 1, __ATOMIC_SEQ_CST);
	raise(SIGSTOP);
	_exit(0);
}

/* Let the child go on until it stops.  Return: by which signal, 0 when it is gone. */
static inline int step_go(pid_t pid, enum __ptrace_request how)
{
	int status = 0;

	if (ptrace(how, pid, NULL, NULL) || waitpid(pid, &status, 0) != pid ||
	    !WIFSTOPPED(status)) {
		TAP_REPORT("the child is gone, %x", status);
		return 0;
	}
	return WSTOPSIG(status);
}

static inline void step_kill(pid_t pid)
{
	int status = 0;

	kill(pid, SIGKILL);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFSIGNALED(status));
}

#ifdef __x86_64__

#define RIP	offsetof(struct user, regs.rip)
#define INT3	0xccUL

/* Step through the operation.  Return: how many places there are at which to kill it. */
static inline int step_record(pid_t pid, struct step_place *places)
{
	extern char __executable_start, etext;
	int i, steps, count = 0;

	for (steps = 0; steps < STEPS_MAX && !*step_done; steps++) {
		uintptr_t at = (uintptr_t)ptrace(PTRACE_PEEKUSER, pid, RIP, NULL);
		int visit = 0;

		for (i = 0; i < count; i++)
			visit += places[i].at == at;
		if (at >= (uintptr_t)&__executable_start && at < (uintptr_t)&etext &&
		    visit < VISITS && count < PLACES_MAX)
			places[count++] = (struct step_place){ at, visit };
		if (!step_go(pid, PTRACE_SINGLESTEP))
			break;
	}
	EXPECT(*step_done && count > 10 && count < PLACES_MAX);
	return count;
}

/*
 * Run the child to this place, and no further; or to the end of its operation, where it does
 * not come there again, since what the dynamic linker had to do once is done.
 */
static inline void step_to(pid_t pid, const struct step_place *place)
{
	long word = ptrace(PTRACE_PEEKTEXT, pid, place->at, NULL);
	int visit, sig;

	for (visit = 0; ; visit++) {
		ptrace(PTRACE_POKETEXT, pid, place->at, (word & ~0xffUL) | INT3);
		sig = step_go(pid, PTRACE_CONT);
		if (sig == SIGSTOP && *step_done)
			return;
		EXPECT_EQ(sig, SIGTRAP);
		EXPECT_EQ(ptrace(PTRACE_PEEKUSER, pid, RIP, NULL), place->at + 1);
		ptrace(PTRACE_POKETEXT, pid, place->at, word);
		ptrace(PTRACE_POKEUSER, pid, RIP, place->at);
		if (visit == place->visit || tap_failures)
			return;
		step_go(pid, PTRACE_SINGLESTEP);
	}
}

#else

static inline int step_record(pid_t pid, struct step_place *places)
{
	(void)pid;
	(void)places;
	return 0;
}

static inline void step_to(pid_t pid, const struct step_place *place)
{
	(void)pid;
	(void)place;
}

#endif

#endif /* STEP_UTIL_H */
