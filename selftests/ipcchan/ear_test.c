// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_IOC_BELL_FD, and what it shares with _WATCH: rings heard without sleeping. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bell.h"
#include "ns.h"
#include "param.h"
#include "util.h"

#include "harness.h"

#define WORDS		(PAGES * 1024)
#define PAGES		2

FIXTURE(ear) {
	int fd;
	int efd;		/* an eventfd, non-blocking */
	size_t size;
	uint32_t *word;
};

FIXTURE_SETUP(ear)
{
	struct ipcchan_attach limits = { .max_msgs = 2 };

	self->size = PAGES * sysconf(_SC_PAGESIZE);
	limits.buf_size = self->size;
	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	self->word = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			  self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->word);
	self->efd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ASSERT_LE(0, self->efd);
}

FIXTURE_TEARDOWN(ear)
{
	munmap(self->word, self->size);
	close(self->efd);
	close(self->fd);
}

/* How often an eventfd was signalled since the last time it was asked. */
static uint64_t signals(int efd)
{
	uint64_t n;

	return read(efd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

/* Once for each ring of the word, none for others, and nobody counts it as woken. */
TEST_F(ear, eventfd)
{
	ASSERT_EQ(0, bell_fd(self->fd, 4, self->efd, 0));
	EXPECT_EQ(0, signals(self->efd));
	EXPECT_EQ(0, wake(self->fd, 4, 1));
	EXPECT_EQ(1, signals(self->efd));
	EXPECT_EQ(0, wake(self->fd, 4, 1));
	EXPECT_EQ(0, wake(self->fd, 4, 100));
	EXPECT_EQ(2, signals(self->efd));
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(0, wake(self->fd, 8, 1));
	EXPECT_EQ(0, signals(self->efd));
	ASSERT_EQ(0, bell_fd(self->fd, 4, self->efd, IPCCHAN_BELL_FD_REMOVE));
	EXPECT_EQ(0, wake(self->fd, 4, 1));
	EXPECT_EQ(0, signals(self->efd));
}

/* No word takes the ring of another one, wherever they are in the buffer. */
TEST_F(ear, every_word)
{
	uint64_t i;

	for (i = 0; i < WORDS; i += 7) {
		ASSERT_EQ(0, bell_fd(self->fd, 4 * i, self->efd, 0));
		ASSERT_EQ(0, wake(self->fd, 4 * ((i + 1) % WORDS), 1));
		ASSERT_EQ(0, wake(self->fd, 4 * ((i + 64) % WORDS), 1));
		ASSERT_EQ(0, wake(self->fd, 4 * ((i + 1024) % WORDS), 1));
		ASSERT_EQ(0, signals(self->efd));
		ASSERT_EQ(0, wake(self->fd, 4 * i, 1));
		ASSERT_EQ(1, signals(self->efd));
		ASSERT_EQ(0, bell_fd(self->fd, 4 * i, self->efd, IPCCHAN_BELL_FD_REMOVE));
	}
}

static pid_t start_sleeper(int fd)
{
	struct ipcchan_wait w = { .timeout_ns = IPCCHAN_WAIT_FOREVER };
	pid_t pid = child_fork();

	if (pid == 0)
		_exit(-do_ioctl(fd, IPCCHAN_IOC_WAIT, &w));
	return pid;
}

/* Ears take nothing from sleepers, nor sleepers from ears. */
TEST_F(ear, beside_sleepers)
{
	int peer = chan_peer(self->fd, O_RDONLY), i;
	pid_t pid[2];

	ASSERT_LE(0, peer);
	ASSERT_EQ(0, bell_fd(peer, 0, self->efd, 0));
	ASSERT_EQ(0, watch(peer, 0, 0));
	for (i = 0; i < 2; i++) {
		pid[i] = start_sleeper(self->fd);
		ASSERT_TRUE(wait_blocked(pid[i], SYS_ioctl));
	}
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(1, wake(self->fd, 0, 1));
		EXPECT_EQ(0, child_wait(pid[i]));
	}
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(3, signals(self->efd));
	close(peer);
}

/* The eventfd outlives its descriptor, and its registration the word's mapping. */
TEST_F(ear, lives)
{
	int peer = chan_peer(self->fd, O_RDWR), dup2nd = dup(self->efd);

	ASSERT_LE(0, peer);
	ASSERT_LE(0, dup2nd);
	ASSERT_EQ(0, bell_fd(peer, 0, self->efd, 0));
	close(self->efd);
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(1, signals(dup2nd));
	EXPECT_EQ(-EEXIST, bell_fd(peer, 0, dup2nd, 0));
	/* Nor is it signalled once more through another endpoint, whose it is not. */
	EXPECT_EQ(-EBUSY, bell_fd(self->fd, 0, dup2nd, 0));
	EXPECT_EQ(-ENOENT, bell_fd(self->fd, 0, dup2nd, IPCCHAN_BELL_FD_REMOVE));
	ASSERT_EQ(0, bell_fd(self->fd, 4, dup2nd, 0));
	ASSERT_EQ(0, bell_fd(self->fd, 4, dup2nd, IPCCHAN_BELL_FD_REMOVE));
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(1, signals(dup2nd));
	close(peer);
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(0, signals(dup2nd));
	ASSERT_EQ(0, bell_fd(self->fd, 0, dup2nd, 0));
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(1, signals(dup2nd));
	ASSERT_EQ(0, bell_fd(self->fd, 0, dup2nd, IPCCHAN_BELL_FD_REMOVE));
	EXPECT_EQ(-ENOENT, bell_fd(self->fd, 0, dup2nd, IPCCHAN_BELL_FD_REMOVE));
	self->efd = dup2nd;
}

/* An endpoint closed while it is being rung, over and over. */
TEST_F(ear, closed_while_rung)
{
	uint32_t rounds = test_scale(500), i;
	pid_t pid = child_fork();

	ASSERT_LE(0, pid);
	if (pid == 0)
		for (;;)
			wake(self->fd, 0, 1);
	for (i = 0; i < rounds; i++) {
		int peer = chan_peer(self->fd, O_RDWR);

		ASSERT_LE(0, peer);
		ASSERT_EQ(0, watch(peer, 0, 0));
		ASSERT_EQ(0, bell_fd(peer, 0, self->efd, 0));
		close(peer);
	}
	child_kill(pid);
	signals(self->efd);
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(0, signals(self->efd));
}

static void await(const uint32_t *word, uint32_t value)
{
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value)
		sched_yield();
}

