// SPDX-License-Identifier: GPL-2.0
/*
 * check WRITERS READERS TIMES: so many processes that write to, or read from, /dev/lab7, each so
 * often.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RECORD_LEN	3000

static void work(int fd, char letter, int times)
{
	static char record[RECORD_LEN];

	memset(record, letter, sizeof(record));
	while (times--) {
		if (letter ? write(fd, record, sizeof(record)) < 0 :
			     pread(fd, record, sizeof(record), 0) < 0)
			exit(1);
	}
	exit(0);
}

int main(int argc, char **argv)
{
	int writers, readers, i, status, failed = 0, fd = open("/dev/lab7", O_RDWR);

	if (argc != 4 || fd < 0)
		return 1;
	writers = atoi(argv[1]);
	readers = atoi(argv[2]);
	for (i = 0; i < writers + readers; i++) {
		if (fork() == 0)
			work(fd, i < writers ? 'a' + i : 0, atoi(argv[3]));
	}
	while (wait(&status) > 0)
		failed |= status;
	return !!failed;
}
