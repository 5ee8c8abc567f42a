/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The little that a host test needs to print KTAP.  A test is a function that
 * uses the EXPECT macros; a program is a table of tests and tap_main().
 */
#ifndef TAP_H
#define TAP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

struct tap_test {
	const char *name;
	void (*run)(void);
};

/* failed expectations of the running test */
static int tap_failures;
/* a reason not to run the test, set by tap_skip() */
static const char *tap_skip_reason;

#define TAP_REPORTS_MAX	10

#define TAP_REPORT(...)							\
	do {								\
		if (__atomic_fetch_add(&tap_failures, 1, __ATOMIC_RELAXED) < \
		    TAP_REPORTS_MAX) {					\
			printf("# %s:%d: ", __FILE__, __LINE__);	\
			printf(__VA_ARGS__);				\
			printf("\n");					\
		}							\
	} while (0)

#define EXPECT(cond)							\
	do {								\
		if (!(cond))						\
			TAP_REPORT("expected %s", #cond);		\
	} while (0)

#define EXPECT_EQ(got, want)						\
	do {								\
		long long got_ = (long long)(got);			\
		long long want_ = (long long)(want);			\
									\
		if (got_ != want_)					\
			TAP_REPORT("%s is %lld, expected %s, %lld",	\
				   #got, got_, #want, want_);		\
	} while (0)

/* The running test is skipped, and is to return. */
static inline void tap_skip(const char *reason)
{
	tap_skip_reason = reason;
}

/* fork() for a child that is to end within @seconds, by tap_child_exit() */
static inline pid_t tap_fork(unsigned int seconds)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		alarm(seconds);
	return pid;
}

/* to be called in a child instead of returning into the parent's tests */
static inline void tap_child_exit(void)
{
	fflush(stdout);
	_exit(tap_failures != 0);
}

/*
 * Run @count tests under a watchdog of @seconds in all, which ends the process
 * by SIGALRM.  Return: the exit status of the program.
 */
static inline int tap_main(int argc, char **argv, const struct tap_test *tests,
			   int count, unsigned int seconds)
{
	int i, failed = 0, skipped = 0;

	/* does the program start at all?  Sanitizers may not. */
	if (argc == 2 && !strcmp(argv[1], "--probe"))
		return 0;
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..%d\n", count);
	alarm(seconds);
	for (i = 0; i < count; i++) {
		tap_failures = 0;
		tap_skip_reason = NULL;
		tests[i].run();
		if (tap_failures)
			printf("not ok %d - %s\n", i + 1, tests[i].name);
		else if (tap_skip_reason)
			printf("ok %d - %s # SKIP %s\n", i + 1, tests[i].name,
			       tap_skip_reason);
		else
			printf("ok %d - %s\n", i + 1, tests[i].name);
		failed += !!tap_failures;
		skipped += !tap_failures && tap_skip_reason;
	}
	if (failed)
		return 1;
	return skipped == count ? 4 : 0;
}

#endif /* TAP_H */
