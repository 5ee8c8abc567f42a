// SPDX-License-Identifier: GPL-2.0
/*
 * Doorbells whose ringers and sleepers are killed: no ring is missed, each is told to an
 * eventfd once, and what those who died had on a bell is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bell.h"
#include "place.h"
#include "storm.h"
#include "util.h"

#include "harness.h"

#define WORDS		4	/* each of the first ones has a sleeper of its own */
#define SLEEPERS	2
#define RINGERS		3
#define VISITORS	3
#define STRIDE		64	/* bytes from one word to the next */
#define END		0x80000000u
#define ENOUGH		200	/* rings of each word */
#define KILLS		12

/* Shared by all; counted by word. */
struct bells {
	bool stop;
	uint32_t begun[WORDS];
	uint32_t rung[WORDS];
	uint32_t seen[SLEEPERS];
	uint32_t fault;
	int why;
};

FIXTURE(bells) {
	struct storm_calm calm;
	struct bells *b;
	uint32_t *map;
	int fd;
	int efd[WORDS];
	pid_t ringer[RINGERS], visitor[VISITORS], sleeper[SLEEPERS];
	unsigned int seed;
};

static void fault_at(struct bells *b, uint32_t line, int why)
{
	if (!b->fault)
		b->why = why;
	b->fault = b->fault ? b->fault : line;
}

#define FAULT(b, why)	fault_at(b, __LINE__, why)

static uint32_t *word_of(uint32_t *map, unsigned int nr)
{
	return map + nr * STRIDE / sizeof(*map);
}

static int wait_word(int fd, unsigned int nr, uint32_t expected, int64_t timeout_ns)
{
	struct ipcchan_wait w = {
		.offset = nr * STRIDE, .expected = expected, .timeout_ns = timeout_ns,
	};

	return do_ioctl(fd, IPCCHAN_IOC_WAIT, &w);
}

static void sleep_on(struct bells *b, int fd, uint32_t *map, unsigned int nr)
{
	uint32_t value;
	int ret;

	do {
		value = __atomic_load_n(word_of(map, nr), __ATOMIC_SEQ_CST);
		__atomic_store_n(&b->seen[nr], value, __ATOMIC_SEQ_CST);
		if (value & END)
			break;
		ret = wait_word(fd, nr, value, IPCCHAN_WAIT_FOREVER);
		if (ret && ret != -EAGAIN)
			FAULT(b, ret);
	} while (!b->fault);
}

static void ring(struct bells *b, int fd, uint32_t *map, unsigned int seed)
{
	while (!__atomic_load_n(&b->stop, __ATOMIC_RELAXED) && !b->fault) {
		unsigned int nr = rand_r(&seed) % WORDS;
		int ret;

		__atomic_fetch_add(word_of(map, nr), 1, __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&b->begun[nr], 1, __ATOMIC_SEQ_CST);
		ret = wake(fd, nr * STRIDE, 1 + rand_r(&seed) % 3);
		__atomic_fetch_add(&b->rung[nr], 1, __ATOMIC_SEQ_CST);
		if (ret < 0)
			FAULT(b, ret);
	}
}

/* With bells, a watch and waits of its own, on the words that have no other sleeper. */
static void visit(struct bells *b, int fd, uint32_t *map, unsigned int seed)
{
	int efd = eventfd(0, EFD_NONBLOCK), ret;

	while (!__atomic_load_n(&b->stop, __ATOMIC_RELAXED) && !b->fault) {
		unsigned int nr = SLEEPERS + rand_r(&seed) % (WORDS - SLEEPERS);
		uint32_t value = *word_of(map, nr);

		ret = bell_fd(fd, nr * STRIDE, efd, 0);
		if (ret)
			FAULT(b, ret);
		ret = watch(fd, nr * STRIDE, value) ?: poll_now(fd, POLLPRI);
		if (ret < 0)
			FAULT(b, ret);
		ret = wait_word(fd, nr, value, rand_r(&seed) % 1000000);
		if (ret && ret != -EAGAIN && ret != -ETIMEDOUT)
			FAULT(b, ret);
		ret = bell_fd(fd, nr * STRIDE, efd, IPCCHAN_BELL_FD_REMOVE) ?: watch_off(fd);
		if (ret)
			FAULT(b, ret);
	}
}

typedef void life_fn(struct bells *b, int fd, uint32_t *map, unsigned int seed);

static pid_t start(FIXTURE_DATA(bells) *self, life_fn *life, unsigned int seed)
{
	pid_t pid = child_fork();
	uint32_t *map;
	int fd;

	self->seed++;
	if (pid)
		return pid;
	fd = chan_peer(self->fd, O_RDWR);
	map = (uint32_t *)map_buf(fd, 1);
	if (!map)
		FAULT(self->b, fd);
	else
		life(self->b, fd, map, seed);
	_exit(0);
}

