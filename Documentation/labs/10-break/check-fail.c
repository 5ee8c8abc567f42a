// SPDX-License-Identifier: GPL-2.0
/*
 * A write of a script to /dev/lab10, of which each allocation, and each copy, fails once.  The exit
 * status is 0 if the write is refused when one of its own does, and taken in the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCRIPT		"LAB\nT\003oneT\003twoD\000T\005three"
#define SCRIPT_LEN	((ssize_t)sizeof(SCRIPT) - 1)
/* What the write takes itself: room for the script, and for each of its three texts */
#define ALLOCATIONS	4
#define STEPS_MAX	100
#define ROUNDS		3

/*
 * Have the @nth allocation, or copy, of this process fail.  Return: what is left of that of the
 * last time; to tell that is a copy, too, and fails if it is the one.
 */
static int fail_nth(int fd, int nth)
{
	char text[16] = "";
	int left = 1;

	if (pread(fd, text, sizeof(text) - 1, 0) > 0)
		left = atoi(text);
	snprintf(text, sizeof(text), "%d", nth);
	/* If it fails, then because the last one was left, and is no more. */
	if (pwrite(fd, text, strlen(text), 0) < 0 && nth)
		perror("/proc/self/fail-nth");
	return left;
}

/*
 * Have each step fail once.  Some are the kernel's own, and of no harm to the write.  Return: how
 * many writes were refused; negative if one has ended otherwise.
 */
static int fail_each(int fd, int nth_fd)
{
	int nth, err, refused = 0;
	ssize_t ret;

	for (nth = 1; nth < STEPS_MAX; nth++) {
		fail_nth(nth_fd, nth);
		ret = write(fd, SCRIPT, SCRIPT_LEN);
		err = errno;
		if (fail_nth(nth_fd, 0) > 0)
			break;
		if (ret == SCRIPT_LEN)
			continue;
		if (ret != -1 || (err != ENOMEM && err != EFAULT))
			break;
		refused++;
	}
	if (nth < STEPS_MAX && ret == SCRIPT_LEN)
		return refused;
	printf("%d steps have failed, then the write has returned %zd (%s)\n", nth - 1, ret,
	       strerror(err));
	return -1;
}

int main(void)
{
	int fd = open("/dev/lab10", O_WRONLY), nth_fd = open("/proc/self/fail-nth", O_RDWR);
	int round, refused;

	/* A step that the kernel takes now and then may stand where one of the write's would. */
	for (round = 0; round < ROUNDS; round++) {
		refused = fail_each(fd, nth_fd);
		if (refused < 0)
			return 1;
		if (refused >= ALLOCATIONS)
			return 0;
	}
	printf("%d allocations have failed, and %d writes were refused\n", ALLOCATIONS, refused);
	return 1;
}
