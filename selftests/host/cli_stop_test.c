// SPDX-License-Identifier: GPL-2.0
/* A signal that asks to stop ends a write that began after it, and is given on; intervals. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "live.h"
#include "stop.h"
#include "tap.h"
#include "transfer.h"

#define PIPE_SIZE	65536

/* Return: exit status of a child that is killed after 10 s at the latest, or -1. */
static int in_child(int (*fn)(void))
{
	pid_t pid = fork();
	int status, tries;

	if (!pid)
		_exit(fn());
	for (tries = 0; tries < 1000 && !waitpid(pid, &status, WNOHANG); tries++)
		usleep(10000);
	if (tries < 1000)
		return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return -1;
}

/* The first one comes before a write that nobody reads; no second one does. */
static int write_blocked(void)
{
	static char data[2 * PIPE_SIZE];
	struct output out = { 0 };
	int pipes[2];

	if (pipe(pipes))
		return 1;
	out.fd = pipes[1];
	stop_on_signals();
	raise(SIGTERM);
	if (output_write(&out, data, sizeof(data), &stop_asked) != -EINTR)
		return 2;
	return out.written == PIPE_SIZE && stop_asked == 1 ? 0 : 3;
}

static void signal_before_write(void)
{
	EXPECT_EQ(in_child(write_blocked), 0);
}

static int reset(void)
{
	struct sigaction now;

	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	stop_on_signals();
	raise(SIGHUP);
	if (stop_asked || sigaction(SIGCHLD, NULL, &now) || now.sa_handler != SIG_DFL)
		return 1;
	raise(SIGTERM);
	if (stop_asked != 1)
		return 2;
	stop_reset();
	raise(SIGTERM);
	raise(SIGHUP);
	if (stop_asked != 1 || sigaction(SIGINT, NULL, &now) || now.sa_handler != SIG_DFL)
		return 3;
	return sigaction(SIGCHLD, NULL, &now) || now.sa_handler != SIG_DFL ? 4 : 0;
}

static void as_inherited(void)
{
	EXPECT_EQ(in_child(reset), 0);
}

/* To standard output, more than a pipe takes. */
static int print_much(int fd)
{
	dup2(fd, STDOUT_FILENO);
	stop_on_signals();
	for (int i = 0; i < PIPE_SIZE && !ferror(stdout); i++)
		fputs("xx", stdout);
	return live_flush("test");
}

static int print_blocked(void)
{
	int pipes[2];

	if (pipe(pipes))
		return 1;
	stop_on_signals();
	raise(SIGTERM);
	return print_much(pipes[1]) == EXIT_OK && stop_asked == 1 ? 0 : 2;
}

static int print_closed(void)
{
	int pipes[2];

	if (pipe(pipes))
		return 1;
	close(pipes[0]);
	return print_much(pipes[1]) == EXIT_OK && stop_asked ? 0 : 2;
}

static int print_full(void)
{
	int fd = open("/dev/full", O_WRONLY);

	/* what it says is no result of a test */
	close(STDERR_FILENO);
	return print_much(fd) == EXIT_SYSTEM && !stop_asked ? 0 : 2;
}

static void output(void)
{
	fflush(stdout);
	EXPECT_EQ(in_child(print_blocked), 0);
	EXPECT_EQ(in_child(print_closed), 0);
	EXPECT_EQ(in_child(print_full), 0);
}

static void intervals(void)
{
	const int64_t second = 1000000000, now = clock_ns();

	EXPECT_EQ(stop_next(now, second), now + second);
	/* those that were slept through are left out */
	EXPECT(stop_next(now - 10 * second, second) >= now + second);
	EXPECT(stop_next(now - 10 * second, second) < now + 9 * second);
}

static const struct tap_test tests[] = {
	{ "a signal before a write", signal_before_write },
	{ "what was ignored is ignored again", as_inherited },
	{ "output that nobody reads, or nobody will", output },
	{ "intervals that were slept through", intervals },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 60);
}
