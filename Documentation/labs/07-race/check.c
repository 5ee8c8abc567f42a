// SPDX-License-Identifier: GPL-2.0
/* check WRITERS READERS: so many processes that write to, or read from, /dev/lab7, until killed */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define RECORD_LEN	3000

static void work(int fd, char letter)
{
	static char record[RECORD_LEN];

	memset(record, letter, sizeof(record));
	for (;;) {
		if (letter ? write(fd, record, sizeof(record)) < 0 :
			     pread(fd, record, sizeof(record), 0) < 0)
			exit(1);
	}
}

int main(int argc, char **argv)
{
	int writers = argc == 3 ? atoi(argv[1]) : 0, readers = argc == 3 ? atoi(argv[2]) : 0;
	int fd = open("/dev/lab7", O_RDWR), i;

	for (i = 0; i < writers + readers && fd >= 0; i++) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			work(fd, i < writers ? 'a' + i : 0);
		}
	}
	pause();
	return 1;
}
