// SPDX-License-Identifier: GPL-2.0
/*
 * What shared buffers cost, in the nanoseconds of the clock: in a guest with --icount these
 * are instructions.
 *
 *	gcc -static -O2 -Iinclude/uapi -o build/measure THIS
 *	selftests/vm/run --icount --add build/measure /root/measure
 *
 * First, a buffer of 64 MiB is made, mapped and touched, a byte of each page, in small
 * pages and in huge ones: an emulated CPU tells faults and instructions, but nothing of
 * what its TLB would spare. Then a word is rung on which nobody sleeps, while many
 * sleep on words of their own: by the doorbell and by futexes.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/ipcchan.h>

#define SIZE		(64UL << 20)
#define HUGE		(2UL << 20)
#define SLEEPERS	512
#define RINGS		1000

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static long faults(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_minflt;
}

static int chan_open(uint64_t size, uint32_t buf_flags)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .role = IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV,
		.buf_size = size, .buf_flags = buf_flags,
	};
	int fd = open(IPCCHAN_DEV_PATH, O_RDWR);

	if (fd < 0 || ioctl(fd, IPCCHAN_IOC_ATTACH, &a)) {
		perror("a channel");
		exit(2);
	}
	return fd;
}

static char *chan_map(int fd, uint64_t size, int flags)
{
	char *base = mmap(NULL, size + HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *at = base + (-(uintptr_t)base & (HUGE - 1));

	at = mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | flags, fd, 0);
	if (base == MAP_FAILED || at == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return at;
}

static int64_t touch(char *map)
{
	int64_t start = now();
	unsigned long i;

	for (i = 0; i < SIZE; i += 4096)
		*(volatile char *)(map + i) = 1;
	return now() - start;
}

static void measure_touch(const char *what, uint32_t buf_flags, int map_flags)
{
	struct ipcchan_info info = { 0 };
	int64_t start = now(), made, mapped, first, again;
	int fd = chan_open(SIZE, buf_flags);
	long before;
	char *map;

	made = now() - start;
	ioctl(fd, IPCCHAN_IOC_INFO, &info);
	before = faults();
	start = now();
	map = chan_map(fd, SIZE, map_flags);
	mapped = now() - start;
	first = touch(map);
	before = faults() - before;
	again = touch(map);
	printf("%-16s %2llu MiB huge: made %lld, mapped %lld, ", what,
	       (unsigned long long)info.buf_huge >> 20, (long long)made, (long long)mapped);
	printf("touched %lld (%ld faults), again %lld\n", (long long)first, before,
	       (long long)again);
	munmap(map, SIZE);
	close(fd);
}

struct sleeper {
	int fd;
	uint32_t *words;
	uint64_t offset;
};

static void *sleep_on_bell(void *arg)
{
	const struct sleeper *s = arg;
	struct ipcchan_wait w = {
		.offset = s->offset, .timeout_ns = IPCCHAN_WAIT_FOREVER,
	};

	ioctl(s->fd, IPCCHAN_IOC_WAIT, &w);
	return NULL;
}

static void *sleep_on_futex(void *arg)
{
	const struct sleeper *s = arg;

	syscall(SYS_futex, s->words + s->offset / 4, FUTEX_WAIT, 0, NULL, NULL, 0);
	return NULL;
}

static int64_t ring(const struct sleeper *s, int bell)
{
	struct ipcchan_wake w = { .offset = s->offset, .count = 1 };
	int64_t start = now();
	int i;

	for (i = 0; i < RINGS; i++) {
		if (bell)
			ioctl(s->fd, IPCCHAN_IOC_WAKE, &w);
		else
			syscall(SYS_futex, s->words + s->offset / 4, FUTEX_WAKE, 1, NULL,
				NULL, 0);
	}
	return (now() - start) / RINGS;
}

/* On the first word nobody sleeps. */
static void measure_rings(int bell)
{
	static struct sleeper s[SLEEPERS + 1];
	const uint64_t size = (SLEEPERS + 1) * 64;
	int fd = chan_open(size, 0), i;
	char *map = chan_map(fd, size, 0);
	struct timespec a_while = { .tv_sec = 1 };
	int64_t alone;
	pthread_t thread;

	for (i = 0; i <= SLEEPERS; i++)
		s[i] = (struct sleeper) {
			.fd = fd, .words = (uint32_t *)map, .offset = 64UL * i,
		};
	alone = ring(&s[0], bell);
	for (i = 1; i <= SLEEPERS; i++) {
		if (pthread_create(&thread, NULL, bell ? sleep_on_bell : sleep_on_futex,
				   &s[i])) {
			perror("a thread");
			exit(2);
		}
	}
	nanosleep(&a_while, NULL);
	printf("%s: a ring takes %lld, beside %d sleepers on other words %lld\n",
	       bell ? "doorbell" : "futex", (long long)alone, SLEEPERS,
	       (long long)ring(&s[0], bell));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	measure_touch("small pages", 0, 0);
	measure_touch("huge pages", IPCCHAN_BUF_HUGE, 0);
	measure_touch("small, populated", 0, MAP_POPULATE);
	measure_touch("huge, populated", IPCCHAN_BUF_HUGE, MAP_POPULATE);
	measure_rings(1);
	measure_rings(0);
	return 0;
}