FIXTURE_SETUP(bells)
{
	struct ipcchan_attach a = { .buf_size = page_size() };
	const char *seed = getenv("IPCCHAN_TEST_SEED");
	int i;

	ASSERT_EQ(0, storm_calm(&self->calm));
	self->b = mmap(NULL, sizeof(*self->b), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->b);
	self->seed = seed ? strtoul(seed, NULL, 0) : now_ns() / 1000;
	TH_LOG("seed %u", self->seed);
	self->fd = chan_anon(&a);
	ASSERT_LE(0, self->fd);
	self->map = (uint32_t *)map_buf(self->fd, 1);
	ASSERT_NE(NULL, self->map);
	for (i = 0; i < WORDS; i++) {
		self->efd[i] = eventfd(0, EFD_NONBLOCK);
		ASSERT_EQ(0, bell_fd(self->fd, i * STRIDE, self->efd[i], 0));
	}
	/* Here the seed says which word. */
	for (i = 0; i < SLEEPERS; i++)
		self->sleeper[i] = start(self, sleep_on, i);
}

FIXTURE_TEARDOWN(bells)
{
	int i;

	munmap(self->map, page_size());
	close(self->fd);
	for (i = 0; i < WORDS; i++)
		close(self->efd[i]);
	munmap(self->b, sizeof(*self->b));
	EXPECT_TRUE(storm_calm_again(&self->calm));
}

static bool enough(const struct bells *b, unsigned int kills)
{
	int i;

	for (i = 0; i < WORDS; i++) {
		if (b->rung[i] < ENOUGH)
			return false;
	}
	return kills >= KILLS;
}

static unsigned int kill_some(FIXTURE_DATA(bells) *self)
{
	uint64_t end = now_ns() + test_scale(2000) * 1000000ull;
	unsigned int kills;
	int i;

	for (kills = 0; test_goes_on(end, enough(self->b, kills)) && !self->b->fault; kills++) {
		if (rand_r(&self->seed) % 2) {
			i = rand_r(&self->seed) % RINGERS;
			child_kill(self->ringer[i]);
			self->ringer[i] = start(self, ring, self->seed * 7919);
		} else {
			i = rand_r(&self->seed) % VISITORS;
			child_kill(self->visitor[i]);
			self->visitor[i] = start(self, visit, self->seed * 7919);
		}
		usleep(rand_r(&self->seed) % 8000);
	}
	return kills;
}

/* Who was killed between its change and its ring: one more ring has to do. */
static bool catches_up(FIXTURE_DATA(bells) *self, unsigned int nr)
{
	const uint64_t end = now_ns() + 20000000000ull;
	const uint32_t value = *word_of(self->map, nr);

	if (wake(self->fd, nr * STRIDE, 1) < 0)
		return false;
	self->b->begun[nr]++;
	self->b->rung[nr]++;
	while (__atomic_load_n(&self->b->seen[nr], __ATOMIC_SEQ_CST) != value) {
		if (now_ns() > end)
			return false;
		usleep(100);
	}
	return true;
}

TEST_F_TIMEOUT(bells, no_ring_missed, 120)
{
	struct bells *b = self->b;
	uint64_t value;
	unsigned int kills, i;

	for (i = 0; i < RINGERS; i++)
		self->ringer[i] = start(self, ring, self->seed * 7919);
	for (i = 0; i < VISITORS; i++)
		self->visitor[i] = start(self, visit, self->seed * 7919);
	kills = kill_some(self);
	b->stop = true;
	for (i = 0; i < RINGERS; i++) {
		EXPECT_EQ(0, child_wait(self->ringer[i]));
	}
	for (i = 0; i < VISITORS; i++) {
		EXPECT_EQ(0, child_wait(self->visitor[i]));
	}
	for (i = 0; i < WORDS; i++) {
		EXPECT_TRUE(i >= SLEEPERS || catches_up(self, i));
		ASSERT_EQ(sizeof(value), read(self->efd[i], &value, sizeof(value)));
		TH_LOG("%u begun, %u rung, %llu heard", b->begun[i], b->rung[i],
		       (unsigned long long)value);
		EXPECT_LE(b->rung[i], value);
		EXPECT_GE(b->begun[i], value);
	}
	for (i = 0; i < SLEEPERS; i++) {
		put(word_of(self->map, i), END);
		EXPECT_LE(0, wake(self->fd, i * STRIDE, 1));
		EXPECT_EQ(0, child_wait(self->sleeper[i]));
	}
	EXPECT_EQ(0, b->fault) TH_LOG("fault seen at line %u: %d", b->fault, b->why);
	EXPECT_LE(KILLS, kills);
}

TEST_HARNESS_MAIN
