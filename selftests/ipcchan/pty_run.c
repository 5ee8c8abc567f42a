// SPDX-License-Identifier: GPL-2.0
/*
 * pty_run COMMAND [ARGUMENT]...: runs it on a terminal of 24 lines and 100 columns.
 *
 * The standard input is a script of lines: "type TEXT" types it, with the key Enter where a
 * backslash and an n stand; "size LINES COLUMNS" changes the size; "signal N" is for the
 * command; "wait TEXT" reads what the command writes until that is in it, at most 30 s.
 * What the command writes goes to the standard output.  At the end it has 30 s to end.
 *
 * Exit status: that of the command, 128 and its signal where one ended it; 99 when a text did
 * not come or the command did not end; 98 when it left the terminal other than it was.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#define WAIT_S		30
#define NOT_COME	99
#define NOT_RESTORED	98

static int terminal;
static pid_t child;
/* what has been written since the last wait was fulfilled */
static char seen[1 << 20];
static size_t n_seen;

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Return: 1 when something was read, 0 when nothing came, -1 at the end. */
static int read_some(int timeout_ms)
{
	struct pollfd pfd = { .fd = terminal, .events = POLLIN };
	char buf[4096];
	ssize_t n;

	if (poll(&pfd, 1, timeout_ms) <= 0)
		return 0;
	n = read(terminal, buf, sizeof(buf));
	/* EIO: the other side has been closed */
	if (n <= 0)
		return -1;
	fwrite(buf, 1, n, stdout);
	if (n_seen + n > sizeof(seen))
		n_seen = 0;
	memcpy(seen + n_seen, buf, n);
	n_seen += n;
	return 1;
}

static void give_up(const char *what)
{
	kill(child, SIGKILL);
	fflush(stdout);
	fprintf(stderr, "pty_run: %s\n", what);
	exit(NOT_COME);
}

static void wait_text(const char *text)
{
	double end = now_s() + WAIT_S;
	const char *at;

	while (!(at = memmem(seen, n_seen, text, strlen(text)))) {
		if (now_s() > end)
			give_up(text);
		if (read_some(100) < 0)
			give_up("the command has closed its terminal");
	}
	at += strlen(text);
	n_seen -= at - seen;
	memmove(seen, at, n_seen);
}

static void type_text(const char *text)
{
	for (; *text; text++) {
		char c = *text;

		if (c == '\\' && text[1])
			c = *++text == 'n' ? '\n' : *text;
		if (write(terminal, &c, 1) != 1)
			perror("pty_run: write");
	}
}

static void obey(char *line)
{
	struct winsize size = { 0 };

	line[strcspn(line, "\n")] = '\0';
	if (!strncmp(line, "type ", 5))
		type_text(line + 5);
	else if (!strncmp(line, "wait ", 5))
		wait_text(line + 5);
	else if (!strncmp(line, "signal ", 7))
		kill(child, atoi(line + 7));
	else if (sscanf(line, "size %hu %hu", &size.ws_row, &size.ws_col) == 2)
		ioctl(terminal, TIOCSWINSZ, &size);
	else
		give_up(line);
}

static int wait_end(void)
{
	double end = now_s() + WAIT_S;
	int status;

	while (waitpid(child, &status, WNOHANG) != child) {
		if (now_s() > end)
			give_up("the command does not end");
		read_some(100);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 24, .ws_col = 100 };
	struct termios before, after;
	int slave, status;
	char line[256];

	if (argc < 2 || openpty(&terminal, &slave, NULL, NULL, &size))
		return NOT_COME;
	tcgetattr(slave, &before);
	child = fork();
	if (!child) {
		close(terminal);
		if (!login_tty(slave))
			execvp(argv[1], argv + 1);
		_exit(127);
	}
	/* the other side stays open here, so that its state can be seen at the end */
	while (fgets(line, sizeof(line), stdin))
		obey(line);
	status = wait_end();
	while (read_some(0) > 0)
		;
	tcgetattr(slave, &after);
	fflush(stdout);
	if (after.c_lflag != before.c_lflag || after.c_iflag != before.c_iflag ||
	    after.c_oflag != before.c_oflag) {
		fprintf(stderr, "pty_run: the terminal is not as it was\n");
		return NOT_RESTORED;
	}
	return status;
}
