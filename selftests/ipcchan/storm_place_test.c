// SPDX-License-Identifier: GPL-2.0
/*
 * Many processes that take, send, receive and give back blocks, and are killed: a block has
 * one owner at a time, and all are free in the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "place.h"
#include "util.h"

#include "harness.h"

#define WORKERS		4
#define PAGES		24
#define LONGEST		3	/* pages */
#define ENOUGH		100	/* blocks received */
#define HAS		6	/* blocks of a worker, at most */

struct shared {
	bool stop;
	uint32_t received;
	uint32_t fault;		/* line of the first one */
};

FIXTURE(place) {
	struct shared *s;
	uint32_t page;
	unsigned int seed;
	int fd;
	pid_t pid[WORKERS];
};

FIXTURE_VARIANT(place) {
	uint32_t options;
	bool pool;
};

FIXTURE_VARIANT_ADD(place, loans) {
};

FIXTURE_VARIANT_ADD(place, revoked) {
	.options = IPCCHAN_OPT_REVOKE,
};

FIXTURE_VARIANT_ADD(place, pool) {
	.pool = true,
};

FIXTURE_SETUP(place)
{
	const char *seed = getenv("IPCCHAN_TEST_SEED");
	struct ipcchan_attach a = {
		.max_msgs = 8, .options = IPCCHAN_OPT_LOANS | variant->options,
	};

	self->s = mmap(NULL, sizeof(*self->s), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->s);
	self->page = page_size();
	self->seed = seed ? strtoul(seed, NULL, 0) : now_ns() / 1000;
	TH_LOG("seed %u", self->seed);
	a.buf_size = PAGES * self->page;
	self->fd = chan_anon(&a);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(place)
{
	munmap(self->s, sizeof(*self->s));
	close(self->fd);
}

static void fault_at(struct shared *s, bool fault, uint32_t line)
{
	if (fault && !s->fault)
		s->fault = line;
}

#define FAULT_IF(s, condition)	fault_at(s, condition, __LINE__)

/* The first word of each of its pages says what the block is. */
struct mark {
	uint32_t id;
	uint32_t pages;
};

struct worker {
	struct shared *s;
	int fd;
	uint32_t page;
	unsigned int seed;
	char *map;
	struct block {
		uint64_t offset;
		struct mark mark;
	} has[HAS];
	int nr;
};

static struct mark *mark_at(struct worker *w, uint64_t offset, uint32_t page)
{
	return (struct mark *)(w->map + offset + page * w->page);
}

/* Nobody else writes a block that is ours. */
static void look(struct worker *w, const struct block *b)
{
	for (uint32_t i = 0; i < b->mark.pages; i++)
		FAULT_IF(w->s, memcmp(mark_at(w, b->offset, i), &b->mark, sizeof(b->mark)));
}

static void write_mark(struct worker *w, struct block *b)
{
	b->mark.id = rand_r(&w->seed);
	for (uint32_t i = 0; i < b->mark.pages; i++)
		*mark_at(w, b->offset, i) = b->mark;
}

static void take(struct worker *w)
{
	struct block *b = &w->has[w->nr];
	int64_t at;

	b->mark.pages = 1 + rand_r(&w->seed) % LONGEST;
	at = loan(w->fd, b->mark.pages * w->page, 0, 1000000);
	if (at < 0) {
		FAULT_IF(w->s, at != -ETIMEDOUT);
		return;
	}
	b->offset = at;
	write_mark(w, b);
	w->nr++;
}

static void pass_on(struct worker *w, int i)
{
	struct block *b = &w->has[i];
	int ret;

	look(w, b);
	if (rand_r(&w->seed) % 2)
		write_mark(w, b);
	ret = send_block(w->fd, b->offset, b->mark.pages * w->page);
	FAULT_IF(w->s, ret != 1 && ret != -EAGAIN);
	if (ret == 1)
		*b = w->has[--w->nr];
}

static void let_go(struct worker *w, int i)
{
	look(w, &w->has[i]);
	FAULT_IF(w->s, give_back(w->fd, w->has[i].offset) != 1);
	w->has[i] = w->has[--w->nr];
}

static void get(struct worker *w)
{
	struct ipcchan_msghdr h = { 0 };
	struct block *b = &w->has[w->nr];
	int ret = recv_place(w->fd, &h);

	if (ret != 1) {
		FAULT_IF(w->s, ret != -EAGAIN);
		return;
	}
	FAULT_IF(w->s, !(h.flags & IPCCHAN_MSG_PLACED));
	b->offset = h.buf;
	b->mark = *mark_at(w, b->offset, 0);
	FAULT_IF(w->s, b->mark.pages * w->page != h.len);
	w->nr++;
	look(w, b);
	__atomic_fetch_add(&w->s->received, 1, __ATOMIC_RELAXED);
}

static void work(struct worker *w)
{
	w->map = map_buf(w->fd, PAGES);
	FAULT_IF(w->s, !w->map);
	while (!__atomic_load_n(&w->s->stop, __ATOMIC_RELAXED) && w->map) {
		int what = rand_r(&w->seed) % 8;

		if (what < 2 && w->nr < HAS)
			take(w);
		else if (what < 4 && w->nr < HAS)
			get(w);
		else if (what < 7 && w->nr)
			pass_on(w, rand_r(&w->seed) % w->nr);
		else if (w->nr)
			let_go(w, rand_r(&w->seed) % w->nr);
	}
}

/* Into the pool of the parent, who reads. */
static void work_for_pool(struct worker *w)
{
	uint32_t *buf = malloc(LONGEST * w->page);

	while (!__atomic_load_n(&w->s->stop, __ATOMIC_RELAXED)) {
		uint32_t len = 4 * (1 + rand_r(&w->seed) % (LONGEST * w->page / 4));

		for (uint32_t i = 0; i < len / 4; i++)
			buf[i] = w->seed;
		FAULT_IF(w->s, msg_send(w->fd, buf, len) != (int)len);
	}
	free(buf);
}

static pid_t start(FIXTURE_DATA(place) *self, bool pool)
{
	struct worker w = { .s = self->s, .page = self->page, .seed = rand_r(&self->seed) };
	pid_t pid = child_fork();

	if (pid)
		return pid;
	w.fd = chan_peer(self->fd, O_RDWR);
	close(self->fd);
	if (pool)
		work_for_pool(&w);
	else
		work(&w);
	_exit(0);
}

static void kill_one(FIXTURE_DATA(place) *self, bool pool)
{
	int i = rand_r(&self->seed) % WORKERS;

	child_kill(self->pid[i]);
	self->pid[i] = start(self, pool);
}

static void read_pool(FIXTURE_DATA(place) *self, const char *map)
{
	static char small[256];
	struct ipcchan_msghdr h = { .buf = (uintptr_t)small, .len = sizeof(small) };
	const uint32_t *word;

	if (recv_place(self->fd, &h) != 1)
		return;
	FAULT_IF(self->s, !(h.flags & IPCCHAN_MSG_PLACED));
	word = (const void *)(map + (h.buf - IPCCHAN_POOL_OFFSET));
	for (uint32_t i = 1; i < h.len / 4; i++)
		FAULT_IF(self->s, word[i] != word[0]);
	FAULT_IF(self->s, give_back(self->fd, h.buf) != 1);
	self->s->received++;
}

/* Return: how many pages are free when nothing is queued any more. */
static int drain(int of)
{
	int fd = chan_peer(of, O_RDWR), nr;
	uint64_t offsets[PAGES + 1];

	while (recv_block(fd) >= 0)
		;
	/* with what was received */
	close(fd);
	fd = chan_peer(of, O_RDWR);
	nr = loan_many(fd, 1, offsets, PAGES + 1, IPCCHAN_XFER_NONBLOCK);
	close(fd);
	return nr;
}

TEST_F_TIMEOUT(place, one_owner_at_a_time, 120)
{
	uint64_t end = now_ns() + test_scale(2500) * 1000000ull;
	const char *map = NULL;
	int i;

	if (variant->pool) {
		ASSERT_EQ(0, pool(self->fd, PAGES, IPCCHAN_POOL_BLOCK, 1));
		map = map_pool(self->fd, PAGES);
		ASSERT_NE(NULL, map);
	}
	for (i = 0; i < WORKERS; i++)
		self->pid[i] = start(self, variant->pool);
	while (test_goes_on(end, self->s->received >= ENOUGH) && !self->s->fault) {
		if (rand_r(&self->seed) % (variant->pool ? 200 : 10) == 0)
			kill_one(self, variant->pool);
		if (variant->pool)
			read_pool(self, map);
		else
			sleep_ms(1);
	}
	self->s->stop = true;
	/* Some may wait for room in the pool. */
	for (i = 0; i < WORKERS; i++)
		child_kill(self->pid[i]);
	TH_LOG("%u blocks received", self->s->received);
	EXPECT_EQ(0, self->s->fault) TH_LOG("fault seen at line %u", self->s->fault);
	EXPECT_LE(ENOUGH, self->s->received);
	EXPECT_EQ(PAGES, drain(self->fd));
}

TEST_HARNESS_MAIN
