// SPDX-License-Identifier: GPL-2.0
/*
 * An attacker who takes as much as it can, of all that user space can have the kernel hold:
 * the kernel's memory stays below what Documentation/security.rst says, another user can do
 * the same meanwhile, and all can be had again after the attacker's end.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ns.h"
#include "param.h"
#include "place.h"
#include "util.h"

#include "harness.h"

#define ATTACKER	65534
#define OTHER		OTHER_ID
#define MANY		4096	/* more than the limits */
#define MIB		1024	/* KiB */
#define SLACK		(3 * MIB)	/* of the machine: what each CPU keeps, and the like */

/* Limits of a user. */
#define CHANNELS	32
#define MSGS		8192
#define BYTES		(4 << 20)
#define BUFFERS		(8 << 20)
#define FDS		64
#define EARS		64
#define FILES		1024	/* RLIMIT_NOFILE */
#define TASKS		8

/* Of all these so much where everything takes long. */
static unsigned int part(void)
{
	return test_slow() ? 8 : 1;
}

static int chan(uint32_t kind, uint32_t msgs, uint64_t bytes, uint64_t buf, uint32_t options)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = kind, .max_msgs = msgs, .max_bytes = bytes,
		.buf_size = buf, .options = options,
		.slow = kind == IPCCHAN_KIND_BROADCAST ? IPCCHAN_SLOW_DROP_NEWEST : 0,
	};

	return chan_open(kind == IPCCHAN_KIND_BROADCAST ? O_WRONLY : O_RDWR, &a);
}

/* Messages of @len bytes until there is no room.  Return: how many. */
static int fill(int fd, size_t len, int most)
{
	static char buf[1 << 20];
	struct ipcchan_msghdr h = { .buf = (uintptr_t)buf, .len = len };
	int n = 0;

	while (n < most && xfer_send(fd, &h, 1, IPCCHAN_XFER_NONBLOCK, 0) == 1)
		n++;
	return n;
}

/* Each takes what it can, and returns how much that is. */
static int take_bytes(void)
{
	int n = 0, fd;

	/* The length that takes most memory for its bytes. */
	while (n < MANY && (fd = chan(0, 128, BYTES / CHANNELS, 0, 0)) >= 0)
		n += fill(fd, 2000, 128);
	return n;
}

static int take_msgs(void)
{
	int n = 0, fd;

	while (n < 8 * MSGS && (fd = chan(0, 1024, 4096, 0, 0)) >= 0)
		n += fill(fd, 1, 1024);
	return n;
}

/* Nothing is queued, but each channel has had much. */
static int take_kept(void)
{
	static char buf[1 << 16];
	int n = 0, fd;

	while (n < MANY && (fd = chan(0, 1, sizeof(buf), 0, 0)) >= 0) {
		if (fill(fd, sizeof(buf), 1) != 1 ||
		    msg_recv(fd, buf, sizeof(buf)) != sizeof(buf))
			return -EIO;
		n++;
	}
	return n;
}

static int take_buffers(void)
{
	int n = 0;

	while (n < 64 && chan(0, 1, 1, 1 << 20, IPCCHAN_OPT_LOANS | IPCCHAN_OPT_REVOKE) >= 0)
		n++;
	return n;
}

static int take_pools(void)
{
	int n = 0, fd;

	while (n < 64 && (fd = chan(0, 1, 1, 0, 0)) >= 0 &&
	       !pool(fd, (1 << 20) / page_size(), 0, 1))
		n++;
	return n;
}

/* Of one channel, each with all of what it may hold. */
static int take_subscriptions(void)
{
	int fd = chan(IPCCHAN_KIND_BROADCAST, 64, 1 << 14, 0, 0), n = 0;

	while (n < MANY && chan_peer(fd, O_RDONLY) >= 0)
		n++;
	return fill(fd, 1, 64) == 64 ? n : -EIO;
}

