// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "exec.h"
#include "watch.h"
#include "witness.h"

/* Rings that may be about to end */
#define WITNESSES	64

/* A ring may take so long, and so long after it was first looked for */
#define END_SECONDS	40
#define LOOK_SECONDS	10

/*
 * The last rings, the oldest at @next.
 * @fd: the end of the pipe that is read, at first /dev/null; below those of programs, which
 *	close all of theirs
 * @open: the ring has the other end, as far as is known
 */
static struct {
	int fd;
	bool open;
	time_t since;
	struct prog prog;
} witness[WITNESSES];

static unsigned int next;

static time_t seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

int witness_init(void)
{
	unsigned int i;

	for (i = 0; i < WITNESSES; i++) {
		witness[i].fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (witness[i].fd < 0)
			return -errno;
	}
	return 0;
}

void witness_begin(int ring)
{
	int ends[2];

	if (machine.child || machine.prog->nr % 4 == 3 || pipe2(ends, O_CLOEXEC))
		return;
	witness[next].open =
		dup2(ends[0], witness[next].fd) >= 0 &&
		!syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &ends[1], 1);
	close(ends[0]);
	close(ends[1]);
}

static bool ended(unsigned int i)
{
	struct pollfd p = { .fd = witness[i].fd };

	if (witness[i].open && poll(&p, 1, 0) == 1 && p.revents & POLLHUP)
		witness[i].open = false;
	return !witness[i].open;
}

static void tell(unsigned int i)
{
	printf("# %ld s after its end the ring of this program is still there\n",
	       (long)(seconds() - witness[i].since));
	prog_print(stdout, &witness[i].prog);
	/* Where it waits for requests, and where files are put for it */
	watch_stacks_in("io_ring_exit_work");
	watch_stacks_in("delayed_fput");
	fflush(stdout);
}

static void wait_for(unsigned int i)
{
	time_t first = seconds();

	while (!ended(i)) {
		if (seconds() - witness[i].since >= END_SECONDS &&
		    seconds() - first >= LOOK_SECONDS) {
			tell(i);
			_exit(WITNESS_STUCK);
		}
		usleep(10000);
	}
}

void witness_end(void)
{
	if (machine.child || !witness[next].open)
		return;
	witness[next].prog = *machine.prog;
	witness[next].since = seconds();
	next = (next + 1) % WITNESSES;
	wait_for(next);
}

void witness_wait(void)
{
	unsigned int i;

	for (i = 0; i < WITNESSES; i++)
		wait_for((next + i) % WITNESSES);
}
