/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A child that does one thing while it is traced, and is killed before one of its
 * instructions.  It is stepped through once, to learn where it comes; to be killed
 * there it runs to a breakpoint, which is a lot faster.  So it does through what is not
 * of this program: to be stepped may keep others from their end, as those that read the
 * clock, which begin anew when it has been set meanwhile.
 */
#ifndef STEP_UTIL_H
#define STEP_UTIL_H

#include <elf.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
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

/*
 * Of each architecture: the program counter; the address to which a function returns,
 * at its first instruction; the instruction of a breakpoint, as the bits of a word that it
 * is, and how far behind its start the program counter is then.
 */
#if defined(__x86_64__)
#define STEP_PC			rip
#define STEP_RETURN(pid, in)	ptrace(PTRACE_PEEKTEXT, pid, (in).rsp, NULL)
#define BREAK			0xccUL
#define BREAK_MASK		0xffUL
#define BREAK_BEHIND		1
#elif defined(__aarch64__)
#define STEP_PC			pc
#define STEP_RETURN(pid, in)	((in).regs[30])
#define BREAK			0xd4200000UL
#define BREAK_MASK		0xffffffffUL
#define BREAK_BEHIND		0
#endif

/* what @step_done is behind the end of the operation, by whether it has gone well */
#define STEP_WELL	1
#define STEP_ILL	2

/* the operation has returned; the child shares it */
static uint32_t *step_done;

/* Return: whether to go on; else the test is skipped. */
static inline bool step_can(void)
{
	cpu_set_t one;

	if (SANITIZED) {
		tap_skip("too many instructions");
		return false;
	}
#ifndef STEP_PC
	tap_skip("how to step is known on x86-64 and arm64 only");
	return false;
#endif
#ifdef __aarch64__
	/* a step ends the reservation of a load-exclusive: its loop would have no end */
	if (!(getauxval(AT_HWCAP) & HWCAP_ATOMICS)) {
		tap_skip("this processor's atomic operations are loops, which cannot be stepped");
		return false;
	}
#endif
	if (step_done)
		return true;
	step_done = shared_mem(64, true);
	/* a step is a switch to the child and back: on one CPU it is a short one */
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
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
	/* what is said of a failure would die with it */
	if (tap_failures)
		fflush(stdout);
	__atomic_store_n(step_done, tap_failures ? STEP_ILL : STEP_WELL, __ATOMIC_SEQ_CST);
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
	EXPECT(*step_done != STEP_ILL);
	EXPECT(WIFSIGNALED(status));
}

#ifdef STEP_PC

static inline struct user_regs_struct step_regs(pid_t pid)
{
	struct user_regs_struct regs = { 0 };
	struct iovec vec = { &regs, sizeof(regs) };

	EXPECT_EQ(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &vec), 0);
	return regs;
}

/* Is that an instruction of this program? */
static inline bool step_is_ours(uintptr_t at)
{
	extern char __executable_start, etext;

	return at >= (uintptr_t)&__executable_start && at < (uintptr_t)&etext;
}

/* Run the child to @at, and no further.  Return: false at the end of its operation. */
static inline bool step_run(pid_t pid, uintptr_t at)
{
	long word = ptrace(PTRACE_PEEKTEXT, pid, at, NULL);
	struct user_regs_struct regs;
	struct iovec vec = { &regs, sizeof(regs) };
	int sig;

	ptrace(PTRACE_POKETEXT, pid, at, (word & ~BREAK_MASK) | BREAK);
	sig = step_go(pid, PTRACE_CONT);
	if (sig == SIGSTOP && *step_done)
		return false;
	EXPECT_EQ(sig, SIGTRAP);
	ptrace(PTRACE_POKETEXT, pid, at, word);
	regs = step_regs(pid);
	EXPECT_EQ(regs.STEP_PC, at + BREAK_BEHIND);
	regs.STEP_PC = at;
	EXPECT_EQ(ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &vec), 0);
	return true;
}

/* Step through @op.  Return: how many places there are at which to kill it. */
static inline int step_record(void (*attach)(void), void (*op)(void),
			      struct step_place *places)
{
	bool ours, was_ours = false, gone = false;
	pid_t pid = step_start(attach, op);
	int i, steps, count = 0;

	for (steps = 0; steps < STEPS_MAX && !*step_done && !gone; steps++) {
		struct user_regs_struct regs = step_regs(pid);
		uintptr_t at = regs.STEP_PC;
		int visit = 0;

		ours = step_is_ours(at);
		for (i = 0; ours && i < count; i++)
			visit += places[i].at == at;
		if (ours && visit < VISITS && count < PLACES_MAX)
			places[count++] = (struct step_place){ at, visit };
		if (was_ours && !ours)
			gone = !step_run(pid, STEP_RETURN(pid, regs));
		else
			gone = !step_go(pid, PTRACE_SINGLESTEP);
		was_ours = ours;
	}
	EXPECT(*step_done && count > 10 && count < PLACES_MAX);
	step_kill(pid);
	return count;
}

/* Run the child to this place, and no further; or to the end, if now it goes another way. */
static inline void step_to(pid_t pid, const struct step_place *place)
{
	int visit;

	for (visit = 0; step_run(pid, place->at); visit++) {
		if (visit == place->visit || tap_failures)
			return;
		step_go(pid, PTRACE_SINGLESTEP);
	}
}

#else

static inline int step_record(void (*attach)(void), void (*op)(void),
			      struct step_place *places)
{
	(void)attach;
	(void)op;
	(void)places;
	return 0;
}

static inline void step_to(pid_t pid, const struct step_place *place)
{
	(void)pid;
	(void)place;
}

#endif

/* A child that has run @attach is killed at @place of @op, behind it for NULL. */
static inline void step_kill_at(void (*attach)(void), void (*op)(void),
				const struct step_place *place)
{
	pid_t pid = step_start(attach, op);

	if (place)
		step_to(pid, place);
	else
		EXPECT_EQ(step_go(pid, PTRACE_CONT), SIGSTOP);
	step_kill(pid);
}

#endif /* STEP_UTIL_H */
