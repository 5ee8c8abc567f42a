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
 * sleep on words of their own: by the doorbell and by futexes. Last, it is rung while all
 * the ears that a user may have hear words of the same bell, or this one.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
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
#define EARS		1024	/* the module parameter user_ears */
#define BELL_BITS	6	/* of kmod/buffer.h */

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

/* As the kernel's hash_32(): which bell a word has. */
static uint32_t bell_of(uint64_t offset)
{
	return (uint32_t)(offset / 4) * 0x61c88647U >> (32 - BELL_BITS);
}

/* The next word of the same bell. */
static uint64_t next_word(uint64_t offset)
{
	const uint32_t bell = bell_of(offset);

	do {
		offset += 4;
	} while (bell_of(offset) != bell);
	return offset;
}

/*
 * An endpoint with as many ears as it may have: on the word at @offset, or, with @others,
 * each on the next one of its bell.
 */
static int hear(int fd, uint64_t *offset, int others)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_FD, .role = IPCCHAN_ROLE_RECV, .fd = fd,
	};
	int ep = open(IPCCHAN_DEV_PATH, O_RDWR);
	struct ipcchan_bell_fd b;
	unsigned int n;

	if (ep < 0 || ioctl(ep, IPCCHAN_IOC_ATTACH, &a)) {
		perror("an endpoint");
		exit(2);
	}
	for (n = 0; n < IPCCHAN_BELL_FDS_MAX; n++) {
		if (others)
			*offset = next_word(*offset);
		b = (struct ipcchan_bell_fd){ .offset = *offset, .fd = eventfd(0, 0) };
		if (b.fd < 0 || ioctl(ep, IPCCHAN_IOC_BELL_FD, &b)) {
			perror("an ear");
			exit(2);
		}
		close(b.fd);
	}
	return ep;
}

static void measure_ears(int others)
{
	struct sleeper s = { .fd = chan_open(8UL * EARS << BELL_BITS, 0) };
	int ep[EARS / IPCCHAN_BELL_FDS_MAX];
	int64_t alone = ring(&s, 1);
	uint64_t offset = 0;
	unsigned int i;

	for (i = 0; i < EARS / IPCCHAN_BELL_FDS_MAX; i++)
		ep[i] = hear(s.fd, &offset, others);
	printf("ears: a ring takes %lld, of a word with %d ears %s %lld\n", (long long)alone,
	       EARS, others ? "on others of its bell" : "on it", (long long)ring(&s, 1));
	for (i = 0; i < EARS / IPCCHAN_BELL_FDS_MAX; i++)
		close(ep[i]);
	close(s.fd);
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
	measure_ears(1);
	measure_ears(0);
	return 0;
}
