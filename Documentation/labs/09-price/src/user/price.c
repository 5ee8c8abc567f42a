// SPDX-License-Identifier: GPL-2.0
/*
 * Lab 9: what the kernel charges.
 *
 *	price nothing	one turn of the loop that measures
 *	price call	a system call that does nothing: getppid()
 *	price copy	a KiB that is copied out of the kernel
 *	price wake	to wake another process, and to switch to it
 *
 * Prints nanoseconds: in the virtual machine of this lab, instructions.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TRIES	5
#define LARGE	(64 * 1024)
#define SMALL	(4 * 1024)

static int memory;	/* a file in memory, of LARGE bytes */
static int there[2], back[2];	/* pipes */
static char buf[LARGE];

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* What one call of @op takes: the best of some tries, for whatever disturbs one adds to it. */
static double cost(void (*op)(void), int turns)
{
	double best = 0, took;
	int64_t begin;
	int try, i;

	for (try = 0; try < TRIES; try++) {
		begin = now_ns();
		for (i = 0; i < turns; i++)
			op();
		took = (double)(now_ns() - begin) / turns;
		if (!try || took < best)
			best = took;
	}
	return best;
}

static void nothing(void)
{
	__asm__ volatile("");
}

static void must(long ret)
{
	if (ret < 0) {
		perror("price");
		exit(2);
	}
}

/* TODO 1: what a system call takes, without what the loop takes. */
static double price_call(void)
{
	return 0;
}

/*
 * TODO 2: pread() of the file in memory copies; but for the copy it is a system call, and looks for
 * pages.  Two reads of different lengths differ by copies only.
 */
static double price_copy(void)
{
	return 0;
}

/*
 * TODO 3: a byte goes there and comes back through two pipes.  Once with another process at the
 * other ends, which waits for it: four system calls, two wake-ups.  And once without.
 */
static double price_wake(void)
{
	return 0;
}

static double price_nothing(void)
{
	return cost(nothing, 10000);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		double (*price)(void);
	} prices[] = {
		{ "nothing", price_nothing },
		{ "call", price_call },
		{ "copy", price_copy },
		{ "wake", price_wake },
	};
	size_t i;

	memory = memfd_create("lab9", 0);
	must(memory);
	must(write(memory, buf, sizeof(buf)));
	must(pipe(there));
	must(pipe(back));
	for (i = 0; argc == 2 && i < sizeof(prices) / sizeof(prices[0]); i++) {
		if (!strcmp(argv[1], prices[i].name)) {
			printf("%.0f\n", prices[i].price());
			return 0;
		}
	}
	fputs("usage: price nothing|call|copy|wake\n", stderr);
	return 1;
}
