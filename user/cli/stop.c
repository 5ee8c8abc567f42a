// SPDX-License-Identifier: GPL-2.0
/* SIGINT and SIGTERM as the orderly end of recv and serve. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "stop.h"

#define NS_PER_S	1000000000LL

volatile int stop_asked;

static void on_signal(int sig)
{
	(void)sig;
	stop_asked++;
}

static void handle(void (*on_stop)(int), void (*on_pipe)(int))
{
	struct sigaction stop = { .sa_handler = on_stop };
	struct sigaction broken = { .sa_handler = on_pipe };

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGPIPE, &broken, NULL);
}

void stop_on_signals(void)
{
	handle(on_signal, SIG_IGN);
}

void stop_reset(void)
{
	handle(SIG_DFL, SIG_DFL);
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