static int take_fds(void)
{
	int fd = chan(0, 2 * FDS, 4096, 0, 0), event = eventfd(0, EFD_CLOEXEC), n = 0;
	char c = 0;
	struct ipcchan_msghdr h = {
		.buf = (uintptr_t)&c, .len = 1, .fds = (uintptr_t)&event, .nr_fds = 1,
	};

	while (n < MANY && xfer_send(fd, &h, 1, IPCCHAN_XFER_NONBLOCK, 0) == 1)
		n++;
	return n;
}

static int take_ears(void)
{
	struct ipcchan_bell_fd b = { .fd = eventfd(0, EFD_CLOEXEC) };
	int fd = chan(0, 1, 1, page_size(), 0), n = 0, err = 0;

	while (n < MANY && !err) {
		b.offset = n % (page_size() / 4) * 4;
		err = do_ioctl(fd, IPCCHAN_IOC_BELL_FD, &b);
		/* An endpoint may have so many. */
		if (err == -ENOSPC) {
			fd = chan_peer(fd, O_RDWR);
			err = fd < 0 ? fd : 0;
			continue;
		}
		n += !err;
	}
	return n;
}

/* There is no limit of these but that of open files. */
static int take_endpoints(void)
{
	int fd = chan(0, 1, 1, 0, 0), n = 0;

	while (n < MANY && chan_peer(fd, O_RDWR) >= 0)
		n++;
	return n;
}

/* Each task has a batch, and waits with it. */
static int take_while_waiting(void)
{
	static char buf[1 << 16];
	static struct ipcchan_msghdr h[64];
	int fd = chan(0, 64, BYTES / part(), 0, 0), i;
	pid_t pid;

	if (fill(fd, 1, 64) != 64)
		return -EIO;
	for (i = 0; i < 64; i++)
		h[i] = (struct ipcchan_msghdr) { .buf = (uintptr_t)buf, .len = sizeof(buf) };
	for (i = 0; i < TASKS; i++) {
		pid = child_fork();
		if (pid == 0)
			_exit(xfer_send(fd, h, 64, 0, IPCCHAN_WAIT_FOREVER));
		if (!wait_asleep(pid))
			return -ETIMEDOUT;
	}
	return TASKS;
}

FIXTURE(quota) {
	int *taken;	/* by attacker and other; shared with them */
};

/* @most of it, and no more than @kib of the kernel's memory, KiB. */
FIXTURE_VARIANT(quota) {
	int (*take)(void);
	int most;
	long kib;
};

FIXTURE_VARIANT_ADD(quota, bytes) { take_bytes, BYTES / 2000, 2 * BYTES / 1024 };
FIXTURE_VARIANT_ADD(quota, msgs) { take_msgs, MSGS, MSGS / 2 };
FIXTURE_VARIANT_ADD(quota, kept) { take_kept, CHANNELS, CHANNELS * 128 };
FIXTURE_VARIANT_ADD(quota, buffers) { take_buffers, BUFFERS >> 20, BUFFERS / 1024 };
FIXTURE_VARIANT_ADD(quota, pools) { take_pools, BUFFERS >> 20, BUFFERS / 1024 };
FIXTURE_VARIANT_ADD(quota, subscriptions) { take_subscriptions, MSGS / 64, MSGS / 2 };
FIXTURE_VARIANT_ADD(quota, fds) { take_fds, FDS, MIB };
FIXTURE_VARIANT_ADD(quota, ears) { take_ears, EARS, MIB };
FIXTURE_VARIANT_ADD(quota, endpoints) { take_endpoints, FILES, FILES * 4 };
FIXTURE_VARIANT_ADD(quota, waiting) { take_while_waiting, TASKS, TASKS * (MIB + 128) };

FIXTURE_SETUP(quota)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, device_for_all());
	ASSERT_EQ(0, param_set("user_channels", CHANNELS / part()));
	ASSERT_EQ(0, param_set("user_msgs", MSGS / part()));
	ASSERT_EQ(0, param_set("user_bytes", BYTES / part()));
	ASSERT_EQ(0, param_set("user_buffers", BUFFERS / part()));
	ASSERT_EQ(0, param_set("user_fds", FDS / part()));
	ASSERT_EQ(0, param_set("user_ears", EARS / part()));
	self->taken = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->taken);
}

