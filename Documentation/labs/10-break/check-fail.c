// SPDX-License-Identifier: GPL-2.0
/*
 * A write of a script to /dev/lab10, of which each allocation, and each copy, fails once.  The exit
 * status is 0 if the write is refused then, and taken in the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCRIPT	"LAB\nT\003oneT\003twoD\000T\005three"

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

int main(void)
{
	int fd = open("/dev/lab10", O_WRONLY), nth_fd = open("/proc/self/fail-nth", O_RDWR);
	ssize_t ret = 0;
	int nth, err = 0;

	for (nth = 1; nth < 100; nth++) {
		fail_nth(nth_fd, nth);
		ret = write(fd, SCRIPT, sizeof(SCRIPT) - 1);
		err = errno;
		if (fail_nth(nth_fd, 0) > 0)
			break;
		if (ret != -1 || (err != ENOMEM && err != EFAULT)) {
			printf("number %d has failed, and the write has returned %zd (%s)\n",
			       nth, ret, strerror(err));
			return 1;
		}
	}
	if (nth < 4 || nth == 100 || ret != sizeof(SCRIPT) - 1) {
		printf("%d have failed, then the write has returned %zd (%s)\n", nth - 1, ret,
		       strerror(err));
		return 1;
	}
	return 0;
}
