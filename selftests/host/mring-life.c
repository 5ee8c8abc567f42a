// SPDX-License-Identifier: GPL-2.0
/*
 * The file whose locks tell who is alive: shared by several rings, and by the two sides of
 * a fork().
 */
#include <sys/wait.h>

#include "mring-util.h"

static struct mring_mem mem;
static struct ipcchan_mring prod, cons, other;
static char buf[64];

static void setup(void)
{
	mem = mring_new(4, 56, 0);
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	EXPECT_EQ(mring_consumer(&other, &mem), 0);
}

static int send_byte(char byte)
{
	return ipcchan_mring_send(&prod, &byte, 1, 0);
}

static void expect_byte(struct ipcchan_mring *ring, char byte, int again)
{
	EXPECT_EQ(ipcchan_mring_recv(ring, buf, sizeof(buf), 0), 1);
	EXPECT_EQ(buf[0], byte);
	EXPECT_EQ(ipcchan_mring_again(ring), again);
}

/* A child that has a copy of each handle until it reads the end of a pipe */
static pid_t child_with_copies(int *end)
{
	int pipe_fds[2];
	pid_t pid;
	char c;

	EXPECT_EQ(pipe(pipe_fds), 0);
	fflush(stdout);
	pid = fork();
	*end = pipe_fds[1];
	if (pid) {
		close(pipe_fds[0]);
		return pid;
	}
	close(pipe_fds[1]);
	while (read(pipe_fds[0], &c, 1) > 0)
		;
	_exit(0);
}

static void end_child(pid_t pid, int end)
{
	int status;

	close(end);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
}

/* Who leaves is gone, though a child has a copy of what it left. */
static void test_detach(void)
{
	const void *msg;
	pid_t pid;
	int end;

	setup();
	EXPECT_EQ(send_byte(1), 0);
	EXPECT_EQ(send_byte(2), 0);
	EXPECT_EQ(send_byte(3), 0);
	/* it holds its own entry, and that of one that died */
	EXPECT_EQ(ipcchan_mring_peek(&other, &msg), 1);
	ipcchan_mring_close(&other);
	EXPECT_EQ(ipcchan_mring_recover(&cons), 1);
	EXPECT_EQ(ipcchan_mring_peek(&cons, &msg), 1);
	pid = child_with_copies(&end);
	ipcchan_mring_detach(&cons);
	EXPECT_EQ(mring_consumer(&other, &mem), 0);
	EXPECT_EQ(other.c.owner, 2);
	expect_byte(&other, 1, 1);
	expect_byte(&other, 2, 0);
	expect_byte(&other, 3, 0);
	end_child(pid, end);
	ipcchan_mring_detach(&other);
}

/* A message is peeked at, and a child has a copy of the handle. */
static pid_t child_of_peeker(int *end)
{
	const void *msg;

	setup();
	EXPECT_EQ(send_byte(1), 0);
	EXPECT_EQ(ipcchan_mring_peek(&cons, &msg), 1);
	return child_with_copies(end);
}

/* It goes on to another when the one that peeked leaves. */
static void test_hand_on(void)
{
	int end;
	pid_t pid = child_of_peeker(&end);

	ipcchan_mring_detach(&cons);
	expect_byte(&other, 1, 1);
	end_child(pid, end);
}

/* Who dies lives on in a child, until that one closes what it does not use. */
static void test_close(void)
{
	int end;
	pid_t pid = child_of_peeker(&end);

	ipcchan_mring_close(&cons);
	EXPECT_EQ(ipcchan_mring_recover(&other), 0);
	EXPECT_EQ(ipcchan_mring_recv(&other, buf, sizeof(buf), 30 * MSEC), -ETIMEDOUT);
	end_child(pid, end);
	EXPECT_EQ(ipcchan_mring_recover(&other), 1);
	expect_byte(&other, 1, 1);
}

static const struct tap_test tests[] = {
	{ "who leaves with a child that has copies", test_detach },
	{ "what it has peeked at", test_hand_on },
	{ "who dies with a child that has copies", test_close },
};

int main(int argc, char **argv)
{
	pattern_init();
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
