// SPDX-License-Identifier: GPL-2.0
/* SIGINT, SIGTERM and SIGHUP as the orderly end of the verbs that go on until then. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "stop.h"

#define NS_PER_S	1000000000LL

volatile int stop_asked;

/* Those that ask to stop, and others that the verb handles. */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGALRM, SIGCHLD };

#define N_SIGNALS	(sizeof(signals) / sizeof(signals[0]))

static struct sigaction inherited[N_SIGNALS];

/* A system call that was begun just after the signal is interrupted by the alarm. */
static void on_signal(int sig)
{
	if (sig != SIGALRM)
		stop_asked++;
	alarm(1);
}

static void set_handler(int sig)
{
	struct sigaction action = { .sa_handler = on_signal }, before;

	if (sig == SIGPIPE)
		action.sa_handler = SIG_IGN;
	else if (sig == SIGCHLD)
		action.sa_handler = SIG_DFL;
	/* as nohup leaves it */
	if (sig == SIGHUP && !sigaction(sig, NULL, &before) &&
	    before.sa_handler == SIG_IGN)
		return;
	sigaction(sig, &action, NULL);
}

void stop_on_signals(void)
{
	for (size_t i = 0; i < N_SIGNALS; i++) {
		sigaction(signals[i], NULL, &inherited[i]);
		set_handler(signals[i]);
	}
}

void stop_reset(void)
{
	for (size_t i = 0; i < N_SIGNALS; i++)
		if (signals[i] != SIGCHLD)
			sigaction(signals[i], &inherited[i], NULL);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

int stop_poll(struct pollfd *pfds, nfds_t n, int64_t timeout_ns, int seen)
{
	struct timespec ts = {
		.tv_sec = timeout_ns / NS_PER_S,
		.tv_nsec = timeout_ns % NS_PER_S,
	};
	int ready = -1, err = EINTR;
	sigset_t stop, before;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGHUP);
	sigprocmask(SIG_BLOCK, &stop, &before);
	if (stop_asked == seen) {
		ready = ppoll(pfds, n, timeout_ns < 0 ? NULL : &ts, &before);
		err = errno;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (ready < 0)
		return -err;
	return ready ? ready : -ETIMEDOUT;
}

void stop_until(int64_t time_ns)
{
	while (!stop_asked) {
		int64_t left_ns = time_ns - now_ns();

		if (left_ns <= 0)
			return;
		stop_poll(NULL, 0, left_ns, 0);
	}
}

int64_t stop_next(int64_t end_ns, int64_t interval_ns)
{
	int64_t now = now_ns();

	end_ns += interval_ns;
	return end_ns > now ? end_ns : now + interval_ns;
}
