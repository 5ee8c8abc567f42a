// SPDX-License-Identifier: GPL-2.0
#include "limit.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/time.h>

/* A system call that begins just after a signal is interrupted by the next one */
#define AGAIN_US	50000

static volatile sig_atomic_t over;

static void on_alarm(int number)
{
	(void)number;
	over = true;
}

/* A timer of the kind that needs no signal to be queued: of these there may be none left */
int limit_run(int (*work)(void *arg), void *arg, uint64_t limit_ns, const sigset_t *mask)
{
	uint64_t us = (limit_ns + 999) / 1000;
	const struct itimerval times = {
		.it_value = { .tv_sec = (time_t)(us / 1000000),
			      .tv_usec = (suseconds_t)(us % 1000000) },
		.it_interval = { .tv_usec = AGAIN_US },
	};
	const struct itimerval none = { 0 };
	struct sigaction action = { .sa_handler = on_alarm }, action_before;
	sigset_t open = *mask, before;
	int err;

	over = false;
	sigaction(SIGALRM, &action, &action_before);
	setitimer(ITIMER_REAL, &times, NULL);
	sigdelset(&open, SIGALRM);
	sigprocmask(SIG_SETMASK, &open, &before);
	err = work(arg);
	setitimer(ITIMER_REAL, &none, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGALRM, &action_before, NULL);
	return err && over ? -ETIMEDOUT : err;
}