FIXTURE_TEARDOWN(quota)
{
	param_restore();
}

/* The sum of what lines that begin with @key say. */
static long lines_of(const char *path, const char *key)
{
	FILE *f = fopen(path, "re");
	char line[256];
	long sum = 0;

	while (f && fgets(line, sizeof(line), f)) {
		char *at = line + strspn(line, " ");

		if (!strncmp(at, key, strlen(key)))
			sum += atol(at + strlen(key));
	}
	if (f)
		fclose(f);
	return sum;
}

static long mem_kib(const char *key)
{
	return lines_of("/proc/meminfo", key);
}

/*
 * The kernel's own, of whatever kind, KiB: neither free, at once or for a CPU, nor of files,
 * nor of programs.
 */
static long kernel_kib(void)
{
	return mem_kib("MemTotal:") - mem_kib("MemFree:") - mem_kib("Buffers:") -
	       mem_kib("Cached:") - mem_kib("AnonPages:") - mem_kib("PageTables:") -
	       lines_of("/proc/zoneinfo", "count:") * (page_size() / 1024);
}

struct taker {
	int (*take)(void);
	int *taken;
	int hold;	/* until this ends, or -1 */
};

static int take(const void *arg)
{
	const struct taker *t = arg;
	struct rlimit files = { FILES / part(), FILES / part() };
	char c;

	if (setrlimit(RLIMIT_NOFILE, &files))
		return -EIO;
	__atomic_store_n(t->taken, t->take() ?: -1, __ATOMIC_RELEASE);
	return t->hold >= 0 && read(t->hold, &c, 1) ? -EIO : 0;
}

TEST_F(quota, exhausted)
{
	struct taker attacker = { variant->take, self->taken, -1 };
	struct taker other = { variant->take, self->taken + 1, -1 };
	int hold[2], i;
	long before, while_taken;
	pid_t pid;

	/* What is allocated once, and for all, is not counted. */
	other.take = take_endpoints;
	ASSERT_EQ(0, as_user(OTHER, OTHER, take, &other));
	other.take = variant->take;
	ASSERT_EQ(0, pipe(hold));
	attacker.hold = hold[0];
	before = kernel_kib();
	pid = child_fork();
	if (pid == 0) {
		close(hold[1]);
		_exit(-as_user(ATTACKER, ATTACKER, take, &attacker));
	}
	for (i = 0; i < 6000 && !__atomic_load_n(self->taken, __ATOMIC_ACQUIRE); i++)
		sleep_ms(10);
	while_taken = kernel_kib() - before;
	EXPECT_LT(0, self->taken[0]);
	EXPECT_GE(variant->most / (variant->take == take_while_waiting ? 1 : (int)part()),
		  self->taken[0]);
	if (!test_slow()) {
		EXPECT_GE(variant->kib + SLACK, while_taken);
	}
	/* Nobody else has less for it. */
	self->taken[1] = 0;
	EXPECT_EQ(0, as_user(OTHER, OTHER, take, &other));
	/* But for a file that one of them has and the other has not. */
	EXPECT_GE(2, abs(self->taken[0] - self->taken[1]));
	close(hold[1]);
	close(hold[0]);
	EXPECT_EQ(0, child_wait(pid));
	/* All of it can be had again, when the last of its tasks has gone. */
	for (i = 0; i < 500; i++) {
		EXPECT_EQ(0, as_user(ATTACKER, ATTACKER, take, &other));
		if (abs(self->taken[0] - self->taken[1]) <= 2)
			break;
		sleep_ms(10);
	}
	EXPECT_GT(500, i);
	TH_LOG("%d taken, %ld KiB", self->taken[0], while_taken);
}

TEST_HARNESS_MAIN
