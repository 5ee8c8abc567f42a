// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_IOC_WAIT and IPCCHAN_IOC_WAKE: sleeping on a word of the buffer. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

#include "harness.h"

#define MS		1000000ll
#define SECOND		(1000 * MS)
#define WATCHDOG	(5 * SECOND)

FIXTURE(bell) {
	int fd;
	size_t size;
	uint32_t *word;
};

FIXTURE_SETUP(bell)
{
	struct ipcchan_attach limits = { 0 };

	self->size = 2 * sysconf(_SC_PAGESIZE);
	limits.buf_size = self->size;
	self->fd = chan_anon(&limits);
	ASSERT_LE(0, self->fd);
	self->word = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			  self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->word);
}

FIXTURE_TEARDOWN(bell)
{
	munmap(self->word, self->size);
	close(self->fd);
}

static int bell_wait(int fd, uint64_t offset, uint32_t expected, int64_t timeout_ns)
{
	struct ipcchan_wait w = {
		.offset = offset, .expected = expected, .timeout_ns = timeout_ns,
	};

	return do_ioctl(fd, IPCCHAN_IOC_WAIT, &w);
}

static int bell_wake(int fd, uint64_t offset, uint32_t count)
{
	struct ipcchan_wake w = { .offset = offset, .count = count };

	return do_ioctl(fd, IPCCHAN_IOC_WAKE, &w);
}

/* A child that waits for ever on a word holding 0; it exits with the errno. */
static pid_t start_sleeper(int fd, uint64_t offset)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		on_signal(SIGUSR1, 0);
		_exit(-bell_wait(fd, offset, 0, IPCCHAN_WAIT_FOREVER));
	}
	return pid;
}

TEST_F(bell, word_differs)
{
	uint64_t start = now_ns();

	EXPECT_EQ(-EAGAIN, bell_wait(self->fd, 0, 1, IPCCHAN_WAIT_FOREVER));
	EXPECT_EQ(-EAGAIN, bell_wait(self->fd, 0, 1, 0));
	self->word[1] = 0xfffffffe;
	EXPECT_EQ(-EAGAIN, bell_wait(self->fd, 4, 0xffffffff, 10 * SECOND));
	EXPECT_EQ(-EAGAIN, bell_wait(self->fd, self->size - 4, 7, 10 * SECOND));
	EXPECT_GT(WATCHDOG, now_ns() - start);
}

TEST_F(bell, times_out)
{
	uint64_t start = now_ns(), took;

	EXPECT_EQ(-ETIMEDOUT, bell_wait(self->fd, 0, 0, 0));
	EXPECT_EQ(-ETIMEDOUT, bell_wait(self->fd, 0, 0, 1));
	EXPECT_GT(WATCHDOG, now_ns() - start);
	start = now_ns();
	EXPECT_EQ(-ETIMEDOUT, bell_wait(self->fd, 0, 0, 100 * MS));
	took = now_ns() - start;
	EXPECT_LE(100 * MS, took);
	EXPECT_GT(WATCHDOG, took);
}

/* The longest timeouts that can be asked for do not wrap around. */
TEST_F(bell, huge_timeout)
{
	pid_t pid = child_fork();

	ASSERT_LE(0, pid);
	if (pid == 0)
		_exit(-bell_wait(self->fd, 0, 0, INT64_MAX));
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	sleep_ms(50);
	EXPECT_TRUE(is_blocked(pid, SYS_ioctl));
	EXPECT_EQ(1, bell_wake(self->fd, 0, 1));
	EXPECT_EQ(0, child_wait(pid));
}

TEST_F(bell, wake_counts)
{
	pid_t pid[5];
	int i;

	EXPECT_EQ(0, bell_wake(self->fd, 0, 1));
	for (i = 0; i < 5; i++) {
		pid[i] = start_sleeper(self->fd, 0);
		ASSERT_TRUE(wait_blocked(pid[i], SYS_ioctl));
	}
	EXPECT_EQ(1, bell_wake(self->fd, 0, 1));
	EXPECT_EQ(2, bell_wake(self->fd, 0, 2));
	EXPECT_EQ(2, bell_wake(self->fd, 0, 100));
	EXPECT_EQ(0, bell_wake(self->fd, 0, 100));
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(0, child_wait(pid[i]));
	}
}