/*
 * An ear that is added while the word is changed and rung: the change is seen afterwards,
 * or the ring is heard.
 */
TEST_F_TIMEOUT(ear, none_lost, 240)
{
	uint32_t rounds = test_scale(2000), i, *go = &self->word[16];
	struct pollfd p = { .fd = self->efd, .events = POLLIN };
	pid_t pid = child_fork();

	ASSERT_LE(0, pid);
	if (pid == 0) {
		for (i = 1; i <= rounds; i++) {
			await(go, i);
			put(self->word, i);
			if (wake(self->fd, 0, 1))
				break;
		}
		_exit(i <= rounds);
	}
	for (i = 1; i <= rounds; i++) {
		put(go, i);
		ASSERT_EQ(0, bell_fd(self->fd, 0, self->efd, 0));
		if (__atomic_load_n(self->word, __ATOMIC_RELAXED) != i)
			ASSERT_EQ(1, poll(&p, 1, 10000)) TH_LOG("round %u", i);
		await(self->word, i);
		ASSERT_EQ(0, bell_fd(self->fd, 0, self->efd, IPCCHAN_BELL_FD_REMOVE));
		signals(self->efd);
	}
	EXPECT_EQ(0, child_wait(pid));
}

TEST_F(ear, bounds)
{
	int efds[IPCCHAN_BELL_FDS_MAX + 1], i;

	for (i = 0; i <= (int)IPCCHAN_BELL_FDS_MAX; i++) {
		efds[i] = eventfd(0, EFD_NONBLOCK);
		ASSERT_LE(0, efds[i]);
		EXPECT_EQ(i < (int)IPCCHAN_BELL_FDS_MAX ? 0 : -ENOSPC,
			  bell_fd(self->fd, 0, efds[i], 0));
	}
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	for (i = 0; i < (int)IPCCHAN_BELL_FDS_MAX; i++) {
		EXPECT_EQ(1, signals(efds[i]));
	}
	EXPECT_EQ(0, signals(efds[i]));
	ASSERT_EQ(0, bell_fd(self->fd, 0, efds[7], IPCCHAN_BELL_FD_REMOVE));
	ASSERT_EQ(0, bell_fd(self->fd, 0, efds[i], 0));
}

