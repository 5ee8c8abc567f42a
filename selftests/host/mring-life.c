// SPDX-License-Identifier: GPL-2.0
/*
 * The file whose locks tell who is alive: shared by several rings, and by the two sides of
 * a fork().
 */
#include <sys/wait.h>

#include "mring-util.h"

static struct mring_mem mem;
static struct ipcchan_mring prod, cons, other;
static struct ipcchan_bring begun, sent, reader;
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

/* A broadcast's producer has begun a message, another has sent one behind it. */
static pid_t child_of_broadcaster(int *end)
{
	char byte = 1;
	void *room;

	mem = bring_new(4, 56, 0);
	EXPECT_EQ(bring_producer(&begun, &mem), 0);
	EXPECT_EQ(bring_producer(&sent, &mem), 0);
	EXPECT_EQ(bring_reader(&reader, &mem), 0);
	EXPECT_EQ(ipcchan_bring_reserve(&begun, 1, &room), 0);
	EXPECT_EQ(ipcchan_bring_send(&sent, &byte, 1, 0), 0);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, sizeof(buf), 0, NULL), -ETIMEDOUT);
	return child_with_copies(end);
}

static void test_broadcast_detach(void)
{
	int end;
	pid_t pid = child_of_broadcaster(&end);

	ipcchan_bring_detach(&begun);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, sizeof(buf), 0, NULL), 1);
	EXPECT_EQ(bring_producer(&begun, &mem), 0);
	EXPECT_EQ(begun.c.owner, 1);
	end_child(pid, end);
}

static void test_broadcast_close(void)
{
	int end;
	pid_t pid = child_of_broadcaster(&end);

	ipcchan_bring_close(&begun);
	EXPECT_EQ(ipcchan_bring_recover(&reader), 0);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, sizeof(buf), 30 * MSEC, NULL), -ETIMEDOUT);
	end_child(pid, end);
	EXPECT_EQ(ipcchan_bring_recover(&reader), 1);
	EXPECT_EQ(ipcchan_bring_recv(&reader, buf, sizeof(buf), 0, NULL), 1);
}

/* Entries of dead consumers are not to be had for a producer while they have messages. */
static void test_full(void)
{
	struct ipcchan_mring dead[IPCCHAN_CLAIM_PEERS - 1], late;
	const void *msg;
	uint32_t i;

	mem = mring_new(64, 56, 0);
	EXPECT_EQ(mring_producer(&prod, &mem), 0);
	for (i = 0; i < ARRAY_SIZE(dead); i++) {
		EXPECT_EQ(send_byte((char)i), 0);
		EXPECT_EQ(mring_consumer(&dead[i], &mem), 0);
		EXPECT_EQ(ipcchan_mring_peek(&dead[i], &msg), 1);
	}
	for (i = 0; i < ARRAY_SIZE(dead); i++)
		ipcchan_mring_close(&dead[i]);
	EXPECT_EQ(mring_producer(&late, &mem), -EUSERS);
	EXPECT_EQ(mring_consumer(&cons, &mem), 0);
	for (i = 0; i < ARRAY_SIZE(dead); i++)
		expect_byte(&cons, (char)i, 1);
	EXPECT_EQ(mring_producer(&late, &mem), 0);
	EXPECT_EQ(ipcchan_mring_recv(&cons, buf, sizeof(buf), 0), -ETIMEDOUT);
}

/* Rings of one file whose ranges do not meet know nothing of each other. */
static void test_several(void)
{
	struct ipcchan_mring first, second, late;
	struct mring_mem one, two;
	void *room;

	one = mring_new(4, 56, 0);
	two = one;
	two.shared = shared_mem(two.size, false);
	two.life.start = IPCCHAN_CLAIM_PEERS;
	EXPECT_EQ(mring_format(&two, 56, 0), 0);
	EXPECT_EQ(mring_producer(&first, &one), 0);
	EXPECT_EQ(mring_producer(&second, &two), 0);
	EXPECT_EQ(first.c.owner, second.c.owner);
	EXPECT_EQ(ipcchan_mring_reserve(&first, 1, &room), 0);
	EXPECT_EQ(ipcchan_mring_reserve(&second, 1, &room), 0);
	EXPECT_EQ(mring_consumer(&cons, &one), 0);
	EXPECT_EQ(mring_consumer(&other, &two), 0);
	/* the death in one is none in the other */
	ipcchan_mring_close(&first);
	EXPECT_EQ(ipcchan_mring_recover(&other), 0);
	EXPECT_EQ(ipcchan_mring_recover(&cons), 1);
	EXPECT_EQ(mring_producer(&late, &two), 0);
	EXPECT_EQ(late.c.owner, 3);
	*(char *)room = 7;
	EXPECT_EQ(ipcchan_mring_commit(&second), 0);
	expect_byte(&other, 7, 0);
	/* a ring attached to where another is */
	two.life.start = 0;
	EXPECT_EQ(mring_producer(&late, &two), -EXDEV);
}

static const struct tap_test tests[] = {
	{ "who leaves with a child that has copies", test_detach },
	{ "what it has peeked at", test_hand_on },
	{ "who dies with a child that has copies", test_close },
	{ "who leaves a broadcast so", test_broadcast_detach },
	{ "who dies in a broadcast so", test_broadcast_close },
	{ "a table full of the dead", test_full },
	{ "several rings of one file", test_several },
};

int main(int argc, char **argv)
{
	pattern_init();
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 30);
}