TEST_F(bell, wakes_by_word)
{
	const uint64_t last = self->size - 4;
	pid_t at0 = start_sleeper(self->fd, 0);
	pid_t at4 = start_sleeper(self->fd, 4);
	pid_t at_end = start_sleeper(self->fd, last);

	ASSERT_TRUE(wait_blocked(at0, SYS_ioctl));
	ASSERT_TRUE(wait_blocked(at4, SYS_ioctl));
	ASSERT_TRUE(wait_blocked(at_end, SYS_ioctl));
	EXPECT_EQ(0, bell_wake(self->fd, 8, 100));
	EXPECT_EQ(0, bell_wake(self->fd, self->size / 2, 100));
	EXPECT_EQ(1, bell_wake(self->fd, 4, 100));
	EXPECT_EQ(0, child_wait(at4));
	sleep_ms(20);
	EXPECT_TRUE(is_blocked(at0, SYS_ioctl));
	EXPECT_TRUE(is_blocked(at_end, SYS_ioctl));
	EXPECT_EQ(1, bell_wake(self->fd, last, 100));
	EXPECT_EQ(0, child_wait(at_end));
	EXPECT_EQ(1, bell_wake(self->fd, 0, 100));
	EXPECT_EQ(0, child_wait(at0));
}

/* The word belongs to the channel: any endpoint of it may ring. */
TEST_F(bell, across_endpoints)
{
	struct ipcchan_attach limits = { .buf_size = self->size };
	int peer = chan_peer(self->fd, O_WRONLY);
	int stranger = chan_anon(&limits);
	pid_t pid;

	ASSERT_LE(0, peer);
	ASSERT_LE(0, stranger);
	pid = start_sleeper(self->fd, 0);
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	EXPECT_EQ(0, bell_wake(stranger, 0, 100));
	EXPECT_EQ(1, bell_wake(peer, 0, 100));
	EXPECT_EQ(0, child_wait(pid));
	close(stranger);
	close(peer);
}

TEST_F(bell, receiver_waits_but_does_not_wake)
{
	int rd = chan_peer(self->fd, O_RDONLY);
	pid_t pid;

	ASSERT_LE(0, rd);
	EXPECT_EQ(-ETIMEDOUT, bell_wait(rd, 0, 0, MS));
	pid = start_sleeper(rd, 0);
	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	EXPECT_EQ(-EBADF, bell_wake(rd, 0, 1));
	EXPECT_TRUE(is_blocked(pid, SYS_ioctl));
	EXPECT_EQ(1, bell_wake(self->fd, 0, 1));
	EXPECT_EQ(0, child_wait(pid));
	close(rd);
}

TEST_F(bell, signal_interrupts)
{
	pid_t pid = start_sleeper(self->fd, 0);

	ASSERT_TRUE(wait_blocked(pid, SYS_ioctl));
	kill(pid, SIGUSR1);
	EXPECT_EQ(EINTR, child_wait(pid));
	EXPECT_EQ(0, bell_wake(self->fd, 0, 1));
}

/* The dead are not woken, and those behind them are. */
TEST_F(bell, killed_sleeper)
{
	pid_t first = start_sleeper(self->fd, 0), second;

	ASSERT_TRUE(wait_blocked(first, SYS_ioctl));
	second = start_sleeper(self->fd, 0);
	ASSERT_TRUE(wait_blocked(second, SYS_ioctl));
	child_kill(first);
	EXPECT_EQ(1, bell_wake(self->fd, 0, 1));
	EXPECT_EQ(0, child_wait(second));
	EXPECT_EQ(0, bell_wake(self->fd, 0, 1));
}

/* A sleeper that timed out is none any more. */
TEST_F(bell, timed_out_sleeper_is_gone)
{
	EXPECT_EQ(-ETIMEDOUT, bell_wait(self->fd, 0, 0, MS));
	EXPECT_EQ(0, bell_wake(self->fd, 0, 100));
}