/* Each of them charged, and given back, also by the end of the process. */
static int ears_to_the_limit(const void *arg)
{
	const FIXTURE_DATA(ear) *self = arg;
	struct ipcchan_attach limits = { .buf_size = self->size };
	int efds[4], fd = chan_anon(&limits), other = chan_anon(&limits), i;

	if (fd < 0 || other < 0)
		return -1;
	for (i = 0; i < 4; i++)
		efds[i] = eventfd(0, 0);
	for (i = 0; i < 3; i++)
		if (bell_fd(fd, 0, efds[i], 0))
			return -2;
	if (watch(fd, 0, 0) || bell_fd(fd, 0, efds[3], 0) != -EDQUOT ||
	    bell_fd(other, 0, efds[3], 0) != -EDQUOT || watch(other, 0, 0) != -EDQUOT)
		return -3;
	/* One that is there may go elsewhere. */
	if (watch(fd, 8, 0) || is_rung(fd) || watch(fd, 8, 1) || !is_rung(fd))
		return -4;
	if (watch_off(fd) || watch(other, 0, 0) || watch(fd, 0, 0) != -EDQUOT)
		return -5;
	close(fd);
	return bell_fd(other, 0, efds[0], 0) ? -6 : 0;
}

TEST_F(ear, quota)
{
	ASSERT_EQ(0, device_for_all());
	ASSERT_EQ(0, param_set("user_ears", 4));
	EXPECT_EQ(0, as_user(OTHER_ID, OTHER_ID, ears_to_the_limit, self));
	EXPECT_EQ(0, as_user(OTHER_ID, OTHER_ID, ears_to_the_limit, self));
	EXPECT_EQ(-3, as_user(0, 0, ears_to_the_limit, self));
	param_restore();
}

TEST_F(ear, errors)
{
	const uint64_t bad_offsets[] = {
		1, 2, 3, self->size - 1, self->size, self->size + 4, 1ull << 32,
		1ull << 63, ~0ull, ~0ull - 3,
	};
	struct ipcchan_bell_fd b = { .fd = self->efd, .reserved = 1 };
	struct ipcchan_watch w = { .flags = IPCCHAN_WATCH_OFF, .offset = 4 };
	int bare = dev_open(O_RDWR), plain = chan_anon(NULL);
	unsigned int i;

	ASSERT_LE(0, bare);
	ASSERT_LE(0, plain);
	EXPECT_EQ(-ENOTCONN, bell_fd(bare, 0, self->efd, 0));
	EXPECT_EQ(-ENOTCONN, watch(bare, 0, 0));
	EXPECT_EQ(-ENODEV, bell_fd(plain, 0, self->efd, 0));
	EXPECT_EQ(-ENODEV, watch(plain, 0, 0));
	EXPECT_EQ(-ENODEV, watch_off(plain));
	for (i = 0; i < ARRAY_SIZE(bad_offsets); i++) {
		EXPECT_EQ(-EINVAL, bell_fd(self->fd, bad_offsets[i], self->efd, 0));
		EXPECT_EQ(-EINVAL, watch(self->fd, bad_offsets[i], 0));
		EXPECT_EQ(-ENOENT, bell_fd(self->fd, bad_offsets[i], self->efd,
					   IPCCHAN_BELL_FD_REMOVE));
	}
	EXPECT_EQ(-EBADF, bell_fd(self->fd, 0, -1, 0));
	EXPECT_EQ(-EBADF, bell_fd(self->fd, 0, INT_MAX, 0));
	EXPECT_EQ(-EINVAL, bell_fd(self->fd, 0, 0, 0));
	EXPECT_EQ(-EINVAL, bell_fd(self->fd, 0, self->fd, IPCCHAN_BELL_FD_REMOVE));
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, IPCCHAN_IOC_BELL_FD, &b));
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, IPCCHAN_IOC_WATCH, &w));
	w = (struct ipcchan_watch) { .flags = IPCCHAN_WATCH_OFF, .expected = 1 };
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, IPCCHAN_IOC_WATCH, &w));
	for (i = 1; i < 32; i++) {
		EXPECT_EQ(-EINVAL, bell_fd(self->fd, 0, self->efd, 1u << i));
		w = (struct ipcchan_watch) { .flags = 1u << i };
		EXPECT_EQ(-EINVAL, do_ioctl(self->fd, IPCCHAN_IOC_WATCH, &w));
	}
	/* None of that has left anything behind. */
	EXPECT_EQ(0, wake(self->fd, 0, 1));
	EXPECT_EQ(0, signals(self->efd));
	EXPECT_FALSE(is_rung(self->fd));
	close(plain);
	close(bare);
}

TEST_HARNESS_MAIN
