// SPDX-License-Identifier: GPL-2.0
#include "limit.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

/* A system call that begins just after a signal is interrupted by the next one */
#define AGAIN_NS	50000000

static volatile sig_atomic_t over;

static void on_alarm(int number)
{
	(void)number;
	over = true;
}

int limit_run(int (*work)(void *arg), void *arg, uint64_t limit_ns, const sigset_t *mask)
{
	struct sigaction action = { .sa_handler = on_alarm }, action_before;
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	struct itimerspec times = {
		.it_value = { .tv_sec = (time_t)(limit_ns / 1000000000u),
			      .tv_nsec = (long)(limit_ns % 1000000000u) },
		.it_interval = { .tv_nsec = AGAIN_NS },
	};
	sigset_t open = *mask, before;
	timer_t timer;
	int err;

	if (timer_create(CLOCK_MONOTONIC, &event, &timer))
		return -errno;
	over = false;
	sigaction(SIGALRM, &action, &action_before);
	timer_settime(timer, 0, &times, NULL);
	sigdelset(&open, SIGALRM);
	sigprocmask(SIG_SETMASK, &open, &before);
	err = work(arg);
	sigprocmask(SIG_SETMASK, &before, NULL);
	timer_delete(timer);
	sigaction(SIGALRM, &action_before, NULL);
	return err && over ? -ETIMEDOUT : err;
}