/* Without any mapping the word is still there: the kernel has the pages. */
TEST_F(bell, unmapped_word)
{
	int fd = chan_peer(self->fd, O_RDWR);

	ASSERT_LE(0, fd);
	self->word[3] = 17;
	munmap(self->word, self->size);
	EXPECT_EQ(-EAGAIN, bell_wait(fd, 12, 16, SECOND));
	EXPECT_EQ(-ETIMEDOUT, bell_wait(fd, 12, 17, MS));
	self->word = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, self->word);
	EXPECT_EQ(17, self->word[3]);
	close(fd);
}

/* Wait until @word holds @value; false when the watchdog ran out. */
static bool await(int fd, uint32_t *word, uint64_t offset, uint32_t value)
{
	for (;;) {
		uint32_t seen = __atomic_load_n(word, __ATOMIC_SEQ_CST);
		int ret;

		if (seen == value)
			return true;
		ret = bell_wait(fd, offset, seen, WATCHDOG);
		if (ret && ret != -EAGAIN)
			return false;
	}
}

static bool tell(int fd, uint32_t *word, uint64_t offset, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	return bell_wake(fd, offset, 1) >= 0;
}

/* Change the word, then wake: were one wake-up lost, the watchdog would bark. */
static void ping_pong(struct __test_metadata *_metadata, FIXTURE_DATA(bell) *self,
		      uint32_t rounds)
{
	uint32_t *ping = &self->word[0], *pong = &self->word[16];
	uint64_t start = now_ns();
	uint32_t i;
	pid_t pid = child_fork();

	ASSERT_LE(0, pid);
	if (pid == 0) {
		for (i = 1; i <= rounds; i++)
			if (!await(self->fd, ping, 0, i) ||
			    !tell(self->fd, pong, 64, i))
				_exit(1);
		_exit(0);
	}
	for (i = 1; i <= rounds; i++) {
		ASSERT_TRUE(tell(self->fd, ping, 0, i));
		ASSERT_TRUE(await(self->fd, pong, 64, i)) TH_LOG("round %u", i);
	}
	EXPECT_EQ(0, child_wait(pid));
	TH_LOG("%u rounds, %llu ms", rounds, (now_ns() - start) / 1000000ull);
}

TEST_F_TIMEOUT(bell, no_wake_up_lost, 240)
{
	stay_on_cpu();
	ping_pong(_metadata, self, test_scale(100000));
}

TEST_F_TIMEOUT(bell, no_wake_up_lost_any_cpu, 240)
{
	ping_pong(_metadata, self, test_scale(5000));
}

/* Answers at once, or a random moment later, and never sleeps. */
static void answer(FIXTURE_DATA(bell) *self, uint32_t rounds)
{
	uint32_t *ping = &self->word[0], *pong = &self->word[16];
	unsigned int seed = 1;
	uint64_t until;
	uint32_t i;

	for (i = 1; i <= rounds; i++) {
		while (__atomic_load_n(ping, __ATOMIC_SEQ_CST) != i)
			;
		until = now_ns() + rand_r(&seed) % 50000;
		while (now_ns() < until)
			;
		if (!tell(self->fd, pong, 64, i))
			_exit(1);
	}
	_exit(0);
}

/* The peer's change and wake-up fall into the moment of going to sleep. */
TEST_F_TIMEOUT(bell, no_wake_up_lost_while_falling_asleep, 240)
{
	const uint32_t rounds = test_scale(5000);
	uint64_t start = now_ns();
	uint32_t i;
	pid_t pid;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two CPUs, one for a peer that never sleeps");
	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0)
		answer(self, rounds);
	for (i = 1; i <= rounds; i++) {
		__atomic_store_n(&self->word[0], i, __ATOMIC_SEQ_CST);
		ASSERT_TRUE(await(self->fd, &self->word[16], 64, i)) TH_LOG("round %u", i);
	}
	EXPECT_EQ(0, child_wait(pid));
	TH_LOG("%u rounds, %llu ms", rounds, (now_ns() - start) / 1000000ull);
}

TEST_HARNESS_MAIN
